import type { OffsetRange } from '../workflow/document';
import type { Confidence, Fix, RemotePlace, Severity } from './rule';

/** What a user is shown. Ranges are absolute offsets in the document of the analysis. */
export interface Finding {
  readonly ruleId: string;
  readonly messageId: string;
  readonly message: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Why the severity is not the rule's own. */
  readonly reasons: readonly string[];
  readonly path: string;
  readonly range: OffsetRange;
  readonly related: readonly { readonly path: string; readonly range: OffsetRange; readonly message: string }[];
  /** In order of preference; exactly one is preferred where there is any. */
  readonly fixes: readonly Fix[];
  readonly suppressed: null | { readonly kind: 'comment' | 'config'; readonly reason: string };
  /** Rule id of the stronger finding that stands for this one. */
  readonly absorbedBy?: string;
  readonly tag?: 'unnecessary' | 'deprecated';
  /** GitHub's own extension for VS Code reports it, too. */
  readonly official?: boolean;
  /** How many of the rule's instances it stands for, where that isn't one. */
  readonly places?: number;
  /** Stable within one analysis and across analyses of the same text: rule, message and place. */
  readonly key: string;
  /** Range of the step and of the job it belongs to: where a suppression comment can be put. */
  readonly step?: OffsetRange;
  readonly job?: OffsetRange;
}

export type { RemotePlace };

/** A rule that threw; the others went on. */
export interface RuleError { readonly ruleId: string; readonly message: string }

/** Instances looked at and found wrong, per rule: the scorecard's input. */
export interface RuleTally { instances: number; violations: number }
