import { defineQuery, defineRule, type Fix } from '../../engine/rule';
import { setJobKey, setTopLevelKey } from '../../workflow/edits';
import type { Job, Trigger, Workflow } from '../../workflow/model';
import { isDeploy, isPreview, jobKinds, type JobKind } from '../shared/job-kind';
import { argvsOf } from '../shared/step-commands';

/** Whether a called workflow brings a group of its own; null where it can't be read. */
const calleeHasGroup = defineQuery('concurrency-missing/callee', (world, path: string): boolean | null => {
  const workflow = world.repository?.document(path)?.workflow;
  return workflow ? hasGroups(workflow) : null;
});

export default defineRule({
  id: 'concurrency-missing',
  category: 'reliability',
  severity: 'low',
  confidence: 'medium',
  scope: 'workflow',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds CI that keeps running for superseded commits, and deployments that can run side by side.',
    why: 'Superseded runs hold runners that newer ones wait for, and two deployments at once leave a mix of both behind.',
    references: ['https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency'],
    standards: ['STRIDE-D'],
  },
  messages: {
    ci: 'Each push starts another run while those of older commits go on, because nothing sets `concurrency`. Put runs of one branch or pull request into a group, and cancel superseded ones.',
    deploy: 'Two runs can execute job `{job}` at the same time, because nothing sets `concurrency`. Put it into a group, so that deployments wait for each other.',
  },
  aliases: { zizmor: ['concurrency-limits'] },
  create(context) {
    /** Whether a called workflow brings a group of its own; also true where it can't be looked into. */
    const hasOwn = (job: Job): boolean => {
      const local = job.uses?.kind === 'local' || job.uses?.kind === 'self';
      return !local || context.query(calleeHasGroup, job.uses?.path ?? '') !== false;
    };
    return {
      workflow(workflow) {
        if (workflow.jobs.length === 0) return;
        const deploys = workflow.jobs.filter(j => deploysSomething(j, workflow));
        const trigger = ciTrigger(workflow);
        const tests = trigger ? workflow.jobs.filter(isCi) : [];
        if (deploys.length === 0 && tests.length === 0) return;
        context.instance();
        if (workflow.concurrency) return;
        for (const job of deploys) {
          if (job.concurrency || (job.uses && hasOwn(job))) continue;
          const alone = deploys.every(d => d === job || environmentOf(d) !== environmentOf(job));
          context.report({
            at: job.entry.key, messageId: 'deploy', data: { job: job.id }, job,
            adjust: [{ by: 1, reason: 'The job deploys.' }],
            fixes: [deployFix(job, workflow, alone)],
          });
        }
        // Where every job that costs something has a group of its own, or can't be looked into, there is nothing to say.
        const loose = tests.filter(j => !j.concurrency && !deploys.includes(j) && !(j.uses && hasOwn(j)));
        if (trigger && loose.length > 0) context.report({ at: trigger.node, messageId: 'ci', fixes: [ciFix(workflow)] });
      },
    };
  },
});

function hasGroups(workflow: Workflow): boolean {
  return workflow.concurrency !== undefined || (workflow.jobs.length > 0 && workflow.jobs.every(j => j.concurrency));
}

const CODE_TYPES = new Set(['opened', 'synchronize', 'reopened']);

/** The trigger that makes new runs pile up: pull requests, else pushes to branches that people work on. */
function ciTrigger(workflow: Workflow): Trigger | undefined {
  const pull = workflow.triggers.find(t => t.event === 'pull_request' && (!t.types || t.types.some(x => CODE_TYPES.has(x))));
  return pull ?? workflow.triggers.find(t => t.event === 'push' && toWorkBranches(t));
}

/** Pushes to named branches only (`main`) are each meant to be tested; so are tags. */
function toWorkBranches(push: Trigger): boolean {
  if (push.branches) return push.branches.some(b => /^[*]/.test(b));
  return push.branchesIgnore !== undefined || !(push.tags || push.tagsIgnore);
}

const SLOW: readonly JobKind[] = ['test', 'e2e', 'build', 'call'];

/** Whatever it is called: it prints something, or asks a script of the repository whether something is valid. */
function onlyAsks(job: Job): boolean {
  const runs = job.steps.filter(s => s.run);
  return runs.length > 0 && job.steps.every(s => !s.uses || /^(?:actions\/checkout|step-security\/harden-runner)$/.test(s.uses.slug))
    && runs.every(s => argvsOf(s).length > 0 && argvsOf(s).every(a => TALKS.test(a[0] ?? '$')));
}

const TALKS = /^(?:echo|printf|true|:|(?:[\w.-]+\/)+(?:validate|verify)[\w-]*(?:\.\w{1,4})?)$/;

/** Linters and small scans are over before the next push; a group would only be clutter. */
export function isCi(job: Job): boolean {
  const kinds = jobKinds(job);
  if (onlyAsks(job)) return false;
  if (SLOW.some(k => kinds.has(k)) || job.steps.some(s => s.uses?.repo?.toLowerCase() === 'codeql-action' && s.uses.path?.toLowerCase() !== 'upload-sarif')) return true;
  return job.strategy !== undefined && !kinds.has('housekeeping') && !kinds.has('notify');
}

/** Whoever calls a workflow decides about its runs; runs for pull requests deploy previews. */
function deploysSomething(job: Job, workflow: Workflow): boolean {
  if (!isDeploy(job) || isPreview(job)) return false;
  return workflow.triggers.some(t => !['workflow_call', 'pull_request', 'pull_request_target', 'merge_group'].includes(t.event));
}

function environmentOf(job: Job): string | undefined { return job.environment?.name?.value || undefined; }

/** For the practice, too. */
export function deployFix(job: Job, workflow: Workflow, alone: boolean): Fix {
  const environment = environmentOf(job);
  return {
    title: `Let runs of ${job.id} wait for each other`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      // An environment is shared by all workflows that deploy to it; without one, the group is this workflow's own.
      const base = environment === undefined ? `${ownName(workflow, document.path)}-${job.id}` : `deploy-${environment}${alone ? '' : `-${job.id}`}`;
      // Legs of a matrix would push each other out of a group that they share.
      const group = job.strategy && !environment?.includes('matrix.') ? `${base}-\${{ strategy.job-index }}` : base;
      const taken = workflow.jobs.some(j => j.concurrency?.group?.value === group);
      return setJobKey(document, job, 'concurrency', { group: taken ? `${group}-${job.id}` : group, 'cancel-in-progress': false });
    },
  };
}

/** Called, a workflow has its caller's name: a group that says `github.workflow` would be the caller's own. */
function ownName(workflow: Workflow, path: string): string {
  return workflow.triggers.some(t => t.event === 'workflow_call') ? path.split('/').at(-1)!.replace(/\.ya?ml$/, '') : '${{ github.workflow }}';
}

/** For the practice, too. */
export function ciFix(workflow: Workflow): Fix {
  return {
    title: workflow.triggers.some(t => t.event === 'pull_request') ? 'Cancel superseded runs of pull requests' : 'Cancel superseded runs of branches',
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      const events = new Set(workflow.triggers.map(t => t.event));
      // `github.ref` is the pull request's own on `pull_request`, but the base branch, shared by all, on `pull_request_target`.
      const ref = events.has('pull_request_target') ? '${{ github.event.pull_request.number || github.ref }}' : '${{ github.ref }}';
      const named = `${ownName(workflow, document.path)}-${ref}`;
      const taken = workflow.jobs.some(j => j.concurrency?.group?.value === named);
      const group = taken ? `workflow-${named}` : named;
      const cancel = events.has('pull_request') ? '${{ github.event_name == \'pull_request\' }}' : '${{ github.ref_name != github.event.repository.default_branch }}';
      return setTopLevelKey(document, 'concurrency', { group, 'cancel-in-progress': cancel });
    },
  };
}
