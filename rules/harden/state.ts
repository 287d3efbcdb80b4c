/** A repository in the making, with its score. */
import { RULES } from '../checks';
import { analyze, analyzeRepository, type Analysis } from '../engine/analyze';
import type { Finding } from '../engine/finding';
import type { Config } from '../engine/rule';
import { withChanges } from '../practices/shared/rule-fixes';
import type { FileChange } from '../practices/practice';
import type { Repository } from '../repository';
import { computeScorecard, type Scorecard } from '../scorecard';
import type { HardenEnv } from './plan';

export interface State {
  readonly repo: Repository;
  readonly card: Scorecard;
  readonly analyses: ReadonlyMap<string, Analysis>;
  /** Of rules that look at the whole repository. */
  readonly wide: ReadonlyMap<string, readonly Finding[]>;
}

const strictConfigs = new WeakMap<Config, Config>();

/** As the scorecard counts: every rule, whatever the profile shows. */
export function strict(config: Config): Config {
  if (config.profile === 'strict') return config;
  let made = strictConfigs.get(config);
  if (!made) strictConfigs.set(config, made = { ...config, profile: 'strict' });
  return made;
}

export function stateOf(repo: Repository, env: HardenEnv, previous?: State): State {
  const { today } = env;
  const analyses = new Map<string, Analysis>();
  for (const document of repo.documents) {
    const config = strict(env.configFor(document.path));
    analyses.set(document.path, analyze(document, { config, repository: repo, rules: RULES, today }, previous?.analyses.get(document.path)));
  }
  const config = strict(env.configFor(''));
  const whole = analyzeRepository(repo, { config, repository: repo, rules: RULES, today });
  const over = { findings: [...whole.findings.values()].flat(), tallies: whole.tallies };
  const card = computeScorecard(repo, [...analyses.values(), over], { targets: config.targets, settings: env.settings });
  return { repo, card, analyses, wide: whole.findings };
}

export function changed(state: State, changes: readonly FileChange[], env: HardenEnv): State {
  return stateOf(withChanges(state.repo, changes), env, state);
}

/** What a rule says about a file, suppressed findings left out. */
export function findingsOf(state: State, path: string, rule: string): readonly Finding[] {
  return [...state.analyses.get(path)?.findings ?? [], ...state.wide.get(path) ?? []].filter(f => f.ruleId === rule && !f.suppressed);
}

const EPSILON = 1e-9;

/** Why a state is worth less than the one before, in some category or as a whole: a full sentence; undefined where it isn't. */
export function loss(before: Scorecard, after: Scorecard): string | undefined {
  const lower = before.categories.find((c, i) => {
    const now = after.categories[i]!;
    return c.applicable && (now.score < c.score - EPSILON || now.level < c.level);
  });
  if (!lower && after.score >= before.score - EPSILON && after.level >= before.level) return undefined;
  const was = new Map(before.controls.map(c => [c.control.id, c]));
  const worse = after.controls.filter(c => (!lower || c.control.category === lower.name) && c.verdict !== 'not-applicable' && (c.result ?? 0) < (was.get(c.control.id)?.result ?? 0) - EPSILON)
    .map(c => (c.verdict === 'unknown' ? `${c.control.id} could no longer be told from the files` : `${c.control.id} would be met less than now`));
  const what = lower ? `the score of ${lower.name}` : 'the overall score';
  return `It would lower ${what} here${worse.length > 0 ? `: ${worse.slice(0, 3).join(', ')}` : ''}.`;
}
