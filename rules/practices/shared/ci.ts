/**
 * All jobs of a checkout as they run: which proposed changes start them, whether they can fail, and their steps with those of local
 * composite actions. Jobs of a local reusable workflow stand under each caller.
 */
import type { Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import type { Job, Step, Trigger, Workflow } from '../../workflow/model';
import { scalarText, type Entry } from '../../workflow/nodes';
import { conditionOf } from '../../workflow/expressions';
import { isDeploy } from '../../checks/shared/job-kind';
import { startedBy } from '../../checks/shared/started';
import { canRunOn } from '../../checks/shared/trigger-condition';

export interface CiStep {
  /** Where the step stands: a workflow or an action file. */
  readonly document: SourceDocument;
  readonly step: Step;
  readonly job: CiJob;
  /** The step that calls the composite action this one is part of. */
  readonly outer?: CiStep;
}

export interface CiJob {
  /** Where the job stands. */
  readonly document: SourceDocument;
  readonly job: Job;
  /** The workflow whose triggers start it: its own, or its caller's. */
  readonly workflow: Workflow;
  readonly caller?: CiJob;
  readonly steps: readonly CiStep[];
  /** Triggers that can start it. */
  readonly triggers: readonly Trigger[];
  /** Those of them that test a proposed change: pull requests, merge groups, pushes to any branch. */
  readonly onChange: readonly Trigger[];
  /** Why its failure fails nothing. */
  readonly soft?: string;
}

const MAX_CALLS = 4;
/** Calls of calls multiply. What lies beyond these is left out, as a step that was never seen. */
const MAX_JOBS = 5000;
const MAX_STEPS = 2000;
const MAX_ALL_STEPS = 100_000;
const MAX_JOB_TEXT = 200_000;
const cache = new WeakMap<Repository, readonly CiJob[]>();

/** Every job, by path and order in the file; those of reusable workflows right behind the job that calls them. */
export function ciJobs(repo: Repository): readonly CiJob[] {
  let jobs = cache.get(repo);
  if (!jobs) {
    const all: CiJob[] = [], budget = { steps: MAX_ALL_STEPS };
    for (const d of repo.documents) if (d.workflow) addJobs(all, repo, d, d.workflow, d.workflow.triggers, undefined, [], budget);
    cache.set(repo, jobs = all);
  }
  return jobs;
}

/** Jobs that deploy or publish, callers aside. */
export function deployJobs(repo: Repository): readonly CiJob[] {
  return ciJobs(repo).filter(j => isDeploy(j.job));
}

function addJobs(out: CiJob[], repo: Repository, document: SourceDocument, workflow: Workflow, triggers: readonly Trigger[],
  caller: CiJob | undefined, path: readonly string[], budget: { steps: number }): void {
  const own = document.workflow!;
  const starts = triggers.map(trigger => ({ trigger, jobs: startedBy(own, trigger) }));
  for (const job of own.jobs) {
    if (out.length >= MAX_JOBS || budget.steps <= 0) return;
    const startable = starts.filter(s => s.jobs.has(job)).map(s => s.trigger);
    const steps: CiStep[] = [];
    const ciJob: CiJob = {
      document, job, workflow, caller, steps,
      triggers: startable,
      onChange: startable.filter(testsChanges),
      soft: caller?.soft ?? softReason(job.continueOnError, 'its job'),
    };
    for (const step of job.steps) addStep(steps, repo, { document, step, job: ciJob }, 0);
    budget.steps -= steps.length;
    out.push(ciJob);
    const callee = job.uses?.kind === 'local' || job.uses?.kind === 'self' ? repo.document(job.uses.path ?? '') : undefined;
    if (callee?.workflow && path.length < MAX_CALLS && !path.includes(callee.path))
      addJobs(out, repo, callee, workflow, startable, ciJob, [...path, callee.path], budget);
  }
}

/** A step, and behind it those of the local composite action that it calls. */
function addStep(out: CiStep[], repo: Repository, step: CiStep, depth: number): void {
  if (out.length >= MAX_STEPS) return;
  out.push(step);
  const uses = step.step.uses;
  if (!uses || (uses.kind !== 'local' && uses.kind !== 'self') || depth >= MAX_CALLS) return;
  const dir = (uses.path ?? '').replace(/\/+$/, ''), at = dir === '' || dir === '.' ? '' : `${dir}/`;
  const document = repo.document(`${at}action.yml`) ?? repo.document(`${at}action.yaml`);
  if (!document?.action) return;
  for (const inner of document.action.steps) addStep(out, repo, { document, step: inner, job: step.job, outer: step }, depth + 1);
}

const PULL_TYPES = ['opened', 'synchronize', 'reopened', 'ready_for_review', 'enqueued', 'checks_requested'];

function testsChanges(trigger: Trigger): boolean {
  switch (trigger.event) {
    case 'pull_request': case 'pull_request_target': return !trigger.types || trigger.types.some(t => PULL_TYPES.includes(t));
    case 'merge_group': return true;
    // A push to every branch sees what will be proposed; one to the default branch sees what was merged.
    case 'push': return !trigger.branches && !trigger.tags && !trigger.branchesIgnore && !trigger.tagsIgnore;
    default: return false;
  }
}

/** True for `true` and `${{ true }}`: an expression that depends on something is somebody's decision. */
export function isTrue(entry: Entry | undefined): boolean {
  const text = scalarText(entry?.value)?.trim().toLowerCase();
  return text === 'true' || (text !== undefined && /^\$\{\{\s*true\s*\}\}$/.test(text));
}

function softReason(entry: Entry | undefined, what: string): string | undefined {
  return isTrue(entry) ? `${what} has continue-on-error` : undefined;
}

/** Why what the step does doesn't guard a change: it is skipped, runs elsewhere, or its failure is swallowed. Undefined: it does. */
export function whyNotGuarding(s: CiStep): string | undefined {
  return whyNotOnChange(s) ?? whySoft(s);
}

/** Why the step's failure fails nothing, as far as keys say. */
export function whySoft(s: CiStep): string | undefined {
  return s.job.soft ?? (isTrue(s.step.continueOnError) && !isLookedAt(s) ? softReason(s.step.continueOnError, 'the step') : undefined)
    ?? softReason(s.outer?.step.continueOnError, 'the step that calls it');
}

/** Why a step never runs, whatever happens. */
export function whyIdle(s: CiStep): string | undefined {
  const { triggers } = s.job;
  if (triggers.length === 0) return s.job.workflow.triggers.length === 0 ? 'nothing starts it' : 'its job is skipped always';
  // Under the job that calls it, it stands once more with what starts that.
  if (triggers.every(t => t.event === 'workflow_call')) return 'only who calls its workflow starts it';
  for (let at: CiStep | undefined = s; at; at = at.outer) {
    const condition = conditionOf(at.step.if);
    if (!triggers.some(t => canRunOn(condition, t))) return 'the step is skipped always';
  }
  return undefined;
}

/** True where something later in the job asks how the step ended: then continue-on-error only postpones the failure. */
export function isLookedAt(s: CiStep): boolean {
  const id = scalarText(s.step.id?.value), node = s.job.job.node;
  if (id === undefined || node === undefined || node.end - node.start > MAX_JOB_TEXT) return false;
  return node.block.text.slice(node.start, node.end).includes(`steps.${id}.outcome`);
}

/** Why a step doesn't run for proposed changes. */
export function whyNotOnChange(s: CiStep): string | undefined {
  const { job } = s;
  if (job.onChange.length === 0) {
    const declared = job.workflow.triggers;
    if (declared.some(testsChanges)) return 'its job is skipped on pull requests';
    const events = [...new Set(declared.map(t => t.event))];
    return events.length === 0 ? 'nothing starts it' : `it runs on ${events.join(', ')} and not on every pull request`;
  }
  for (let at: CiStep | undefined = s; at; at = at.outer) {
    const condition = conditionOf(at.step.if);
    if (!job.onChange.some(t => canRunOn(condition, t))) return 'the step is skipped on pull requests';
  }
  return undefined;
}

/** Text of an input of the step's action; names compare without case. */
export function stepInput(step: Step, name: string): string | undefined {
  const map = step.with?.value;
  const node = map && map.kind === 'alias' ? map.target : map;
  if (node?.kind !== 'mapping') return undefined;
  const entry = node.entries.findLast(e => e.key.value.toLowerCase() === name.toLowerCase());
  return scalarText(entry?.value);
}
