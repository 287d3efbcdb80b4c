/** What a rule is, and what it may say. See CONTRIBUTING.md for a worked example. */
import type { SourceDocument, TextEdit } from '../workflow/document';
import type { ActionFile, DependabotFile, DependabotUpdate, Job, Script, Step, UsesRef, Workflow } from '../workflow/model';
import type { ScalarNode, Span } from '../workflow/nodes';
import type { Expression } from '../workflow/expressions';
import type { Repository } from '../repository/repository';
import type { OnlineFacts } from './online';

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type Confidence = 'low' | 'medium' | 'high';
export type Profile = 'recommended' | 'strict';

/** The folder of `checks/` that a rule lives in. */
export type RuleCategory =
  | 'injection' | 'triggers' | 'permissions' | 'secrets' | 'supply-chain' | 'runners' | 'artifacts'
  | 'reliability' | 'environments' | 'dependencies' | 'observability' | 'governance';

/**
 * How far a rule looks by itself. `job`: one job (its results are cached with the job's block). `workflow`: one file.
 * `repository`: the whole checkout. Anything beyond goes through `context.query`.
 */
export type RuleScope = 'job' | 'workflow' | 'repository';

export interface World {
  readonly document: SourceDocument;
  /** Absent where a single file is checked without its checkout. */
  readonly repository?: Repository;
  /** The configuration that counts for this file. */
  readonly config: Config;
  /** `YYYY-MM-DD`. The engine gives it wherever rules ask; absent where edits are made. */
  readonly today?: string;
  /** What was asked on the network, at the user's word; absent where nothing was. */
  readonly online?: OnlineFacts;
}

/**
 * A question about what lies outside a rule's scope. The answer must be plain JSON data: the engine keeps it and reuses the
 * rule's result for as long as the question gets the same answer.
 */
export interface Query<A extends readonly (string | number | boolean)[], R> {
  readonly id: string;
  ask(world: World, ...args: A): R;
}

export function defineQuery<A extends readonly (string | number | boolean)[], R>(id: string, ask: (world: World, ...args: A) => R): Query<A, R> {
  return { id, ask };
}

/** A place named when the finding is shown rather than when it is made: for spans outside the rule's own block. */
export type Locator = (world: World) => Span | RemotePlace | undefined;
/** A place in another file; 0-based offsets in that file's text. */
export interface RemotePlace { readonly path: string; readonly start: number; readonly end: number }

export type FixSafety = 'safe' | 'unsafe';

/** A look-up that a fix needs and that is made only when the user clicks. */
export type NetworkNeed = RefNeed | ImageNeed;
export interface RefNeed {
  readonly kind: 'resolve-ref';
  readonly owner: string;
  readonly repo: string;
  readonly ref: string;
}
export interface ImageNeed {
  readonly kind: 'resolve-image';
  /** As it stands in the file, without `docker://` and digest: `postgres:17`, `ghcr.io/owner/name`. */
  readonly image: string;
}

/** What a look-up found: the commit of a ref, or the digest of an image. */
export type Resolved = ResolvedRef | ResolvedImage;
export interface ResolvedImage {
  /** `sha256:` and 64 lower-case hex digits; that of the index where the tag names images for several platforms. */
  readonly digest: string;
}
export interface ResolvedRef {
  /** 40 or 64 lower-case hex digits. */
  readonly sha: string;
  /** The fullest version tag on that commit, `v4.2.2`; undefined for a branch. */
  readonly version?: string;
}

export interface Fix {
  /** Imperative, without a full stop: `Pin actions/checkout to v4.2.2 (11bd719)`. */
  readonly title: string;
  readonly safety: FixSafety;
  /** The one to offer first. At most one of a finding's fixes. The first fix where none says so. */
  readonly preferred?: boolean;
  readonly needs?: NetworkNeed;
  /**
   * The edits, in offsets of the *current* document (`world.document`); computed on demand, never stored. Undefined where
   * the fix can't be made without breaking something: nothing is changed then. `resolved` is set when `needs` was looked up.
   */
  edits(world: World, resolved?: Resolved): readonly TextEdit[] | undefined;
}

export interface Report<M extends string> {
  /** The narrowest range that shows the problem. */
  readonly at: Span;
  readonly messageId: M;
  readonly data?: Readonly<Record<string, string | number>>;
  /** Moves the rule's severity by whole steps; every reason is shown in the hover. */
  readonly adjust?: readonly { readonly by: number; readonly reason: string }[];
  readonly confidence?: Confidence;
  readonly related?: readonly { readonly at: Span | Locator; readonly message: string }[];
  readonly fixes?: readonly Fix[];
  /** Rules whose findings in the same job become related information of this one. */
  readonly absorbs?: readonly string[];
  readonly tag?: 'unnecessary' | 'deprecated';
  /** GitHub's own extension reports the same thing: where it is active, editors are not told twice. */
  readonly official?: boolean;
  /** How many of the instances it stands for; one where this isn't said. */
  readonly places?: number;
  /** The step or job the finding is about; set by the engine from the visitor that reports. */
  readonly step?: Step;
  readonly job?: Job;
}

export interface RuleContext<M extends string = string, O = unknown> {
  readonly options: O;
  query<A extends readonly (string | number | boolean)[], R>(query: Query<A, R>, ...args: A): R;
  /** Says that one more thing was looked at that could have been wrong: the scorecard's denominator. */
  instance(): void;
  report(report: Report<M>): void;
}

/** One `${{ }}` (or a bare condition), with where it stands. */
export interface ExpressionSite {
  readonly expression: Expression;
  /** The whole `${{ … }}`; for a bare condition the scalar's text. */
  readonly span: Span;
  readonly scalar: ScalarNode;
  /** Key path inside the step, job or file that holds it: `run`, `with.script`, `env.TITLE`, `if`, `runs-on`. */
  readonly path: string;
  readonly step?: Step;
  readonly job?: Job;
}

export interface Visitors {
  workflow?(workflow: Workflow): void;
  job?(job: Job): void;
  /** Steps of jobs and of composite actions; `action` is the file that a step without a job stands in. */
  step?(step: Step, where: { readonly action?: ActionFile }): void;
  script?(script: Script): void;
  /** `uses` of steps and of jobs that call reusable workflows. */
  uses?(uses: UsesRef, where: { readonly step?: Step; readonly job?: Job }): void;
  expression?(site: ExpressionSite): void;
  action?(action: ActionFile): void;
  dependabot?(file: DependabotFile): void;
  update?(update: DependabotUpdate): void;
  repository?(repository: Repository): void;
  /** After everything in scope was visited. */
  end?(): void;
}

/** An option's type comes from its default; the schema of the config file is generated from this. */
export interface OptionSpec<T = unknown> { readonly description: string; readonly default: T; readonly enum?: readonly T[] }
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export type OptionsOf<S extends OptionSpecs> = { readonly [K in keyof S]: S[K]['default'] };

export interface RuleDefinition<M extends string = string, S extends OptionSpecs = OptionSpecs> {
  readonly id: string;
  readonly category: RuleCategory;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly scope: RuleScope;
  /** The least strict profile that has it on. */
  readonly profile: Profile;
  /** Maturity level (2 Guarded … 5 Verified) at which the scorecard asks for it; 0 where it isn't scored. */
  readonly level: 0 | 2 | 3 | 4 | 5;
  /** Version of the product that brought it. */
  readonly since: string;
  /** What kind of fix the rule offers at best. */
  readonly fix: FixSafety | 'none';
  readonly docs: {
    /** One sentence: what it finds. */
    readonly summary: string;
    /** One sentence: why that matters. */
    readonly why: string;
    readonly references: readonly string[];
    /** SEC-4, CIS 1.5.2, SLSA …, as in the catalogue of rules. */
    readonly standards?: readonly string[];
  };
  /** Two sentences at most: what, why, what to do; `{name}` is replaced from a report's data. */
  readonly messages: Readonly<Record<M, string>>;
  readonly options?: S;
  /** It speaks only where the network was asked, and answered: a comment that silences it is never called unused. */
  readonly online?: boolean;
  /** The same rule's names in other tools. */
  readonly aliases?: { readonly zizmor?: readonly string[]; readonly actionlint?: readonly string[]; readonly codeql?: readonly string[] };
  /**
   * `create` keeps something between visits (a list, a map, a variable): it is called for each job, or file, anew, and the visits come
   * in document order. Of other rules it is called once, must not ask anything, and is shown one kind of thing after the other.
   */
  readonly keepsState?: true;
  create(context: RuleContext<M, OptionsOf<S>>): Visitors;
}

/** Types a rule. It changes nothing. */
export function defineRule<M extends string, S extends OptionSpecs = Record<never, never>>(rule: RuleDefinition<M, S>): RuleDefinition<M, S> {
  return rule;
}

/** A rule whose message and option types don't matter: what the registry holds. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyRule = RuleDefinition<any, any>;

export interface RuleSetting { readonly severity?: Severity | 'off'; readonly options?: Readonly<Record<string, unknown>> }

export interface IgnoreEntry {
  /** Rule id, or `*`. */
  readonly rule: string;
  /** Glob, relative to the repository's root. */
  readonly path?: string;
  readonly reason?: string;
  /** `YYYY-MM-DD`, the last day that it counts. */
  readonly until?: string;
}

export interface Config {
  readonly profile: Profile;
  readonly rules: Readonly<Record<string, RuleSetting>>;
  readonly ignore: readonly IgnoreEntry[];
  /** Owners (`actions`, `my-org`) or `owner/repo` whose refs need no pin. */
  readonly trustedOwners: readonly string[];
  /** Score category (or `overall`) to the level aimed at. */
  readonly targets: Readonly<Record<string, { readonly level: number; readonly by?: string }>>;
}

export const DEFAULT_CONFIG: Config = { profile: 'recommended', rules: {}, ignore: [], trustedOwners: [], targets: {} };
