import { closeOf } from '../expressions/find';
import type { AndOr, Command, Compound, Pipeline, Redirection, Region, RegionKind, ScriptAst, ScriptRange, Word, WordPart } from './ast';
import { isNamePart, isNameStart, literalOf, MAX_NESTING } from './words';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const LF = 10, DOUBLE = 34, HASH = 35, DOLLAR = 36, AMP = 38, SINGLE = 39, OPEN = 40, CLOSE = 41, LESS = 60, AT = 64, BACKTICK = 96, BRACE = 123, PIPE = 124, BRACE_END = 125;

/** Words that are statements, not commands; what follows them in parentheses or braces is read as a list. */
const KEYWORDS = new Set(['if', 'elseif', 'else', 'foreach', 'for', 'while', 'do', 'until', 'switch', 'try', 'catch', 'finally', 'param', 'begin', 'process',
  'end', 'return', 'throw', 'function', 'filter', 'trap', 'in', 'break', 'continue']);

/**
 * Reads a PowerShell script: comments, here-strings, quotes, pipelines, commands, also inside `$(…)`, `(…)` and `{…}`. It is a
 * tokenizer with a sense of where commands begin; expressions (`$a = 1`, `$x.Foo()`) are words of a command without a name.
 */
export function parsePowerShell(text: string): ScriptAst {
  return new PowerShellParser(text).script();
}

class PowerShellParser {
  #at = 0;
  #nesting = 0;
  readonly #commands: Command[] = [];
  readonly #regions: Region[] = [];
  readonly #comments: ScriptRange[] = [];
  readonly #expressions: ScriptRange[] = [];
  readonly #errors: { start: number; end: number; message: string }[] = [];
  #inside: AndOr['inside'];

  constructor(readonly text: string) {}

  script(): ScriptAst {
    const body: AndOr[] = [];
    while (this.#at < this.text.length) {
      body.push(...this.#list());
      if (this.#at < this.text.length) {
        this.#errors.push({ start: this.#at, end: this.#at + 1, message: `\`${this.text[this.#at]}\` closes nothing` });
        this.#at++;
      }
    }
    this.#commands.sort((a, b) => a.start - b.start || b.end - a.end);
    this.#expressions.sort((a, b) => a.start - b.start);
    this.#regions.sort((a, b) => a.start - b.start || b.end - a.end);
    return {
      text: this.text, dialect: 'powershell', body, commands: this.#commands, comments: this.#comments, expressions: this.#expressions, heredocs: [], errors: this.#errors, regions: this.#regions,
    };
  }

  #code(offset = 0): number {
    const i = this.#at + offset;
    return i < this.text.length ? this.text.charCodeAt(i) : -1;
  }

  #region(kind: RegionKind, start: number, end: number): void { if (end > start) this.#regions.push({ kind, start, end }); }

  #blanks(): void {
    for (;;) {
      const c = this.#code();
      if (c === 32 || c === 9 || c === 13) this.#at++;
      else if (c === BACKTICK && (this.#code(1) === LF || this.#code(1) === 13)) this.#at += this.#code(1) === LF ? 2 : 3;
      else if (c === HASH) this.#comment(this.text.indexOf('\n', this.#at));
      else if (c === LESS && this.#code(1) === HASH) {
        const end = this.text.indexOf('#>', this.#at);
        this.#comment(end < 0 ? end : end + 2);
      } else return;
    }
  }

  #comment(end: number): void {
    const start = this.#at;
    this.#at = end < 0 ? this.text.length : end;
    this.#comments.push({ start, end: this.#at });
    this.#region('comment', start, this.#at);
  }

  /** Statements up to `)` or `}` (left unread) or the end. */
  #list(): AndOr[] {
    const list: AndOr[] = [];
    for (;;) {
      this.#blanks();
      const c = this.#code();
      if (c < 0 || c === CLOSE || c === BRACE_END) return list;
      if (c === LF || c === 59 || c === 44) { this.#at++; continue; }
      const before = this.#at, statement = this.#andOr();
      if (statement) list.push(statement);
      else if (this.#at === before) this.#at++;
    }
  }

  #andOr(): AndOr | undefined {
    const pipelines: Pipeline[] = [], operators: ('&&' | '||')[] = [];
    const list: Mutable<AndOr> = { pipelines, operators, background: false, condition: false, inside: this.#inside, start: this.#at, end: this.#at };
    for (;;) {
      const pipeline = this.#pipeline(list);
      if (!pipeline) break;
      pipelines.push(pipeline);
      list.end = pipeline.end;
      this.#blanks();
      const c = this.#code();
      if ((c !== AMP && c !== PIPE) || this.#code(1) !== c) break;
      operators.push(c === AMP ? '&&' : '||');
      this.#at += 2;
      this.#lineBreaks();
    }
    if (pipelines.length === 0) return undefined;
    if (operators.length === pipelines.length) operators.pop();
    return list;
  }

  #lineBreaks(): void {
    for (this.#blanks(); this.#code() === LF; this.#blanks()) this.#at++;
  }

  #pipeline(list: AndOr): Pipeline | undefined {
    const parts: (Command | Compound)[] = [];
    const pipeline: Mutable<Pipeline> = { negated: false, parts, list, start: this.#at, end: this.#at };
    for (;;) {
      this.#blanks();
      const command = this.#command(pipeline);
      if (!command) break;
      parts.push(command);
      pipeline.end = command.end;
      this.#blanks();
      if (this.#code() !== PIPE || this.#code(1) === PIPE) break;
      this.#at++;
      this.#lineBreaks();
    }
    return parts.length > 0 ? pipeline : undefined;
  }

  #command(pipeline: Pipeline): Command | undefined {
    const start = this.#at, words: Word[] = [], redirections: Redirection[] = [];
    // `&` and `.` call what follows.
    const call = (this.#code() === AMP && this.#code(1) !== AMP) || (this.#code() === 46 && /\s/.test(this.text[this.#at + 1] ?? ''));
    if (call) {
      this.#at++;
      this.#blanks();
    }
    let end = start;
    for (;;) {
      this.#blanks();
      const redirection = this.#redirection();
      if (redirection) { redirections.push(redirection); end = this.#at; continue; }
      const c = this.#code();
      if (c < 0 || c === LF || c === 59 || c === CLOSE || c === BRACE_END || c === PIPE || (c === AMP && this.#code(1) === AMP)) break;
      const word = this.#word();
      if (!word) { this.#at++; end = this.#at; continue; }
      words.push(word);
      end = this.#at;
    }
    if (words.length === 0 && redirections.length === 0) return undefined;
    const first = words[0];
    const named = first && (call || /^[A-Za-z_.\\/~]/.test(this.text.slice(first.start, first.start + 1)));
    const name = named ? first.literal : undefined;
    const command: Command = {
      kind: 'command', words: name !== undefined && KEYWORDS.has(name.toLowerCase()) ? [] : words, assignments: [], redirections, pipeline, options: {}, functions: [],
      name: name !== undefined && KEYWORDS.has(name.toLowerCase()) ? undefined : name, start, end,
    };
    this.#commands.push(command);
    return command;
  }

  #redirection(): Redirection | undefined {
    const match = /^([1-6*]?)(>>|>&\d|>)/.exec(this.text.slice(this.#at, this.#at + 4));
    if (!match) return undefined;
    const start = this.#at;
    this.#at += match[0].length;
    this.#blanks();
    const target = match[2]!.startsWith('>&') ? undefined : this.#word();
    return { start, end: this.#at, operator: match[2]!, fd: match[1] || undefined, target };
  }

  #word(): Word | undefined {
    const start = this.#at, parts: WordPart[] = [];
    let text = '', textStart = -1;
    const flush = (): void => {
      if (textStart >= 0) parts.push({ kind: 'text', value: text, start: textStart, end: this.#at });
      text = '';
      textStart = -1;
    };
    for (let c = this.#code(); c >= 0; c = this.#code()) {
      if (c === 32 || c === 9 || c === 13 || c === LF || c === 59 || c === PIPE || c === CLOSE || c === BRACE_END || (c === AMP && this.#code(1) === AMP)) break;
      const part = this.#part(c, flush);
      if (part) { parts.push(part); continue; }
      if (textStart < 0) textStart = this.#at;
      if (c === BACKTICK && this.#code(1) >= 0) this.#at++;
      text += this.text[this.#at++];
    }
    if (this.#at === start) return undefined;
    flush();
    return { start, end: this.#at, parts, literal: literalOf(parts) };
  }

  #part(c: number, flush: () => void): WordPart | undefined {
    const next = this.#code(1);
    if (c === AT && (next === SINGLE || next === DOUBLE)) { flush(); return this.#hereString(next); }
    if (c === SINGLE) { flush(); return this.#single(); }
    if (c === DOUBLE) { flush(); return this.#double(); }
    if (c === DOLLAR) {
      if (next !== OPEN && next !== BRACE && !isNameStart(next) && !(next >= 0 && '_?^$'.includes(this.text[this.#at + 1]!))) return undefined;
      flush();
      return this.#dollar();
    }
    if (c === OPEN || c === BRACE || (c === AT && (next === OPEN || next === BRACE))) {
      flush();
      if (c === AT) this.#at++;
      return this.#bracketed(this.#at - (c === AT ? 1 : 0));
    }
    return undefined;
  }

  #expression(): WordPart {
    const start = this.#at, close = closeOf(this.text, start + 3), line = this.text.indexOf('\n', start);
    this.#at = close >= 0 ? close + 2 : line < 0 ? this.text.length : line;
    if (close >= 0) this.#expressions.push({ start, end: this.#at });
    return { kind: 'expression', start, end: this.#at };
  }

  /** Reads a list between brackets; the cursor is at the opening one. */
  #bracketed(start: number): WordPart {
    const open = this.#at++;
    const close = this.text.charCodeAt(open) === BRACE ? BRACE_END : CLOSE;
    const body: AndOr[] = [];
    if (this.#nesting >= MAX_NESTING) {
      this.#errors.push({ start: open, end: this.text.length, message: `Nested more than ${MAX_NESTING} levels deep` });
      this.#at = this.text.length;
    } else {
      this.#nesting++;
      const inside = this.#inside;
      this.#inside = 'substitution';
      for (;;) {
        body.push(...this.#list());
        const c = this.#code();
        if (c < 0 || c === close) break;
        this.#at++;
      }
      this.#inside = inside;
      this.#nesting--;
    }
    this.#region('substitution', open + 1, this.#at);
    if (this.#code() === close) this.#at++;
    else this.#errors.push({ start: open, end: open + 1, message: 'This bracket is not closed' });
    return { kind: 'substitution', style: '$(', body, start, end: this.#at };
  }

  #dollar(): WordPart {
    const start = this.#at, next = this.#code(1);
    if (next === OPEN) {
      this.#at++;
      return this.#bracketed(start);
    }
    if (next === BRACE) {
      if (this.#code(2) === BRACE) return this.#expression();
      const close = this.text.indexOf('}', start);
      this.#at = close < 0 ? this.text.length : close + 1;
      return { kind: 'parameter', name: this.text.slice(start + 2, close < 0 ? undefined : close), simple: true, parts: [], start, end: this.#at };
    }
    let end = start + 2;
    while (end < this.text.length && (isNamePart(this.text.charCodeAt(end)) || (this.text[end] === ':' && isNameStart(this.text.charCodeAt(end + 1))))) end++;
    this.#at = end;
    return { kind: 'parameter', name: this.text.slice(start + 1, end), simple: true, parts: [], start, end };
  }

  #single(): WordPart {
    const start = this.#at;
    let end = start + 1;
    for (; end < this.text.length; end++) {
      if (this.text.startsWith('${{', end)) {
        this.#at = end;
        this.#expression();
        end = this.#at - 1;
      } else if (this.text.charCodeAt(end) === SINGLE) {
        if (this.text.charCodeAt(end + 1) !== SINGLE) break;
        end++;
      }
    }
    return this.#quoted('single', start, Math.min(end, this.text.length));
  }

  #quoted(kind: 'single', start: number, end: number): WordPart {
    this.#region(kind, start + 1, end);
    if (end >= this.text.length) this.#errors.push({ start, end: start + 1, message: 'This quote is not closed' });
    this.#at = Math.min(end + 1, this.text.length);
    const value = this.text.slice(start + 1, end);
    return { kind: 'single', value: value.includes('${{') ? undefined : value.replaceAll('\'\'', '\''), start, end: this.#at };
  }

  #double(): WordPart {
    const start = this.#at++;
    const parts = this.#doubleParts(() => this.#code() === DOUBLE && (this.#code(1) !== DOUBLE || (this.#at += 1, false)));
    this.#region('double', start + 1, this.#at);
    if (this.#code() === DOUBLE) this.#at++;
    else this.#errors.push({ start, end: start + 1, message: 'This quote is not closed' });
    return { kind: 'double', parts, start, end: this.#at };
  }

  #doubleParts(done: () => boolean): WordPart[] {
    const parts: WordPart[] = [];
    let text = '', textStart = this.#at;
    while (this.#at < this.text.length && !done()) {
      const c = this.#code(), next = this.#code(1);
      if (c === DOLLAR && (next === OPEN || next === BRACE || isNameStart(next))) {
        if (text) parts.push({ kind: 'text', value: text, start: textStart, end: this.#at });
        text = '';
        parts.push(this.#dollar());
        textStart = this.#at;
        continue;
      }
      if (c === BACKTICK && next >= 0) this.#at++;
      text += this.text[this.#at++];
    }
    if (text) parts.push({ kind: 'text', value: text, start: textStart, end: this.#at });
    return parts;
  }

  /** `@'…'@` and `@"…"@`: the closing mark begins a line. */
  #hereString(quote: number): WordPart {
    const start = this.#at, mark = `${String.fromCharCode(quote)}@`;
    const open = this.text.indexOf('\n', start) + 1;
    let close = open === 0 ? -1 : this.text.indexOf(`\n${mark}`, open - 1);
    const from = open === 0 ? start + 2 : open;
    if (close < 0) {
      this.#errors.push({ start, end: start + 2, message: 'This here-string is not closed' });
      close = this.text.length;
    }
    const end = Math.max(from, close);
    this.#region(quote === SINGLE ? 'heredoc-quoted' : 'heredoc', from, end);
    let part: WordPart;
    if (quote === SINGLE) {
      const value = this.text.slice(from, end);
      part = { kind: 'single', value: value.includes('${{') ? undefined : value, start, end };
    } else {
      this.#at = from;
      part = { kind: 'double', parts: this.#doubleParts(() => this.#at >= end), start, end };
    }
    this.#at = Math.min(close + 1 + mark.length, this.text.length);
    return { ...part, end: this.#at };
  }
}
