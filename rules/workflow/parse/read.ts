/**
 * Reads the YAML that nearly every CI file is written in (indented mappings and lists, one-line scalars, literal blocks,
 * simple flow lists) straight from the text. It is strict: at anything it doesn't know for certain it gives up, and the
 * block is read with the YAML library instead. What it accepts, the library accepts with the same result; tests hold it to that.
 */
import type { AliasNode, Entry, MappingNode, ScalarNode, SequenceItem, SequenceNode, YamlNode } from '../nodes';
import { reportDuplicates, type Anchored, type ParsedBlock } from './block';
import { GIVE_UP, GiveUp, INDICATORS, MAX_KEY, Scanner } from './scanner';

// Constants of this file rather than imported ones: unbundled, an import is looked up on every use.
const TAB = 9, LF = 10, CR = 13, SPACE = 32, DOUBLE = 34, HASH = 35, AMPERSAND = 38, SINGLE = 39, STAR = 42, COMMA = 44,
  DASH = 45, COLON = 58, GREATER = 62, QUESTION = 63, OPEN_LIST = 91, CLOSE_LIST = 93, OPEN_MAP = 123, PIPE = 124,
  CLOSE_MAP = 125;

/** Deeper blocks are left to the library. */
const MAX_DEPTH = 60;

/** Control characters that the library uses as markers, byte order marks, and line ends that only some readers know. */
// eslint-disable-next-line no-control-regex
const STRANGE = /[\0-\x08\x0b\x0c\x0e-\x1f\ufeff]|\r(?!\n)/;

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

class Reader extends Scanner {
  protected depth = 0;
  protected readonly anchors = new Map<string, Anchored>();

  document(): YamlNode | null {
    this.toContent();
    if (this.column === 0 && this.text.startsWith('---', this.at)) {
      this.at += 3;
      this.endLine();
    }
    if (this.column < 0) return null;
    const root = this.atDash() ? this.sequence(this.column) : this.mapping(this.column);
    if (this.column >= 0) throw GIVE_UP;
    return root;
  }

  protected enter(): void { if (++this.depth > MAX_DEPTH) throw GIVE_UP; }

  protected mapping(indent: number): MappingNode {
    this.enter();
    const start = this.at;
    const entries: Entry[] = [];
    do entries.push(this.entry(indent)); while (this.column === indent);
    if (this.column > indent) throw GIVE_UP;
    this.depth--;
    const map: MappingNode = { kind: 'mapping', block: this.block, start, end: entries[entries.length - 1]!.end, flow: false, entries: entries.slice() };
    reportDuplicates(this.block, map);
    return map;
  }

  protected entry(indent: number): Entry {
    const key = this.key();
    const colon = this.at++;
    const value = this.value(indent, indent, true);
    return { block: this.block, start: key.start, end: value ? value.end : colon + 1, key, value, colon };
  }

  /** Leaves `at` on the colon. */
  protected key(): ScalarNode {
    const text = this.text;
    const start = this.at;
    const c = text.charCodeAt(start);
    if (c === SINGLE || c === DOUBLE) {
      const key = this.quoted(c);
      this.skipSpaces();
      if (text.charCodeAt(this.at) !== COLON || !this.emptyAt(this.at + 1) || this.at - start > MAX_KEY) throw GIVE_UP;
      return key;
    }
    const end = this.plainKeyEnd();
    if (end < 0) throw GIVE_UP;
    return this.plain(start, end);
  }

  /** End of the plain key at `at`, with `at` moved to its colon; -1, nothing moved, where the line has no such key. */
  protected plainKeyEnd(): number {
    const text = this.text;
    const start = this.at;
    this.checkPlainStart(start);
    const limit = Math.min(this.length, start + MAX_KEY);
    for (let at = start; at < limit; at++) {
      const c = text.charCodeAt(at);
      if (c === COLON) {
        if (!this.emptyAt(at + 1)) continue;
        let end = at;
        while (text.charCodeAt(end - 1) === SPACE) end--;
        this.at = at;
        return end;
      }
      if (c === LF || c === CR) return -1;
      if (c === TAB) throw GIVE_UP;
      if (c === HASH && text.charCodeAt(at - 1) === SPACE) return -1;
    }
    if (limit < this.length) throw GIVE_UP;
    return -1;
  }

  /**
   * What stands behind a colon or dash. `indent`: column that nested content must be right of; `listIndent`: a list may also
   * stand at this column. Ends at the next content.
   */
  protected value(indent: number, listIndent: number, ofKey: boolean): YamlNode | null {
    const text = this.text;
    const before = this.at;
    this.skipSpaces();
    const c = text.charCodeAt(this.at);
    if (this.atLineEnd() || c === HASH && this.at > before) {
      this.at = before;
      this.endLine();
      if (this.column > indent) return this.nested(indent);
      if (ofKey && this.column === listIndent && this.atDash()) return this.sequence(listIndent);
      return null;
    }
    if (c === PIPE || c === GREATER) return this.blockScalar(indent);
    if (c === STAR) return this.alias(indent);
    if (c === AMPERSAND) return this.anchored(indent, listIndent, ofKey);
    if (!ofKey) {
      if (this.atDash()) return this.sequence(this.at - this.lineStart);
      if (this.startsKey(c)) return this.mapping(this.at - this.lineStart);
    }
    return this.scalarOrFlow(c, indent);
  }

  /** A value on lines of its own, all right of `indent`. */
  protected nested(indent: number): YamlNode {
    if (this.atDash()) return this.sequence(this.column);
    const c = this.text.charCodeAt(this.at);
    if (c === STAR || c === AMPERSAND) throw GIVE_UP;
    if (c !== OPEN_LIST && c !== OPEN_MAP && this.startsKey(c)) return this.mapping(this.column);
    return this.scalarOrFlow(c, indent);
  }

  protected scalarOrFlow(c: number, indent: number): YamlNode {
    const node = c === SINGLE || c === DOUBLE ? this.quoted(c)
      : c === OPEN_LIST || c === OPEN_MAP ? this.flow(indent) : this.plainValue(indent);
    this.endLine();
    if (this.column > indent) throw GIVE_UP; // goes on where it can't
    return node;
  }

  /** `&name` in front of a value; the rest of the line must not be a key, whose anchor it would be. */
  protected anchored(indent: number, listIndent: number, ofKey: boolean): YamlNode {
    const name = this.name();
    this.anchors.delete(name);
    this.skipSpaces();
    const c = this.text.charCodeAt(this.at);
    if (c === STAR || c === AMPERSAND || !this.atLineEnd() && !ofKey && (this.atDash() || c !== OPEN_LIST && c !== OPEN_MAP && this.startsKey(c))) {
      throw GIVE_UP;
    }
    const node = this.value(indent, listIndent, ofKey);
    if (!node || node.kind === 'alias') throw GIVE_UP;
    const named: Anchored = { ...node, anchor: name };
    this.anchors.set(name, named);
    this.block.anchors.add(name);
    return named;
  }

  protected alias(indent: number): AliasNode {
    const start = this.at;
    const name = this.name();
    const end = this.at;
    const target = this.anchors.get(name);
    if (!target) throw GIVE_UP;
    this.endLine();
    if (this.column > indent) throw GIVE_UP;
    return { kind: 'alias', block: this.block, start, end, name, target };
  }

  /** The name behind `&` or `*`, up to white space. */
  protected name(): string {
    const start = ++this.at;
    while (/[\w-]/.test(this.text.charAt(this.at))) this.at++;
    if (this.at === start || !this.emptyAt(this.at)) throw GIVE_UP;
    return this.text.slice(start, this.at);
  }

  protected atDash(): boolean { return this.text.charCodeAt(this.at) === DASH && this.emptyAt(this.at + 1); }

  /** Whether the content at `at`, on a dash's line, is a key. Nothing moves. */
  protected startsKey(c: number): boolean {
    const at = this.at;
    let found: boolean;
    if (c === SINGLE || c === DOUBLE) {
      this.quoted(c);
      this.skipSpaces();
      found = this.text.charCodeAt(this.at) === COLON;
    } else if (c === OPEN_LIST || c === OPEN_MAP) {
      return false;
    } else {
      found = this.plainKeyEnd() >= 0;
    }
    this.at = at;
    return found;
  }

  protected sequence(indent: number): SequenceNode {
    this.enter();
    const block = this.block;
    const start = this.at;
    const items: SequenceItem[] = [];
    do {
      const dash = this.at++;
      const value = this.value(indent, -1, false);
      items.push({ block, start: dash, end: value ? value.end : dash + 1, value });
    } while (this.column === indent && this.atDash());
    if (this.column > indent) throw GIVE_UP;
    this.depth--;
    return { kind: 'sequence', block, start, end: items[items.length - 1]!.end, flow: false, items: items.slice() };
  }

  /** `[a, b]` and `{a: b}`, also over several lines that are all right of `indent`. */
  protected flow(indent: number, outermost = true): SequenceNode | MappingNode {
    this.enter();
    const block = this.block;
    const start = this.at++;
    const list = this.text.charCodeAt(start) === OPEN_LIST;
    const close = list ? CLOSE_LIST : CLOSE_MAP;
    const items: SequenceItem[] = [];
    const entries: Entry[] = [];
    this.flowSpace(indent, outermost);
    while (this.text.charCodeAt(this.at) !== close) {
      if (list) {
        const value = this.flowValue(indent);
        items.push({ block, start: value.start, end: value.end, value });
      } else {
        const key = this.flowScalar();
        this.skipSpaces();
        const colon = this.at++;
        if (this.text.charCodeAt(colon) !== COLON || this.text.charCodeAt(this.at) !== SPACE) throw GIVE_UP;
        this.skipSpaces();
        const value = this.flowValue(indent);
        entries.push({ block, start: key.start, end: value.end, key, value, colon });
      }
      this.flowSpace(indent, outermost);
      if (this.text.charCodeAt(this.at) === COMMA) {
        this.at++;
        this.flowSpace(indent, outermost);
      } else if (this.text.charCodeAt(this.at) !== close) throw GIVE_UP;
    }
    const end = ++this.at;
    this.depth--;
    if (list) return { kind: 'sequence', block, start, end, flow: true, items };
    const map: MappingNode = { kind: 'mapping', block, start, end, flow: true, entries };
    reportDuplicates(block, map);
    return map;
  }

  protected atCloser(): boolean {
    const c = this.text.charCodeAt(this.at);
    return c === CLOSE_LIST || c === CLOSE_MAP;
  }

  protected flowSpace(indent: number, outermost: boolean): void {
    const text = this.text;
    this.skipSpaces();
    while (this.atLineEnd()) {
      if (this.at >= this.length) throw GIVE_UP;
      this.at = this.afterLine(this.at);
      this.lineStart = this.at;
      this.skipSpaces();
      const column = this.at - this.lineStart;
      // The outermost bracket may close in the column of the key.
      if (!this.atLineEnd() && column <= indent && !(outermost && column === indent && this.atCloser())) throw GIVE_UP;
    }
    const c = text.charCodeAt(this.at);
    if (c === HASH || c === TAB) throw GIVE_UP;
  }

  protected flowValue(indent: number): YamlNode {
    const c = this.text.charCodeAt(this.at);
    return c === OPEN_LIST || c === OPEN_MAP ? this.flow(indent, false) : this.flowScalar();
  }

  protected flowScalar(): ScalarNode {
    const text = this.text;
    const start = this.at;
    const first = text.charCodeAt(start);
    if (first === SINGLE || first === DOUBLE) {
      return this.quoted(first);
    }
    if (INDICATORS.has(first) || first === DASH || first === QUESTION || first === COLON) throw GIVE_UP;
    let end = start, at = start;
    for (; at < this.length; at++) {
      const c = text.charCodeAt(at);
      if (c === SPACE) continue;
      // The next line must then go on with one of these too: else the scalar may go on in it.
      if (c === COMMA || c === CLOSE_LIST || c === CLOSE_MAP || c === LF || c === CR) break;
      if (c === COLON) {
        const next = text.charCodeAt(at + 1);
        if (next === SPACE) break;
        if (this.emptyAt(at + 1) || next === COMMA || next === CLOSE_LIST || next === CLOSE_MAP || next === OPEN_LIST || next === OPEN_MAP) {
          throw GIVE_UP;
        }
      }
      if (c === TAB || c === HASH || c === OPEN_LIST || c === OPEN_MAP) throw GIVE_UP;
      end = at + 1;
    }
    this.at = end;
    return this.plain(start, end);
  }
}
