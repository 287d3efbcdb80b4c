/** Applies suppression comments and `ignore` entries of the configuration, and says which comments do nothing. */
import type { OffsetRange, SourceDocument } from '../workflow/document';
import type { YamlNode } from '../workflow/nodes';
import { directivesOf, type Directive, type DirectiveId } from './directives';
import type { Finding } from './finding';
import { compileGlob } from './glob';
import { expiredSuppression, invalidSuppression, META_IDS, unusedSuppression } from './meta';
import type { AnyRule, Config, Fix } from './rule';
import type { EnabledRule } from './select';
import { nearest } from './suggest';

export interface SuppressionInput {
  readonly document: SourceDocument;
  readonly config: Config;
  /** All rules, for aliases. */
  readonly rules: readonly AnyRule[];
  /** Every id that a comment may name, practices included. */
  readonly knownIds: () => ReadonlySet<string>;
  /** Rules that ran to their end, so that a comment that names them and matched nothing is known to be unused. */
  readonly ran: () => ReadonlySet<string>;
  /** `YYYY-MM-DD`. */
  readonly today: () => string;
}

/** Comparing a word with every id takes time, and nobody mistypes so many. */
const MAX_GUESSES = 20;

type Mark = NonNullable<Finding['suppressed']>;

/** Decides for one finding at a time, and remembers which comments were of use. */
export class Suppressions {
  readonly #directives: readonly Directive[];
  readonly #used = new Set<DirectiveId>();
  #guesses = 0;
  #known?: ReadonlySet<string>;
  readonly #ignores: readonly { readonly rule: string; readonly matches: boolean; readonly reason: string }[];
  readonly #zizmor: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(private readonly input: SuppressionInput) {
    this.#directives = directivesOf(input.document);
    this.#ignores = input.config.ignore.map(entry => ({
      rule: entry.rule,
      reason: entry.reason ?? '',
      matches: !(entry.until && entry.until < input.today())
        && (entry.path === undefined || (compileGlob(entry.path)?.(input.document.path) ?? false)),
    }));
    this.#zizmor = this.#directives.some(d => d.tool === 'zizmor') ? zizmorNames(input.rules) : new Map();
  }

  /** Why a finding is not shown, or null where it is. A comment counts before the configuration. */
  mark(finding: Finding): Mark | null {
    return this.#byComment(finding) ?? this.#byConfig(finding.ruleId);
  }

  #byConfig(ruleId: string): Mark | null {
    const entry = this.#ignores.find(i => i.matches && (i.rule === '*' || i.rule === ruleId));
    return entry ? { kind: 'config', reason: entry.reason } : null;
  }

  #byComment(finding: Finding): Mark | null {
    let mark: Mark | null = null;
    let lines: Lines | undefined;
    for (const directive of this.#directives) {
      if (directive.invalid || this.#expired(directive)) continue;
      const id = directive.ids.find(i => this.#names(directive, i.id, finding.ruleId));
      if (!id) continue;
      lines ??= linesOf(this.input.document, finding);
      if (!covers(directive, lines)) continue;
      this.#used.add(id);
      mark ??= { kind: 'comment', reason: directive.reason };
    }
    return mark;
  }

  #names(directive: Directive, id: string, ruleId: string): boolean {
    return directive.tool === 'zizmor' ? (this.#zizmor.get(id)?.has(ruleId) ?? false) : id === ruleId;
  }

  #expired(directive: Directive): boolean {
    return directive.until !== undefined && directive.until < this.input.today();
  }

  /** Findings about our own comments; call it when all findings were marked. */
  findings(enabled: readonly EnabledRule[], about: 'all' | 'unused'): Finding[] {
    const found: Finding[] = [];
    const add = (rule: AnyRule, messageId: string, range: OffsetRange, data: Record<string, string>, fix?: Fix): void => {
      const on = enabled.find(e => e.rule.id === rule.id);
      if (on) found.push(this.#finding(on, messageId, range, data, fix));
    };
    for (const d of this.#directives) {
      if (d.tool !== 'ci-hardening') continue;
      if (about === 'all') this.#reportInvalid(d, add);
      if (!d.invalid && !this.#expired(d)) this.#reportUnused(d, add);
    }
    return found.map(f => ({ ...f, suppressed: this.mark(f) }));
  }

  #reportInvalid(d: Directive, add: (rule: AnyRule, messageId: string, range: OffsetRange, data: Record<string, string>) => void): void {
    if (d.invalid) {
      add(invalidSuppression, d.invalid === 'place' ? 'place' : 'brackets', d.range, {});
      return;
    }
    const known = this.#known ??= this.input.knownIds();
    for (const { id, start, end } of d.ids) {
      if (known.has(id)) continue;
      const near = this.#guesses++ < MAX_GUESSES ? nearest(id, known) : undefined;
      add(invalidSuppression, 'unknown', { start, end }, { id, hint: near ? `Did you mean \`${near}\`?` : 'Remove it.' });
    }
    if (this.#expired(d)) add(expiredSuppression, 'expired', d.range, { until: d.until! });
    else if (this.input.config.profile === 'strict' && d.reason === '') add(invalidSuppression, 'noReason', d.range, {});
  }

  #reportUnused(
    d: Directive, add: (rule: AnyRule, messageId: string, range: OffsetRange, data: Record<string, string>, fix: Fix) => void,
  ): void {
    // In a file that is being typed, what is suppressed may come back with the next keystroke.
    if (this.input.document.problems.some(p => p.code !== 'duplicate-key')) return;
    const ran = this.input.ran();
    const unused = d.ids.filter(i => ran.has(i.id) && !this.#used.has(i) && !META_IDS.has(i.id));
    for (const id of unused) {
      add(unusedSuppression, 'unused', d.ids.length === 1 ? d.range : id, { id: id.id }, removal(this.input.document, d, id, unused));
    }
  }

  #finding(on: EnabledRule, messageId: string, range: OffsetRange, data: Record<string, string>, fix: Fix | undefined): Finding {
    const { rule } = on;
    const template = (rule.messages as Record<string, string>)[messageId]!;
    const message = template.replace(/\{(\w+)\}/g, (_all, name: string) => data[name] ?? '');
    return {
      ruleId: rule.id, messageId, message, severity: on.severity, confidence: rule.confidence, reasons: [],
      path: this.input.document.path, range: { start: range.start, end: range.end }, related: [], fixes: fix ? [fix] : [], suppressed: null,
      key: `${rule.id}:${messageId}:${range.start}-${range.end}:${message}`,
      tag: rule.id === unusedSuppression.id ? 'unnecessary' : undefined,
    };
  }
}

/** The lines at which a comment covers a finding. */
interface Lines {
  /** Of the finding, and of the key whose multi-line text holds it: no comment can stand inside a script. */
  readonly near: readonly number[];
  readonly step?: readonly [first: number, last: number];
  readonly job?: number;
}

function linesOf(document: SourceDocument, finding: Finding): Lines {
  const line = (offset: number): number => document.positionAt(offset).line;
  const near = [line(finding.range.start)];
  const holder = keyLineAround(document, finding.range.start);
  if (holder !== undefined) near.push(holder);
  return {
    near,
    step: finding.step && [line(finding.step.start), line(finding.step.end)],
    job: finding.job && line(finding.job.start),
  };
}

function covers(directive: Directive, lines: Lines): boolean {
  if (directive.scope === 'file') return true;
  const at = directive.target;
  if (lines.near.includes(at) || lines.step?.[0] === at || lines.job === at) return true;
  // zizmor's comments count anywhere in the step.
  return directive.tool === 'zizmor' && lines.step !== undefined && lines.step[0] <= directive.line && directive.line <= lines.step[1];
}

/** Line of the key whose value is text over several lines around `offset`, or undefined. */
export function keyLineAround(document: SourceDocument, offset: number): number | undefined {
  const placed = document.blocks.find(b => b.start <= offset && offset < b.start + b.block.text.length);
  const entries = placed ? [...document.entries, ...(document.workflow?.jobs.map(j => j.entry) ?? [])] : [];
  for (const entry of entries) {
    if (entry.block !== placed!.block) continue;
    const at = offset - placed!.start;
    const key = entry.start <= at && at <= entry.end ? holderOf(entry, at) : undefined;
    if (key !== undefined) return document.positionAt(placed!.start + key).line;
  }
  return undefined;
}

function holderOf(entry: { readonly start: number; readonly value: YamlNode | null }, at: number): number | undefined {
  const { value } = entry;
  if (!value || at < value.start || at > value.end) return undefined;
  if (value.kind === 'scalar') return entry.start;
  const inside = value.kind === 'mapping' ? value.entries : value.kind === 'sequence' ? value.items : [];
  for (const child of inside) {
    if (at < child.start || at > child.end) continue;
    const found = holderOf(child, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function zizmorNames(rules: readonly AnyRule[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const rule of rules) {
    for (const alias of rule.aliases?.zizmor ?? []) {
      const ids = names.get(alias);
      if (ids) ids.add(rule.id); else names.set(alias, new Set([rule.id]));
    }
  }
  return names;
}

/** Takes an id out of a comment, or the comment out of the file where nothing useful is left in it. */
function removal(document: SourceDocument, d: Directive, id: DirectiveId, unused: readonly DirectiveId[]): Fix {
  return {
    title: unused.length === d.ids.length ? 'Remove the unused suppression' : `Remove ${id.id} from the suppression`,
    safety: 'safe',
    preferred: true,
    edits(world) {
      if (world.document.text !== document.text) return undefined;
      if (unused.length === d.ids.length) return [{ ...commentRange(document, d), newText: '' }];
      const i = d.ids.indexOf(id);
      const next = d.ids[i + 1], before = d.ids[i - 1];
      if (next) return [{ start: id.start, end: next.start, newText: '' }];
      return before && [{ start: before.end, end: id.end, newText: '' }];
    },
  };
}

/** The directive with the white space before it; with its line where it stands alone. */
function commentRange(document: SourceDocument, d: Directive): OffsetRange {
  const { text } = document;
  let { start } = d.range;
  let { end } = d.range;
  if (d.ownLine && d.wholeComment) {
    return { start: document.lineStarts[d.line]!, end: document.lineStarts[d.line + 1] ?? text.length };
  }
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  while (end < text.length && (text[end] === ' ' || text[end] === '\t')) end++;
  // What follows in the same comment keeps its distance.
  return { start, end: text[end] === '#' ? d.range.end : end };
}
