import { defineRule, type Fix } from '../../engine/rule';
import { setStepKey } from '../../workflow/edits';
import { shellOf } from '../../workflow/effective';
import type { Step } from '../../workflow/model';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { args, parseScript, partsOf, shellReadsInput, unwrap, type Command, type Pipeline, type ScriptAst } from '../../workflow/scripts';
import type { JobKind } from '../shared/job-kind';
import { kindsOfCommand } from '../shared/step-commands';
import { workflowShell } from '../shared/workflow-facts';

export default defineRule({
  id: 'pipefail-missing',
  category: 'reliability',
  severity: 'low',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds pipes that swallow the failure of a test, build, deployment, dump or download, as the shell is not told `pipefail`.',
    why: 'The step ends with the status of the last command of a pipe: `npm test | tee log` is green whatever the tests say.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#exit-codes-and-error-action-preference',
      'https://www.gnu.org/software/bash/manual/html_node/Pipelines.html',
    ],
    standards: ['STRIDE-R'],
  },
  messages: {
    swallowed: 'The failure of `{command}` is lost in the pipe to `{next}`, because a shell that is not asked for runs without `pipefail`. Set `shell: bash`.',
  },
  create(context) {
    return {
      script(script) {
        const { step } = script, text = script.scalar.value;
        if (!step.job || !text.includes('|')) return;
        const effective = shellOf(step, step.job, context.query(workflowShell));
        if (effective.pipefail || (effective.shell !== 'bash' && effective.shell !== 'sh')) return;
        const ast = parseScript(text, effective.shell);
        if (ast.dialect !== 'posix' || ast.errors.length > 0 || looksAtStatus(ast)) return;
        const pipelines = new Set(ast.commands.map(c => c.pipeline).filter(p => p.parts.length > 1));
        let counted = false;
        for (const pipeline of pipelines) {
          const lost = lostCommand(pipeline);
          if (!lost) continue;
          if (!counted) context.instance();
          counted = true;
          if (lost.options.pipefail === true || failureWanted(pipeline)) continue;
          context.report({
            at: valueRangeSpan(script.scalar, lost.words[0]!.start, lost.words[Math.min(lost.words.length, 3) - 1]!.end),
            messageId: 'swallowed', data: { command: shown(ast, lost), next: shownPart(ast, pipeline, lost) }, step, job: step.job,
            fixes: effective.explicit || effective.shell !== 'bash' ? [] : [askForBash(step)],
          });
        }
      },
    };
  },
});

const KINDS: readonly JobKind[] = ['test', 'lint', 'scan', 'build', 'deploy', 'publish', 'release', 'migrate'];
const DUMPS = new Set(['pg_dump', 'pg_dumpall', 'mysqldump', 'mariadb-dump', 'mongodump']);

/** The first command in front of a pipe whose failure says something. */
function lostCommand(pipeline: Pipeline): Command | undefined {
  for (const [i, part] of pipeline.parts.slice(0, -1).entries()) {
    if (part.kind !== 'command' || part.words.length === 0) continue;
    const next = pipeline.parts[i + 1]!;
    const kinds = kindsOfCommand(part);
    // A manifest that is printed is judged by whoever applies it; a report may be about failures.
    if (kinds.some(k => KINDS.includes(k)) && !printsOnly(part) && !stopsEarly(next)) return part;
    const name = unwrap(part.words)[0]?.literal?.replace(/^.*\//, '');
    if (name !== undefined && DUMPS.has(name)) return part;
    // What reads nothing does nothing, and that is a success.
    if ((name === 'curl' || name === 'wget') && next.kind === 'command' && shellReadsInput(next.words)) return part;
  }
  return undefined;
}

/** `head`, `grep -q` leave before all is written: with `pipefail` the writer's broken pipe would fail the step. `jq` asks for a report. */
function stopsEarly(part: Pipeline['parts'][number]): boolean {
  if (part.kind !== 'command') return false;
  const name = part.name ?? '';
  return name === 'head' || name === 'less' || name === 'more' || name === 'jq' || name === 'wc' || (/^[ef]?grep$|^rg$/.test(name) && args(part).some(a => a !== undefined && /^(?:-\w*[qm]\w*|--quiet|--silent|--max-count.*)$/.test(a)));
}

function printsOnly(command: Command): boolean {
  const [first, ...more] = args(command);
  if (first === '-v' && more.length === 0) return true;
  return args(command).some(a => a !== undefined && /^(?:--list|version|--list-tests|--collect-only|--listTests|--version|--help|-h|list|--json|--reporter=json|--print.*|-o=json|--output=json)$/.test(a));
}

/** The script looks at what became of the parts of its pipes. */
function looksAtStatus(ast: ScriptAst): boolean {
  if (!ast.text.includes('PIPESTATUS') && !ast.text.includes('pipestatus')) return false;
  return ast.commands.some(c => [...c.words, ...c.assignments.map(a => a.value)].some(w => [...partsOf(w)].some(p => p.kind === 'parameter' && /^pipestatus$/i.test(p.name))));
}

/** Nobody asks for the status: it is a condition, excused, sent to the background, or the text of a substitution. */
function failureWanted(pipeline: Pipeline): boolean {
  const { list } = pipeline;
  return list.condition || list.background || pipeline.negated || list.inside === 'substitution' || list.operators.slice(list.pipelines.indexOf(pipeline)).includes('||');
}

function shown(ast: ScriptAst, command: Command): string { return short(ast.text.slice(command.words[0]!.start, command.words[Math.min(command.words.length, 3) - 1]!.end)); }

function shownPart(ast: ScriptAst, pipeline: Pipeline, lost: Command): string {
  const next = pipeline.parts[pipeline.parts.indexOf(lost) + 1]!;
  if (next.kind !== 'command' || next.words.length === 0) return next.kind === 'command' ? 'the next command' : next.kind;
  return short(ast.text.slice(next.words[0]!.start, next.words[0]!.end));
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

/** Unsafe: what fails unnoticed today will fail the step. */
function askForBash(step: Step): Fix {
  return { title: 'Ask for bash, which sets pipefail', safety: 'unsafe', preferred: true, edits: ({ document }) => setStepKey(document, step, 'shell', 'bash') };
}
