import { closeOf } from '../expressions/find';
import type { AndOr, Heredoc, Region, RegionKind, ScriptAst, ScriptRange, Word, WordPart } from './ast';

/** Nesting beyond this is skipped over with an error. */
export const MAX_NESTING = 60;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type OpenHeredoc = Mutable<Heredoc> & { readonly stripTabs: boolean };

/** How a word ends. `test`: inside `[[ ]]`, only at white space. */
export type WordMode = 'normal' | 'test' | 'array';

const TAB = 9, LF = 10, CR = 13, SPACE = 32, DOUBLE = 34, HASH = 35, DOLLAR = 36, AMP = 38, SINGLE = 39, OPEN = 40, CLOSE = 41, SEMI = 59, LESS = 60,
  GREATER = 62, BACKSLASH = 92, BACKTICK = 96, BRACE = 123, PIPE = 124, BRACE_END = 125;

const SPECIAL = new Uint8Array(128);
for (const c of ' \t\r\n;&|()<>\\\'"`$') SPECIAL[c.charCodeAt(0)] = 1;

/** Characters of words and everything quoted. `BashParser` adds the grammar above words. */
export abstract class WordReader {
  at = 0;
  limit: number;
  readonly regions: Region[] = [];
  readonly comments: ScriptRange[] = [];
  readonly expressions: ScriptRange[] = [];
  readonly heredocs: OpenHeredoc[] = [];
  readonly errors: { start: number; end: number; message: string }[] = [];
  /** Heredocs whose bodies begin after the next line break. */
  protected pending: OpenHeredoc[] = [];
  protected nesting = 0;
  #searched = { from: 0, found: -1 };

  constructor(readonly text: string) { this.limit = text.length; }

  /** Statements up to `)` (left unread) or the limit. */
  protected abstract substitution(): AndOr[];
  /** A heredoc's body was read. */
  protected abstract heredocRead(heredoc: OpenHeredoc): void;

  protected code(offset = 0): number {
    const i = this.at + offset;
    return i < this.limit ? this.text.charCodeAt(i) : -1;
  }

  protected error(start: number, end: number, message: string): void { this.errors.push({ start, end, message }); }
  protected region(kind: RegionKind, start: number, end: number): void { if (end > start) this.regions.push({ kind, start, end }); }

  /** Spaces, tabs, escaped line breaks and, where wanted, comments; stops at a line break. */
  protected blanks(): void {
    for (;;) {
      const c = this.code();
      if (c === SPACE || c === TAB || (c === CR && this.code(1) === LF)) this.at++;
      else if (c === BACKSLASH && this.code(1) === LF) this.at += 2;
      else if (c === BACKSLASH && this.code(1) === CR && this.code(2) === LF) this.at += 3;
      else if (c === HASH) this.comment();
      else return;
    }
  }

  private comment(): void {
    const start = this.at;
    let end = this.text.indexOf('\n', start);
    if (end < 0 || end > this.limit) end = this.limit;
    this.at = end;
    this.comments.push({ start, end });
    this.region('comment', start, end);
  }

  /** Reads a line break and the bodies of the heredocs that wait for it. */
  protected lineBreak(): void {
    this.at++;
    const waiting = this.pending;
    if (waiting.length === 0) return;
    this.pending = [];
    for (const h of waiting) this.heredocBody(h);
  }

  private heredocBody(h: OpenHeredoc): void {
    const start = this.at;
    let end = -1, lineStart = start;
    while (lineStart < this.limit) {
      let lineEnd = this.text.indexOf('\n', lineStart);
      if (lineEnd < 0 || lineEnd > this.limit) lineEnd = this.limit;
      let from = lineStart;
      if (h.stripTabs) while (this.text.charCodeAt(from) === TAB) from++;
      const stop = this.text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd;
      if (stop - from === h.delimiter.length && this.text.startsWith(h.delimiter, from)) {
        end = lineStart;
        this.at = lineEnd;
        break;
      }
      lineStart = lineEnd + 1;
    }
    h.closed = end >= 0;
    if (end < 0) {
      end = this.limit;
      this.at = this.limit;
      this.error(h.start, h.end, `The heredoc has no \`${h.delimiter}\` at its end`);
    } else if (this.code() === LF) this.at++;
    h.start = start;
    h.end = end;
    this.region(h.quoted ? 'heredoc-quoted' : 'heredoc', start, end);
    const after = this.at;
    h.parts = this.within(start, end, () => h.quoted ? this.expressionsOnly(start, end) : this.quotedParts(-1));
    this.at = after;
    this.heredocRead(h);
  }

  /** Runs `read` on a part of the text alone. */
  protected within<T>(start: number, end: number, read: () => T): T {
    const { limit, pending } = this;
    this.at = start;
    this.limit = Math.min(end, limit);
    this.pending = [];
    const result = read();
    this.limit = limit;
    this.pending = pending;
    return result;
  }

  private expressionsOnly(start: number, end: number): WordPart[] {
    const parts: WordPart[] = [];
    for (let i = this.text.indexOf('${{', start); i >= 0 && i < end; i = this.text.indexOf('${{', this.at)) {
      this.at = i;
      parts.push(this.expression());
    }
    return parts;
  }

  /** At `${{`: GitHub's expression up to its `}}`, quotes inside respected; up to the end of the line where that is missing. */
  protected expression(): WordPart {
    const start = this.at, close = closeOf(this.text, start + 3);
    if (close >= 0 && close + 2 <= this.limit) {
      this.at = close + 2;
      this.expressions.push({ start, end: this.at });
      return { kind: 'expression', start, end: this.at };
    }
    const line = this.text.indexOf('\n', start);
    this.at = line < 0 ? this.limit : Math.min(line, this.limit);
    return { kind: 'expression', start, end: this.at };
  }

  /** Remembers the last answer: asked for each quote, a search from there would cost the square of the script. */
  private nextExpression(from: number): number {
    if (from < this.#searched.from || from > this.#searched.found) {
      const found = this.text.indexOf('${{', from);
      this.#searched = { from, found: found < 0 ? Infinity : found };
    }
    return this.#searched.found;
  }

  protected atExpression(): boolean { return this.code() === DOLLAR && this.code(1) === BRACE && this.code(2) === BRACE; }

  /** A word, or undefined where none starts here. */
  protected word(mode: WordMode = 'normal'): Word | undefined {
    const start = this.at, parts: WordPart[] = [];
    let text = '', textStart = -1;
    const flush = (): void => {
      if (textStart >= 0) parts.push({ kind: 'text', value: text, start: textStart, end: this.at });
      text = '';
      textStart = -1;
    };
    for (;;) {
      const c = this.code();
      if (c < 0 || this.endsWord(c, mode, start)) break;
      if (c === BACKSLASH) {
        const next = this.code(1);
        if (next === LF || (next === CR && this.code(2) === LF)) {
          // An escaped line break inside a word joins.
          this.at += next === LF ? 2 : 3;
          continue;
        }
        if (textStart < 0) textStart = this.at;
        if (next >= 0) text += this.text[this.at + 1];
        this.at += next >= 0 ? 2 : 1;
        continue;
      }
      const special = c === SINGLE || c === DOUBLE || c === BACKTICK || c === DOLLAR
        || ((c === LESS || c === GREATER) && this.code(1) === OPEN && mode !== 'test');
      if (special) {
        flush();
        const part = this.part(c);
        if (part) { parts.push(part); continue; }
      } else if (c === OPEN && mode === 'normal') {
        flush();
        // Only reached behind `NAME=` and for extended globs: see `endsWord`.
        if (/=$/.test(this.text.slice(start, this.at))) { parts.push(this.array()); continue; }
        const from = this.at;
        this.skipGroup();
        parts.push({ kind: 'text', value: this.text.slice(from, this.at), start: from, end: this.at });
        continue;
      }
      if (textStart < 0) textStart = this.at;
      const from = this.at++;
      this.skipPlain();
      text += this.text.slice(from, this.at);
    }
    if (this.at === start) return undefined;
    flush();
    return { start, end: this.at, parts, literal: literalOf(parts) };
  }

  /** Over characters that mean nothing anywhere in a word. */
  private skipPlain(): void {
    const { text, limit } = this;
    let at = this.at;
    for (; at < limit; at++) {
      const c = text.charCodeAt(at);
      if (c < 128 && SPECIAL[c] === 1) break;
    }
    this.at = at;
  }

  /** Over characters that mean nothing inside double quotes. */
  private skipQuotedPlain(): void {
    const { text, limit } = this;
    let at = this.at;
    for (; at < limit; at++) {
      const c = text.charCodeAt(at);
      if (c === DOUBLE || c === DOLLAR || c === BACKTICK || c === BACKSLASH) break;
    }
    this.at = at;
  }

  private endsWord(c: number, mode: WordMode, start: number): boolean {
    if (c === SPACE || c === TAB || c === LF || (c === CR && this.code(1) === LF)) return true;
    if (mode === 'test') return false;
    if (c === SEMI || c === PIPE || c === AMP || c === CLOSE) return true;
    if (c === LESS || c === GREATER) return this.code(1) !== OPEN || this.at > start && this.text[this.at - 1] !== '=';
    if (c !== OPEN) return false;
    if (mode === 'array' || this.at === start) return true;
    const before = this.text[this.at - 1]!;
    if (before === '=') return !/^[A-Za-z_]\w*(\[[^\]]*\])?\+?=$/.test(this.text.slice(start, this.at));
    return !'@?*+!'.includes(before);
  }

  /** `(a|b)` of an extended glob. */
  private skipGroup(): void {
    let depth = 0;
    for (; this.at < this.limit; this.at++) {
      const c = this.code();
      if (c === LF) return;
      if (c === OPEN) depth++;
      else if (c === CLOSE && --depth === 0) { this.at++; return; }
    }
  }

  private array(): WordPart {
    const start = this.at++;
    const words: Word[] = [];
    for (;;) {
      this.blanks();
      const c = this.code();
      if (c === LF) { this.lineBreak(); continue; }
      if (c < 0 || c === CLOSE) break;
      const word = this.word('array');
      if (word) words.push(word);
      else this.at++;
    }
    this.region('array', start + 1, this.at);
    if (this.code() === CLOSE) this.at++;
    else this.error(start, start + 1, 'The array has no closing parenthesis');
    return { kind: 'array', words, start, end: this.at };
  }

  /** A quoted or expanded part at the cursor; undefined where the character stands for itself. */
  private part(c: number): WordPart | undefined {
    if (c === SINGLE) return this.single(this.at, false);
    if (c === DOUBLE) return this.double(this.at);
    if (c === BACKTICK) return this.backtick();
    if (c === LESS || c === GREATER) return this.parenthesised(c === LESS ? '<(' : '>(');
    if (this.code(1) === SINGLE) return this.single(this.at, true);
    if (this.code(1) === DOUBLE) { this.at++; return this.double(this.at - 1); }
    return this.dollar(false);
  }

  private single(start: number, ansi: boolean): WordPart {
    const from = start + (ansi ? 2 : 1);
    let end = from;
    if (ansi) {
      while (end < this.limit && this.text.charCodeAt(end) !== SINGLE) end += this.text.charCodeAt(end) === BACKSLASH ? 2 : 1;
    } else {
      // A quote inside `${{ }}` is GitHub's, not the shell's.
      for (;;) {
        const quote = this.text.indexOf('\'', end), expression = this.nextExpression(end);
        if (expression > quote || expression >= this.limit || quote < 0) { end = quote < 0 ? this.limit : quote; break; }
        this.at = expression;
        this.expression();
        end = this.at;
      }
    }
    const closed = end < this.limit;
    end = Math.min(end, this.limit);
    if (!closed) this.error(start, from, 'This quote is not closed');
    this.region(ansi ? 'ansi' : 'single', from, end);
    this.at = closed ? end + 1 : end;
    const value = this.text.slice(from, end);
    const dynamic = value.includes('${{') || (ansi && value.includes('\\'));
    return { kind: 'single', value: dynamic ? undefined : value, start, end: this.at };
  }

  /** At the opening quote; `start` may be one before it (`$"…"`). */
  private double(start: number): WordPart {
    const from = ++this.at;
    const parts = this.quotedParts(DOUBLE);
    const end = this.at;
    this.region('double', from, end);
    if (this.code() === DOUBLE) this.at++;
    else this.error(start, from, 'This quote is not closed');
    return { kind: 'double', parts, start, end: this.at };
  }

  /** What stands inside double quotes or an unquoted heredoc, up to `stop` or the limit. */
  private quotedParts(stop: number): WordPart[] {
    const parts: WordPart[] = [];
    let text = '', textStart = -1;
    const flush = (): void => {
      if (textStart >= 0) parts.push({ kind: 'text', value: text, start: textStart, end: this.at });
      text = '';
      textStart = -1;
    };
    for (let c = this.code(); c >= 0 && c !== stop; c = this.code()) {
      if (c === BACKSLASH) {
        if (textStart < 0) textStart = this.at;
        const next = this.text[this.at + 1] ?? '';
        if (next === '\n') text += '';
        else text += '$`"\\'.includes(next) && next !== '' ? next : `\\${next}`;
        this.at = Math.min(this.at + 2, this.limit);
        continue;
      }
      if (c === DOLLAR || c === BACKTICK) {
        flush();
        const part = c === DOLLAR ? this.dollar(true) : this.backtick();
        if (part) { parts.push(part); continue; }
      }
      if (textStart < 0) textStart = this.at;
      const from = this.at++;
      this.skipQuotedPlain();
      text += this.text.slice(from, this.at);
    }
    flush();
    return parts;
  }

  /** At `$`. `quoted`: inside double quotes, where `'` is an ordinary character of `${…}`. */
  private dollar(quoted: boolean): WordPart | undefined {
    const next = this.code(1);
    if (next === OPEN) {
      if (this.code(2) === OPEN) {
        const arithmetic = this.arithmetic(this.at + 1);
        if (arithmetic) return arithmetic;
      }
      return this.parenthesised('$(');
    }
    if (next === BRACE) return this.atExpression() ? this.expression() : this.braced(quoted);
    const start = this.at;
    let end = start + 1;
    if (isNameStart(next)) {
      end++;
      while (end < this.limit && isNamePart(this.text.charCodeAt(end))) end++;
    } else if (next >= 0 && '0123456789@*#?$!-'.includes(this.text[end]!)) end++;
    else return undefined;
    this.at = end;
    return { kind: 'parameter', name: this.text.slice(start + 1, end), simple: true, parts: [], start, end };
  }

  /** At `${`. */
  private braced(quoted: boolean): WordPart {
    const start = this.at, parts: WordPart[] = [];
    this.at += 2;
    const name = /^[!#]?(\w+|[@*#?$!-])/.exec(this.text.slice(this.at, Math.min(this.at + 100, this.limit)))?.[0] ?? '';
    this.at += name.length;
    const simple = this.code() === BRACE_END;
    if (!this.enter()) return { kind: 'parameter', name, simple: false, parts, start, end: this.at };
    for (let c = this.code(); c >= 0 && c !== BRACE_END; c = this.code()) {
      if (c === BACKSLASH) { this.at += 2; continue; }
      const part = c === DOUBLE ? this.double(this.at) : c === BACKTICK ? this.backtick() : c === DOLLAR ? this.dollar(quoted)
        : c === SINGLE && !quoted ? this.single(this.at, false) : undefined;
      if (part) parts.push(part);
      else this.at++;
    }
    this.nesting--;
    this.at = Math.min(this.at, this.limit);
    this.region('parameter', start + 2, this.at);
    if (this.code() === BRACE_END) this.at++;
    else this.error(start, start + 2, 'This `${` is not closed');
    return { kind: 'parameter', name: name.replace(/^[!#](?=.)/, ''), simple, parts, start, end: this.at };
  }

  /** `$(…)`, `<(…)`, `>(…)`. */
  private parenthesised(style: '$(' | '<(' | '>('): WordPart {
    const start = this.at;
    this.at += 2;
    const { pending } = this;
    this.pending = [];
    const body = this.nested(() => this.substitution());
    this.pending = [...pending, ...this.pending];
    this.region('substitution', start + 2, this.at);
    if (this.code() === CLOSE) this.at++;
    else this.error(start, start + 2, `This \`${style}\` is not closed`);
    return { kind: 'substitution', style, body, start, end: this.at };
  }

  protected nested(read: () => AndOr[]): AndOr[] {
    if (!this.enter()) return [];
    const result = read();
    this.nesting--;
    return result;
  }

  /** One level deeper; false, and everything skipped, where that is too deep. */
  private enter(): boolean {
    if (this.nesting < MAX_NESTING) {
      this.nesting++;
      return true;
    }
    this.error(this.at, this.limit, `Nested more than ${MAX_NESTING} levels deep`);
    this.at = this.limit;
    return false;
  }

  private backtick(): WordPart {
    const start = this.at;
    let end = start + 1;
    while (end < this.limit && this.text.charCodeAt(end) !== BACKTICK) end += this.text.charCodeAt(end) === BACKSLASH ? 2 : 1;
    const closed = end < this.limit;
    end = Math.min(end, this.limit);
    if (!closed) this.error(start, start + 1, 'This backtick is not closed');
    this.region('backtick', start + 1, end);
    const body = this.nested(() => this.within(start + 1, end, () => this.substitution()));
    this.at = closed ? end + 1 : end;
    return { kind: 'substitution', style: '`', body, start, end: this.at };
  }

  /**
   * `((…))` whose first parenthesis is at `open`; the cursor may stand on a `$` before it. Undefined (and nothing read) where the
   * two closing parentheses don't stand together: then it is a subshell.
   */
  protected arithmetic(open: number): WordPart | undefined {
    let depth = 0, end = open;
    for (; end < this.limit; end++) {
      const c = this.text.charCodeAt(end);
      if (c === OPEN) depth++;
      else if (c === CLOSE && --depth === 0) break;
    }
    if (end >= this.limit || this.text.charCodeAt(end - 1) !== CLOSE) return undefined;
    // `((a) && (b))` has its last two side by side too, but its second opening one is closed earlier.
    let inner = 0;
    for (let i = open + 1; i < end - 1; i++) {
      const c = this.text.charCodeAt(i);
      if (c === OPEN) inner++;
      else if (c === CLOSE && --inner === 0) return undefined;
    }
    const start = this.at;
    const parts = this.within(open + 2, end - 1, () => this.quotedParts(-1));
    this.region('arithmetic', open + 2, end - 1);
    this.at = end + 1;
    return { kind: 'arithmetic', parts, start, end: this.at };
  }

  protected finish(): Pick<ScriptAst, 'comments' | 'expressions' | 'heredocs' | 'errors' | 'regions'> {
    this.regions.sort((a, b) => a.start - b.start || b.end - a.end);
    this.comments.sort((a, b) => a.start - b.start);
    this.expressions.sort((a, b) => a.start - b.start);
    // A heredoc's body that a shell reads was read twice.
    const expressions = this.expressions.filter((e, i, all) => e.start !== all[i - 1]?.start);
    return { comments: this.comments, expressions, heredocs: this.heredocs, errors: this.errors, regions: this.regions };
  }
}

export function isNameStart(c: number): boolean { return (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95; }
export function isNamePart(c: number): boolean { return isNameStart(c) || (c >= 48 && c <= 57); }

/** What quote removal leaves, where that is known. */
export function literalOf(parts: readonly WordPart[]): string | undefined {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.kind === 'text') return only.value;
  let text = '';
  for (const p of parts) {
    const piece = p.kind === 'text' || p.kind === 'single' ? p.value : p.kind === 'double' ? literalOf(p.parts) : undefined;
    if (piece === undefined) return undefined;
    text += piece;
  }
  return text;
}
