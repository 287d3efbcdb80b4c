import type { Expression } from './ast';
import { parseExpression } from './parser';

/**
 * Every `${{ … }}` of a scalar's value, in order. Quotes inside an expression hide `}}`, as they do for GitHub. One without its
 * `}}` ends with its line. With `bare`, a value without any `${{` is an expression as a whole (a condition).
 */
export function expressionsIn(value: string, options: { readonly bare: boolean }): Expression[] {
  const found: Expression[] = [];
  let open = value.indexOf('${{');
  if (open < 0) {
    if (!options.bare || value.trim() === '') return found;
    return [{ start: 0, end: value.length, bare: true, closed: true, source: value, ...parseExpression(value) }];
  }
  while (open >= 0) {
    const close = closeOf(value, open + 3);
    const end = close < 0 ? lineEnd(value, open) : close + 2;
    const source = value.slice(open + 3, close < 0 ? end : close);
    const { root, errors } = parseExpression(source, open + 3);
    found.push({
      start: open, end, bare: false, closed: close >= 0, source, root,
      errors: close >= 0 ? errors : [...errors, { start: open, end: open + 3, message: 'This `${{` has no closing `}}`' }],
    });
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
