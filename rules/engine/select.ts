/** Which rules run, how they are set, and how severe what they say is. */
import { SEVERITIES, type AnyRule, type Config, type OptionSpecs, type Severity } from './rule';

export interface EnabledRule {
  readonly rule: AnyRule;
  readonly options: unknown;
  /** What a kept result depends on besides the job: canonical text of the options. */
  readonly optionsKey: string;
  /** The rule's own severity, or the one that the configuration sets in its place. */
  readonly severity: Severity;
}

const selections = new WeakMap<Config, WeakMap<readonly AnyRule[], readonly EnabledRule[]>>();

/**
 * The rules that the profile and the overrides turn on, in registry order. `strict` holds all of `recommended`; a severity turns
 * a rule on, `off` turns it off. The same config and rule list give the same array.
 */
export function enabledRules(rules: readonly AnyRule[], config: Config): readonly EnabledRule[] {
  let ofConfig = selections.get(config);
  if (!ofConfig) selections.set(config, ofConfig = new WeakMap());
  let enabled = ofConfig.get(rules);
  if (!enabled) ofConfig.set(rules, enabled = rules.filter(r => isEnabled(r, config)).map(r => enable(r, config)));
  return enabled;
}

function isEnabled(rule: AnyRule, config: Config): boolean {
  const severity = setting(config, rule.id)?.severity;
  if (severity) return severity !== 'off';
  return config.profile === 'strict' || rule.profile === 'recommended';
}

function enable(rule: AnyRule, config: Config): EnabledRule {
  const set = setting(config, rule.id);
  const options = optionsFor(rule.options as OptionSpecs | undefined, set?.options);
  const severity = set?.severity && set.severity !== 'off' ? set.severity : rule.severity;
  return { rule, options, optionsKey: JSON.stringify(options), severity };
}

function setting(config: Config, id: string) {
  return Object.hasOwn(config.rules, id) ? config.rules[id] : undefined;
}

/** Defaults, with the configured values that have the right type. The config file's own check says what is wrong with the others. */
function optionsFor(specs: OptionSpecs | undefined, given: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs ?? {})) {
    const value = given && Object.hasOwn(given, name) ? given[name] : undefined;
    options[name] = value !== undefined && optionProblem(spec, value) === undefined ? value : spec.default;
  }
  return options;
}

/** Why a value doesn't fit an option, or undefined where it does. */
export function optionProblem(spec: OptionSpecs[string], value: unknown): string | undefined {
  if (spec.enum) return spec.enum.includes(value) ? undefined : `one of ${spec.enum.map(v => `\`${String(v)}\``).join(', ')}`;
  if (Array.isArray(spec.default)) {
    if (!Array.isArray(value)) return 'a list';
    const type = typeof (spec.default[0] ?? '');
    return value.every(v => typeof v === type) ? undefined : `a list of ${type}s`;
  }
  return typeof value === typeof spec.default ? undefined : `a ${typeof spec.default}`;
}

/** Moves a severity by whole steps, within the scale. */
export function shiftSeverity(severity: Severity, by: number): Severity {
  const i = SEVERITIES.indexOf(severity) + by;
  return SEVERITIES[Math.max(0, Math.min(SEVERITIES.length - 1, i))]!;
}
