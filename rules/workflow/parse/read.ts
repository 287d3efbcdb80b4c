/**
 * Reads the YAML that nearly every CI file is written in (indented mappings and lists, one-line scalars, literal blocks,
 * simple flow lists) straight from the text. It is strict: at anything it doesn't know for certain it gives up, and the
 * block is read with the YAML library instead. What it accepts, the library accepts with the same result; tests hold it to that.
 */
import { CST } from 'yaml';
import type { AliasNode, Entry, MappingNode, ScalarNode, ScalarStyle, SequenceItem, SequenceNode, YamlNode } from '../nodes';
import { reportDuplicates, type Anchored, type ParsedBlock } from './block';
import { plainType } from './core-schema';

const TAB = 9, LF = 10, CR = 13, SPACE = 32, DOUBLE = 34, HASH = 35, AMPERSAND = 38, SINGLE = 39, STAR = 42, COMMA = 44, DASH = 45, DOT = 46, COLON = 58,
  GREATER = 62, QUESTION = 63, OPEN_LIST = 91, BACKSLASH = 92, CLOSE_LIST = 93, OPEN_MAP = 123, PIPE = 124, CLOSE_MAP = 125;

/** Characters that no plain scalar starts with. */
const INDICATORS = new Set([...',[]{}#&*!|>\'"%@`'].map(c => c.charCodeAt(0)).concat(TAB, LF, CR));
const MAX_DEPTH = 60;
const MAX_KEY = 500;

/** Control characters that the library uses as markers, byte order marks, and line ends that only some readers know. */
// eslint-disable-next-line no-control-regex
const STRANGE = /[\0-\x08\x0b\x0c\x0e-\x1f\ufeff]|\r(?!\n)/;

class GiveUp extends Error {}
const GIVE_UP = new GiveUp('not plain');

/** Fills the block and returns true, or returns false and leaves the block as it was. */
export function readBlock(block: ParsedBlock, text = block.text): boolean {
  if (STRANGE.test(text)) return false;
  try {
    block.root = new Reader(block, text).document();
    return true;
  } catch (error) {
    block.root = null;
    block.comments.length = 0;
    block.problems.length = 0;
    block.anchors.clear();
    if (error instanceof GiveUp) return false;
    throw error;
  }
}

class Reader {
  readonly #length: number;
  #at = 0;
  #lineStart = 0;
  /** Column of the content at `#at`; -1 at the end of the text. */
  #column = -1;
  #depth = 0;

  readonly #text: string;
  readonly #anchors = new Map<string, Anchored>();

  constructor(readonly block: ParsedBlock, text: string) {
    this.#text = text;
    this.#length = text.length;
  }

  document(): YamlNode | null {
    this.#toContent();
    if (this.#column === 0 && this.#text.startsWith('---', this.#at)) {
      this.#at += 3;
      this.#endLine();
    }
    if (this.#column < 0) return null;
    const root = this.#atDash() ? this.#sequence(this.#column) : this.#mapping(this.#column);
    if (this.#column >= 0) throw GIVE_UP;
    return root;
  }

  /** From the start of a line to the next content, over blank and comment lines. */
  #toContent(): void {
    const text = this.#text;
    let at = this.#at;
    for (;;) {
      const lineStart = at;
      while (text.charCodeAt(at) === SPACE) at++;
      if (at >= this.#length) { this.#at = at; this.#column = -1; return; }
      const c = text.charCodeAt(at);
      if (c === LF) { at++; continue; }
      if (c === CR) { at += 2; continue; }
      if (c === HASH) {
        const end = this.#lineEnd(at);
        this.#comment(at, end, true);
        at = this.#afterLine(end);
        continue;
      }
      if (c === TAB) throw GIVE_UP;
      this.#at = at;
      this.#lineStart = lineStart;
      this.#column = at - lineStart;
      return;
    }
  }

  /** Where the line at `at` ends, without its line break. */
  #lineEnd(at: number): number {
    const end = this.#text.indexOf('\n', at);
    if (end < 0) return this.#length;
    return end > at && this.#text.charCodeAt(end - 1) === CR ? end - 1 : end;
  }

  #afterLine(end: number): number {
    if (this.#text.charCodeAt(end) === CR) end++;
    return end < this.#length ? end + 1 : end;
  }

  #comment(start: number, end: number, ownLine: boolean): void {
    this.block.comments.push({ block: this.block, start, end, text: this.#text.slice(start + 1, end).trim(), ownLine });
  }

  #skipSpaces(): void {
    const text = this.#text;
    while (text.charCodeAt(this.#at) === SPACE) this.#at++;
  }

  /** True where white space or the end of the text stands at `at`. */
  #emptyAt(at: number): boolean {
    const c = this.#text.charCodeAt(at);
    return c === SPACE || c === LF || c === CR || c === TAB || at >= this.#length;
  }

  #atLineEnd(): boolean {
    const c = this.#text.charCodeAt(this.#at);
    return c === LF || c === CR || this.#at >= this.#length;
  }

  /** Behind a value: nothing but a comment may follow. Then on to the next content. */
  #endLine(): void {
    const before = this.#at;
    this.#skipSpaces();
    if (!this.#atLineEnd()) {
      if (this.#text.charCodeAt(this.#at) !== HASH || this.#at === before) throw GIVE_UP;
      const end = this.#lineEnd(this.#at);
      this.#comment(this.#at, end, false);
      this.#at = end;
    }
    this.#at = this.#afterLine(this.#at);
    this.#toContent();
  }

  #enter(): void { if (++this.#depth > MAX_DEPTH) throw GIVE_UP; }

  #mapping(indent: number): MappingNode {
    this.#enter();
    const start = this.#at;
    const entries: Entry[] = [];
    do entries.push(this.#entry(indent)); while (this.#column === indent);
    if (this.#column > indent) throw GIVE_UP;
    this.#depth--;
    const map: MappingNode = { kind: 'mapping', block: this.block, start, end: entries[entries.length - 1]!.end, flow: false, entries: entries.slice() };
    reportDuplicates(this.block, map);
    return map;
  }

  #entry(indent: number): Entry {
    const key = this.#key();
    const colon = this.#at++;
    const value = this.#value(indent, indent, true);
    return { block: this.block, start: key.start, end: value ? value.end : colon + 1, key, value, colon };
  }

  /** Leaves `#at` on the colon. */
  #key(): ScalarNode {
    const text = this.#text;
    const start = this.#at;
    const c = text.charCodeAt(start);
    if (c === SINGLE || c === DOUBLE) {
      const key = this.#quoted(c);
      this.#skipSpaces();
      if (text.charCodeAt(this.#at) !== COLON || !this.#emptyAt(this.#at + 1) || this.#at - start > MAX_KEY) throw GIVE_UP;
      return key;
    }
    const end = this.#plainKeyEnd();
    if (end < 0) throw GIVE_UP;
    return this.#plain(start, end);
  }

  /** End of the plain key at `#at`, with `#at` moved to its colon; -1, nothing moved, where the line has no such key. */
  #plainKeyEnd(): number {
    const text = this.#text;
    const start = this.#at;
    this.#checkPlainStart(start);
    const limit = Math.min(this.#length, start + MAX_KEY);
    for (let at = start; at < limit; at++) {
      const c = text.charCodeAt(at);
      if (c === COLON) {
        if (!this.#emptyAt(at + 1)) continue;
        let end = at;
        while (text.charCodeAt(end - 1) === SPACE) end--;
        this.#at = at;
        return end;
      }
      if (c === LF || c === CR) return -1;
      if (c === TAB) throw GIVE_UP;
      if (c === HASH && text.charCodeAt(at - 1) === SPACE) return -1;
    }
    if (limit < this.#length) throw GIVE_UP;
    return -1;
  }

  #checkPlainStart(at: number): void {
    const c = this.#text.charCodeAt(at);
    if (INDICATORS.has(c)) throw GIVE_UP;
    if ((c === DASH || c === QUESTION || c === COLON) && this.#emptyAt(at + 1)) throw GIVE_UP;
    // Document markers end a document wherever they stand in the first column.
    if ((c === DASH || c === DOT) && at === this.#lineStart) throw GIVE_UP;
  }

  #plain(start: number, end: number): ScalarNode {
    const value = this.#text.slice(start, end);
    return { kind: 'scalar', block: this.block, start, end, style: 'plain', value, type: plainType(value) };
  }

  /**
   * What stands behind a colon or dash. `indent`: column that nested content must be right of; `siblings`: a list may also
   * stand at this column. Ends at the next content.
   */
  #value(indent: number, listIndent: number, ofKey: boolean): YamlNode | null {
    const text = this.#text;
    const before = this.#at;
    this.#skipSpaces();
    const c = text.charCodeAt(this.#at);
    if (this.#atLineEnd() || c === HASH && this.#at > before) {
      this.#endLine();
      if (this.#column > indent) return this.#nested(indent);
      if (ofKey && this.#column === listIndent && this.#atDash()) return this.#sequence(listIndent);
      return null;
    }
    if (c === PIPE || c === GREATER) return this.#blockScalar(indent);
    if (c === STAR) return this.#alias(indent);
    if (c === AMPERSAND) return this.#anchored(indent, listIndent, ofKey);
    if (!ofKey) {
      if (this.#atDash()) return this.#sequence(this.#at - this.#lineStart);
      if (this.#startsKey(c)) return this.#mapping(this.#at - this.#lineStart);
    }
    return this.#scalarOrFlow(c, indent);
  }

  /** A value on lines of its own, all right of `indent`. */
  #nested(indent: number): YamlNode {
    if (this.#atDash()) return this.#sequence(this.#column);
    const c = this.#text.charCodeAt(this.#at);
    if (c === STAR || c === AMPERSAND) throw GIVE_UP;
    if (c !== OPEN_LIST && c !== OPEN_MAP && this.#startsKey(c)) return this.#mapping(this.#column);
    return this.#scalarOrFlow(c, indent);
  }

  #scalarOrFlow(c: number, indent: number): YamlNode {
    const node = c === SINGLE || c === DOUBLE ? this.#quoted(c)
      : c === OPEN_LIST || c === OPEN_MAP ? this.#flow(indent) : this.#plainValue(indent);
    this.#endLine();
    if (this.#column > indent) throw GIVE_UP; // goes on where it can't
    return node;
  }

  /** `&name` in front of a value; the rest of the line must not be a key, whose anchor it would be. */
  #anchored(indent: number, listIndent: number, ofKey: boolean): YamlNode {
    const name = this.#name();
    this.#anchors.delete(name);
    this.#skipSpaces();
    const c = this.#text.charCodeAt(this.#at);
    if (c === STAR || c === AMPERSAND || !this.#atLineEnd() && !ofKey && (this.#atDash() || c !== OPEN_LIST && c !== OPEN_MAP && this.#startsKey(c))) {
      throw GIVE_UP;
    }
    const node = this.#value(indent, listIndent, ofKey);
    if (!node || node.kind === 'alias') throw GIVE_UP;
    const named: Anchored = { ...node, anchor: name };
    this.#anchors.set(name, named);
    this.block.anchors.add(name);
    return named;
  }

  #alias(indent: number): AliasNode {
    const start = this.#at;
    const name = this.#name();
    const end = this.#at;
    const target = this.#anchors.get(name);
    if (!target) throw GIVE_UP;
    this.#endLine();
    if (this.#column > indent) throw GIVE_UP;
    return { kind: 'alias', block: this.block, start, end, name, target };
  }

  /** The name behind `&` or `*`, up to white space. */
  #name(): string {
    const start = ++this.#at;
    while (/[\w-]/.test(this.#text.charAt(this.#at))) this.#at++;
    if (this.#at === start || !this.#emptyAt(this.#at)) throw GIVE_UP;
    return this.#text.slice(start, this.#at);
  }

  #atDash(): boolean { return this.#text.charCodeAt(this.#at) === DASH && this.#emptyAt(this.#at + 1); }

  /** Whether the content at `#at`, on a dash's line, is a key. Nothing moves. */
  #startsKey(c: number): boolean {
    const at = this.#at;
    let found: boolean;
    if (c === SINGLE || c === DOUBLE) {
      this.#quoted(c);
      this.#skipSpaces();
      found = this.#text.charCodeAt(this.#at) === COLON;
    } else if (c === OPEN_LIST || c === OPEN_MAP) {
      return false;
    } else {
      found = this.#plainKeyEnd() >= 0;
    }
    this.#at = at;
    return found;
  }

  #sequence(indent: number): SequenceNode {
    this.#enter();
    const block = this.block;
    const start = this.#at;
    const items: SequenceItem[] = [];
    do {
      const dash = this.#at++;
      const value = this.#value(indent, -1, false);
      items.push({ block, start: dash, end: value ? value.end : dash + 1, value });
    } while (this.#column === indent && this.#atDash());
    if (this.#column > indent) throw GIVE_UP;
    this.#depth--;
    return { kind: 'sequence', block, start, end: items[items.length - 1]!.end, flow: false, items: items.slice() };
  }

  /** A plain scalar, with the lines right of `indent` that go on with it. */
  #plainValue(indent: number): ScalarNode {
    const start = this.#at;
    this.#checkPlainStart(start);
    let end = this.#plainLine(start);
    let folded = false;
    while (this.#lineEnd(end) === this.#at) {
      const next = this.#continuation(indent);
      if (next < 0) break;
      folded = true;
      end = this.#plainLine(next);
    }
    this.#at = end;
    if (!folded) return this.#plain(start, end);
    const value = resolved({ type: 'scalar', offset: 0, indent: 0, source: this.#text.slice(start, end) });
    return { kind: 'scalar', block: this.block, start, end, style: 'plain', value, type: plainType(value) };
  }

  /** End of the plain text from `from` on its line; `#at` goes to the line's end, or stays there where a comment follows. */
  #plainLine(from: number): number {
    const text = this.#text;
    const lineEnd = this.#lineEnd(from);
    let end = from;
    this.#at = lineEnd;
    for (let at = from; at < lineEnd; at++) {
      const c = text.charCodeAt(at);
      if (c === SPACE) continue;
      if (c === HASH && text.charCodeAt(at - 1) === SPACE) { this.#at = end; break; }
      if (c === TAB || c === COLON && (at + 1 === lineEnd || this.#emptyAt(at + 1))) throw GIVE_UP;
      end = at + 1;
    }
    return end;
  }

  /** Start of the text on the next line that isn't blank, if it belongs to a plain scalar; -1 if not. */
  #continuation(indent: number): number {
    const text = this.#text;
    let at = this.#afterLine(this.#at);
    for (;;) {
      const lineStart = at;
      while (text.charCodeAt(at) === SPACE) at++;
      if (at >= this.#length) return -1;
      const c = text.charCodeAt(at);
      if (c === TAB) throw GIVE_UP;
      if (c === LF || c === CR) { at = this.#afterLine(at); continue; }
      return c === HASH || at - lineStart <= indent ? -1 : at;
    }
  }

  /** A quoted scalar on one line. */
  #quoted(quote: number): ScalarNode {
    const text = this.#text;
    const start = this.#at;
    const style: ScalarStyle = quote === SINGLE ? 'single' : 'double';
    let escaped = false;
    for (let at = start + 1; at < this.#length; at++) {
      const c = text.charCodeAt(at);
      if (c === LF || c === CR) break;
      if (c === BACKSLASH && quote === DOUBLE) { escaped = true; at++; continue; }
      if (c !== quote) continue;
      if (quote === SINGLE && text.charCodeAt(at + 1) === SINGLE) { escaped = true; at++; continue; }
      this.#at = at + 1;
      let value = text.slice(start + 1, at);
      if (escaped) value = quote === SINGLE ? value.replaceAll("''", "'") : this.#unescaped(start, at + 1);
      return { kind: 'scalar', block: this.block, start, end: at + 1, style, value, type: 'string' };
    }
    throw GIVE_UP;
  }

  #unescaped(start: number, end: number): string {
    const source = this.#text.slice(start, end);
    if (source.includes('\n')) throw GIVE_UP;
    return resolved({ type: 'double-quoted-scalar', offset: 0, indent: 0, source });
  }

  /** `[a, b]` and `{a: b}`, also over several lines that are all right of `indent`. */
  #flow(indent: number, outermost = true): SequenceNode | MappingNode {
    this.#enter();
    const block = this.block;
    const start = this.#at++;
    const list = this.#text.charCodeAt(start) === OPEN_LIST;
    const close = list ? CLOSE_LIST : CLOSE_MAP;
    const items: SequenceItem[] = [];
    const entries: Entry[] = [];
    this.#flowSpace(indent, outermost);
    while (this.#text.charCodeAt(this.#at) !== close) {
      if (list) {
        const value = this.#flowValue(indent);
        items.push({ block, start: value.start, end: value.end, value });
      } else {
        const key = this.#flowScalar();
        this.#skipSpaces();
        const colon = this.#at++;
        if (this.#text.charCodeAt(colon) !== COLON || this.#text.charCodeAt(this.#at) !== SPACE) throw GIVE_UP;
        this.#skipSpaces();
        const value = this.#flowValue(indent);
        entries.push({ block, start: key.start, end: value.end, key, value, colon });
      }
      this.#flowSpace(indent, outermost);
      if (this.#text.charCodeAt(this.#at) === COMMA) {
        this.#at++;
        this.#flowSpace(indent, outermost);
      } else if (this.#text.charCodeAt(this.#at) !== close) throw GIVE_UP;
    }
    const end = ++this.#at;
    this.#depth--;
    if (list) return { kind: 'sequence', block, start, end, flow: true, items };
    const map: MappingNode = { kind: 'mapping', block, start, end, flow: true, entries };
    reportDuplicates(block, map);
    return map;
  }

  #atCloser(): boolean {
    const c = this.#text.charCodeAt(this.#at);
    return c === CLOSE_LIST || c === CLOSE_MAP;
  }

  #flowSpace(indent: number, outermost: boolean): void {
    const text = this.#text;
    this.#skipSpaces();
    while (this.#atLineEnd()) {
      if (this.#at >= this.#length) throw GIVE_UP;
      this.#at = this.#afterLine(this.#at);
      this.#lineStart = this.#at;
      this.#skipSpaces();
      const column = this.#at - this.#lineStart;
      // The outermost bracket may close in the column of the key.
      if (!this.#atLineEnd() && column <= indent && !(outermost && column === indent && this.#atCloser())) throw GIVE_UP;
    }
    const c = text.charCodeAt(this.#at);
    if (c === HASH || c === TAB) throw GIVE_UP;
  }

  #flowValue(indent: number): YamlNode {
    const c = this.#text.charCodeAt(this.#at);
    return c === OPEN_LIST || c === OPEN_MAP ? this.#flow(indent, false) : this.#flowScalar();
  }

  #flowScalar(): ScalarNode {
    const text = this.#text;
    const start = this.#at;
    const first = text.charCodeAt(start);
    if (first === SINGLE || first === DOUBLE) {
      return this.#quoted(first);
    }
    if (INDICATORS.has(first) || first === DASH || first === QUESTION || first === COLON) throw GIVE_UP;
    let end = start, at = start;
    for (; at < this.#length; at++) {
      const c = text.charCodeAt(at);
      if (c === SPACE) continue;
      if (c === COMMA || c === CLOSE_LIST || c === CLOSE_MAP) break;
      if (c === COLON) {
        const next = text.charCodeAt(at + 1);
        if (next === SPACE) break;
        if (this.#emptyAt(at + 1) || next === COMMA || next === CLOSE_LIST || next === CLOSE_MAP || next === OPEN_LIST || next === OPEN_MAP) {
          throw GIVE_UP;
        }
      }
      // A plain scalar may go on in the next line.
      if (c === LF || c === CR || c === TAB || c === HASH || c === OPEN_LIST || c === OPEN_MAP) throw GIVE_UP;
      end = at + 1;
    }
    this.#at = end;
    return this.#plain(start, end);
  }

  /** `|` and `>` with or without `-`; what they hold is right of `indent`. */
  #blockScalar(indent: number): ScalarNode {
    const text = this.#text;
    const start = this.#at;
    const literal = text.charCodeAt(start) === PIPE;
    let at = start + 1;
    const strip = text.charCodeAt(at) === DASH;
    if (strip) at++;
    this.#at = at;
    const headerEnd = at;
    if (!this.#emptyAt(at)) throw GIVE_UP; // indentation indicator, `+`
    this.#skipSpaces();
    if (!this.#atLineEnd()) {
      if (text.charCodeAt(this.#at) !== HASH) throw GIVE_UP;
      const end = this.#lineEnd(this.#at);
      this.#comment(this.#at, end, false);
      this.#at = end;
    }
    const bodyStart = this.#at = this.#afterLine(this.#at);
    const body = this.#body(indent, literal);
    const end = body ? body.end : headerEnd;
    let value = '';
    if (body) {
      value = literal ? body.lines.join('\n') + (strip ? '' : '\n') : resolved({
        type: 'block-scalar', offset: 0, indent, source: text.slice(bodyStart, this.#afterLine(body.end)),
        props: [{ type: 'block-scalar-header', offset: 0, indent, source: text.slice(start, headerEnd) }],
      });
    }
    this.#toContent();
    if (this.#column > indent) throw GIVE_UP;
    return { kind: 'scalar', block: this.block, start, end, style: literal ? 'literal' : 'folded', value, type: 'string' };
  }

  /** Lines of a block scalar, without their indentation, and where the last one ends. Leaves `#at` at the start of a line. */
  #body(indent: number, collect: boolean): { readonly lines: string[]; readonly end: number } | undefined {
    const text = this.#text;
    const lines: string[] = [];
    let column = -1, blanks = 0, end = -1, widest = 0;
    let at = this.#at, resume = at;
    while (at < this.#length) {
      const lineStart = at;
      while (text.charCodeAt(at) === SPACE) at++;
      const width = at - lineStart;
      const lineEnd = this.#lineEnd(at);
      if (at === lineEnd) {
        if (width > widest) widest = width;
        if (collect && column >= 0) lines.push(width > column ? text.slice(lineStart + column, lineEnd) : '');
        else if (collect) lines.push('');
        blanks++;
      } else {
        if (column < 0) {
          if (width <= indent) break;
          if (widest > width) throw GIVE_UP;
          column = width;
        }
        if (width < column) {
          if (text.charCodeAt(at) === TAB) throw GIVE_UP;
          break;
        }
        if (collect) lines.push(text.slice(lineStart + column, lineEnd));
        blanks = 0;
        widest = 0;
        end = lineEnd;
        resume = this.#afterLine(lineEnd);
      }
      at = this.#afterLine(lineEnd);
    }
    // Blank lines at the end that are wider than the text are text.
    if (column >= 0 && widest > column || column < 0 && (widest > indent || text.charCodeAt(at) === TAB)) throw GIVE_UP;
    this.#at = resume;
    if (column < 0) return undefined;
    if (blanks) lines.length -= Math.min(blanks, lines.length);
    return { lines, end };
  }
}

function resolved(token: CST.FlowScalar | CST.BlockScalar): string {
  const scalar = CST.resolveAsScalar(token, true, () => { throw GIVE_UP; });
  return scalar?.value ?? '';
}
