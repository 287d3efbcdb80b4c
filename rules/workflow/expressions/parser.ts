import type { Expr, ExprError } from './ast';
import { KEYWORDS, tokenize, type Token, type TokenKind } from './lexer';

/** GitHub's own limits: what goes beyond them does not run. */
export const MAX_LENGTH = 21_000;
export const MAX_DEPTH = 50;
/** Ours: keeps trees of one long `a == b == …` chain shallow enough to walk. GitHub has no such limit. */
export const MAX_CHAIN = 500;

export interface ParsedExpression {
  readonly root: Expr;
  readonly errors: readonly ExprError[];
}

type Binary = Extract<Expr, { kind: 'binary' }>['operator'];
const LEVELS: readonly (readonly Binary[])[] = [['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>=']];

/**
 * Parses what stands between `${{` and `}}`, or a bare condition. Never throws: half-typed text gives a tree with `missing`
 * operands and errors. A tree without errors is one that GitHub's parser accepts, as far as syntax goes: names of contexts
 * and functions and counts of arguments are not looked at.
 *
 * `offset` is added to every position. A node in parentheses has the parentheses in its range.
 */
export function parseExpression(source: string, offset = 0): ParsedExpression {
  if (source.length > MAX_LENGTH) {
    const range = { start: offset, end: offset + source.length };
    return { root: { kind: 'missing', ...range }, errors: [{ ...range, message: `An expression can have ${MAX_LENGTH} characters at most` }] };
  }
  return plainPath(source, offset) ?? new Parser(source, offset).parse();
}

const NO_ERRORS: readonly ExprError[] = [];
/** `github.event.issue.title` with nothing around it. */
const PLAIN_PATH = /^[ \t\r\n]*([A-Za-z_][\w-]*)((?:\.[A-Za-z_][\w-]*)+)[ \t\r\n]*$/;

/** What most expressions are needs no tokens. Undefined for everything else. */
function plainPath(source: string, offset: number): ParsedExpression | undefined {
  const found = PLAIN_PATH.exec(source);
  if (!found) return undefined;
  const [, first, rest] = found;
  // `true.x` is no context.
  if (KEYWORDS.has(first!)) return undefined;
  let start = offset;
  for (let i = 0; source.charCodeAt(i) !== first!.charCodeAt(0); i++) start++;
  let end = start + first!.length;
  let root: Expr = { kind: 'context', name: first!, nameRange: { start, end }, start, end };
  const names = rest!.split('.');
  if (names.length >= MAX_DEPTH) return undefined;
  for (let i = 1; i < names.length; i++) {
    const name = names[i]!, from = end + 1;
    end = from + name.length;
    root = { kind: 'property', object: root, name, nameRange: { start: from, end }, start, end };
  }
  return { root, errors: NO_ERRORS };
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #errors: ExprError[];
  #at = 0;
  #depth = 0;
  #tooDeep = false;

  constructor(source: string, offset: number) {
    const { tokens, errors } = tokenize(source, offset);
    this.#tokens = tokens;
    this.#errors = errors;
  }

  parse(): ParsedExpression {
    const root = this.#expression();
    if (!this.#is('end')) this.#unexpected();
    this.#errors.sort((a, b) => a.start - b.start);
    return { root, errors: this.#errors };
  }

  get #token(): Token { return this.#tokens[this.#at]!; }
  get #previousEnd(): number { return this.#tokens[this.#at - 1]?.end ?? this.#tokens[0]!.start; }

  #is(kind: TokenKind): boolean { return this.#token.kind === kind; }

  #take(kind: TokenKind): Token | undefined {
    const token = this.#token;
    if (token.kind !== kind || kind === 'end') return undefined;
    this.#at++;
    return token;
  }

  #error(start: number, end: number, message: string): void {
    // One error per place: the lexer may have named the very token that the parser stumbles over.
    if (!this.#errors.some(e => e.start === start)) this.#errors.push({ start, end, message });
  }

  #unexpected(): void {
    const t = this.#token;
    this.#error(t.start, t.end, t.kind === 'end' ? 'Something is missing at the end of the expression' : `Unexpected \`${t.text}\``);
  }

  #missing(): Expr {
    this.#unexpected();
    // A bad token stands where an operand was meant: it is the operand.
    const bad = this.#take('bad');
    const at = bad ?? { start: this.#previousEnd, end: this.#previousEnd };
    return { kind: 'missing', start: at.start, end: at.end };
  }

  /** Counts nesting as GitHub's parser does, and gives up for good where that would. */
  #nest<T>(levels: number, body: () => T, otherwise: () => T): T {
    this.#depth += levels;
    try {
      if (this.#depth <= MAX_DEPTH && !this.#tooDeep) return body();
      if (!this.#tooDeep) {
        this.#tooDeep = true;
        this.#error(this.#token.start, this.#token.end, `This expression is nested more than ${MAX_DEPTH} levels deep`);
      }
      this.#at = this.#tokens.length - 1;
      return otherwise();
    } finally {
      this.#depth -= levels;
    }
  }

  #expression(): Expr {
    return this.#nest(1, () => this.#binary(0), () => this.#missing());
  }

  #binary(level: number): Expr {
    const operators = LEVELS[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    const extend = (): Expr => {
      for (let count = 0; ; count++) {
        const operator = operators.find(o => this.#is(o));
        if (!operator) return left;
        if (count === MAX_CHAIN) {
          this.#error(this.#token.start, this.#token.end, `More than ${MAX_CHAIN} operators in a row are not read`);
          this.#at = this.#tokens.length - 1;
          return left;
        }
        this.#at++;
        const right = this.#binary(level + 1);
        left = { kind: 'binary', operator, left, right, start: left.start, end: Math.max(left.end, right.end) };
      }
    };
    return level < 2 && operators.some(o => this.#is(o)) ? this.#nest(1, extend, () => left) : extend();
  }

  #unary(): Expr {
    const bang = this.#take('!');
    if (!bang) return this.#postfix();
    return this.#nest<Expr>(1, () => {
      const operand = this.#unary();
      return { kind: 'not', operand, start: bang.start, end: operand.end };
    }, () => this.#missing());
  }

  #postfix(): Expr {
    const first = this.#token.kind;
    let object = this.#primary();
    if (first !== 'name' && first !== '(') return object;
    let depth = 0;
    for (;;) {
      const open = this.#take('['), dot = open ? undefined : this.#take('.');
      if (!open && !dot) break;
      const inner = object;
      object = this.#nest<Expr>(depth, () => open ? this.#index(inner) : this.#property(inner, dot!), () => inner);
      // The level counts once the access is complete.
      this.#nest(++depth, () => undefined, () => undefined);
    }
    return object;
  }

  #index(object: Expr): Expr {
    const index = this.#take('*') ? undefined : this.#expression();
    const close = this.#close(']');
    return { kind: 'index', object, index, start: object.start, end: close };
  }

  #property(object: Expr, dot: Token): Expr {
    const name = this.#take('name') ?? this.#take('*');
    const range = name ? { start: name.start, end: name.end } : { start: dot.end, end: dot.end };
    if (!name) {
      this.#unexpected();
      this.#take('bad');
    }
    return { kind: 'property', object, name: name?.text ?? '', nameRange: range, start: object.start, end: range.end };
  }

  /** The closing bracket's end; where it is missing, skips to the next place that makes sense. */
  #close(kind: ')' | ']'): number {
    const token = this.#take(kind);
    if (token) return token.end;
    this.#unexpected();
    let open = 0;
    while (!this.#is('end')) {
      const k = this.#token.kind;
      if (k === '(' || k === '[') open++;
      else if (k === ')' || k === ']') {
        if (open-- === 0) return this.#take(kind)?.end ?? this.#previousEnd;
      }
      this.#at++;
    }
    return this.#previousEnd;
  }

  #primary(): Expr {
    const token = this.#token;
    const { start, end } = token;
    switch (token.kind) {
      case 'number': case 'string': case 'keyword':
        this.#at++;
        return { kind: 'literal', value: token.value ?? null, start, end };
      case '(': {
        this.#at++;
        const inner = this.#expression();
        return { ...inner, start, end: this.#close(')') };
      }
      case 'name':
        this.#at++;
        if (this.#take('(')) return this.#call(token);
        return { kind: 'context', name: token.text, nameRange: { start, end }, start, end };
      default:
        return this.#missing();
    }
  }

  #call(name: Token): Expr {
    const args: Expr[] = [];
    let end: number;
    for (;;) {
      const close = this.#take(')');
      if (close) {
        end = close.end;
        break;
      }
      args.push(this.#expression());
      // GitHub's parser lets a comma stand before the closing parenthesis.
      if (this.#take(',')) continue;
      end = this.#close(')');
      break;
    }
    return { kind: 'call', name: name.text, nameRange: { start: name.start, end: name.end }, args, start: name.start, end };
  }
}
