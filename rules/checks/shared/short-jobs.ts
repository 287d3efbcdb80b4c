/** Jobs that are over soon whatever happens. The rule and the practice about limits both leave them out. */
import type { Job, Step } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { argvsOf } from './step-commands';

/** GitHub ends jobs on its smallest runner after a quarter of an hour by itself, and what only says something or ends can't hang. */
export function isShort(job: Job): boolean {
  return (job.runsOn !== undefined && scalarText(job.runsOn.value) === 'ubuntu-slim') || (job.steps.length > 0 && job.steps.every(canNotHang));
}

const INSTANT = new Set(['echo', 'printf', 'exit', 'true', 'false', ':', 'test', '[', '[[']);

function canNotHang(step: Step): boolean {
  if (!step.run || /\$\(|`|<\(|\b(?:while|until)\b/.test(step.run.scalar.value)) return false;
  const commands = argvsOf(step);
  return commands.length > 0 && commands.every(([program]) => program !== undefined && INSTANT.has(program));
}
