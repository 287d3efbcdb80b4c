/**
 * Which parts of the `github` context somebody outside of the repository can write, and how that reaches the result of an
 * expression. Numbers, SHAs, `ref_type`, `run_id` and account names (`github.actor`) can't carry shell code and are not here.
 */
import contexts from './data/contexts.json';
import { PRIVILEGED_EVENTS } from '../workflow/effective';
import { pathOf, type Expr } from '../workflow/expressions';

/** `text`: anything at all. `ref`: a branch name (no spaces, but quotes, `$` and backticks). `email`, `path`: structured. `serialised`: JSON of an object that holds others. */
export type TaintKind = 'text' | 'ref' | 'email' | 'path' | 'serialised';

export interface Taint {
  readonly tainted: true;
  /** Dotted path, lower case, as the expression names it. */
  readonly path: string;
  readonly kind: TaintKind;
  /** Who can write it: `anyone who opens an issue`. */
  readonly who: string;
  /** Those of the given events that carry it; empty where no events were given. */
  readonly events: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** As the generator writes it: see `scripts/generate-contexts.mjs`. Names of leaves are joined under `=<kind>`, objects that occur twice are numbers. */
interface RawShape { readonly [name: string]: string | number | RawShape }
interface Shape { readonly children: ReadonlyMap<string, Shape | Letter>; readonly outsiders: boolean }
type Letter = 't' | 'r' | 'e' | 'p' | 'i' | 's';

const KINDS: Readonly<Partial<Record<Letter, TaintKind>>> = { t: 'text', r: 'ref', e: 'email', p: 'path' };

const WHO: Readonly<Record<string, string>> = {
  issue: 'anyone who opens an issue', pull_request: 'anyone who opens a pull request', discussion: 'anyone who starts a discussion', comment: 'anyone who comments',
  review: 'anyone who reviews a pull request', pages: 'anyone who edits the wiki', answer: 'anyone who comments', old_answer: 'anyone who comments',
  commits: 'the author of a pushed commit', head_commit: 'the author of a pushed commit', commit: 'the author of a commit', merge_group: 'the author of a queued pull request',
  workflow_run: 'anyone whose pull request started the other workflow', workflow: 'anyone whose pull request started the other workflow',
  changes: 'anyone who edits what the event is about', head_ref: 'anyone who opens a pull request', forkee: 'anyone who forks the repository',
};

/** Not part of the payload: `github.head_ref`, where the event is about a pull request. */
const HEAD_REF_EVENTS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment']);

/** Events that a called workflow may stand behind: its payload is the caller's. */
const ANY_EVENT = 'workflow_call';

const raw = contexts as unknown as { readonly shapes: readonly RawShape[]; readonly events: Readonly<Record<string, RawShape | number>> };
const shapes: Shape[] = [];
let events: ReadonlyMap<string, Shape> | undefined;

function payloads(): ReadonlyMap<string, Shape> {
  if (events) return events;
  // A shape names only those before it.
  for (const shape of raw.shapes) shapes.push(readShape(shape));
  return events = new Map(Object.entries(raw.events).map(([event, shape]) => [event, typeof shape === 'number' ? shapes[shape]! : readShape(shape)]));
}

function readShape(shape: RawShape): Shape {
  const children = new Map<string, Shape | Letter>();
  for (const [name, child] of Object.entries(shape)) {
    if (typeof child === 'string') for (const leaf of child.split(' ')) children.set(leaf, name[1] as Letter);
    else children.set(name, typeof child === 'number' ? shapes[child]! : readShape(child));
  }
  return { children, outsiders: [...children.values()].some(c => typeof c === 'string' ? KINDS[c] !== undefined : c.outsiders) };
}

interface Hit { readonly kind: TaintKind; readonly root: string }

/** The worst that `path` can be below `shape`; `*` on either side stands for any name. */
function find(shape: Shape, path: readonly string[], at: number, serialised: boolean, root: string | undefined): Hit | undefined {
  if (!shape.outsiders) return undefined;
  if (at >= path.length) return serialised ? { kind: 'serialised', root: root ?? '*' } : undefined;
  const name = path[at]!;
  let best: Hit | undefined;
  const look = (key: string, child: Shape | Letter | undefined): void => {
    if (child === undefined) return;
    if (typeof child === 'string') {
      const kind = at === path.length - 1 ? KINDS[child] : undefined;
      if (kind && (!best || best.kind === 'serialised')) best = { kind, root: root ?? key };
      return;
    }
    const hit = find(child, path, at + 1, serialised, root ?? key);
    if (hit && (!best || (best.kind === 'serialised' && hit.kind !== 'serialised'))) best = hit;
  };
  if (name === '*') for (const [key, child] of shape.children) look(key, child);
  else {
    look(name, shape.children.get(name));
    look(name, shape.children.get('*'));
  }
  return best;
}

/** What `github.<path>` holds of an outsider's on one event. */
function hitOn(event: string, path: readonly string[], serialised: boolean): Hit | undefined {
  const [, first] = path;
  if (path.length === 1) return serialised && (HEAD_REF_EVENTS.has(event) || payloads().get(event)?.outsiders === true) ? { kind: 'serialised', root: '*' } : undefined;
  if (path.length === 2 && (first === 'head_ref' || first === '*') && HEAD_REF_EVENTS.has(event)) return { kind: 'ref', root: 'head_ref' };
  const payload = first === 'event' ? payloads().get(event) : undefined;
  return payload && find(payload, path, 2, serialised, undefined);
}

/** What a string of a payload is: free text, a name or URL (`structured`), or anything that can't carry text of one's own (`fixed`). */
export type PayloadKind = 'text' | 'structured' | 'fixed';

/** By event and by the path below `github.event`, lower case: `payloadKind('label', ['label', 'name'])` is `text`. Unknown paths are `fixed`. */
export function payloadKind(event: string, path: readonly string[]): PayloadKind {
  let at: Shape | Letter | undefined = payloads().get(event);
  for (const name of path) at = typeof at === 'object' ? at.children.get(name) ?? at.children.get('*') : undefined;
  return typeof at !== 'string' ? 'fixed' : at === 't' || at === 'i' ? 'text' : 'structured';
}

/** Functions whose result is a truth value, a number or a hash. */
const ENDS = new Set(['contains', 'startswith', 'endswith', 'hashfiles', 'success', 'failure', 'always', 'cancelled']);

/** A context path whose text reaches the result of an expression. */
export interface Leaf {
  /** Lower case, from the context's name on; see `pathOf`. */
  readonly path: readonly string[];
  /** Inside `toJSON`. */
  readonly serialised: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * The context paths whose text can be in an expression's result, in order of appearance. Follows `||`, `&&`, `format`, `join`, `toJSON`, `fromJSON`, `case`
 * and filters; ends at comparisons, truth values, numbers and hashes.
 */
export function leavesOf(expr: Expr): Leaf[] {
  const found: Leaf[] = [];
  follow(expr, false, found);
  return found;
}

/**
 * What outsiders control in an expression's result, in order of appearance; empty where nothing is. With `on`, the events, paths that none of
 * them fills are left out: they are empty at run time.
 */
export function taintOf(expr: Expr, on?: readonly string[]): Taint[] {
  const found = leavesOf(expr).flatMap(leaf => taintOfPath(leaf.path, leaf.serialised, on, leaf) ?? []);
  return found.filter((t, i) => found.findIndex(o => o.path === t.path) === i);
}

function follow(expr: Expr, serialised: boolean, found: Leaf[]): void {
  switch (expr.kind) {
    case 'context': case 'property': case 'index': {
      const path = pathOf(expr);
      if (path) found.push({ path, serialised, start: expr.start, end: expr.end });
      else if (expr.kind !== 'context') follow(expr.object, serialised, found);
      return;
    }
    case 'binary':
      // `a && b` is `a` only where that is empty or false.
      if (expr.operator === '||') follow(expr.left, serialised, found);
      if (expr.operator === '||' || expr.operator === '&&') follow(expr.right, serialised, found);
      return;
    case 'call': {
      const name = expr.name.toLowerCase();
      if (ENDS.has(name)) return;
      expr.args.forEach((arg, i) => {
        if (name === 'case' && i % 2 === 0 && i < expr.args.length - 1) return;
        follow(arg, serialised || name === 'tojson', found);
      });
      return;
    }
    case 'literal': case 'not': case 'missing': return;
  }
}

/** The taint of a context path (`['github', 'event', …]`, lower case). `serialised`: it is turned into JSON, whatever it holds. */
export function taintOfPath(
  path: readonly string[], serialised: boolean, on: readonly string[] | undefined, at: { readonly start: number; readonly end: number },
): Taint | undefined {
  if (path[0] !== 'github') return undefined;
  const called = on === undefined || on.includes(ANY_EVENT);
  let best: Hit | undefined;
  const carried: string[] = [];
  for (const event of called ? payloads().keys() : on) {
    const hit = hitOn(event, path, serialised);
    if (!hit) continue;
    if (!best || (best.kind === 'serialised' && hit.kind !== 'serialised')) best = hit;
    if (on?.includes(event)) carried.push(event);
  }
  if (!best) return undefined;
  if (on?.includes(ANY_EVENT)) carried.push(ANY_EVENT);
  const who = WHO[best.root] ?? 'anyone who sets off the event';
  return { tainted: true, path: path.join('.'), kind: best.kind, who, events: (on ?? []).filter(e => carried.includes(e)), start: at.start, end: at.end };
}

/** Events that only somebody with write access sets off, or nobody. */
export const INSIDER_EVENTS: ReadonlySet<string> = new Set(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch', 'release', 'create', 'delete', 'deployment']);

/**
 * How the events that reach a place move a finding's severity: one up where one of them is privileged, one down where all of them
 * are an insider's; undefined where neither is so.
 */
export function severityOfEvents(events: readonly string[]): { readonly by: 1 | -1; readonly reason: string } | undefined {
  const privileged = events.filter(e => PRIVILEGED_EVENTS.has(e));
  if (privileged.length > 0) return { by: 1, reason: `runs with the repository's own token and secrets on ${privileged.join(', ')}` };
  if (events.length > 0 && events.every(e => INSIDER_EVENTS.has(e))) return { by: -1, reason: `runs only on ${events.join(', ')}, which needs write access` };
  return undefined;
}
