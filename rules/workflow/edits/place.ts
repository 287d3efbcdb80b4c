/** Where things stand in a document: lines, columns, ends, ancestors, and whether a place may be touched at all. */
import type { SourceDocument } from '../document';
import type { Entry, MappingNode, SequenceNode, Span, YamlNode } from '../nodes';
import type { Layout } from './layout';

const BOM = '\ufeff';

/** Offset of the first character of the line that holds `offset`, behind a byte order mark. */
export function lineStart(doc: SourceDocument, offset: number): number {
  const start = doc.lineStarts[doc.positionAt(offset).line]!;
  return start === 0 && doc.text.startsWith(BOM) ? 1 : start;
}

/** Offset of the line's end, without its line break. */
export function lineEnd(doc: SourceDocument, offset: number): number {
  let i = offset;
  while (i < doc.text.length && doc.text[i] !== '\n' && doc.text[i] !== '\r') i++;
  return i;
}

/** Offset of the next line's first character, or the text's length. */
export function nextLine(doc: SourceDocument, offset: number): number {
  const end = lineEnd(doc, offset);
  return end >= doc.text.length ? end : end + (doc.text.startsWith('\r\n', end) ? 2 : 1);
}

export function column(doc: SourceDocument, offset: number): number { return offset - lineStart(doc, offset); }

/** Prints `\n` as the document's own line ending. */
export function withEol(doc: SourceDocument, text: string): string {
  return doc.eol === '\n' ? text : text.replaceAll('\n', doc.eol);
}

/** Columns of a key's entry; its properties (`&anchor key:`) count as the key. */
export function entryStart(doc: SourceDocument, entry: Entry): number {
  return doc.startOf(entry.block) + Math.min(entry.start, entry.key.start);
}

/** True where only spaces and dashes stand before `offset` on its line: a block-style key, item or value begins there. */
export function opensLine(doc: SourceDocument, offset: number): boolean {
  return /^ *(?:-(?: +|$))*$/.test(doc.text.slice(lineStart(doc, offset), offset));
}

/** True where only spaces stand before `offset` on its line. */
export function startsLine(doc: SourceDocument, offset: number): boolean {
  return doc.text.slice(lineStart(doc, offset), offset).trim() === '';
}

/** The top-level entries, with jobs that are blocks of their own. */
export function roots(doc: SourceDocument): readonly Entry[] {
  const jobs = doc.workflow?.jobs.map(j => j.entry).filter(e => !doc.root || e.block !== doc.root.block) ?? [];
  return jobs.length && doc.entries.some(e => e.key.value === 'jobs' && e.value === null) ? [...doc.entries, ...jobs] : doc.entries;
}

/** An entry whose value stands in other blocks: `jobs`, where each job is a block. */
export function isCutOut(doc: SourceDocument, entry: Entry): boolean {
  return !doc.root && entry.value === null && entry.key.value === 'jobs' && doc.entries.includes(entry) && roots(doc) !== doc.entries;
}

/** The nodes that hold `[start, end)` (document offsets), outermost first. */
export function path(doc: SourceDocument, start: number, end: number): YamlNode[] {
  const found: YamlNode[] = [];
  const holds = (s: Span) => { const r = doc.range(s); return r.start <= start && end <= r.end; };
  const visit = (node: YamlNode | null): void => {
    if (!node || !holds(node)) return;
    found.push(node);
    if (node.kind === 'mapping') for (const e of node.entries) { visit(e.key); visit(e.value); }
    else if (node.kind === 'sequence') for (const i of node.items) visit(i.value);
  };
  if (doc.root) visit(doc.root);
  else for (const e of roots(doc)) if (holds(e)) { visit(e.key); visit(e.value); }
  return found;
}

export function inFlow(doc: SourceDocument, span: Span): boolean {
  const { start, end } = doc.range(span);
  return path(doc, start, end).some(n => (n.kind === 'mapping' || n.kind === 'sequence') && n.flow);
}

/**
 * Whether what stands in `span` may be replaced or removed without changing anything elsewhere: no syntax problem touches it,
 * and nothing around or inside it is named by an alias.
 */
export function mayTouch(doc: SourceDocument, span: Span): boolean {
  if (!mayAddTo(doc, span)) return false;
  const { text } = span.block;
  if (!text.includes('&') || !text.includes('*')) return true;
  const { start, end } = doc.range(span);
  return [...nodesIn(doc, start, end)].every(n => !isShared(text, n));
}

/** Whether something may be added in `span`: as `mayTouch`, but parts that an alias names and that stay as they are don't matter. */
export function mayAddTo(doc: SourceDocument, span: Span): boolean {
  if (!doc.has(span)) return false;
  for (const p of span.block.problems) {
    if (p.code === 'limit' || (p.code === 'syntax' && p.start <= span.end && span.start <= p.end)) return false;
  }
  const { text } = span.block;
  if (!text.includes('&') || !text.includes('*')) return true;
  const { start, end } = doc.range(span);
  return path(doc, start, end).every(n => !isShared(text, n));
}

function isShared(text: string, node: YamlNode): boolean {
  return node.kind !== 'alias' && node.anchor !== undefined && isAliased(text, node.anchor);
}

function* nodesIn(doc: SourceDocument, start: number, end: number): Generator<YamlNode> {
  const stack: (YamlNode | null)[] = doc.root ? [doc.root] : roots(doc).flatMap(e => [e.key, e.value]);
  while (stack.length) {
    const node = stack.pop();
    if (!node) continue;
    const r = doc.range(node);
    if (r.end < start || r.start > end) continue;
    if (start <= r.start && r.end <= end) yield node;
    if (node.kind === 'mapping') for (const e of node.entries) stack.push(e.key, e.value);
    else if (node.kind === 'sequence') for (const i of node.items) stack.push(i.value);
  }
}

/** Takes a glob such as `*name` for an alias too: then one edit less is offered, and nothing breaks. */
function isAliased(text: string, anchor: string): boolean {
  for (let i = text.indexOf('*' + anchor); i >= 0; i = text.indexOf('*' + anchor, i + 1)) {
    if (!/[^\s,[\]{}]/.test(text[i + anchor.length + 1] ?? '')) return true;
  }
  return false;
}

export function hasComment(doc: SourceDocument, start: number, end: number): boolean {
  return doc.blocks.some(({ block, start: base }) =>
    base < end && start < base + block.text.length
    && block.comments.some(c => start <= base + c.start && base + c.start < end));
}

/** Whether a comment on a line of its own stands inside a span, where removing the span would take it along. */
export function hasOwnLineComment(doc: SourceDocument, span: Span): boolean {
  return span.block.comments.some(c => c.ownLine && span.start <= c.start && c.start < contentEnd(doc, span) - doc.startOf(span.block));
}

/** The comment between `offset` and the end of its line, in document offsets. */
export function commentOnLine(doc: SourceDocument, offset: number): { start: number; end: number } | undefined {
  const end = lineEnd(doc, offset);
  for (const { block, start: base } of doc.blocks) {
    if (base > end || base + block.text.length < offset) continue;
    const c = block.comments.find(c => offset <= base + c.start && base + c.start < end);
    if (c) return { start: base + c.start, end };
  }
  return undefined;
}

/** The end of what is written, without white space behind it. */
export function contentEnd(doc: SourceDocument, span: Span): number {
  const { start, end } = doc.range(span);
  let i = end;
  while (i > start && /\s/.test(doc.text[i - 1]!)) i--;
  return i;
}

/** The scalar that a node ends with. */
function last(node: YamlNode | null): YamlNode | null {
  let n = node;
  while (n) {
    if (n.kind === 'mapping' && !n.flow && n.entries.length) n = n.entries.at(-1)!.value;
    else if (n.kind === 'sequence' && !n.flow && n.items.length) n = n.items.at(-1)!.value;
    else return n;
  }
  return null;
}

/** A place for new lines. `fresh`: it is a line's first character, so the new lines end with a line break of their own. */
export interface LinePlace { readonly offset: number; readonly fresh: boolean }

/**
 * Where lines can be put behind a block-style node or entry: behind its last line and the deeper comments that follow.
 * `column` is that of its key or dash. Undefined where something else stands on that line.
 */
export function placeBehind(doc: SourceDocument, span: Span, value: YamlNode | null, column: number): LinePlace | undefined {
  const end = contentEnd(doc, span);
  const eol = lineEnd(doc, end);
  if (!/^\s*(?:#.*)?$/.test(doc.text.slice(end, eol))) return undefined;
  if (/^#/.test(doc.text.slice(end, eol)) && end > doc.range(span).start) return undefined;
  const tail = last(value);
  let behind: LinePlace = { offset: eol, fresh: false };
  if (tail?.kind === 'scalar' && (tail.style === 'literal' || tail.style === 'folded')) {
    const header = /^[|>][-+0-9]*/.exec(headerOf(doc, tail))?.[0] ?? '';
    const blank = textTail(doc, eol, header.includes('+'));
    if (blank === undefined) return undefined;
    if (blank > eol) behind = { offset: blank, fresh: true };
  }
  return behindComments(doc, behind, column);
}

/** From the `|` or `>` on: properties such as an anchor may stand before it. */
export function headerOf(doc: SourceDocument, scalar: Span): string {
  const { start, end } = doc.range(scalar);
  const line = doc.text.slice(start, Math.min(lineEnd(doc, start), Math.max(end, start)));
  const at = line.search(/[|>][-+0-9]*\s*(?:#.*)?$/);
  return at < 0 ? '' : line.slice(at);
}

/** Blank lines that belong to a block scalar's text: all with `+`, else those that hold spaces. */
function textTail(doc: SourceDocument, eol: number, keep: boolean): number | undefined {
  let offset = eol;
  for (let at = nextLine(doc, eol); ;) {
    if (at >= doc.text.length) return keep && !/[\r\n]$/.test(doc.text) ? undefined : (keep ? at : offset);
    const end = lineEnd(doc, at);
    const line = doc.text.slice(at, end);
    if (line.trim() !== '') return keep ? at : offset;
    const next = nextLine(doc, end);
    if (line.length > 0) {
      if (next === end) return undefined;
      offset = next;
    }
    at = next;
  }
}

function behindComments(doc: SourceDocument, place: LinePlace, column: number): LinePlace {
  let best = place;
  let at = place.fresh ? place.offset : nextLine(doc, place.offset);
  while (at < doc.text.length) {
    const end = lineEnd(doc, at);
    const line = doc.text.slice(at, end);
    const indent = line.length - line.trimStart().length;
    if (line.trim() !== '') {
      if (!line.trimStart().startsWith('#') || indent <= column) break;
      best = { offset: end, fresh: false };
    }
    const next = nextLine(doc, end);
    if (next === end) break;
    at = next;
  }
  return best;
}

/** The first character of the comment lines that stand directly above the line of `offset`, or of that line itself. */
export function aboveWithComments(doc: SourceDocument, offset: number): number {
  let at = lineStart(doc, offset);
  while (at > 0) {
    const above = lineStart(doc, at - 1);
    if (above === at || !doc.text.slice(above, at).trimStart().startsWith('#')) break;
    if (path(doc, above, above + 1).some(n => n.kind === 'scalar')) break;
    at = above;
  }
  return at;
}

/** The text that puts `lines` (joined by `\n`) at a place, with a blank line before them where asked. */
export function linesAt(doc: SourceDocument, place: LinePlace, lines: string, blank = false): { start: number; end: number; newText: string } {
  const text = place.fresh ? (blank ? '\n' : '') + lines + '\n' : (blank ? '\n\n' : '\n') + lines;
  return { start: place.offset, end: place.offset, newText: withEol(doc, text) };
}

/** True where an empty line stands directly above the node at `offset` and its comments. */
export function blankAbove(doc: SourceDocument, offset: number): boolean {
  const at = aboveWithComments(doc, offset);
  return at > 0 && doc.text.slice(lineStart(doc, at - 1), at).trim() === '' && lineStart(doc, at - 1) < at;
}

const layouts = new WeakMap<SourceDocument, Layout>();

/** The layout most of a document has. */
export function layoutOf(doc: SourceDocument): Layout {
  const known = layouts.get(doc);
  if (known) return known;
  const steps = new Map<number, number>(), dashes = new Map<number, number>();
  const jobs = doc.workflow?.jobs[0]?.entry;
  if (jobs && !doc.root) count(steps, column(doc, entryStart(doc, jobs)));
  const stack: YamlNode[] = [];
  const take = (entry: Entry) => {
    measure(doc, entry, steps, dashes);
    if (entry.value) stack.push(entry.value);
  };
  roots(doc).forEach(take);
  for (let n = stack.pop(); n; n = stack.pop()) {
    if (n.kind === 'mapping' && !n.flow) n.entries.forEach(take);
    else if (n.kind === 'sequence' && !n.flow) for (const i of n.items) if (i.value) stack.push(i.value);
  }
  const step = most(steps) ?? 2;
  const layout = { step, dash: most(dashes) ?? step };
  layouts.set(doc, layout);
  return layout;
}

/** The layout below the keys of one mapping, where its own entries show it; else the document's. */
export function layoutIn(doc: SourceDocument, mapping: MappingNode): Layout {
  const steps = new Map<number, number>(), dashes = new Map<number, number>();
  for (const e of mapping.entries) measure(doc, e, steps, dashes);
  const whole = layoutOf(doc);
  return { step: most(steps) ?? whole.step, dash: most(dashes) ?? whole.dash };
}

function measure(doc: SourceDocument, entry: Entry, steps: Map<number, number>, dashes: Map<number, number>): void {
  const value = entry.value;
  if (!value || (value.kind !== 'mapping' && value.kind !== 'sequence') || value.flow) return;
  const first = firstOffset(doc, value);
  if (first === undefined || !startsLine(doc, first)) return;
  const by = column(doc, first) - column(doc, entryStart(doc, entry));
  if (value.kind === 'mapping' ? by > 0 : by >= 0) count(value.kind === 'mapping' ? steps : dashes, by);
}

/** Offset of the first key or dash. */
export function firstOffset(doc: SourceDocument, node: MappingNode | SequenceNode): number | undefined {
  if (node.kind === 'mapping') return node.entries[0] && entryStart(doc, node.entries[0]);
  return node.items[0] && doc.range(node.items[0]).start;
}

function count(map: Map<number, number>, key: number): void { map.set(key, (map.get(key) ?? 0) + 1); }
function most(map: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined, times = 0;
  for (const [k, n] of map) if (n > times) { best = k; times = n; }
  return best;
}
