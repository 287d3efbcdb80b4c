import { CONFIG_PATH, DEFAULT_CONFIG, mergeConfig, parseConfig, type Config, type ConfigProblem, type Profile, type RuleSetting, type Severity } from '../../rules';
import type { Settings } from '../protocol';

/** Relative to the folder that it counts for. */
export const CONFIG_FILE = CONFIG_PATH;

export function isConfigFile(path: string): boolean {
  return path === CONFIG_FILE || path.endsWith('/' + CONFIG_FILE);
}

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
  /** @param profile counts before what any file says. */
  constructor(private readonly profile?: Profile) {}

  readonly #kept = new Map<string, { text: string; settings: Settings; result: FileConfig }>();

  /** @param file undefined where no configuration file counts. */
  get(file: string | undefined, text: string, settings: Settings): FileConfig {
    const kept = this.#kept.get(file ?? '');
    if (kept && kept.text === text && kept.settings === settings) return kept.result;
    const base = fromSettings(settings);
    const parsed = file === undefined ? undefined : parseConfig(text);
    const merged = parsed ? mergeConfig(base, parsed.given) : base;
    const config = this.profile ? { ...merged, profile: this.profile } : merged;
    const result: FileConfig = parsed ? { config, file, problems: parsed.problems } : { config, problems: [] };
    this.#kept.set(file ?? '', { text, settings, result });
    return result;
  }
}

function fromSettings(settings: Settings): Config {
  const rules: Record<string, RuleSetting> = {};
  for (const [id, severity] of Object.entries(settings.rules)) rules[id] = { severity: severity as Severity | 'off' };
  return { ...DEFAULT_CONFIG, profile: settings.profile, rules, trustedOwners: settings.trustedOwners };
}
