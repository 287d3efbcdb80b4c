/**
 * Tokens of GitHub's expression language. Follows GitHub's own lexer, where `.` starts a number unless it stands behind
 * something that can have properties, and where a bad word runs up to the next boundary. Never throws: what is no token
 * becomes one of kind `bad` with a message.
 */
import type { ExprError, ExprRange } from './ast';

export type TokenKind =
  | '(' | ')' | '[' | ']' | ',' | '.' | '*' | '!' | '&&' | '||' | '==' | '!=' | '<' | '<=' | '>' | '>='
  | 'number' | 'string' | 'name' | 'keyword' | 'bad' | 'end';

export interface Token extends ExprRange {
  readonly kind: TokenKind;
  readonly text: string;
  readonly value?: string | number | boolean | null;
}

export const KEYWORDS = new Map<string, number | boolean | null>([
  ['true', true], ['false', false], ['null', null], ['NaN', NaN], ['Infinity', Infinity],
]);

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const PUNCTUATION = '()[],*';
const BOUNDARY = '([)],.!><=&|';

function isBoundary(c: string): boolean {
  return BOUNDARY.includes(c) || /\s/.test(c);
}

/** Tokens of `source` with their offsets moved by `base`; the last one is `end`. */
export function tokenize(source: string, base: number): { tokens: Token[]; errors: ExprError[] } {
  const tokens: Token[] = [], errors: ExprError[] = [];
  let at = 0;

  const push = (kind: TokenKind, start: number, value?: Token['value']): void => {
    tokens.push({ kind, start: base + start, end: base + at, text: source.slice(start, at), value });
  };
  const bad = (start: number, message: string): void => {
    push('bad', start);
    errors.push({ start: base + start, end: base + at, message });
  };
  const toBoundary = (dots: boolean): void => {
    while (at < source.length && (!isBoundary(source[at]!) || (dots && source[at] === '.'))) at++;
  };
  const number = (start: number): void => {
    toBoundary(true);
    const text = source.slice(start, at), value = Number(text);
    if (Number.isNaN(value)) bad(start, `\`${text}\` is not a number`);
    else push('number', start, value);
  };
  const word = (start: number): void => {
    toBoundary(false);
    const text = source.slice(start, at);
    if (!NAME.test(text)) bad(start, text.startsWith('"')
      ? 'Strings stand in single quotes here' : `Unexpected symbol \`${text}\``);
    else if (KEYWORDS.has(text) && tokens.at(-1)?.kind !== '.') push('keyword', start, KEYWORDS.get(text));
    else push('name', start);
  };
  const string = (start: number): void => {
    let value = '';
    for (;;) {
      const quote = source.indexOf('\'', at);
      if (quote < 0) {
        at = source.length;
        return bad(start, 'This string has no closing quote');
      }
      value += source.slice(at, quote);
      at = quote + 1;
      if (source[at] !== '\'') break;
      value += '\'';
      at++;
    }
    push('string', start, value);
  };

  while (at < source.length) {
    const start = at, c = source[at++]!, next = source[at];
    if (c === ' ' || c === '\t' || c === '\r' || c === '\n') continue;
    if (PUNCTUATION.includes(c)) push(c as TokenKind, start);
    else if (c === '\'') string(start);
    else if (c === '.') {
      const before = tokens.at(-1)?.kind;
      if (before === 'name' || before === ']' || before === ')' || before === '*') push('.', start);
      else number(start);
    } else if (c === '-' || c === '+' || (c >= '0' && c <= '9')) number(start);
    else if (c === '!' || c === '<' || c === '>') {
      if (next === '=') at++;
      push((next === '=' ? c + '=' : c) as TokenKind, start);
    } else if ((c === '=' || c === '&' || c === '|') && next === c) {
      at++;
      push((c + c) as TokenKind, start);
    } else word(start);
  }
  tokens.push({ kind: 'end', start: base + source.length, end: base + source.length, text: '' });
  return { tokens, errors };
}
