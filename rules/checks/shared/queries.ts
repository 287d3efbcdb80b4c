/** Questions about a job's surroundings that several rules ask. */
import { defineQuery } from '../../engine/rule';
import { workflowShellDefault } from '../../workflow/effective';

/** `defaults.run.shell` of the workflow as written; null where it has none. */
export const workflowShell = defineQuery('workflow.shell-default', ({ document }) => workflowShellDefault(document.workflow));
