/** `read-all` and `write-all`: found the same way, and replaced by what the jobs need. */
import type { Fix, RuleContext, Visitors } from '../../engine/rule';
import type { Job, Permissions, Workflow } from '../../workflow/model';
import { inferJob, surroundingsOf } from './inferred-permissions';
import { setJobPermissions, setWorkflowPermissions } from './permission-edits';

/**
 * Reports each place that says `shape`, as `workflow` or `job`. `onlyInherited`: not at the workflow where every job has permissions of
 * its own, so that nobody is granted anything.
 */
export function blanketPermissions(context: RuleContext<'workflow' | 'job'>, shape: 'read-all' | 'write-all', onlyInherited: boolean): Visitors {
  return {
    workflow(workflow) {
      const jobs = workflow.jobs.filter(j => j.node);
      if (workflow.permissions) {
        context.instance();
        if (workflow.permissions.shape === shape && (!onlyInherited || jobs.some(j => !j.permissions))) {
          context.report({ at: valueOf(workflow.permissions), messageId: 'workflow', fixes: jobs.length > 0 ? [workflowFix(workflow, jobs, shape)] : [] });
        }
      }
      for (const job of jobs) {
        if (!job.permissions) continue;
        context.instance();
        if (job.permissions.shape !== shape) continue;
        context.report({ at: valueOf(job.permissions), messageId: 'job', data: { job: job.id }, job, fixes: [jobFix(workflow, job, shape)] });
      }
    },
  };
}

const valueOf = (permissions: Permissions) => permissions.entry.value ?? permissions.entry.key;

function workflowFix(workflow: Workflow, jobs: readonly Job[], shape: string): Fix {
  return {
    title: `Replace ${shape} by the permissions that its jobs need`, safety: 'unsafe', preferred: true,
    edits({ document, repository }) {
      const around = surroundingsOf(workflow, repository);
      return setWorkflowPermissions(document, workflow, new Map(jobs.map(job => [job, inferJob(job, around)])));
    },
  };
}

function jobFix(workflow: Workflow, job: Job, shape: string): Fix {
  return {
    title: `Replace ${shape} by the permissions that ${job.id} needs`, safety: 'unsafe', preferred: true,
    edits: ({ document, repository }) => setJobPermissions(document, job, inferJob(job, surroundingsOf(workflow, repository))),
  };
}
