import type { Concurrency } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';

/** A new run of the group ends the one before it, or an expression decides. */
export function cancels(concurrency: Concurrency): boolean {
  return !['', 'false'].includes((scalarText(concurrency.cancelInProgress?.value) ?? '').trim());
}
