/** What rules are shown, in document order. Built once per job (or action file) and kept with it. */
import { asMapping, asSequence, type Entry, type ScalarNode, type YamlNode } from '../workflow/nodes';
import type { SourceDocument } from '../workflow/document';
import type { ActionFile, DependabotFile, Job, Step, Workflow } from '../workflow/model';
import { expressionsOf, expressionSpan } from '../workflow/expressions';
import type { ExpressionSite, Visitors } from './rule';

export type VisitKind = Exclude<keyof Visitors, 'end'>;

/** One call of a visitor: `fn(subject, where)`. `step` and `job` say what a report made during the call is about. */
export interface Visit {
  readonly kind: VisitKind;
  readonly subject: unknown;
  readonly step?: Step;
  readonly job?: Job;
}

interface Where { readonly step?: Step; readonly job?: Job }

/** What one rule instance of a given scope is run over. Results are kept with `owner`. */
export interface Unit {
  readonly owner: object;
  readonly visits: readonly Visit[];
}

const kept = new WeakMap<object, readonly Visit[]>();

/**
 * The units of a document for rules that look at one job: its top level, then each job; an action or dependabot file is a single
 * unit. The workflow itself is not among the visits: such a rule asks for what lies outside its job.
 */
export function jobUnits(document: SourceDocument): readonly Unit[] {
  const { workflow } = document;
  if (!workflow) return workflowUnit(document);
  return [
    { owner: workflow, visits: topVisits(workflow) },
    ...workflow.jobs.map(job => ({ owner: job, visits: jobVisits(job) })),
  ];
}

/** The single unit of a document for rules that look at a whole file; none for a file without a model. */
export function workflowUnit(document: SourceDocument): readonly Unit[] {
  const { workflow, action, dependabot } = document;
  if (workflow) {
    const visits: Visit[] = [{ kind: 'workflow', subject: workflow }, ...topVisits(workflow)];
    for (const job of workflow.jobs) visits.push(...jobVisits(job));
    return [{ owner: document, visits }];
  }
  if (action) return [{ owner: action, visits: actionVisits(action) }];
  if (dependabot) return [{ owner: dependabot, visits: dependabotVisits(dependabot) }];
  return [];
}

function topVisits(workflow: Workflow): readonly Visit[] {
  return keep(workflow, out => {
    for (const entry of workflow.entries) if (entry !== workflow.jobsEntry) expressions(entry, out, '', {});
  });
}

function jobVisits(job: Job): readonly Visit[] {
  return keep(job, out => {
    const where = { job };
    out.push({ kind: 'job', subject: job, job });
    if (job.uses) out.push({ kind: 'uses', subject: job.uses, job });
    for (const entry of job.node?.entries ?? []) if (entry !== job.stepsEntry) expressions(entry, out, '', where);
    steps(job.steps, out, job);
  });
}

function actionVisits(action: ActionFile): readonly Visit[] {
  return keep(action, out => {
    out.push({ kind: 'action', subject: action });
    for (const entry of action.entries) {
      if (entry !== action.runs) expressions(entry, out, '', {});
      else for (const e of asMapping(entry.value)?.entries ?? []) if (e.key.value !== 'steps') expressions(e, out, 'runs.', {});
    }
    steps(action.steps, out, undefined);
  });
}

function dependabotVisits(file: DependabotFile): readonly Visit[] {
  return [
    { kind: 'dependabot', subject: file },
    ...file.updates.map(update => ({ kind: 'update' as const, subject: update })),
  ];
}

function steps(list: readonly Step[], out: Visit[], job: Job | undefined): void {
  for (const step of list) {
    const where = { step, job };
    out.push({ kind: 'step', subject: step, ...where });
    if (step.uses) out.push({ kind: 'uses', subject: step.uses, ...where });
    if (step.run) out.push({ kind: 'script', subject: step.run, ...where });
    // The steps of a `parallel:` group are in the list themselves.
    for (const entry of step.node.entries) if (entry !== step.parallel) expressions(entry, out, '', where);
  }
}

function expressions(entry: Entry, out: Visit[], prefix: string, where: Where): void {
  const path = prefix + entry.key.value;
  sites(entry.value, out, path, /^(?:if|runs\.(?:pre|post)-if)$/.test(path), where);
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

function scalarSites(scalar: ScalarNode, out: Visit[], path: string, bare: boolean, where: Where): void {
  if (!bare && !scalar.value.includes('${{')) return;
  for (const expression of expressionsOf(scalar, { bare })) {
    const site: ExpressionSite = { expression, span: expressionSpan(scalar, expression), scalar, path, ...where };
    out.push({ kind: 'expression', subject: site, ...where });
  }
}

function keep(owner: object, fill: (out: Visit[]) => void): readonly Visit[] {
  let visits = kept.get(owner);
  if (!visits) {
    const out: Visit[] = [];
    fill(out);
    kept.set(owner, visits = out);
  }
  return visits;
}
