/** Everything that is known about a repository: what documents are made from. */
import { RULES } from '../checks';
import { analyze, analyzeRepository } from '../engine/analyze';
import type { Finding } from '../engine/finding';
import { DEFAULT_CONFIG, type Config } from '../engine/rule';
import type { Repository } from '../repository';
import { computeScorecard, type Scorecard, type ScorecardOptions } from '../scorecard';

export interface Assessment {
  readonly repo: Repository;
  readonly card: Scorecard;
  /** Of every rule, suppressed and absorbed ones included, by path and place. */
  readonly findings: readonly Finding[];
}

export interface AssessOptions extends Pick<ScorecardOptions, 'settings'> {
  /** What counts for every file; `profile` is taken for `strict`, as documents leave nothing out. */
  readonly config?: Config;
  /** `YYYY-MM-DD`. */
  readonly today: string;
}

/** Analyses a repository anew. Who keeps analyses already (the language server) puts an assessment together from those. */
export function assess(repo: Repository, options: AssessOptions): Assessment {
  const config: Config = { ...options.config ?? DEFAULT_CONFIG, profile: 'strict' };
  const env = { config, repository: repo, rules: RULES, today: options.today };
  const whole = analyzeRepository(repo, env), files = repo.documents.map(d => analyze(d, env));
  const over = [...whole.findings.values()].flat();
  const card = computeScorecard(repo, [...files, { findings: over, tallies: whole.tallies }], { targets: config.targets, settings: options.settings });
  return { repo, card, findings: ordered([...files.flatMap(f => f.findings), ...over]) };
}

/** By path, place and rule. */
export function ordered(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.range.start - b.range.start || (a.ruleId < b.ruleId ? -1 : 1)));
}

/** What nobody has answered yet: not suppressed, and not told by a stronger finding of the same place. */
export function isOpen(f: Finding): boolean { return !f.suppressed && f.absorbedBy === undefined; }
