import { defineRule, type Fix } from '../../engine/rule';
import type { Job, Permissions, Workflow } from '../../workflow/model';
import { inferJob, surroundingsOf } from '../shared/inferred-permissions';
import { setJobPermissions, setWorkflowPermissions } from '../shared/permission-edits';

export default defineRule({
  id: 'permissions-write-all',
  category: 'permissions',
  severity: 'high',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds `permissions: write-all`.',
    why: 'One step that is taken over can then push code, publish packages, approve pull requests and ask for cloud identities.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-5', 'OSPS-AC-04.02'],
  },
  messages: {
    workflow: 'Every job of this workflow may write everything that a token can write. '
      + 'Grant `contents: read`, and more only to the jobs that need it.',
    job: 'The job `{job}` may write everything that a token can write. Grant the scopes that its steps need.',
  },
  aliases: { zizmor: ['excessive-permissions'] },
  create(context) {
    return {
      workflow(workflow) {
        const jobs = workflow.jobs.filter(j => j.node);
        if (workflow.permissions) {
          context.instance();
          if (grantsAll(workflow.permissions)) {
            context.report({ at: valueOf(workflow.permissions), messageId: 'workflow', fixes: jobs.length > 0 ? [workflowFix(workflow, jobs)] : [] });
          }
        }
        for (const job of jobs) {
          if (!job.permissions) continue;
          context.instance();
          if (!grantsAll(job.permissions)) continue;
          context.report({ at: valueOf(job.permissions), messageId: 'job', data: { job: job.id }, job, fixes: [jobFix(workflow, job)] });
        }
      },
    };
  },
});

const grantsAll = (permissions: Permissions): boolean => permissions.shape === 'write-all';
const valueOf = (permissions: Permissions) => permissions.entry.value ?? permissions.entry.key;

function workflowFix(workflow: Workflow, jobs: readonly Job[]): Fix {
  return {
    title: 'Replace write-all by the permissions that its jobs need', safety: 'unsafe', preferred: true,
    edits({ document, repository }) {
      const around = surroundingsOf(workflow, repository);
      return setWorkflowPermissions(document, workflow, new Map(jobs.map(job => [job, inferJob(job, around)])));
    },
  };
}

function jobFix(workflow: Workflow, job: Job): Fix {
  return {
    title: `Replace write-all by the permissions that ${job.id} needs`, safety: 'unsafe', preferred: true,
    edits: ({ document, repository }) => setJobPermissions(document, job, inferJob(job, surroundingsOf(workflow, repository))),
  };
}
