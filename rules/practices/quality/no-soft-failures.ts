import { definePractice, type Evidence, type ScaffoldPlan } from '../practice';
import type { Repository } from '../../repository';
import { applyEdits, type SourceDocument, type TextEdit } from '../../workflow/document';
import { deleteEntry } from '../../workflow/edits';
import { mapsExactly } from '../../workflow/scalar-map';
import { conditionOf } from '../../workflow/expressions';
import { isLookedAt, isTrue } from '../shared/ci';
import { ownActionRuns } from '../shared/own-action';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import type { ToolKind } from '../shared/tools';
import { ratio } from '../shared/verdict';

const GATES: readonly ToolKind[] = ['test', 'lint', 'types', 'secrets', 'sast', 'dependencies', 'container'];

interface Gate { readonly at: Sighting; readonly soft?: string }

const RUNNERS = /^(?:npm|pnpm|yarn|bun|make|gmake|just|task|tox|nox|hatch)$/;
const ABOUT_TYPES = /(?:^|[:_-])(?:types?|typecheck|tsc|mypy|pyright|check|validate)(?:$|[:_-])/;

/** A build finds wrong types where there are types and somebody waits for the answer: one that packs what is to be published is no check. */
function isNoCheck(repo: Repository, s: Sighting): boolean {
  return s.kind === 'types' && RUNNERS.test(s.tool) && !s.args.some(a => ABOUT_TYPES.test(a))
    && (s.absent !== undefined || !repo.has('tsconfig.json'));
}

/** An action that has no other check is checked by running it. Where it has, some of these runs are there to fail. */
function seen(repo: Repository): Sighting[] {
  const found = GATES.flatMap(kind => sightings(repo, kind)).filter(s => !isNoCheck(repo, s));
  return found.some(s => s.step) ? found : ownActionRuns(repo);
}

/** One gate per step; a step that calls several tools is soft where one of them is. */
function gates(repo: Repository): Gate[] {
  const bySteps = new Map<object, Gate>();
  for (const s of seen(repo)) {
    if (!s.step) continue;
    const key = s.step.step, known = bySteps.get(key);
    if (known?.soft === undefined) bySteps.set(key, { at: s, soft: softness(s) });
  }
  return [...bySteps.values()];
}

/** Not whether the gate runs on pull requests: whether its failure is heard when it runs. */
function softness(s: Sighting): string | undefined {
  const step = s.step!.step, condition = conditionOf(step.if);
  if (condition?.root.kind === 'literal' && condition.root.value === false) return 'if: false turns it off';
  const off = conditionOf(s.job.job.if);
  if (off?.root.kind === 'literal' && off.root.value === false) return 'if: false turns its job off';
  if (isTrue(step.continueOnError) && !isLookedAt(s.step!)) return 'continue-on-error hides its failure';
  if (isTrue(s.job.job.continueOnError)) return 'continue-on-error of its job hides its failure';
  // What the tool itself does is in the problem, unless it is about when it runs.
  return s.absent === undefined ? s.problem : undefined;
}

export default definePractice({
  id: 'no-soft-failures',
  title: 'No soft failures',
  category: 'Quality',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'No test, lint or scan is told to succeed whatever it finds.',
    why: 'A check that can’t fail looks like protection and is none: people stop reading it within a week.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error',
      'https://baseline.openssf.org/versions/2025-02-25#osps-qa-03---the-project-must-enforce-status-checks',
    ],
  },
  applies: repo => gates(repo).length > 0,
  evidence(repo) {
    const all = gates(repo), soft = all.filter(g => g.soft !== undefined);
    const evidence: Evidence[] = soft.length > 0
      ? soft.map(g => evidenceOf(g.at, `${g.at.tool}: ${g.soft!}`))
      : all.map(g => evidenceOf(g.at, `${g.at.tool} can fail`));
    return ratio(all.length - soft.length, all.length, evidence, soft.map(g => `${g.at.tool} in ${g.at.document.path}: ${g.soft!}`));
  },
  scaffold: {
    kind: 'edit',
    title: 'Let gates fail',
    plan(repo): ScaffoldPlan | { readonly refused: string } {
      const soft = gates(repo).filter(g => g.soft !== undefined);
      if (soft.length === 0) return { refused: 'Every gate can fail already.' };
      const edits = new Map<SourceDocument, TextEdit[]>(), left: string[] = [];
      for (const g of soft) {
        const found = seen(repo).filter(s => s.step?.step === g.at.step!.step).flatMap(hardened);
        if (found.length === 0) left.push(`${where(g.at)}: ${g.soft!}`);
        for (const { document, edit } of found) {
          const of = edits.get(document) ?? [];
          if (!of.some(e => e.start < edit.end && edit.start < e.end)) of.push(edit);
          edits.set(document, of);
        }
      }
      if (edits.size === 0) return { refused: `What keeps these gates from failing is a decision of its own: ${left[0]!}.` };
      return {
        changes: [...edits].map(([d, of]) => ({ path: d.path, created: false,
          newText: applyEdits(d.text, of.sort((a, b) => a.start - b.start)) })),
        explanation: `Lets ${soft.length - left.length} of ${soft.length} gates fail that were told to succeed whatever they find.`,
        todo: ['What these gates have found all along fails from now on: repair it first, or in the same pull request.',
          ...left.slice(0, 6).map(l => `Decide about ${l}.`)],
      };
    },
  },
});

/** Behind a command, up to the end of its line. */
const EXCUSE = /^[ \t]*\|\|[ \t]*(?:true|:|exit 0|(?:echo|printf)[ \t][^\n|&;]{0,200})[ \t]*(?=\r?\n|$)/;
const NEVER_FAILS = /[ \t]+(?:--exit-zero|--no-fail|-no-fail|--no-exit-on-warn)(?=[ \t\r\n]|$)/;
const EXIT_CODE = /(--(?:issues-)?exit-code)([= ])0(?=[ \t\r\n]|$)/;

/** The edits that let one gate fail; none where somebody has to decide. */
function hardened(s: Sighting): { document: SourceDocument; edit: TextEdit }[] {
  const out: { document: SourceDocument; edit: TextEdit }[] = [], { step } = s.step!, { job, document: of } = s.job;
  const take = (document: SourceDocument, edits: readonly TextEdit[] | undefined): void => { for (const edit of edits
    ?? []) out.push({ document, edit }); };
  if (isTrue(step.continueOnError) && !isLookedAt(s.step!)) take(s.document, deleteEntry(s.document, step.continueOnError!, step.node));
  if (isTrue(job.continueOnError) && job.node) take(of, deleteEntry(of, job.continueOnError!, job.node));
  if (!step.run || !mapsExactly(step.run.scalar)) return out;
  const command = s.document.range(s.span), script = s.document.range(step.run.scalar);
  const rest = s.document.text.slice(command.end, script.end), excuse = EXCUSE.exec(rest)?.[0];
  if (excuse) take(s.document, [{ start: command.end, end: command.end + excuse.length, newText: '' }]);
  const own = s.document.text.slice(command.start, command.end), flag = NEVER_FAILS.exec(own), code = EXIT_CODE.exec(own);
  if (flag) take(s.document, [{ start: command.start + flag.index, end: command.start + flag.index + flag[0].length, newText: '' }]);
  if (code) take(s.document, [{ start: command.start + code.index, end: command.start + code.index + code[0].length,
    newText: `${code[1]!}${code[2]!}1` }]);
  return out;
}
