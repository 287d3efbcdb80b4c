/** What the parts of the taint analysis tell each other. All of it is plain JSON: answers of queries are kept and compared. */
import type { TaintKind } from '../../../catalog/contexts';

/** A place by name rather than by offset, so that it stays the same while the text around it moves. */
export interface Address {
  /** Absent for the file that is looked at. */
  readonly file?: string;
  /** Id of the job; absent in action files and at the top of a workflow. */
  readonly job?: string;
  readonly step?: number;
  readonly part: 'env' | 'with' | 'outputs' | 'run' | 'script' | 'uses' | 'matrix' | 'on';
  /** Of the variable, input, output or event. */
  readonly name?: string;
  /** `run`, `script`: offsets in the script. */
  readonly start?: number;
  readonly end?: number;
}

/** One station on the way from source to sink, with what happens there. */
export interface Hop { readonly at: Address; readonly note: string }

/** Where text begins. */
export interface Origin {
  /** `github.event.issue.title`, `gh pr view`, `tj-actions/changed-files: all_changed_files`. */
  readonly what: string;
  readonly kind: TaintKind;
  readonly who: string;
  /** Can't hold a line break. */
  readonly flat: boolean;
  /** Events on which it is an outsider's. */
  readonly events: readonly string[];
}

/**
 * What can be in a value, as far as it is known inside one job or action. `github` paths wait for the events, the others for the file
 * around the job.
 */
export type Atom = { readonly hops: readonly Hop[]; readonly flat: boolean } & (
  | { readonly kind: 'github'; readonly path: readonly string[]; readonly serialised: boolean }
  | { readonly kind: 'origin'; readonly origin: Origin }
  | { readonly kind: 'needs'; readonly job: string; readonly output: string }
  | { readonly kind: 'input'; readonly name: string }
  /** A variable that neither the step nor its job sets. */
  | { readonly kind: 'env'; readonly name: string }
  /** An output of an action of this repository; `step` is the one that uses it. */
  | { readonly kind: 'callee'; readonly path: string; readonly output: string; readonly step: number });

/** Text of an outsider that arrives somewhere. */
export interface Flow {
  readonly origin: Origin;
  /** Events on which it comes, less those that a condition on its way stops. */
  readonly events: readonly string[];
  /** Events that a condition on its way stops, and what the conditions check. */
  readonly stopped: readonly string[];
  readonly guards: readonly string[];
  /** From the source to the sink, without these two. */
  readonly hops: readonly Hop[];
}
