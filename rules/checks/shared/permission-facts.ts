/** What rules about permissions ask about the file and the checkout around a job. */
import { defineQuery, type RuleContext } from '../../engine/rule';
import { triggerFacts, workflowPermissions } from '../../workflow/effective';
import { inferJob, localActionNeed, localWorkflowNeed, type PermissionNeed, type Surroundings } from './inferred-permissions';
import type { Job } from '../../workflow/model';
import { workflowEvents, workflowShell, workflowVariables } from './workflow-facts';

type Asks = Pick<RuleContext, 'query'>;

/** What the workflow sets for its jobs. */
export const inheritedPermissions = defineQuery('permissions.inherited', ({ document }) => workflowPermissions(document.workflow));

/** Other workflows may call this one: its permissions have a limit that isn't in the file. */
export const isCallable = defineQuery('permissions.callable', ({ document }) => triggerFacts(document.workflow).callable);

/** The surroundings of a job, every answer kept by the engine. */
export function surroundings(context: Asks): Surroundings {
  return {
    env: context.query(workflowVariables), shell: context.query(workflowShell), events: context.query(workflowEvents),
    action: path => context.query(localActionNeed, path),
    workflow: path => context.query(localWorkflowNeed, path),
  };
}

/** What a job needs, as `inferJob` says it. */
export function needOf(context: Asks, job: Job): PermissionNeed {
  return inferJob(job, surroundings(context));
}

/** `a`, `b` and 2 more: names as they are shown in a message. */
export function named(names: readonly string[], limit = 3): string {
  const shown = names.slice(0, limit).map(n => `\`${n}\``);
  if (names.length > limit) return `${shown.join(', ')} and ${names.length - limit} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : shown.join('');
}
