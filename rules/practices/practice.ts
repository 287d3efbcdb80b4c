import type { Repository } from '../repository/repository';
import type { Severity } from '../engine/rule';

/** In the order in which they are always shown. */
export const SCORE_CATEGORIES = ['Security', 'Quality', 'Reliability', 'Automation', 'Developer Experience', 'Organisation'] as const;
export type ScoreCategory = (typeof SCORE_CATEGORIES)[number];
export type Level = 2 | 3 | 4 | 5;

export interface Evidence {
  readonly path: string;
  /** Offsets in the file's text; absent where the file's being there is the evidence. */
  readonly start?: number;
  readonly end?: number;
  /** What was seen there, a phrase: `gitleaks runs on pull requests`. */
  readonly text: string;
}

export interface Verdict {
  /** 1 met, 0 missing, in between partial. */
  readonly result: number | 'unknown';
  readonly evidence: readonly Evidence[];
  /** For anything below 1: what was looked for, or why what is there doesn't count. */
  readonly lookedFor: readonly string[];
  /** Where the scaffold can't do what is left: what a person has to do, imperative. */
  readonly byHand?: string;
}

export type ScaffoldKind = 'job' | 'workflow' | 'file' | 'edit';

/** What adding a practice would change. Nothing is written by the rules. */
export interface ScaffoldPlan {
  readonly changes: readonly FileChange[];
  /** What it adds, a sentence or two. */
  readonly explanation: string;
  /** What the person still has to do: a secret, a setting. */
  readonly todo: readonly string[];
}

/** The whole new text of a file. `created` where it did not exist. */
export interface FileChange { readonly path: string; readonly created: boolean; readonly newText: string }

/** Documents that are made from an analysis of the whole repository. */
export type GeneratedDocument = 'pipeline' | 'threat-model' | 'compliance';

export interface ScaffoldTarget {
  /** Insert jobs into this workflow; otherwise the main CI workflow is chosen. */
  readonly workflow?: string;
  /** Writes a document about the repository as Markdown. Whoever can analyse all of it gives it: practices know nothing of reports. */
  readonly write?: (document: GeneratedDocument) => string;
}

export interface Scaffold {
  readonly kind: ScaffoldKind;
  /** Imperative: `Add a secret-scan job`. */
  readonly title: string;
  /** It describes what others add: where several are added, it comes after them. */
  readonly last?: true;
  /** A plan, or why it can't be added here. */
  plan(repo: Repository, target?: ScaffoldTarget): ScaffoldPlan | { readonly refused: string };
}

export interface PracticeDefinition {
  readonly id: string;
  readonly title: string;
  readonly category: ScoreCategory;
  readonly level: Level;
  readonly severity: Severity;
  readonly since: string;
  readonly docs: { readonly summary: string; readonly why: string; readonly references: readonly string[] };
  /** By assets alone (a Dockerfile, a manifest, a test folder), never by the outcome of another practice. */
  applies(repo: Repository): boolean;
  evidence(repo: Repository): Verdict;
  readonly scaffold: Scaffold | null;
}

/** Thresholds of one gate are practices of their own (`coverage-gate-70`, `fast-feedback-5`): the gate that one of them belongs to. */
export function gateOf(id: string): string {
  return id.replace(/-\d+$/, '');
}

export function definePractice(practice: PracticeDefinition): PracticeDefinition {
  return practice;
}
