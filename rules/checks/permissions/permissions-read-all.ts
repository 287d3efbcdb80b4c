import { defineRule, type Fix } from '../../engine/rule';
import type { Job, Permissions, Workflow } from '../../workflow/model';
import { inferJob, surroundingsOf } from '../shared/inferred-permissions';
import { setJobPermissions, setWorkflowPermissions } from '../shared/permission-edits';

export default defineRule({
  id: 'permissions-read-all',
  category: 'permissions',
  severity: 'low',
  confidence: 'high',
  scope: 'workflow',
  profile: 'strict',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds `permissions: read-all`.',
    why: 'It lets every step read security alerts, private packages, drafts and logs, none of which building or testing needs.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-5'],
  },
  messages: {
    workflow: 'Every job of this workflow may read everything that a token can read, security alerts included. Grant `contents: read`, and more only where it is used.',
    job: 'The job `{job}` may read everything that a token can read, security alerts included. Grant the scopes that its steps use.',
  },
  aliases: { zizmor: ['excessive-permissions'] },
  create(context) {
    return {
      workflow(workflow) {
        const jobs = workflow.jobs.filter(j => j.node);
        if (workflow.permissions) {
          context.instance();
          // Where every job has its own, it grants nothing to anybody.
          if (readsAll(workflow.permissions) && jobs.some(j => !j.permissions)) {
            context.report({ at: valueOf(workflow.permissions), messageId: 'workflow', fixes: [workflowFix(workflow, jobs)] });
          }
        }
        for (const job of jobs) {
          if (!job.permissions) continue;
          context.instance();
          if (!readsAll(job.permissions)) continue;
          context.report({ at: valueOf(job.permissions), messageId: 'job', data: { job: job.id }, job, fixes: [jobFix(workflow, job)] });
        }
      },
    };
  },
});

const readsAll = (permissions: Permissions): boolean => permissions.shape === 'read-all';
const valueOf = (permissions: Permissions) => permissions.entry.value ?? permissions.entry.key;

function workflowFix(workflow: Workflow, jobs: readonly Job[]): Fix {
  return {
    title: 'Replace read-all by the permissions that its jobs need', safety: 'unsafe', preferred: true,
    edits({ document, repository }) {
      const around = surroundingsOf(workflow, repository);
      return setWorkflowPermissions(document, workflow, new Map(jobs.map(job => [job, inferJob(job, around)])));
    },
  };
}

function jobFix(workflow: Workflow, job: Job): Fix {
  return {
    title: `Replace read-all by the permissions that ${job.id} needs`, safety: 'unsafe', preferred: true,
    edits: ({ document, repository }) => setJobPermissions(document, job, inferJob(job, surroundingsOf(workflow, repository))),
  };
}
