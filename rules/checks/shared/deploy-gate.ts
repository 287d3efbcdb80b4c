/**
 * What has to succeed before a job deploys. The rule and the practice about it ask here, so that they agree on what counts.
 */
import { conditionOf, dottedPath, walkExpr } from '../../workflow/expressions';
import type { Job, Step, Trigger, Workflow } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { commandKinds } from './command-kind';
import { isPreview, jobKinds, stepKinds } from './job-kind';
import type { JobKind } from './kinds';
import { nameKinds } from './name-kind';
import { dependentsOf } from './started';
import { argvsOf } from './step-commands';

type Kinds = ReadonlySet<JobKind> | readonly JobKind[];

function has(kinds: Kinds, kind: JobKind): boolean { return Array.isArray(kinds) ? kinds.includes(kind) : (kinds as ReadonlySet<JobKind>).has(kind); }
function checks(kinds: Kinds): boolean { return has(kinds, 'test') || has(kinds, 'scan') || has(kinds, 'lint'); }
function deploys(kinds: Kinds): boolean { return has(kinds, 'deploy') || has(kinds, 'migrate'); }

/** Ids of jobs that say that they check, though nothing in them says how. */
const CHECKING_NAME = /^(?:ci|checks?|verify|verification|validate|validation|quality|qa|pre-?commit)(?:[-_].*)?$/i;

/** A job that tests, lints or scans: what depends on it waits for a verdict. */
export function isCheckJob(job: Job): boolean { return checks(jobKinds(job)) || CHECKING_NAME.test(job.id); }

const PAGES_ACTION = /(?:^|\/)(?:deploy-pages|actions-gh-pages|github-pages-deploy-action|ghaction-github-pages|gh-pages)$/i;
const PAGES_COMMAND = /^(?:mkdocs gh-deploy|mike deploy|gh-pages|surge)\b/;

/** Puts pages where people read them: there is nothing to test but that they can be built, and that fails ahead of it. */
export function isPages(job: Job): boolean {
  return job.environment?.name?.value === 'github-pages' || job.steps.some(isPagesStep);
}

/** The same for a step. */
export function isPagesStep(step: Step): boolean {
  return PAGES_ACTION.test(`${step.uses?.owner ?? ''}/${step.uses?.repo ?? ''}`)
    || argvsOf(step).some(a => PAGES_COMMAND.test(a.map(w => w ?? '').join(' ').replace(/^(?:npx|bunx|(?:poetry|uv|pipenv|hatch) run) /, '')));
}

/** Events that carry a proposal: what they deploy is for looking at. */
export const PROPOSALS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment', 'issue_comment', 'merge_group']);
/**
 * Started by a person, who has looked first, or by a caller, which is looked at itself. GitHub makes a deployment only of a commit whose
 * checks have passed, unless it is asked not to look.
 */
const BY_HAND: ReadonlySet<string> = new Set(['workflow_dispatch', 'workflow_call', 'deployment']);

/** Whether a job deploys by itself something that people use. `triggers`: those that can start it. */
export function needsGate(job: Job, triggers: readonly Trigger[]): boolean { return deploysForUse(job) && startsUnattended(triggers); }

/** Deploys or migrates what people use. Calls of other workflows are what the jobs in there are. */
export function deploysForUse(job: Job): boolean { return !job.uses && deploys(jobKinds(job)) && !isPages(job) && !isPreview(job); }

/** One of the triggers is neither a proposal nor somebody who has looked. */
export function startsUnattended(triggers: readonly Trigger[]): boolean { return triggers.some(t => !PROPOSALS.has(t.event) && !BY_HAND.has(t.event)); }

/** What stands ahead of the first deployment in the job tests, lints or scans. */
export function checksItself(job: Job): boolean {
  for (const step of job.steps) {
    const kinds = stepKinds(step);
    if (!deploys(kinds)) {
      if (checks(kinds) || (step.uses?.kind === 'local' || step.uses?.kind === 'self') && checks(nameKinds(lastSegment(step.uses.path)))) return true;
      continue;
    }
    // `npm test && npm run deploy`
    for (const argv of argvsOf(step)) {
      const own = commandKinds(argv);
      if (checks(own)) return true;
      if (deploys(own)) return false;
    }
    return false;
  }
  return false;
}

function lastSegment(path: string | undefined): string { return (path ?? '').replace(/\/+$/, '').split('/').at(-1) ?? ''; }

/**
 * Jobs that wait for a check, directly or through others, with the check's id. `callChecks`: whether the workflow that a job calls
 * checks; true where it can't be looked into.
 */
export function checkedJobs(workflow: Workflow, callChecks: (job: Job) => boolean): ReadonlyMap<Job, string> {
  const dependents = dependentsOf(workflow), out = new Map<Job, string>();
  const isCheck = (job: Job): boolean => isCheckJob(job) || (job.uses !== undefined && callChecks(job));
  const queue: { job: Job; gate: string }[] = workflow.jobs.filter(isCheck).map(job => ({ job, gate: job.id }));
  for (let at = queue.pop(); at; at = queue.pop()) {
    for (const d of dependents.get(at.job) ?? []) {
      if (out.has(d)) continue;
      out.set(d, at.gate);
      queue.push({ job: d, gate: at.gate });
    }
  }
  return out;
}

/** Started by nothing but the end of another workflow, or by hand. */
export function startsAfterwards(triggers: readonly Trigger[]): boolean {
  return triggers.some(t => t.event === 'workflow_run') && triggers.every(t => t.event === 'workflow_run' || t.event === 'workflow_dispatch');
}

/** The jobs whose condition looks at how the workflow ended that theirs comes after, and those that need one of them. */
export function jobsAfterSuccess(workflow: Workflow): ReadonlySet<Job> {
  const dependents = dependentsOf(workflow), found = new Set(workflow.jobs.filter(looksAtConclusion)), queue = [...found];
  for (let at = queue.pop(); at; at = queue.pop()) {
    for (const d of dependents.get(at) ?? []) {
      if (found.has(d)) continue;
      found.add(d);
      queue.push(d);
    }
  }
  return found;
}

function looksAtConclusion(job: Job): boolean {
  const condition = conditionOf(job.if);
  if (condition && [...walkExpr(condition.root)].some(e => dottedPath(e) === 'github.event.workflow_run.conclusion')) return true;
  return /github\.event\.workflow_run\.conclusion/.test(scalarText(job.if?.value) ?? '');
}
