/** Plans, applied to repositories that are maps of files. */
import type { ScaffoldPlan } from '../../../rules/practices/practice';
import type { Files } from './support';

export function applied(files: Files, plan: ScaffoldPlan): Files {
  return { ...files, ...Object.fromEntries(plan.changes.map(c => [c.path, c.newText])) };
}
