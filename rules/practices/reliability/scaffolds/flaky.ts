/** Wraps the step that tests, so that what is flaky is tried again, and told. */
import type { Repository } from '../../../repository';
import { defaultShell, parseScript, shellOf } from '../../../workflow/scripts';
import type { Scaffold } from '../../practice';
import { ciJobs, whyNotOnChange, type CiStep } from '../../shared/ci';
import { toolCalls } from '../../shared/commands';
import { Changes, isCheckout } from '../../shared/deploy-edits';
import { mainWorkflow } from '../../shared/scaffold';
import { SCRIPTS } from '../../shared/programme';
import { COMMAND_TOOLS } from '../../shared/tools';
import { SCRIPT_TEXTS } from '../scripts';

const SCRIPT = 'tests-with-retry.py';
const QUARANTINE = '.github/flaky-tests.txt';

const LIST = `# Tests that are known to fail now and then: one name a line, as the report has it (class::name), with why and until when behind #.
# They may fail without failing the run. A list that only grows is no plan: each has an end.
`;

/** A step whose script is one plain test command, on a system that has Python and a POSIX shell. */
function wrappable(repo: Repository, s: CiStep): boolean {
  const { step } = s, run = step.run?.scalar;
  if (!run || s.outer || step.shell || step.workingDirectory || s.job.job.defaults || s.job.caller || whyNotOnChange(s) !== undefined) return false;
  if (s.document.workflow?.defaults || /windows|macos|matrix/i.test(text(s, s.job.job.runsOn)) || s.job.job.container) return false;
  if (!s.job.steps.slice(0, s.job.steps.indexOf(s)).some(x => isCheckout(x.step))) return false;
  const { shell } = shellOf(step, defaultShell(undefined)), { commands } = parseScript(run.value, shell);
  if (commands.length !== 1 || !/^[\w./@:=, +-]+$/.test(run.value.trim()) || /^\w+=/.test(run.value)) return false;
  return toolCalls(repo, s).some(c => COMMAND_TOOLS.some(t => t.kind === 'test' && t.tool.test(c.tool) && (!t.when || t.when(c.args))));
}

function text(s: CiStep, entry: CiStep['step']['if']): string { return entry ? s.document.source(entry.value ?? entry.key) : ''; }

export function flakyScaffold(there: (repo: Repository) => boolean): Scaffold {
  return {
    kind: 'edit',
    title: 'Retry flaky tests, and report them',
    plan(repo) {
      if (there(repo)) return { refused: 'Flaky tests are tried again and reported already.' };
      const main = mainWorkflow(repo), all = ciJobs(repo).flatMap(j => j.steps).filter(s => wrappable(repo, s));
      const s = all.find(x => x.document === main) ?? all[0];
      if (!s) return { refused: 'No step here is one plain test command on Linux that could be wrapped: turn on the retries of your test runner where it is called.' };
      const changes = new Changes(repo), command = s.step.run!.scalar.value.trim();
      const pytest = /^(?:(?:uv|poetry|pipenv|pdm|hatch) run )?(?:python3? -m )?pytest\b/.test(command) && !command.includes('junit');
      const wrapped = `python3 ${SCRIPTS}/${SCRIPT}${pytest ? ' --junit junit.xml' : ''} -- ${command}${pytest ? ' --junitxml=junit.xml' : ''}`;
      const done = changes.edit(s.document.path, doc => {
        const { start, end } = doc.range(s.step.run!.scalar), old = doc.text.slice(start, end), at = old.indexOf(command);
        return at < 0 ? undefined : [{ start: start + at, end: start + at + command.length, newText: wrapped }];
      });
      if (!done) return { refused: 'The step that tests is written in a way that can\'t be wrapped without disturbing it.' };
      changes.addFile(`${SCRIPTS}/${SCRIPT}`, SCRIPT_TEXTS[SCRIPT]);
      if (pytest) changes.addFile(QUARANTINE, LIST);
      return changes.plan(`Tests of ${s.job.job.id} that fail are tried up to three times; what passes only later is reported as flaky in the job's summary.`
        + (pytest ? ` Tests in ${QUARANTINE} may fail.` : ''), [
        'Look at the summary once a week: a flaky test is a defect, of the test or of the program.',
        ...(pytest ? [] : [`Let the test runner write a JUnit report and name it with --junit: then ${QUARANTINE} holds single tests in quarantine.`]),
      ])!;
    },
  };
}
