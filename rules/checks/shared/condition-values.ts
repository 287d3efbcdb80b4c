/**
 * What a condition comes to, given what is known of the run. Only what is certain counts: everything else stays open.
 * `trigger-condition.ts` answers for a run that goes well so far; here failed and cancelled runs count too.
 */
import { dottedPath, type Expr } from '../../workflow/expressions';

type Literal = string | number | boolean | null;
export type TextTest = 'equals' | 'startsWith' | 'endsWith' | 'contains';

/** What is known of a run. Paths and texts are in lower case, as GitHub compares without regard to it. */
export interface RunFacts {
  /** The value of a context path; undefined where it is open. */
  value(path: string): Literal | undefined;
  /** Whether the text at a path passes a test; undefined where that is open. Asked where `value` has no answer. */
  test(path: string, how: TextTest, text: string): boolean | undefined;
  /** `success()`, `failure()`, `cancelled()`. */
  readonly status: 'success' | 'failure' | 'cancelled';
}

/** True, false, or undefined where it is open. */
export function decide(expr: Expr, facts: RunFacts): boolean | undefined {
  switch (expr.kind) {
    case 'literal': return truthy(expr.value);
    case 'not': {
      const inner = decide(expr.operand, facts);
      return inner === undefined ? undefined : !inner;
    }
    case 'binary': return binary(expr, facts);
    case 'call': return call(expr, facts);
    case 'context': case 'property': case 'index': {
      const known = facts.value(dottedPath(expr) ?? '');
      return known === undefined ? undefined : truthy(known);
    }
    case 'missing': return undefined;
  }
}

/**
 * The part of a condition that makes it false: the last comparison or call that is false for sure, the whole where it takes several.
 * Undefined where the condition is not false for sure.
 */
export function falsePart(expr: Expr, facts: RunFacts): Expr | undefined {
  if (decide(expr, facts) !== false) return undefined;
  if (expr.kind === 'binary' && expr.operator === '&&') return falsePart(expr.left, facts) ?? falsePart(expr.right, facts) ?? expr;
  return expr;
}

function truthy(v: Literal): boolean { return v !== null && v !== false && v !== 0 && v !== '' && !Number.isNaN(v); }

function binary(expr: Extract<Expr, { kind: 'binary' }>, facts: RunFacts): boolean | undefined {
  const { operator } = expr;
  if (operator === '&&' || operator === '||') {
    const left = decide(expr.left, facts), right = decide(expr.right, facts), decisive = operator === '||';
    if (left === decisive || right === decisive) return decisive;
    if (operator === '&&' && excludeEachOther(expr.left, expr.right)) return false;
    return left === undefined || right === undefined ? undefined : !decisive;
  }
  if (operator !== '==' && operator !== '!=') return undefined;
  const equal = equals(expr.left, expr.right, facts) ?? equals(expr.right, expr.left, facts);
  return equal === undefined ? undefined : operator === '==' ? equal : !equal;
}

/** `github.event_name == 'a' && github.event_name == 'b'`: a literal is itself only. */
function excludeEachOther(left: Expr, right: Expr): boolean {
  const a = comparison(left), b = comparison(right);
  return a !== undefined && b !== undefined && a.path === b.path && /^github\.(?:event_name|ref|ref_name|ref_type|repository|actor|event\.action)$/.test(a.path) && a.text !== b.text;
}

function comparison(expr: Expr): { path: string; text: string } | undefined {
  if (expr.kind !== 'binary' || expr.operator !== '==') return undefined;
  const path = dottedPath(expr.left) ?? dottedPath(expr.right), literal = expr.left.kind === 'literal' ? expr.left : expr.right;
  return path !== undefined && literal.kind === 'literal' && typeof literal.value === 'string' ? { path, text: literal.value.toLowerCase() } : undefined;
}

function literalOf(expr: Expr, facts: RunFacts): Literal | undefined {
  if (expr.kind === 'literal') return expr.value;
  const path = dottedPath(expr);
  if (path !== undefined) return facts.value(path);
  // `(a == 'x') == true`
  return expr.kind === 'binary' || expr.kind === 'not' || expr.kind === 'call' ? decide(expr, facts) : undefined;
}

function equals(subject: Expr, other: Expr, facts: RunFacts): boolean | undefined {
  const text = literalOf(other, facts), known = literalOf(subject, facts);
  if (text === undefined) {
    // Two paths: the branch and the default branch.
    const a = dottedPath(subject), b = dottedPath(other);
    return a !== undefined && b !== undefined ? facts.test(a, 'equals', `\${${b}}`) : undefined;
  }
  if (known !== undefined) {
    if (typeof known === 'string' && typeof text === 'string') return known.toLowerCase() === text.toLowerCase();
    if (typeof known === typeof text) return known === text;
    // Between types GitHub compares numbers; nothing at all is 0, as is the empty text.
    if (known === null && typeof text === 'string') return text.trim() === '' || Number(text) === 0;
    if (known === null && typeof text === 'boolean') return !text;
    return undefined;
  }
  const path = dottedPath(subject);
  return path !== undefined && typeof text === 'string' ? facts.test(path, 'equals', text.toLowerCase()) : undefined;
}

function call(expr: Extract<Expr, { kind: 'call' }>, facts: RunFacts): boolean | undefined {
  const name = expr.name.toLowerCase();
  if (name === 'always') return true;
  if (name === 'success' || name === 'failure' || name === 'cancelled') return facts.status === name;
  const [first, second] = expr.args;
  if (!first || !second) return undefined;
  if (name === 'startswith' || name === 'endswith' || (name === 'contains' && second.kind === 'literal')) {
    const text = literalOf(second, facts), known = literalOf(first, facts), path = dottedPath(first);
    if (typeof text !== 'string') return undefined;
    const wanted = text.toLowerCase();
    if (typeof known === 'string' || known === null) {
      const has = (known ?? '').toLowerCase();
      return name === 'startswith' ? has.startsWith(wanted) : name === 'endswith' ? has.endsWith(wanted) : has.includes(wanted);
    }
    return path === undefined ? undefined : facts.test(path, name === 'startswith' ? 'startsWith' : name === 'endswith' ? 'endsWith' : 'contains', wanted);
  }
  if (name === 'contains') {
    const list = stringsOf(first), path = dottedPath(second);
    if (!list || path === undefined) return undefined;
    const answers = list.map(text => {
      const known = facts.value(path);
      if (known !== undefined) return String(known ?? '').toLowerCase() === text;
      return facts.test(path, 'equals', text);
    });
    return answers.includes(true) ? true : answers.every(a => a === false) ? false : undefined;
  }
  return undefined;
}

/** `fromJSON('["a", "b"]')` in lower case. */
function stringsOf(expr: Expr): string[] | undefined {
  const literal = expr.kind === 'call' && expr.name.toLowerCase() === 'fromjson' ? expr.args[0] : undefined;
  if (literal?.kind !== 'literal' || typeof literal.value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(literal.value);
    return Array.isArray(parsed) ? parsed.map(p => String(p).toLowerCase()) : undefined;
  } catch {
    return undefined;
  }
}
