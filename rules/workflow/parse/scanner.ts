/** Walks over lines of plain YAML, and reads scalars. Anything that it doesn't know for certain throws `GIVE_UP`. */
import { CST } from 'yaml';
import type { ScalarNode, ScalarStyle } from '../nodes';
import type { ParsedBlock } from './block';
import { plainType } from './core-schema';

// Constants of this file rather than imported ones: unbundled, an import is looked up on every use.
const TAB = 9, LF = 10, CR = 13, SPACE = 32, DOUBLE = 34, HASH = 35, SINGLE = 39, DASH = 45, DOT = 46, COLON = 58, QUESTION = 63,
  BACKSLASH = 92, PIPE = 124;

/** Characters that no plain scalar starts with. */
export const INDICATORS = new Set([...',[]{}#&*!|>\'"%@`'].map(c => c.charCodeAt(0)).concat(TAB, LF, CR));
/** Longer keys, in UTF-16 units, are left to the library, which has a limit of its own. */
export const MAX_KEY = 500;

export class GiveUp extends Error {}
export const GIVE_UP = new GiveUp('not plain');

export class Scanner {
  protected readonly length: number;
  protected at = 0;
  protected lineStart = 0;
  /** Column of the content at `at`; -1 at the end of the text. */
  protected column = -1;

  protected readonly text: string;

  constructor(readonly block: ParsedBlock, text: string) {
    this.text = text;
    this.length = text.length;
  }

  /** From the start of a line to the next content, over blank and comment lines. */
  protected toContent(): void {
    const text = this.text;
    let at = this.at;
    for (;;) {
      const lineStart = at;
      while (text.charCodeAt(at) === SPACE) at++;
      if (at >= this.length) { this.at = at; this.column = -1; return; }
      const c = text.charCodeAt(at);
      if (c === LF) { at++; continue; }
      if (c === CR) { at += 2; continue; }
      if (c === HASH) {
        const end = this.lineEnd(at);
        this.comment(at, end, true);
        at = this.afterLine(end);
        continue;
      }
      if (c === TAB) throw GIVE_UP;
      this.at = at;
      this.lineStart = lineStart;
      this.column = at - lineStart;
      return;
    }
  }

  /** Where the line at `at` ends, without its line break. */
  protected lineEnd(at: number): number {
    const end = this.text.indexOf('\n', at);
    if (end < 0) return this.length;
    return end > at && this.text.charCodeAt(end - 1) === CR ? end - 1 : end;
  }

  protected afterLine(end: number): number {
    if (this.text.charCodeAt(end) === CR) end++;
    return end < this.length ? end + 1 : end;
  }

  protected comment(start: number, end: number, ownLine: boolean): void {
    this.block.comments.push({ block: this.block, start, end, text: this.text.slice(start + 1, end).trim(), ownLine });
  }

  protected skipSpaces(): void {
    const text = this.text;
    while (text.charCodeAt(this.at) === SPACE) this.at++;
  }

  /** True where white space or the end of the text stands at `at`. */
  protected emptyAt(at: number): boolean {
    const c = this.text.charCodeAt(at);
    return c === SPACE || c === LF || c === CR || c === TAB || at >= this.length;
  }

  protected atLineEnd(): boolean {
    const c = this.text.charCodeAt(this.at);
    return c === LF || c === CR || this.at >= this.length;
  }

  /** Behind a value: nothing but a comment may follow. Then on to the next content. */
  protected endLine(): void {
    const before = this.at;
    this.skipSpaces();
    if (!this.atLineEnd()) {
      if (this.text.charCodeAt(this.at) !== HASH || this.at === before) throw GIVE_UP;
      const end = this.lineEnd(this.at);
      this.comment(this.at, end, false);
      this.at = end;
    }
    this.at = this.afterLine(this.at);
    this.toContent();
  }

  protected checkPlainStart(at: number): void {
    const c = this.text.charCodeAt(at);
    if (INDICATORS.has(c)) throw GIVE_UP;
    if ((c === DASH || c === QUESTION || c === COLON) && this.emptyAt(at + 1)) throw GIVE_UP;
    // Document markers end a document wherever they stand in the first column.
    if ((c === DASH || c === DOT) && at === this.lineStart) throw GIVE_UP;
  }

  protected plain(start: number, end: number): ScalarNode {
    const value = this.text.slice(start, end);
    return { kind: 'scalar', block: this.block, start, end, style: 'plain', value, type: plainType(value) };
  }

  /** A plain scalar, with the lines right of `indent` that go on with it. */
  protected plainValue(indent: number): ScalarNode {
    const start = this.at;
    this.checkPlainStart(start);
    let end = this.plainLine(start);
    let folded = false;
    while (this.lineEnd(end) === this.at) {
      const next = this.continuation(indent);
      if (next < 0) break;
      folded = true;
      end = this.plainLine(next);
    }
    this.at = end;
    if (!folded) return this.plain(start, end);
    const value = resolved({ type: 'scalar', offset: 0, indent: 0, source: this.text.slice(start, end) });
    return { kind: 'scalar', block: this.block, start, end, style: 'plain', value, type: plainType(value) };
  }

  /** End of the plain text from `from` on its line; `at` goes to the line's end, or stays there where a comment follows. */
  protected plainLine(from: number): number {
    const text = this.text;
    const lineEnd = this.lineEnd(from);
    let end = from;
    this.at = lineEnd;
    for (let at = from; at < lineEnd; at++) {
      const c = text.charCodeAt(at);
      if (c === SPACE) continue;
      if (c === HASH && text.charCodeAt(at - 1) === SPACE) { this.at = end; break; }
      if (c === TAB || c === COLON && (at + 1 === lineEnd || this.emptyAt(at + 1))) throw GIVE_UP;
      end = at + 1;
    }
    return end;
  }

  /** Start of the text on the next line that isn't blank, if it belongs to a plain scalar; -1 if not. */
  protected continuation(indent: number): number {
    const text = this.text;
    let at = this.afterLine(this.at);
    for (;;) {
      const lineStart = at;
      while (text.charCodeAt(at) === SPACE) at++;
      if (at >= this.length) return -1;
      const c = text.charCodeAt(at);
      if (c === TAB) throw GIVE_UP;
      if (c === LF || c === CR) { at = this.afterLine(at); continue; }
      return c === HASH || at - lineStart <= indent ? -1 : at;
    }
  }

  /** A quoted scalar on one line. */
  protected quoted(quote: number): ScalarNode {
    const text = this.text;
    const start = this.at;
    const style: ScalarStyle = quote === SINGLE ? 'single' : 'double';
    let escaped = false;
    for (let at = start + 1; at < this.length; at++) {
      const c = text.charCodeAt(at);
      if (c === LF || c === CR) break;
      if (c === BACKSLASH && quote === DOUBLE) { escaped = true; at++; continue; }
      if (c !== quote) continue;
      if (quote === SINGLE && text.charCodeAt(at + 1) === SINGLE) { escaped = true; at++; continue; }
      this.at = at + 1;
      let value = text.slice(start + 1, at);
      if (escaped) value = quote === SINGLE ? value.replaceAll("''", "'") : this.unescaped(start, at + 1);
      return { kind: 'scalar', block: this.block, start, end: at + 1, style, value, type: 'string' };
    }
    throw GIVE_UP;
  }

  protected unescaped(start: number, end: number): string {
    const source = this.text.slice(start, end);
    if (source.includes('\n')) throw GIVE_UP;
    return resolved({ type: 'double-quoted-scalar', offset: 0, indent: 0, source });
  }

  /** `|` and `>` with or without `-`; what they hold is right of `indent`. */
  protected blockScalar(indent: number): ScalarNode {
    const text = this.text;
    const start = this.at;
    const literal = text.charCodeAt(start) === PIPE;
    let at = start + 1;
    const strip = text.charCodeAt(at) === DASH;
    if (strip) at++;
    this.at = at;
    const headerEnd = at;
    if (!this.emptyAt(at)) throw GIVE_UP; // indentation indicator, `+`
    this.skipSpaces();
    if (!this.atLineEnd()) {
      if (text.charCodeAt(this.at) !== HASH) throw GIVE_UP;
      const end = this.lineEnd(this.at);
      this.comment(this.at, end, false);
      this.at = end;
    }
    const bodyStart = this.at = this.afterLine(this.at);
    const body = this.body(indent, literal);
    const end = body ? body.end : headerEnd;
    let value = '';
    if (body) {
      value = literal ? body.lines.join('\n') + (strip ? '' : '\n') : resolved({
        type: 'block-scalar', offset: 0, indent, source: text.slice(bodyStart, this.afterLine(body.end)),
        props: [{ type: 'block-scalar-header', offset: 0, indent, source: text.slice(start, headerEnd) }],
      });
    }
    this.toContent();
    if (this.column > indent) throw GIVE_UP;
    return { kind: 'scalar', block: this.block, start, end, style: literal ? 'literal' : 'folded', value, type: 'string' };
  }

  /** Lines of a block scalar, without their indentation, and where the last one ends. Leaves `at` at the start of a line. */
  protected body(indent: number, collect: boolean): { readonly lines: string[]; readonly end: number } | undefined {
    const text = this.text;
    const lines: string[] = [];
    let column = -1, blanks = 0, end = -1, widest = 0;
    let at = this.at, resume = at;
    while (at < this.length) {
      const lineStart = at;
      while (text.charCodeAt(at) === SPACE) at++;
      const width = at - lineStart;
      const lineEnd = this.lineEnd(at);
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
        resume = this.afterLine(lineEnd);
      }
      at = this.afterLine(lineEnd);
    }
    // Blank lines at the end that are wider than the text are text.
    if (column >= 0 && widest > column || column < 0 && (widest > indent || text.charCodeAt(at) === TAB)) throw GIVE_UP;
    this.at = resume;
    if (column < 0) return undefined;
    if (blanks) lines.length -= Math.min(blanks, lines.length);
    return { lines, end };
  }
}

function resolved(token: CST.FlowScalar | CST.BlockScalar): string {
  const scalar = CST.resolveAsScalar(token, true, () => { throw GIVE_UP; });
  return scalar?.value ?? '';
}
