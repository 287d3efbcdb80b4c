/** The door of the rules: what servers and command lines call. Text in; findings, edits and scores out. */
import {
  analyze as analyzeWith, analyzeRepository as analyzeRepositoryWith, type Analysis, type EngineEnv, type RepositoryAnalysis,
} from './engine/analyze';
import { parseConfig as parseConfigWith, type ConfigResult, type ConfigVocabulary } from './engine/config';
import {
  completeConfig as completeConfigWith, configSchema as configSchemaWith, type ConfigCompletion, type JsonSchema,
} from './engine/config-schema';
import { explainPlace, type WhyEntry, type WhyInput } from './engine/why';
import { applyFixes as applyFixesWith, type FixOptions as EngineFixOptions, type FixResult } from './engine/fix';
import type { Repository } from './repository/repository';
import type { SourceDocument } from './workflow/document';
import { RULES } from './checks';
import { PRACTICES } from './practices';
import { SCORE_CATEGORIES } from './practices/practice';

export { RULES } from './checks';
export { PRACTICES } from './practices';
export { parseSource } from './workflow/parse';
export { fileKind, applyEdits, SourceDocument, lineStartsOf } from './workflow/document';
export type { FileKind, OffsetRange, PlacedBlock, Position, TextEdit } from './workflow/document';
export type { Analysis, RepositoryAnalysis } from './engine/analyze';
export { CONFIG_PATH, mergeConfig } from './engine/config';
export type { ConfigProblem, ConfigResult } from './engine/config';
export type { ConfigCompletion, JsonSchema } from './engine/config-schema';
export { directivesOf } from './engine/directives';
export type { Directive } from './engine/directives';
export { ignoreEdit, severityEdit } from './engine/config-edit';
export type { WhyEntry, WhyStatus } from './engine/why';
export { suppressionEdit } from './engine/suppression-edit';
export type { SuppressionScope } from './engine/suppression-edit';
export { fixEdits } from './engine/fix';
export type { AppliedFix, FixResult, RefusedFix } from './engine/fix';
export type { Finding, RuleError, RuleTally } from './engine/finding';
export { pinKey } from './engine/online';
export type { OnlineFacts, PinFacts } from './engine/online';
export { DEFAULT_CONFIG, SEVERITIES } from './engine/rule';
export type {
  AnyRule, Config, Confidence, Fix, FixSafety, IgnoreEntry, ImageNeed, NetworkNeed, Profile, RefNeed, Resolved, ResolvedImage, ResolvedRef, RuleCategory, RuleDefinition, RuleSetting,
  Severity, World,
} from './engine/rule';
export type { Repository } from './repository/repository';
export { createRepository } from './repository';
export { gateOf, type PracticeDefinition } from './practices/practice';

/** As `EngineEnv`, with the product's own rules and practices where none are given. */
export interface Env extends Omit<EngineEnv, 'rules'> { readonly rules?: EngineEnv['rules'] }
export interface FixOptions extends Omit<EngineFixOptions, 'env'> { readonly env: Env }

const practiceIds: readonly string[] = PRACTICES.map(p => p.id);

function complete(env: Env): EngineEnv {
  return { ...env, rules: env.rules ?? RULES, knownIds: env.knownIds ?? practiceIds };
}

/** All findings of one file by rules of job and workflow scope; see `engine/analyze`. */
export function analyze(document: SourceDocument, env: Env, previous?: Analysis): Analysis {
  return analyzeWith(document, complete(env), previous);
}

/** Findings of rules that look at the whole checkout, by path. */
export function analyzeRepository(repository: Repository, env: Env): RepositoryAnalysis {
  return analyzeRepositoryWith(repository, complete(env));
}

/** Applies preferred fixes to a fixed point, offline, each step proven; see `engine/fix`. */
export function applyFixes(path: string, text: string, options: FixOptions): FixResult {
  return applyFixesWith(path, text, { ...options, env: complete(options.env) });
}

/** What rules have to say about the line of an offset, shown or not; see `engine/why`. */
export function explainWhy(document: SourceDocument, offset: number, input: Omit<WhyInput, 'rules'>): WhyEntry[] {
  return explainPlace(document, offset, { ...input, rules: RULES, knownIds: practiceIds });
}

function vocabulary(today?: string): ConfigVocabulary {
  return { rules: RULES, practices: practiceIds, categories: SCORE_CATEGORIES, today };
}

/** Reads `.github/ci-hardening.yml`; see `engine/config`. `today` (`YYYY-MM-DD`) is for entries that ended. */
export function parseConfig(text: string, today?: string): ConfigResult {
  return parseConfigWith(text, vocabulary(today));
}

/** JSON schema of the config file. */
export function configSchema(): JsonSchema {
  return configSchemaWith(vocabulary());
}

/** Keys and values that fit at an offset of the config file. */
export function completeConfig(text: string, offset: number): ConfigCompletion[] {
  return completeConfigWith(text, offset, vocabulary());
}
