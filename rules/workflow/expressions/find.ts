import type { Expr, ExprError, Expression } from './ast';
import { parseExpression, type ParsedExpression } from './parser';

/** Most expressions are only counted or searched for a word: the tree is made when somebody asks for it. */
class FoundExpression implements Expression {
  #parsed: ParsedExpression | undefined;

  constructor(
    readonly start: number, readonly end: number, readonly bare: boolean, readonly closed: boolean, readonly source: string,
  ) {}

  get root(): Expr { return this.#tree.root; }
  get errors(): readonly ExprError[] { return this.#tree.errors; }

  get #tree(): ParsedExpression {
    if (this.#parsed) return this.#parsed;
    const { start, closed } = this;
    const parsed = parseExpression(this.source, this.bare ? 0 : start + 3);
    const unclosed = { start, end: start + 3, message: 'This `${{` has no closing `}}`' };
    return this.#parsed = closed ? parsed : { root: parsed.root, errors: [...parsed.errors, unclosed] };
  }
}

/**
 * Every `${{ … }}` of a scalar's value, in order. Quotes inside an expression hide `}}`, as they do for GitHub. One without its
 * `}}` ends with its line. With `bare`, a value without any `${{` is an expression as a whole (a condition).
 */
export function expressionsIn(value: string, options: { readonly bare: boolean }): Expression[] {
  const found: Expression[] = [];
  let open = value.indexOf('${{');
  if (open < 0) {
    if (!options.bare || value.trim() === '') return found;
    return [new FoundExpression(0, value.length, true, true, value)];
  }
  while (open >= 0) {
    const close = closeOf(value, open + 3);
    const end = close < 0 ? lineEnd(value, open) : close + 2;
    const source = value.slice(open + 3, close < 0 ? end : close);
    found.push(new FoundExpression(open, end, false, close >= 0, source));
    open = value.indexOf('${{', end);
  }
  return found;
}

/**
 * Offset of the `}}` that ends an expression, -1 where there is none. What opens again before it is closed, on a later line, is
 * taken as unclosed: people type the opening first.
 */
export function closeOf(value: string, from: number): number {
  let quoted = false, newLine = false;
  for (let i = from; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c === 39) quoted = !quoted;
    else if (c === 10) newLine = true;
    else if (newLine && c === 36 && value.startsWith('${{', i)) return -1;
    else if (!quoted && c === 125 && value.charCodeAt(i + 1) === 125) return i;
  }
  return -1;
}

function lineEnd(value: string, from: number): number {
  const i = value.indexOf('\n', from);
  return i < 0 ? value.length : value[i - 1] === '\r' ? i - 1 : i;
}
