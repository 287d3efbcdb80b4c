/**
 * All jobs of a checkout as they run: which proposed changes start them, whether they can fail, and their steps with those of local
 * composite actions. Jobs of a local reusable workflow stand under each caller.
 */
import type { Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import type { Job, Step, Trigger, Workflow } from '../../workflow/model';
import { scalarText, type Entry } from '../../workflow/nodes';
import { conditionOf } from '../../workflow/expressions';
import { canRunOn, ignoresNeeds } from './condition';
import { isDeploy } from '../../checks/shared/job-kind';

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
const cache = new WeakMap<Repository, readonly CiJob[]>();

/** Every job, by path and order in the file; those of reusable workflows right behind the job that calls them. */
export function ciJobs(repo: Repository): readonly CiJob[] {
  let jobs = cache.get(repo);
  if (!jobs) {
    jobs = repo.documents.flatMap(d => d.workflow ? jobsOf(repo, d, d.workflow, d.workflow.triggers, undefined, []) : []);
    cache.set(repo, jobs);
  }
  return jobs;
}

/** Jobs that deploy or publish, callers aside. */
export function deployJobs(repo: Repository): readonly CiJob[] {
  return ciJobs(repo).filter(j => isDeploy(j.job));
}

function jobsOf(repo: Repository, document: SourceDocument, workflow: Workflow, triggers: readonly Trigger[], caller: CiJob | undefined,
  path: readonly string[]): CiJob[] {
  const own = document.workflow!;
  const out: CiJob[] = [];
  for (const job of own.jobs) {
    const startable = triggers.filter(t => runsOn(own, job, t, []));
    const ciJob: CiJob = {
      document, job, workflow, caller, steps: [],
      triggers: startable,
      onChange: startable.filter(testsChanges),
      soft: caller?.soft ?? softReason(job.continueOnError, 'its job'),
    };
    (ciJob.steps as CiStep[]).push(...job.steps.flatMap(step => withComposite(repo, { document, step, job: ciJob }, 0)));
    out.push(ciJob);
    const callee = job.uses?.kind === 'local' || job.uses?.kind === 'self' ? repo.document(job.uses.path ?? '') : undefined;
    if (callee?.workflow && path.length < MAX_CALLS && !path.includes(callee.path))
      out.push(...jobsOf(repo, callee, workflow, startable, ciJob, [...path, callee.path]));
  }
  return out;
}

function withComposite(repo: Repository, step: CiStep, depth: number): CiStep[] {
  const uses = step.step.uses;
  if (!uses || (uses.kind !== 'local' && uses.kind !== 'self') || depth >= MAX_CALLS) return [step];
  const dir = (uses.path ?? '').replace(/\/+$/, ''), at = dir === '' || dir === '.' ? '' : `${dir}/`;
  const document = repo.document(`${at}action.yml`) ?? repo.document(`${at}action.yaml`);
  if (!document?.action) return [step];
  return [step, ...document.action.steps.flatMap(inner => withComposite(repo, { document, step: inner, job: step.job, outer: step },
    depth + 1))];
}

/** True unless the job's condition, or that of one it needs, is certainly false on the trigger. */
function runsOn(workflow: Workflow, job: Job, trigger: Trigger, seen: readonly string[]): boolean {
  const condition = conditionOf(job.if);
  if (!canRunOn(condition, trigger)) return false;
  if (ignoresNeeds(condition)) return true;
  return job.needs.every(n => {
    const needed = workflow.jobs.find(j => j.id === n.value);
    return !needed || seen.includes(needed.id) || runsOn(workflow, needed, trigger, [...seen, job.id]);
  });
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
  return whyNotOnChange(s) ?? s.job.soft ?? (isLookedAt(s) ? undefined : softReason(s.step.continueOnError, 'the step'))
    ?? softReason(s.outer?.step.continueOnError, 'the step that calls it');
}

/** True where something later in the job asks how the step ended: then continue-on-error only postpones the failure. */
export function isLookedAt(s: CiStep): boolean {
  const id = scalarText(s.step.id?.value), node = s.job.job.node;
  return id !== undefined && node !== undefined && node.block.text.slice(node.start, node.end).includes(`steps.${id}.outcome`);
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
