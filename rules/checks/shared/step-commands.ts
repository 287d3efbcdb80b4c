import type { Step } from '../../workflow/model';
import type { Argv } from './command-kind';

/** The commands of a step's script, in order. */
export function argvsOf(step: Step): readonly Argv[] {
  void step;
  return [];
}
