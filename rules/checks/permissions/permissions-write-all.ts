import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { workflowEnv, workflowShellDefault } from '../../workflow/effective';
import type { Job, Permissions, Workflow } from '../../workflow/model';
import { inferJob, localActionNeed, localWorkflowNeed, type PermissionNeed } from '../shared/inferred-permissions';
import { setJobPermissions, setWorkflowPermissions, shownScopes } from '../shared/permission-edits';

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
    workflow: 'Every job of this workflow may write everything that a token can write. Grant `contents: read`, and more only to the jobs that need it.',
    job: 'The job `{job}` may write everything that a token can write. Grant the scopes that its steps need.',
  },
  aliases: { zizmor: ['excessive-permissions'] },
  create(context) {
    return {
      workflow(workflow) {
        const jobs = workflow.jobs.filter(j => j.node);
        if (workflow.permissions) {
          context.instance();
          const inheriting = jobs.filter(j => !j.permissions);
          const needs = new Map(needsAll(workflow.permissions) ? inheriting.map(j => [j, infer(context, workflow, j)]) : []);
          if (needsAll(workflow.permissions)) {
            context.report({ at: valueOf(workflow.permissions), messageId: 'workflow', fixes: jobs.length ? [workflowFix(workflow, needs)] : [] });
          }
        }
        for (const job of jobs) {
          if (!job.permissions) continue;
          context.instance();
          if (!needsAll(job.permissions)) continue;
          const need = infer(context, workflow, job);
          context.report({ at: valueOf(job.permissions), messageId: 'job', data: { job: job.id }, job, fixes: [jobFix(job, need)] });
        }
      },
    };
  },
});

const needsAll = (permissions: Permissions): boolean => permissions.shape === 'write-all';
const valueOf = (permissions: Permissions) => permissions.entry.value ?? permissions.entry.key;

function infer(context: Pick<RuleContext, 'query'>, workflow: Workflow, job: Job): PermissionNeed {
  return inferJob(job, {
    env: workflowEnv(workflow), shell: workflowShellDefault(workflow),
    action: path => context.query(localActionNeed, path), workflow: path => context.query(localWorkflowNeed, path),
  });
}

function workflowFix(workflow: Workflow, needs: ReadonlyMap<Job, PermissionNeed>): Fix {
  return {
    title: 'Replace write-all by the permissions that its jobs need', safety: 'unsafe', preferred: true,
    edits: ({ document }) => setWorkflowPermissions(document, workflow, needs),
  };
}

function jobFix(job: Job, need: PermissionNeed): Fix {
  return {
    title: `Replace write-all by ${shownScopes(need)}`, safety: 'unsafe', preferred: true,
    edits: ({ document }) => setJobPermissions(document, job, need),
  };
}
