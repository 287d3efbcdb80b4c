/** Whether somebody was asked before a job does what it does. */
import { defineQuery } from '../../engine/rule';
import type { Step } from '../../workflow/model';
import { needsOf } from './started';

/** A job that this one needs stands in an environment, or asks somebody: approval may have been given there. */
export const approvedEarlier = defineQuery('approvals.earlier', ({ document }, id: string): boolean => {
  const workflow = document.workflow, job = workflow?.jobs.find(j => j.id === id);
  return workflow !== undefined && job !== undefined && needsOf(workflow, job).some(j => j.environment !== undefined || j.uses !== undefined || j.steps.some(asksSomebody));
});

/** A step that waits for somebody's approval. */
export function asksSomebody(step: Step): boolean {
  return /(?:^|\/)manual-approval|(?:^|[/-])approv(?:al|e)(?:-action)?$/i.test(step.uses?.text.split('@')[0] ?? '');
}

/** One of the jobs ahead is there for nothing but an approval: it stands in an environment, and is called so. */
export const approvalAhead = defineQuery('approvals.ahead', ({ document }, id: string): boolean => {
  const workflow = document.workflow, job = workflow?.jobs.find(j => j.id === id);
  return workflow !== undefined && job !== undefined && needsOf(workflow, job).some(j =>
    j.steps.some(asksSomebody) || (j.environment !== undefined && /approv|gate/i.test(`${j.id} ${j.environment.name?.value ?? ''}`)));
});
