/** What rules are shown, in document order. Built once per job (or action file) and kept with it. */
import { asMapping, asSequence, type Block, type Entry, type ScalarNode, type Span, type YamlNode } from '../workflow/nodes';
import { BlockMemo, OwnMemo } from '../workflow/block-memo';
import type { SourceDocument } from '../workflow/document';
import type { ActionFile, DependabotFile, Job, Step, Workflow } from '../workflow/model';
import { expressionsOf, expressionSpan, type Expression } from '../workflow/expressions';
import type { ExpressionSite, Visitors } from './rule';

export type VisitKind = Exclude<keyof Visitors, 'end'>;

export const VISIT_KINDS: readonly VisitKind[] = [
  'workflow', 'job', 'step', 'script', 'uses', 'expression', 'action', 'dependabot', 'update', 'repository',
];
const KIND = Object.fromEntries(VISIT_KINDS.map((kind, i) => [kind, i])) as Readonly<Record<VisitKind, number>>;

/** A set of kinds as a number: it is compared for every rule and every job. */
export function kindsAsBits(kinds: Iterable<VisitKind>): number {
  let bits = 0;
  for (const kind of kinds) bits |= 1 << KIND[kind];
  return bits;
}

/** One call of a visitor: `fn(subject, where)`. `step` and `job` say what a report made during the call is about. */
export interface Visit {
  /** Place in `VISIT_KINDS`. */
  readonly kind: number;
  readonly subject: unknown;
  readonly step: Step | undefined;
  readonly job: Job | undefined;
  readonly action: ActionFile | undefined;
}

type Where = Pick<Visit, 'step' | 'job' | 'action'>;
const NOWHERE: Where = { step: undefined, job: undefined, action: undefined };

function visit(kind: number, subject: unknown, { step, job, action }: Where): Visit { return { kind, subject, step, job, action }; }

/** What one rule instance of a given scope is run over. Results are kept with `owner`. */
export interface Unit {
  readonly owner: object;
  /** Pieces that are kept by themselves: a file's are those of its jobs. */
  readonly parts: readonly Part[];
  /** The kinds among them, as `kindsAsBits` has them. */
  readonly kinds: number;
}

/** Visits in document order, and by their kind. */
export interface Part {
  readonly visits: readonly Visit[];
  readonly byKind: readonly (readonly Visit[] | undefined)[];
}

const keptJobs = new BlockMemo<Job, Unit>();
/** Of workflows, without their jobs, and of other files. */
const keptFiles = new OwnMemo<Workflow | ActionFile | DependabotFile, Unit>();

/**
 * The units of a document for rules that look at one job: its top level, then each job; an action or dependabot file is a single
 * unit. The workflow itself is not among the visits: such a rule asks for what lies outside its job.
 */
export function jobUnits(document: SourceDocument): readonly Unit[] {
  const { workflow } = document;
  if (!workflow) return workflowUnit(document);
  return [topUnit(workflow), ...workflow.jobs.map(jobUnit)];
}

/** The single unit of a document for rules that look at a whole file; none for a file without a model. */
export function workflowUnit(document: SourceDocument): readonly Unit[] {
  const { workflow, action, dependabot } = document;
  if (workflow) {
    const parts = [partOf([visit(KIND.workflow, workflow, NOWHERE)])];
    let kinds = 1 << KIND.workflow;
    for (const unit of jobUnits(document)) {
      parts.push(...unit.parts);
      kinds |= unit.kinds;
    }
    return [{ owner: document, parts, kinds }];
  }
  if (action) return [actionUnit(action)];
  if (dependabot) return [dependabotUnit(dependabot)];
  return [];
}

function topUnit(workflow: Workflow): Unit {
  return keep(workflow, out => {
    for (const entry of workflow.entries) if (entry !== workflow.jobsEntry) expressions(entry, out, '', NOWHERE);
  });
}

function jobUnit(job: Job): Unit { return keptJobs.get(job.entry.block, job, visitsOfJob); }

function visitsOfJob(job: Job): Unit {
  const out: Visit[] = [];
  const where: Where = { step: undefined, job, action: undefined };
  out.push(visit(KIND.job, job, where));
  if (job.uses) out.push(visit(KIND.uses, job.uses, where));
  for (const entry of job.node?.entries ?? []) if (entry !== job.stepsEntry) expressions(entry, out, '', where);
  steps(job.steps, out, job, undefined);
  return unitOf(job, out);
}

function actionUnit(action: ActionFile): Unit {
  return keep(action, out => {
    out.push(visit(KIND.action, action, NOWHERE));
    for (const entry of action.entries) {
      if (entry !== action.runs) expressions(entry, out, '', NOWHERE);
      else for (const e of asMapping(entry.value)?.entries ?? []) if (e.key.value !== 'steps') expressions(e, out, 'runs.', NOWHERE);
    }
    steps(action.steps, out, undefined, action);
  });
}

function dependabotUnit(file: DependabotFile): Unit {
  return keep(file, out => {
    out.push(visit(KIND.dependabot, file, NOWHERE));
    for (const update of file.updates) out.push(visit(KIND.update, update, NOWHERE));
  });
}

function steps(list: readonly Step[], out: Visit[], job: Job | undefined, action: ActionFile | undefined): void {
  for (const step of list) {
    const where: Where = { step, job, action };
    out.push(visit(KIND.step, step, where));
    if (step.uses) out.push(visit(KIND.uses, step.uses, where));
    if (step.run) out.push(visit(KIND.script, step.run, where));
    // The steps of a `parallel:` group are in the list themselves.
    for (const entry of step.node.entries) if (entry !== step.parallel) expressions(entry, out, '', where);
  }
}

function expressions(entry: Entry, out: Visit[], prefix: string, where: Where): void {
  const key = entry.key.value;
  const bare = prefix === '' ? key === 'if' : key === 'pre-if' || key === 'post-if';
  if (bare || mayHoldExpression(entry)) sites(entry.value, out, prefix + key, bare, where);
}

function sites(node: YamlNode | null, out: Visit[], path: string, bare: boolean, where: Where): void {
  if (!node) return;
  if (node.kind === 'scalar') scalarSites(node, out, path, bare, where);
  else if (node.kind === 'mapping') {
    for (const e of asMapping(node)?.entries ?? []) {
      // Keys may be expressions too: `${{ insert }}:` and matrix tricks.
      scalarSites(e.key, out, path, false, where);
      sites(e.value, out, `${path}.${e.key.value}`, false, where);
    }
  } else if (node.kind === 'sequence') for (const i of asSequence(node)?.items ?? []) sites(i.value, out, path, false, where);
}

/** Few expressions are reported: where one stands exactly is found out then. */
class Site implements ExpressionSite {
  readonly step: Step | undefined;
  readonly job: Job | undefined;

  constructor(readonly expression: Expression, readonly scalar: ScalarNode, readonly path: string, where: Where) {
    this.step = where.step;
    this.job = where.job;
  }

  get span(): Span { return expressionSpan(this.scalar, this.expression); }
}

function scalarSites(scalar: ScalarNode, out: Visit[], path: string, bare: boolean, where: Where): void {
  if (!bare && !scalar.value.includes('${{')) return;
  for (const expression of expressionsOf(scalar, { bare })) {
    out.push(visit(KIND.expression, new Site(expression, scalar, path, where), where));
  }
}

export function unitOf(owner: object, visits: readonly Visit[]): Unit {
  let kinds = 0;
  for (const v of visits) kinds |= 1 << v.kind;
  return { owner, parts: [partOf(visits)], kinds };
}

function partOf(visits: readonly Visit[]): Part {
  const byKind: Visit[][] = [];
  for (const visit of visits) (byKind[visit.kind] ??= []).push(visit);
  return { visits, byKind };
}

function keep<T extends Workflow | ActionFile | DependabotFile>(owner: T, fill: (out: Visit[]) => void): Unit {
  return keptFiles.get(owner, () => {
    const visits: Visit[] = [];
    fill(visits);
    return unitOf(owner, visits);
  });
}

/** Where each `${{` stands in a block; undefined where an escape could spell one in another way. */
let openings: { readonly block: Block; readonly places: readonly number[] | undefined } | undefined;

/** False only where nothing in the entry can be an expression: most entries are not walked. */
function mayHoldExpression(entry: Entry): boolean {
  const { block } = entry;
  // Entries come block by block.
  if (openings?.block !== block) openings = { block, places: openingsIn(block.text) };
  const { places } = openings;
  if (!places) return true;
  let lo = 0, hi = places.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (places[mid]! < entry.start) lo = mid + 1; else hi = mid;
  }
  return lo < places.length && places[lo]! < entry.end;
}

function openingsIn(text: string): readonly number[] | undefined {
  // `"\x24{{"`, and a `$` or `${` before an escaped line break; in scripts backslashes are common, and none of these.
  for (let i = text.indexOf('\\'); i >= 0; i = text.indexOf('\\', i + 2)) {
    const next = text[i + 1];
    if (next === 'x' || next === 'u' || next === 'U') return undefined;
    if ((next === '\n' || next === '\r') && (text[i - 1] === '$' || text.startsWith('${', i - 2))) return undefined;
  }
  const places: number[] = [];
  for (let i = text.indexOf('${{'); i >= 0; i = text.indexOf('${{', i + 3)) places.push(i);
  return places;
}
