import { defineRule, type Fix } from '../../engine/rule';
import { triggerFacts } from '../../workflow/effective';
import type { Job, Workflow } from '../../workflow/model';
import { inferJob, surroundingsOf } from '../shared/inferred-permissions';
import { setJobPermissions, setWorkflowPermissions } from '../shared/permission-edits';

export default defineRule({
  id: 'permissions-missing',
  category: 'permissions',
  severity: 'medium',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds workflows and jobs that do not say what their token may do.',
    why: 'Without `permissions` the token gets the repository\'s default, often write access to everything, and every step can use it.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-5', 'CIS 2.1.5', 'OSPS-AC-04.01'],
  },
  messages: {
    workflow: 'The token of this workflow has the repository\'s default permissions, often write access to everything. '
      + 'Set `permissions` to what its jobs need.',
    called: 'The token of this workflow can do whatever its callers\' tokens can, often write access to everything. '
      + 'Set `permissions` to what its jobs need.',
    job: 'Other jobs say what their token may do, but `{job}` takes the repository\'s default. Give it `permissions` of its own.',
  },
  aliases: { zizmor: ['excessive-permissions'], codeql: ['actions/missing-workflow-permissions'] },
  create(context) {
    return {
      workflow(workflow) {
        const jobs = workflow.jobs.filter(j => j.node);
        if (jobs.length === 0) return;
        for (let i = 0; i < jobs.length; i++) context.instance();
        const without = workflow.permissions ? [] : jobs.filter(j => !j.permissions);
        if (without.length === 0) return;
        const adjust = adjustments(workflow);
        if (without.length < jobs.length) {
          for (const job of without) {
            context.report({ at: job.entry.key, messageId: 'job', data: { job: job.id }, adjust, job, fixes: [jobFix(workflow, job)] });
          }
          return;
        }
        const at = workflow.on?.key ?? workflow.jobsEntry?.key;
        if (at) context.report({ at, messageId: onlyCalled(workflow) ? 'called' : 'workflow', places: jobs.length, adjust, fixes: [workflowFix(workflow, jobs)] });
      },
    };
  },
});

function onlyCalled(workflow: Workflow): boolean {
  const { callable, events } = triggerFacts(workflow);
  return callable && events.length === 1;
}

function adjustments(workflow: Workflow): { by: number; reason: string }[] {
  const facts = triggerFacts(workflow);
  if (onlyCalled(workflow)) return [{ by: -1, reason: 'only called by other workflows, whose permissions bound it' }];
  const [event] = facts.privileged;
  return event === undefined ? [] : [{ by: 1, reason: `anybody can start it with ${event}, and its token can write then` }];
}

/** What the jobs need is read when somebody wants the fix: it may look into other files of the checkout. */
function workflowFix(workflow: Workflow, jobs: readonly Job[]): Fix {
  return {
    title: 'Add the permissions that its jobs need', safety: 'unsafe', preferred: true,
    edits({ document, repository }) {
      const around = surroundingsOf(workflow, repository);
      return setWorkflowPermissions(document, workflow, new Map(jobs.map(job => [job, inferJob(job, around)])));
    },
  };
}

function jobFix(workflow: Workflow, job: Job): Fix {
  return {
    title: `Add the permissions that ${job.id} needs`, safety: 'unsafe', preferred: true,
    edits: ({ document, repository }) => setJobPermissions(document, job, inferJob(job, surroundingsOf(workflow, repository))),
  };
}
