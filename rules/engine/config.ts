/** `.github/ci-hardening.yml`: text → configuration and what is wrong with it. */
import type { OffsetRange, SourceDocument } from '../workflow/document';
import { asScalar, deref, type Entry, type ScalarNode, type Span, type YamlNode } from '../workflow/nodes';
import { parseSource } from '../workflow/parse';
import { compileGlob } from './glob';
import {
  DEFAULT_CONFIG, SEVERITIES, type AnyRule, type Config, type IgnoreEntry, type OptionSpecs, type RuleSetting, type Severity,
} from './rule';
import { optionProblem } from './select';
import { nearest } from './suggest';

export const CONFIG_PATH = '.github/ci-hardening.yml';
const MAX_GUESSES = 50;
export const CONFIG_KEYS = ['profile', 'rules', 'ignore', 'trusted-owners', 'targets'] as const;

/** What names a config file may use. */
export interface ConfigVocabulary {
  readonly rules: readonly AnyRule[];
  /** Ids of practices: they may be ignored too. */
  readonly practices?: readonly string[];
  /** Score categories; `overall` is always among the targets. */
  readonly categories?: readonly string[];
  /** `YYYY-MM-DD`, for entries that ended; the day by the clock where absent. */
  readonly today?: string;
}

export interface ConfigProblem extends OffsetRange {
  readonly message: string;
  /** `warning`: the rest of the entry still counts, or has only run out. */
  readonly severity: 'error' | 'warning';
}

export interface ConfigResult {
  /** Complete: what the text doesn't say is as in `DEFAULT_CONFIG`. What is wrong in it is left out. */
  readonly config: Config;
  /** Only what the text says, for `mergeConfig`. */
  readonly given: Partial<Config>;
  readonly problems: readonly ConfigProblem[];
}

/** Never throws. An empty text is an empty configuration. Problems are in the order of the text. */
export function parseConfig(text: string, vocabulary: ConfigVocabulary): ConfigResult {
  return new Reader(text, vocabulary).read();
}

/** `over` wins: its profile, its rule settings (options by name), its targets; ignore entries and owners add up. */
export function mergeConfig(base: Config, over: Partial<Config>): Config {
  const rules = new Map(Object.entries(base.rules));
  for (const [id, setting] of Object.entries(over.rules ?? {})) {
    const before = rules.get(id);
    const options = setting.options || before?.options ? { ...before?.options, ...setting.options } : undefined;
    rules.set(id, { severity: setting.severity ?? before?.severity, options });
  }
  return {
    profile: over.profile ?? base.profile,
    rules: Object.fromEntries(rules),
    ignore: [...base.ignore, ...(over.ignore ?? [])],
    trustedOwners: [...new Set([...base.trustedOwners, ...(over.trustedOwners ?? [])])],
    targets: { ...base.targets, ...over.targets },
  };
}

/** A real day, written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!m) return false;
  const date = new Date(Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3])));
  return date.toISOString().slice(0, 10) === text;
}

class Reader {
  readonly #document: SourceDocument;
  readonly #problems: ConfigProblem[] = [];
  readonly #rules: ReadonlyMap<string, AnyRule>;

  constructor(text: string, private readonly vocabulary: ConfigVocabulary) {
    // Any kind without jobs gives the plain tree.
    this.#document = parseSource(CONFIG_PATH, text, undefined, 'dependabot');
    this.#rules = new Map(vocabulary.rules.map(r => [r.id, r]));
  }

  read(): ConfigResult {
    for (const p of this.#document.problems) this.#problems.push({ ...this.#document.range(p), message: p.message, severity: 'error' });
    const given: { -readonly [K in keyof Config]?: Config[K] } = {};
    if (this.#document.entries.length === 0 && this.#problems.length === 0 && this.#hasContent()) {
      this.#say({ start: 0, end: this.#document.text.length }, `The file has to be a mapping with the keys ${listed(CONFIG_KEYS)}.`);
    }
    for (const entry of this.#document.entries) {
      switch (this.#key(entry, CONFIG_KEYS)) {
        case 'profile': given.profile = this.#oneOf(entry.value, ['recommended', 'strict'] as const, entry) ?? given.profile; break;
        case 'rules': given.rules = this.#settings(entry); break;
        case 'ignore': given.ignore = this.#items(entry).flatMap(i => this.#ignore(i) ?? []); break;
        case 'trusted-owners': given.trustedOwners = this.#items(entry).flatMap(i => this.#owner(i) ?? []); break;
        case 'targets': given.targets = this.#targets(entry); break;
      }
    }
    this.#problems.sort((a, b) => a.start - b.start || a.end - b.end);
    return { config: { ...DEFAULT_CONFIG, ...given }, given, problems: this.#problems };
  }

  #hasContent(): boolean {
    return this.#document.text.split(/\r\n|\r|\n/).some(l => !/^\s*(?:#|---\s*$|$)/.test(l.replace(/^\uFEFF/, '')));
  }

  #say(at: OffsetRange | Span, message: string, severity: 'error' | 'warning' = 'error'): undefined {
    const { start, end } = 'block' in at ? this.#document.range(at) : at;
    this.#problems.push({ start, end, message, severity });
    return undefined;
  }

  /** The key where it is one of `keys`; otherwise it is reported. */
  #key<K extends string>(entry: Entry, keys: readonly K[]): K | undefined {
    const key = entry.key.value;
    if ((keys as readonly string[]).includes(key)) return key as K;
    const near = this.#nearest(key, keys);
    return this.#say(entry.key, `Unknown key \`${key}\`. ${near ? `Did you mean \`${near}\`?` : `Known are ${listed(keys)}.`}`);
  }

  #oneOf<V extends string>(node: YamlNode | null, values: readonly V[], entry: Entry): V | undefined {
    const scalar = asScalar(node);
    if (scalar && (values as readonly string[]).includes(scalar.value)) return scalar.value as V;
    const near = scalar && this.#nearest(scalar.value, values);
    return this.#say(scalar ?? node ?? entry.key, near ? `\`${scalar.value}\` is not known here. Did you mean \`${near}\`?`
      : `\`${entry.key.value}\` has to be one of ${listed(values)}.`);
  }

  #entries(entry: Entry, what: string): readonly Entry[] {
    const node = deref(entry.value);
    if (node?.kind === 'mapping') return node.entries;
    if (node && !isEmpty(node)) this.#say(entry.value!, `\`${entry.key.value}\` has to be a mapping of ${what}.`);
    return [];
  }

  #items(entry: Entry): readonly YamlNode[] {
    const node = deref(entry.value);
    if (node?.kind === 'sequence') return node.items.flatMap(i => i.value ?? []);
    if (node && !isEmpty(node)) this.#say(entry.value!, `\`${entry.key.value}\` has to be a list.`);
    return [];
  }

  #settings(entry: Entry): Record<string, RuleSetting> {
    const settings = new Map<string, RuleSetting>();
    for (const e of this.#entries(entry, 'rule ids to severities')) {
      const rule = this.#rules.get(e.key.value);
      if (!rule) {
        this.#say(e.key, this.#unknownRule(e.key.value));
        continue;
      }
      const node = deref(e.value);
      if (node?.kind === 'mapping') settings.set(rule.id, this.#setting(node.entries, rule));
      else {
        const severity = this.#severity(e.value, e);
        if (severity) settings.set(rule.id, { severity });
      }
    }
    return Object.fromEntries(settings);
  }

  #setting(entries: readonly Entry[], rule: AnyRule): RuleSetting {
    let severity: Severity | 'off' | undefined;
    let options: Record<string, unknown> | undefined;
    for (const e of entries) {
      const key = this.#key(e, ['severity', 'options'] as const);
      if (key === 'severity') severity = this.#severity(e.value, e);
      else if (key === 'options') options = this.#options(e, rule);
    }
    return { ...(severity && { severity }), ...(options && { options }) };
  }

  #severity(node: YamlNode | null, entry: Entry): Severity | 'off' | undefined {
    // YAML 1.1 tools read a bare `off` as false.
    const scalar = asScalar(node);
    if (scalar?.type === 'boolean' && scalar.value === 'false') return 'off';
    return this.#oneOf(node, ['off', ...SEVERITIES] as const, entry);
  }

  #options(entry: Entry, rule: AnyRule): Record<string, unknown> {
    const specs = (rule.options ?? {}) as OptionSpecs;
    const names = Object.keys(specs);
    const options = new Map<string, unknown>();
    for (const e of this.#entries(entry, 'option names to values')) {
      const name = e.key.value;
      const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
      if (!spec) {
        const near = this.#nearest(name, names);
        this.#say(e.key, names.length === 0 ? `\`${rule.id}\` has no options.`
          : `\`${rule.id}\` has no option \`${name}\`. ${near ? `Did you mean \`${near}\`?` : `It has ${listed(names)}.`}`);
        continue;
      }
      const value = plain(e.value);
      const problem = optionProblem(spec, value);
      if (problem) this.#say(e.value ?? e.key, `\`${name}\` has to be ${problem}.`);
      else options.set(name, value);
    }
    return Object.fromEntries(options);
  }

  #ignore(node: YamlNode): IgnoreEntry | undefined {
    const map = deref(node);
    if (map?.kind !== 'mapping') {
      return this.#say(node, 'Each entry has to be a mapping with `rule`, and `path`, `reason` and `until` where wanted.');
    }
    const entry: { -readonly [K in keyof IgnoreEntry]?: IgnoreEntry[K] } = {};
    let sound = true;
    for (const e of map.entries) {
      const key = this.#key(e, ['rule', 'path', 'reason', 'until'] as const);
      if (!key) {
        sound = false;
        continue;
      }
      const scalar = asScalar(e.value);
      const problem = scalar ? this.#ignoreProblem(key, scalar) : `\`${key}\` has to be text.`;
      if (problem) {
        this.#say(e.value ?? e.key, problem);
        sound = false;
      } else entry[key] = scalar!.value;
      if (key === 'until' && !problem && entry.until! < this.#today) {
        this.#say(scalar!, `This entry ended on ${entry.until}: its findings are shown again.`, 'warning');
      }
    }
    if (sound && entry.rule === undefined) return this.#say(map, 'This entry needs a `rule` (`*` for all of them).');
    // Ignoring more than was meant would hide findings.
    return sound ? { ...entry, rule: entry.rule! } : undefined;
  }

  #ignoreProblem(key: 'rule' | 'path' | 'reason' | 'until', { value }: ScalarNode): string | undefined {
    if (key === 'rule') {
      return value === '*' || this.#rules.has(value) || this.vocabulary.practices?.includes(value) ? undefined : this.#unknownRule(value);
    }
    if (key === 'path') {
      return compileGlob(value) ? undefined : `\`${value}\` can't be used as a glob: it is empty, or has too many wildcards or groups.`;
    }
    if (key === 'until') return isDay(value) ? undefined : `\`${value}\` is no date. Write it as \`2026-12-31\`.`;
    return undefined;
  }

  get #today(): string {
    return this.vocabulary.today ?? new Date().toISOString().slice(0, 10);
  }

  #owner(node: YamlNode): string | undefined {
    const text = asScalar(node)?.value;
    if (text !== undefined && /^[\w-]+(?:\/[\w.-]+)?$/.test(text)) return text;
    return this.#say(node, 'An owner (`actions`) or a repository (`owner/repo`) is wanted here.');
  }

  #targets(entry: Entry): Config['targets'] {
    const names = ['overall', ...(this.vocabulary.categories ?? [])];
    const targets = new Map<string, { level: number; by?: string }>();
    for (const e of this.#entries(entry, 'score categories to levels')) {
      const simple = (s: string): string => s.toLowerCase().replace(/[\s_-]+/g, ' ');
      const name = names.find(n => simple(n) === simple(e.key.value)) ?? this.#key(e, names);
      if (!name) continue;
      const node = deref(e.value);
      let level: number | undefined, by: string | undefined;
      if (node?.kind === 'mapping') {
        for (const inner of node.entries) {
          const key = this.#key(inner, ['level', 'by'] as const);
          if (key === 'level') level = this.#level(inner.value, inner);
          else if (key === 'by') {
            const day = asScalar(inner.value)?.value;
            if (day !== undefined && isDay(day)) by = day;
            else this.#say(inner.value ?? inner.key, `\`${day ?? ''}\` is no date. Write it as \`2026-12-31\`.`);
          }
        }
      } else level = this.#level(e.value, e);
      if (level !== undefined) targets.set(name, by ? { level, by } : { level });
    }
    return Object.fromEntries(targets);
  }

  #level(node: YamlNode | null, entry: Entry): number | undefined {
    const value = asScalar(node)?.value ?? '';
    return /^[1-5]$/.test(value) ? Number(value) : this.#say(node ?? entry.key, 'A level is a whole number from 1 to 5.');
  }

  /** Comparing a word with every name takes time, and nobody mistypes so many. */
  #nearest(word: string, names: Iterable<string>): string | undefined {
    return this.#problems.length < MAX_GUESSES ? nearest(word, names) : undefined;
  }

  #unknownRule(id: string): string {
    const near = this.#nearest(id, this.#rules.keys());
    return `No rule is called \`${id}\`. ${near ? `Did you mean \`${near}\`?` : 'See the list of rules.'}`;
  }
}

function isEmpty(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.type === 'null';
}

/** A scalar or a list of scalars as JSON; undefined for anything else. */
function plain(node: YamlNode | null): unknown {
  const n = deref(node);
  if (n?.kind === 'scalar') {
    if (n.type === 'number') return Number(n.value);
    if (n.type === 'boolean') return n.value.toLowerCase() === 'true';
    return n.type === 'null' ? undefined : n.value;
  }
  if (n?.kind === 'sequence') {
    const items = n.items.map(i => (deref(i.value)?.kind === 'scalar' ? plain(i.value) : undefined));
    return items.includes(undefined) ? undefined : items;
  }
  return undefined;
}

function listed(words: readonly string[]): string {
  return words.map(w => `\`${w}\``).join(', ');
}
