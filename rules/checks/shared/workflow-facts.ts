/** What a workflow says around its jobs, asked from inside a job. */
import { defineQuery, type Locator } from '../../engine/rule';
import { triggerFacts, workflowEnv, workflowPermissions, workflowShellDefault } from '../../workflow/effective';

/** Events in document order; empty where the file has no triggers (an action, or half-typed). */
export const workflowEvents = defineQuery('workflow.events', ({ document }) => triggerFacts(document.workflow).events);

/** `types:` of an event; null where it has none of its own. */
export const eventTypes = defineQuery('workflow.event-types', ({ document }, event: string) => {
  const types = document.workflow?.triggers.find(t => t.event === event)?.types;
  return types ? [...types] : null;
});

/** The workflow's own variables. */
export const workflowVariables = defineQuery('workflow.env', ({ document }) => workflowEnv(document.workflow));

/** What the workflow itself says about the token. */
export const workflowToken = defineQuery('workflow.permissions', ({ document }) => workflowPermissions(document.workflow));

/** `defaults.run.shell` of the workflow as written; null where it has none. */
export const workflowShell = defineQuery('workflow.shell-default', ({ document }) => workflowShellDefault(document.workflow));

/** The event's name under `on`. */
export function triggerPlace(event: string): Locator {
  return ({ document }) => document.workflow?.triggers.find(t => t.event === event)?.node;
}
