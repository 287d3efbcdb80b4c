import type { SourceDocument, TextEdit } from '../document';
import type { Entry, MappingNode } from '../nodes';
import {
  column, commentOnLine, contentEnd, entryStart, firstOffset, hasComment, inFlow, isCutOut, layoutIn, lineEnd, lineStart, linesAt, mayAddTo, mayTouch, nextLine,
  opensLine, path, placeBehind, startsLine, withEol, type LinePlace,
} from './place';
import { fitsFlow, printAfterKey, printEntry, printFlow } from './print';
import { quoteKey } from './quote';
import { says, type YamlValue } from './yaml-value';

export interface SetKeyOptions {
  /** Key (or keys, the first that exists counts) to stand ahead of. */
  readonly before?: string | readonly string[];
  /** Key or keys to stand behind; asked before `before`. Behind the last key where neither is there. */
  readonly after?: string | readonly string[];
  /** Puts an empty line above a new key. */
  readonly blankLine?: boolean;
}

/** Sets `key` in a block or flow mapping: replaces its value, or adds it. No edits where it says so already. */
export function setKey(doc: SourceDocument, mapping: MappingNode, key: string, value: YamlValue, options: SetKeyOptions = {}): TextEdit[] | undefined {
  if (!mayAddTo(doc, mapping)) return undefined;
  const same = mapping.entries.filter(e => e.key.value === key);
  if (same.length > 1) return undefined;
  if (same[0]) return replaceValue(doc, same[0], value);
  return mapping.flow ? insertFlow(doc, mapping, key, value, options) : insertBlock(doc, mapping, key, value, options);
}

/** Puts `key: value` into the mapping under an entry, which may be empty (`key:`) or `{}`. Undefined under anything else. */
export function insertUnder(doc: SourceDocument, entry: Entry, key: string, value: YamlValue, options: SetKeyOptions = {}): TextEdit[] | undefined {
  const held = entry.value;
  if (held?.kind === 'mapping' && (held.entries.length > 0 || inFlow(doc, entry))) return setKey(doc, held, key, value, options);
  const empty = held === null || (held.kind === 'mapping' && held.entries.length === 0) || (held.kind === 'scalar' && held.type === 'null' && held.value === '');
  return empty ? replaceValue(doc, entry, { [key]: value }) : undefined;
}

function neighbour(entries: readonly Entry[], keys: string | readonly string[] | undefined): Entry | undefined {
  for (const key of keys === undefined ? [] : typeof keys === 'string' ? [keys] : keys) {
    const found = entries.find(e => e.key.value === key);
    if (found) return found;
  }
  return undefined;
}

function insertFlow(doc: SourceDocument, mapping: MappingNode, key: string, value: YamlValue, options: SetKeyOptions): TextEdit[] | undefined {
  const { start, end } = doc.range(mapping);
  if (hasComment(doc, start, end) || !fitsFlow(value)) return undefined;
  const text = `${quoteKey(key, true)}: ${printFlow(value, true)}`;
  const { entries } = mapping;
  if (entries.length === 0) {
    const open = doc.text.indexOf('{', start);
    const close = doc.text.lastIndexOf('}', end - 1);
    if (open < start || close < open || doc.text.slice(open + 1, close).trim() !== '') return undefined;
    return [{ start: open + 1, end: close, newText: ` ${text} ` }];
  }
  const after = neighbour(entries, options.after);
  const before = after ? undefined : neighbour(entries, options.before);
  if (before) {
    const at = entryStart(doc, before);
    return before.key.anchor || before.colon < 0 ? undefined : [{ start: at, end: at, newText: text + ', ' }];
  }
  const at = contentEnd(doc, after ?? entries.at(-1)!);
  // `{a:}` would take the comma for a part of the key.
  return [{ start: at, end: at, newText: (doc.text[at - 1] === ':' ? ' ' : '') + ', ' + text }];
}

function insertBlock(doc: SourceDocument, mapping: MappingNode, key: string, value: YamlValue, options: SetKeyOptions): TextEdit[] | undefined {
  const { entries } = mapping;
  const first = entries[0];
  if (!first || !entries.every(e => isBlockEntry(doc, e))) return undefined;
  const layout = layoutIn(doc, mapping);
  const col = column(doc, entryStart(doc, first));
  if (!entries.every(e => column(doc, entryStart(doc, e)) === col)) return undefined;
  const text = printEntry(key, value, col, layout);
  const next = neighbour(entries, options.after) ? undefined : neighbour(entries, options.before);
  const previous = next ? entries[entries.indexOf(next) - 1] : neighbour(entries, options.after) ?? entries.at(-1)!;
  if (!previous) {
    // Ahead of the first key: on its own line, or behind the dash that the key shares its line with.
    const at = entryStart(doc, first);
    if (first.key.anchor !== undefined || (startsLine(doc, at) && hasComment(doc, doc.range(mapping).start, at))) return undefined;
    return [{ start: at, end: at, newText: withEol(doc, `${text.slice(col)}\n${' '.repeat(col)}`) }];
  }
  const place = placeBehind(doc, previous, previous.value, col);
  return place && [linesAt(doc, place, text, options.blankLine)];
}

/** A key of block style that can be told from its line: no `? key`, nothing but dashes before the mapping's first one. */
export function isBlockEntry(doc: SourceDocument, entry: Entry): boolean {
  const start = entryStart(doc, entry);
  return entry.colon >= 0 && opensLine(doc, start) && !/[\r\n]/.test(doc.text.slice(start, doc.startOf(entry.block) + entry.colon));
}

/**
 * Replaces what stands behind `key:`. A comment behind the key or a value on one line stays; undefined where a comment stands
 * inside the old value, which would be lost. No edits where it says so already.
 */
export function replaceValue(doc: SourceDocument, entry: Entry, value: YamlValue): TextEdit[] | undefined {
  if (!mayTouch(doc, entry) || entry.colon < 0 || isCutOut(doc, entry)) return undefined;
  if (says(entry.value, value, entry.value ? doc.source(entry.value) : '')) return [];
  const colon = doc.startOf(entry.block) + entry.colon + 1;
  const start = entryStart(doc, entry);
  const end = Math.max(colon, entry.value ? contentEnd(doc, entry.value) : colon);
  const parents = path(doc, start, end);
  if (parents.some(n => (n.kind === 'mapping' || n.kind === 'sequence') && n.flow && doc.range(n).start < start)) {
    if (hasComment(doc, colon, end) || !fitsFlow(value)) return undefined;
    return [{ start: colon, end, newText: ' ' + printFlow(value, true) }];
  }
  if (!isBlockEntry(doc, entry)) return undefined;
  const owner = [...parents].reverse().find((n): n is MappingNode => n.kind === 'mapping' && n !== entry.value && n.entries.includes(entry));
  const layout = layoutIn(doc, owner ?? { ...entry, kind: 'mapping', flow: false, entries: [entry] });
  const text = printAfterKey(value, column(doc, start), layout);
  const line = lineEnd(doc, colon);
  const above = commentOnLine(doc, colon);
  const keeps = entry.value?.kind === 'scalar' && (entry.value.style === 'literal' || entry.value.style === 'folded');
  if (end <= line) return onOneLine(doc, colon, end, text);
  // The old value spans lines: only a comment on the key's own line can stay, and only in front of the value.
  const from = above && !keeps ? Math.max(colon, above.end) : colon;
  if (hasComment(doc, from, lineEnd(doc, end)) || (keeps && above)) return undefined;
  if (above && doc.text.slice(colon, above.start).trim() !== '') return undefined;
  if (keeps && textEnd(doc, entry) === undefined) return undefined;
  const to = keeps ? textEnd(doc, entry)! : end;
  const { head, rest } = split(text);
  if (!above) return [{ start: colon, end: to, newText: withEol(doc, head + rest) }];
  const edits = [{ start: line, end: to, newText: withEol(doc, rest) }];
  if (head) edits.unshift({ start: colon, end: colon, newText: head });
  return edits;
}

function onOneLine(doc: SourceDocument, colon: number, end: number, text: string): TextEdit[] | undefined {
  const { head, rest } = split(text);
  const line = lineEnd(doc, end);
  if (!/^\s*(?:#.*)?$/.test(doc.text.slice(end, line))) return undefined;
  const edits: TextEdit[] = [];
  if (doc.text.slice(colon, end) !== head) edits.push({ start: colon, end, newText: head });
  if (rest) {
    // Without a comment the line ends with the value: nothing is left behind it.
    const from = commentOnLine(doc, end) ? line : end;
    if (edits[0] && from === end) return [{ start: colon, end: line, newText: withEol(doc, head + rest) }];
    edits.push({ start: from, end: line, newText: withEol(doc, rest) });
  }
  return edits;
}

function split(text: string): { head: string; rest: string } {
  const at = text.indexOf('\n');
  return at < 0 ? { head: text, rest: '' } : { head: text.slice(0, at), rest: text.slice(at) };
}

/** The end of a block scalar's lines without its last line break; undefined where blank lines behind it are a part of it. */
function textEnd(doc: SourceDocument, entry: Entry): number | undefined {
  const place: LinePlace | undefined = placeBehind(doc, entry, entry.value, Number.MAX_SAFE_INTEGER);
  return place && !place.fresh ? place.offset : undefined;
}

/** Renames a key; the quotes it has are kept where they can be. */
export function renameKey(doc: SourceDocument, entry: Entry, name: string): TextEdit[] | undefined {
  const { key } = entry;
  if (!mayTouch(doc, key) || key.anchor !== undefined || key.tag !== undefined) return undefined;
  if (key.style === 'literal' || key.style === 'folded') return undefined;
  if (key.value === name) return [];
  const flow = inFlow(doc, entry);
  const plain = quoteKey(name, flow);
  const newText = key.style === 'plain' || plain !== name ? plain : key.style === 'single' ? `'${name.replaceAll('\'', '\'\'')}'` : `"${name}"`;
  if (key.style === 'double' && /["\\]/.test(name)) return [{ ...doc.range(key), newText: plain }];
  return [{ ...doc.range(key), newText }];
}

/**
 * Removes an entry with the comment behind it. Comments on lines of their own stay. The last entry leaves `{}`: to remove the
 * parent too, delete the parent's entry instead.
 */
export function deleteEntry(doc: SourceDocument, entry: Entry, parent: MappingNode): TextEdit[] | undefined {
  if (!mayTouch(doc, entry) || !mayTouch(doc, parent)) return undefined;
  const index = parent.entries.indexOf(entry);
  if (index < 0) return undefined;
  const start = entryStart(doc, entry);
  if (parent.flow) {
    const range = doc.range(parent);
    if (hasComment(doc, range.start, range.end)) return undefined;
    return [cutFromFlow(doc, parent.entries.map(e => ({ start: entryStart(doc, e), end: contentEnd(doc, e) })), index)];
  }
  if (!isBlockEntry(doc, entry)) return undefined;
  const place = placeBehind(doc, entry, entry.value, Number.MAX_SAFE_INTEGER);
  if (!place) return undefined;
  if (parent.entries.length === 1) return [{ start, end: contentEnd(doc, entry), newText: '{}' }];
  return cutLines(doc, start, place, index === 0 ? firstOffset(doc, { ...parent, entries: parent.entries.slice(1) }) : undefined);
}

/** Removes one of several flow parts with one comma. */
export function cutFromFlow(doc: SourceDocument, parts: readonly { start: number; end: number }[], index: number): TextEdit {
  const own = parts[index]!;
  const next = parts[index + 1], previous = parts[index - 1];
  if (next) return { start: own.start, end: next.start, newText: '' };
  return { start: previous ? previous.end : own.start, end: own.end, newText: '' };
}

/**
 * Removes the lines from `start` to a place. Where `start` shares its line with dashes, `next` (the part that follows it)
 * takes its place.
 */
export function cutLines(doc: SourceDocument, start: number, place: LinePlace, next: number | undefined): TextEdit[] | undefined {
  if (!startsLine(doc, start)) {
    if (next === undefined) return undefined;
    if (!hasComment(doc, place.offset, next)) return [{ start, end: next, newText: '' }];
    return place.fresh ? undefined : [{ start: start - trailingSpaces(doc, start), end: place.offset, newText: '' }];
  }
  let from = lineStart(doc, start);
  let to = place.fresh ? place.offset : nextLine(doc, place.offset);
  const open = !place.fresh && to === place.offset;
  if (open && from > 0) {
    // The file goes on without a final line break, so blank lines above go too.
    while (from > 0 && isBlank(doc, lineStart(doc, from - 1))) {
      if (/[|>]\d?\+/.test(doc.text)) return undefined;
      from = lineStart(doc, from - 1);
    }
    from = lineEnd(doc, lineStart(doc, from - 1));
  }
  if (!open && joinsText(doc, to)) {
    while (to < doc.text.length && isBlank(doc, to)) to = nextLine(doc, to);
    return [{ start: from, end: to, newText: '' }];
  }
  // Two blank lines that meet become one, unless a scalar with `+` might count them.
  if (!open && from > 0 && isBlank(doc, lineStart(doc, from - 1)) && (to >= doc.text.length || isBlank(doc, to)) && !/[|>]\d?\+/.test(doc.text)) {
    if (to >= doc.text.length) from = lineStart(doc, from - 1);
    else to = nextLine(doc, to);
  }
  return [{ start: from, end: to, newText: '' }];
}

/** Whether the blank lines at `at` would become a part of a block scalar that comes to stand above them. */
function joinsText(doc: SourceDocument, at: number): boolean {
  if (at >= doc.text.length || !isBlank(doc, at)) return false;
  if (/[|>]\d?\+/.test(doc.text)) return true;
  for (let i = at; i < doc.text.length && isBlank(doc, i); i = nextLine(doc, i)) if (lineEnd(doc, i) > i) return true;
  return false;
}

function isBlank(doc: SourceDocument, at: number): boolean { return doc.text.slice(at, lineEnd(doc, at)).trim() === ''; }
function trailingSpaces(doc: SourceDocument, at: number): number {
  let n = 0;
  while (doc.text[at - n - 1] === ' ') n++;
  return n;
}

