import { DEFAULT_CONFIG, PRACTICES, RULES, type Config, type RuleSetting, type Severity } from '../../rules';
import { mergeConfig, parseConfig, type ConfigProblem, type ConfigVocabulary } from '../../rules/engine/config';
import { SCORE_CATEGORIES } from '../../rules/practices/practice';
import type { Settings } from '../protocol';

/** Relative to the folder that it counts for. */
export const CONFIG_FILE = '.github/ci-hardening.yml';

export function isConfigFile(path: string): boolean {
  return path === CONFIG_FILE || path.endsWith('/' + CONFIG_FILE);
}

const VOCABULARY: ConfigVocabulary = { rules: RULES, practices: PRACTICES.map(p => p.id), categories: SCORE_CATEGORIES };

export interface FileConfig {
  readonly config: Config;
  /** The configuration file that it comes from; absent where there is none. */
  readonly file?: string;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Keeps configurations by file and text: the same input gives the same object, which the engine knows its selection of rules by.
 * A configuration file counts before the settings.
 */
export class ConfigCache {
  readonly #kept = new Map<string, { text: string; settings: Settings; result: FileConfig }>();

  /** @param file undefined where no configuration file counts. */
  get(file: string | undefined, text: string, settings: Settings): FileConfig {
    const kept = this.#kept.get(file ?? '');
    if (kept && kept.text === text && kept.settings === settings) return kept.result;
    const base = fromSettings(settings);
    const parsed = file === undefined ? undefined : parseConfig(text, VOCABULARY);
    const result: FileConfig = parsed ? { config: mergeConfig(base, parsed.given), file, problems: parsed.problems } : { config: base, problems: [] };
    this.#kept.set(file ?? '', { text, settings, result });
    return result;
  }
}

function fromSettings(settings: Settings): Config {
  const rules: Record<string, RuleSetting> = {};
  for (const [id, severity] of Object.entries(settings.rules)) rules[id] = { severity: severity as Severity | 'off' };
  return { ...DEFAULT_CONFIG, profile: settings.profile, rules, trustedOwners: settings.trustedOwners };
}
