import { defineQuery, defineRule, type Fix } from '../../engine/rule';
import type { Repository } from '../../repository';
import { replaceValue, setJobKey } from '../../workflow/edits';
import type { Job, Trigger, Workflow } from '../../workflow/model';
import { approvalAhead } from '../shared/approvals';
import { addToCondition } from '../shared/condition-edits';
import { checkedJobs, checksItself, deploysForUse, isCheckJob, jobsAfterSuccess, startsAfterwards, startsUnattended } from '../shared/deploy-gate';
import { isPreview, jobKinds } from '../shared/job-kind';
import { needsOf, triggersOf } from '../shared/started';

interface Called { readonly checks: boolean; readonly open: readonly string[] }

/** What a called workflow of this checkout checks, and which of its jobs deploy unchecked; null where it can't be read. */
const calledWorkflow = defineQuery('deploy-without-gate.called', ({ repository }, path: string): Called | null =>
  (repository ? readCalled(repository, path, new Map(), 0) : null));

const MAX_CALLS = 4;

/** `known`: what has been read on the way, null for what is being read, so that workflows that call each other come to an end. */
function readCalled(repository: Repository, path: string, known: Map<string, Called | null>, depth: number): Called | null {
  const before = known.get(path);
  if (before !== undefined) return before;
  known.set(path, null);
  const called = depth < MAX_CALLS ? repository.document(path)?.workflow : undefined;
  if (!called) return null;
  const inner = (job: Job): Called | null => (isLocalCall(job) ? readCalled(repository, job.uses?.path ?? '', known, depth + 1) : null);
  const gates = checkedJobs(called, j => inner(j)?.checks ?? true);
  const open = called.jobs.filter(j => !gates.has(j) && (j.uses ? !isPreview(j) && (inner(j)?.open.length ?? 0) > 0 : deploysForUse(j) && !checksItself(j)));
  const found = { checks: called.jobs.some(isCheckJob), open: open.map(j => j.id).slice(0, 20) };
  known.set(path, found);
  return found;
}

function isLocalCall(job: Job): boolean { return job.uses?.kind === 'local' || job.uses?.kind === 'self'; }

export default defineRule({
  id: 'deploy-without-gate',
  category: 'reliability',
  severity: 'high',
  confidence: 'medium',
  scope: 'workflow',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that deploy or migrate without waiting for a test, lint or scan.',
    why: 'Jobs run side by side unless they are told to wait: the deployment is done before the test that would have stopped it has failed.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms',
    ],
    standards: ['SEC-1', 'STRIDE-T'],
  },
  messages: {
    beside: 'Job `{job}` {does} whether or not `{gate}` succeeds, as it doesn\'t wait for it. Add it to `needs`.',
    nothing: 'Job `{job}` {does} although nothing in this workflow tests or scans first. Let it need a job that does, or start it by `workflow_run` once CI has succeeded.',
    conclusion: 'Job `{job}` {does} when the other workflow has ended, failed or not. Ask for `github.event.workflow_run.conclusion == \'success\'`.',
  },
  create(context) {
    const called = (job: Job): Called | null => (isLocalCall(job) ? context.query(calledWorkflow, job.uses?.path ?? '') : null);
    return {
      workflow(workflow) {
        const candidates = workflow.jobs.filter(j => deploysUnattended(workflow, j, called));
        if (candidates.length === 0) return;
        const gates = checkedJobs(workflow, j => called(j)?.checks ?? true);
        const afterwards = startsAfterwards(workflow.triggers) ? jobsAfterSuccess(workflow) : undefined;
        for (const job of candidates) {
          context.instance();
          if (checksItself(job) || gates.has(job)) continue;
          const does = job.uses || jobKinds(job).has('deploy') ? 'deploys' : 'migrates a database';
          if (afterwards) {
            if (afterwards.has(job)) continue;
            context.report({ at: job.entry.key, messageId: 'conclusion', data: { job: job.id, does }, job, absorbs: ['workflow-run-unchecked-result'], fixes: [askConclusion(workflow, job)] });
            continue;
          }
          const beside = checksBeside(workflow, job, called);
          if (beside.length === 0 && (needsUnknown(workflow, job) || onlyReleases(triggersOf(workflow, job)) || context.query(approvalAhead, job.id))) continue;
          context.report(beside.length > 0
            ? {
              at: job.entry.key, messageId: 'beside', data: { job: job.id, does, gate: beside[0]!.id }, job, confidence: 'high',
              related: beside.map(g => ({ at: g.entry.key, message: `\`${g.id}\` runs beside it.` })),
              fixes: [waitFor(job, beside)],
            }
            : {
              at: job.entry.key, messageId: 'nothing', data: { job: job.id, does }, job,
              adjust: [{ by: -1, reason: 'A protected branch can have asked for tests before the merge.' }],
            });
        }
      },
    };
  },
});

/** A job that deploys by itself, or calls a workflow of this checkout in which one does. */
function deploysUnattended(workflow: Workflow, job: Job, called: (job: Job) => Called | null): boolean {
  const deploys = job.uses ? !isPreview(job) && (called(job)?.open.length ?? 0) > 0 : deploysForUse(job);
  return deploys && startsUnattended(triggersOf(workflow, job));
}

/** The file is half-written, or broken in another way: the job that it wants to wait for may well be the check. */
function needsUnknown(workflow: Workflow, job: Job): boolean {
  return [job, ...needsOf(workflow, job)].some(j => j.needs.some(n => !workflow.jobs.some(x => x.id.toLowerCase() === n.value.toLowerCase())));
}

/** Somebody has made a release of a commit that has been tested when it came: nothing unseen is on its way. */
function onlyReleases(triggers: readonly Trigger[]): boolean { return triggers.every(t => t.event === 'release' || !startsUnattended([t])); }

/** Where there are more jobs than this, the ones to wait for aren't looked for. */
const MAX_JOBS = 300;

/** Checks that could be waited for: they start whenever the deployment does, and don't wait for it themselves. */
function checksBeside(workflow: Workflow, deploy: Job, called: (job: Job) => Called | null): Job[] {
  if (workflow.jobs.length > MAX_JOBS) return [];
  const starts = triggersOf(workflow, deploy);
  return workflow.jobs.filter(j => j !== deploy && (isCheckJob(j) || (called(j)?.checks ?? false))
    && !needsOf(workflow, j).includes(deploy) && starts.every(t => triggersOf(workflow, j).includes(t)));
}

function waitFor(job: Job, gates: readonly Job[]): Fix {
  const needs = [...job.needs.map(n => n.value), ...gates.map(g => g.id)];
  return {
    title: `Let ${job.id} need ${gates.map(g => g.id).join(', ')}`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      const entry = job.node?.entries.find(e => e.key.value === 'needs');
      const value = needs.length === 1 ? needs[0]! : needs;
      return entry ? replaceValue(document, entry, value) : setJobKey(document, job, 'needs', value);
    },
  };
}

function askConclusion(workflow: Workflow, job: Job): Fix {
  const only = workflow.triggers.every(t => t.event === 'workflow_run');
  const term = 'github.event.workflow_run.conclusion == \'success\'';
  return {
    title: 'Deploy only after a success',
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => addToCondition(document, job, only ? term : `(github.event_name != 'workflow_run' || ${term})`),
  };
}
