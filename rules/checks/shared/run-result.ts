/** Whether what comes after another workflow looks at how that has ended. */
import type { Job, Step, Workflow } from '../../workflow/model';
import { conditionOf } from '../../workflow/expressions';
import { decide, type RunFacts } from './condition-values';

/** A run of the followed workflow that has failed. */
const FAILED: RunFacts = {
  status: 'success',
  value: path => path === 'github.event_name' ? 'workflow_run' : path === 'github.event.workflow_run.conclusion' ? 'failure' : undefined,
  test: () => undefined,
};

/** The job, or one that it needs, is skipped for certain where the followed run has failed. */
export function succeedsOnly(job: Job, workflow: Workflow): boolean {
  const seen = new Set<string>();
  const skipped = (j: Job): boolean => {
    if (seen.has(j.id)) return false;
    seen.add(j.id);
    const condition = conditionOf(j.if);
    if (condition && condition.errors.length === 0 && decide(condition.root, FAILED) === false) return true;
    return j.needs.some(n => {
      const needed = workflow.jobs.find(x => x.id === n.value);
      return needed !== undefined && skipped(needed);
    });
  };
  return skipped(job);
}

/** The conclusion, or the API's answer about the run, is looked at somewhere: in a step, a script, or a job that is needed. */
export function mentionsConclusion(workflow: Workflow, job: Job): boolean {
  const seen = new Set<string>();
  const visit = (j: Job): boolean => {
    if (seen.has(j.id)) return false;
    seen.add(j.id);
    return ASKS.test(textOf(j)) || j.needs.some(n => workflow.jobs.some(x => x.id === n.value && visit(x)));
  };
  return visit(job) || ASKS.test(workflow.env ? textOf({ entry: workflow.env.entry }) : '');
}

const ASKS = /workflow_run\.conclusion|\bconclusion\b/;

function textOf(of: Pick<Job, 'entry'> | Pick<Step, 'node'>): string {
  const { block, start, end } = 'entry' in of ? of.entry : of.node;
  return block.text.slice(start, end);
}
