/**
 * Whether an `if:` can let something run on an event. Only what is certain counts: whatever depends on the run, on inputs or on
 * data that is not in the file may be true.
 */
import type { Expr, Expression } from '../../workflow/expressions';
import { dottedPath, walkExpr } from '../../workflow/expressions';
import type { Trigger } from '../../workflow/model';

/** What starts a run, as far as conditions can tell. */
export type Started = Pick<Trigger, 'event' | 'types'>;

type Known = { readonly known: string | number | boolean | null };
type Value = Known | 'unknown' | 'truthy';

const of = (known: string | number | boolean | null): Known => ({ known });
const isKnown = (v: Value): v is Known => typeof v === 'object';

/** True unless the condition is certainly false when `trigger` starts the workflow. No condition: true. */
export function canRunOn(condition: Expression | undefined, trigger: Started): boolean {
  if (!condition || condition.errors.length > 0) return true;
  return truth(evaluate(condition.root, trigger)) !== false;
}

/** True where the condition lets a job run although a job it needs was skipped or failed. */
export function ignoresNeeds(condition: Expression | undefined): boolean {
  if (!condition) return false;
  for (const e of walkExpr(condition.root)) {
    if (e.kind === 'call' && ['always', 'cancelled', 'failure'].includes(e.name.toLowerCase())) return true;
  }
  return false;
}

function truth(v: Value): boolean | undefined {
  if (v === 'truthy') return true;
  if (!isKnown(v)) return undefined;
  return !(v.known === false || v.known === null || v.known === '' || v.known === 0);
}

function evaluate(e: Expr, trigger: Started): Value {
  switch (e.kind) {
    case 'literal': return of(e.value);
    case 'not': {
      const t = truth(evaluate(e.operand, trigger));
      return t === undefined ? 'unknown' : of(!t);
    }
    case 'binary': return binary(e, trigger);
    case 'call': return call(e, trigger);
    case 'context': case 'property': case 'index': return context(dottedPath(e), trigger);
    default: return 'unknown';
  }
}

function binary(e: Extract<Expr, { kind: 'binary' }>, trigger: Started): Value {
  const left = evaluate(e.left, trigger);
  if (e.operator === '&&' || e.operator === '||') {
    const right = evaluate(e.right, trigger), l = truth(left), r = truth(right);
    const absorbing = e.operator === '||';
    if (l === absorbing) return absorbing ? left : of(false);
    if (r === absorbing) return absorbing ? 'truthy' : of(false);
    return l === undefined || r === undefined ? 'unknown' : right;
  }
  const right = evaluate(e.right, trigger);
  if (e.operator !== '==' && e.operator !== '!=') return 'unknown';
  const equal = same(left, right) ?? refCannotBe(e, left, right, trigger);
  return equal === undefined ? 'unknown' : of(e.operator === '==' ? equal : !equal);
}

function same(a: Value, b: Value): boolean | undefined {
  if (!isKnown(a) || !isKnown(b)) return undefined;
  if (typeof a.known === 'string' && typeof b.known === 'string') return a.known.toLowerCase() === b.known.toLowerCase();
  return typeof a.known === typeof b.known ? a.known === b.known : undefined;
}

const isPullRequest = (t: Started): boolean => t.event === 'pull_request' || t.event === 'pull_request_review';

/** On a pull request `github.ref` is `refs/pull/<n>/merge`, whatever n is: never a branch, never a tag. */
function refCannotBe(e: Extract<Expr, { kind: 'binary' }>, left: Value, right: Value, trigger: Started): false | undefined {
  if (!isPullRequest(trigger)) return undefined;
  const path = dottedPath(e.left) ?? dottedPath(e.right);
  const other = isKnown(left) ? left.known : isKnown(right) ? right.known : undefined;
  if (typeof other !== 'string') return undefined;
  if (path === 'github.ref' && !other.startsWith('refs/pull/')) return false;
  if (path === 'github.ref_name' && !/^\d+\/merge$/.test(other)) return false;
  return undefined;
}

function call(e: Extract<Expr, { kind: 'call' }>, trigger: Started): Value {
  const name = e.name.toLowerCase();
  if (name === 'always' || name === 'success') return of(true);
  if (name === 'failure' || name === 'cancelled') return of(false);
  const [first, second] = e.args;
  if (!first || !second) return 'unknown';
  if (name === 'startswith') {
    const text = evaluate(second, trigger), subject = evaluate(first, trigger);
    if (isKnown(text) && typeof text.known === 'string') {
      if (isKnown(subject) && typeof subject.known === 'string') return of(subject.known.toLowerCase()
        .startsWith(text.known.toLowerCase()));
      if (dottedPath(first) === 'github.ref' && isPullRequest(trigger) && /^refs\/(?:heads|tags)\//.test(text.known)) return of(false);
    }
  }
  if (name === 'contains' && first.kind === 'call' && first.name.toLowerCase() === 'fromjson') {
    const list = first.args[0]?.kind === 'literal' ? first.args[0].value : undefined, item = evaluate(second, trigger);
    if (typeof list === 'string' && isKnown(item) && typeof item.known === 'string') {
      const wanted = item.known.toLowerCase();
      return of(list.split(/[[\],]/).some(x => x.trim().replace(/^"(.*)"$/, '$1').toLowerCase() === wanted));
    }
  }
  return 'unknown';
}

function context(path: string | undefined, trigger: Started): Value {
  const pull = isPullRequest(trigger) || trigger.event === 'pull_request_target';
  switch (path) {
    case 'github.event_name': return of(trigger.event);
    case 'github.event.pull_request': return pull ? 'truthy' : of(null);
    case 'github.event.pull_request.merged': return pull && !trigger.types?.includes('closed') ? of(false) : 'unknown';
    case 'github.head_ref': case 'github.base_ref': return pull ? 'truthy' : of('');
    default: return 'unknown';
  }
}
