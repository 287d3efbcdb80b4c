/** What starts a workflow, asked from inside a job. */
import { defineQuery, type Locator } from '../../engine/rule';
import { triggerFacts, workflowEnv } from '../../workflow/effective';

/** Events in document order; empty where the file has no triggers (an action, or half-typed). */
export const workflowEvents = defineQuery('workflow.events', ({ document }) => triggerFacts(document.workflow).events);

/** `types:` of an event; null where it has none of its own. */
export const eventTypes = defineQuery('workflow.event-types', ({ document }, event: string) => {
  const types = document.workflow?.triggers.find(t => t.event === event)?.types;
  return types ? [...types] : null;
});

/** The workflow's own variables. */
export const workflowVariables = defineQuery('workflow.env', ({ document }) => workflowEnv(document.workflow));

/** The event's name under `on`. */
export function triggerPlace(event: string): Locator {
  return ({ document }) => document.workflow?.triggers.find(t => t.event === event)?.node;
}
