/** What hardening a repository at once would change, and what it can't. Nothing is written: whoever asks shows it first. */
import type { Config } from '../engine/rule';
import type { FileChange, GeneratedDocument, Level, ScoreCategory, Verdict } from '../practices/practice';
import type { Repository } from '../repository';
import type { Scorecard } from '../scorecard';

/** How far to go: up to a level, or with these practices and nothing else. */
export type HardenChoice = TargetChoice | PracticeChoice;

export interface TargetChoice {
  readonly target: Level;
  /** All where absent. Those that have reached the target are left as they are. */
  readonly categories?: readonly ScoreCategory[];
  /** Also fixes that can change what a run does. */
  readonly unsafe?: boolean;
}

export interface PracticeChoice {
  /** Ids; with the fixes of the rules that say the same. */
  readonly practices: readonly string[];
  readonly unsafe?: boolean;
}

export interface HardenEnv {
  /** The configuration that counts for a file; `''` asks for the repository's. Every rule that it doesn't turn off counts. */
  configFor(path: string): Config;
  /** `YYYY-MM-DD`. */
  readonly today: string;
  /** What GitHub's settings say, by control. */
  readonly settings?: Readonly<Record<string, Verdict>>;
  /** What writes documents about a repository, for the practices that are one; they are left to the person where it is absent. */
  readonly writer?: (repo: Repository) => (document: GeneratedDocument) => string;
}

export interface HardenStep {
  readonly kind: 'add' | 'fix';
  /** Id of the practice that is added, or of the rule that is fixed. */
  readonly id: string;
  /** Imperative. */
  readonly title: string;
  readonly category: ScoreCategory;
  readonly level: Level;
  /** Points on the overall score at its turn; what only counts once a lower level is complete gains nothing yet. */
  readonly gain: number;
  /** 1 quick to 3 more work, as in the scorecard. */
  readonly effort: number;
  readonly explanation: string;
  /** What the person still has to do for it. */
  readonly todo: readonly string[];
  /** Files that it changes or adds, sorted. */
  readonly files: readonly string[];
}

/** What is left to the person. */
export interface RemainingControl {
  readonly id: string;
  readonly kind: 'rule' | 'practice';
  readonly title: string;
  readonly category: ScoreCategory;
  readonly level: Level;
  readonly verdict: 'missing' | 'partial' | 'unknown';
  /** Why it wasn't done, one or more full sentences. */
  readonly reason: string;
}

export interface HardenPlan {
  /** In the order in which they are made. */
  readonly steps: readonly HardenStep[];
  /** Everything together, one for each file, by path. */
  readonly changes: readonly FileChange[];
  readonly before: Scorecard;
  readonly after: Scorecard;
  readonly remaining: readonly RemainingControl[];
}

/** One step of the work, told when it is done. */
export interface HardenProgress { readonly step: HardenStep; readonly before: Repository; readonly after: Repository }
