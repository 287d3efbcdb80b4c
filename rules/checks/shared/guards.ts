/**
 * Whether somebody from outside gets past a condition. Conditions are evaluated with three values for one event and one kind of
 * attacker: not a member, not in the list of names, with a fork. What an attacker can't be is false; what is unknown stays so.
 */
import { conditionOf, dottedPath, type Expr } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import type { Entry } from '../../workflow/nodes';

export type GuardKind = 'event' | 'same-repository' | 'association' | 'author' | 'opener' | 'permission' | 'merged' | 'label' | 'actor';

/** Guards that can be talked round: a label stays while new commits come, and a bot's name says who acted last. */
const WEAK: ReadonlySet<GuardKind> = new Set(['label', 'actor']);

export const GUARD_NAMES: Readonly<Record<GuardKind, string>> = {
  'event': 'the event', 'same-repository': 'whether the head is in this repository', 'association': 'the author\'s association', 'author': 'who the author is',
  'opener': 'who opened the issue', 'permission': 'the permission',
  'merged': 'that the pull request is merged', 'label': 'a label', 'actor': 'the actor\'s name',
};

export interface Passage {
  /** `no`: nobody from outside. `weak`: only past a guard that can be talked round. `yes`: as far as can be told. */
  readonly outsider: 'yes' | 'weak' | 'no';
  /** What keeps an outsider out. */
  readonly guards: readonly GuardKind[];
}

interface Value { readonly is: boolean | undefined; readonly because: readonly GuardKind[] }
const UNKNOWN: Value = { is: undefined, because: [] };
const value = (is: boolean, kind?: GuardKind): Value => ({ is, because: kind ? [kind] : [] });

/** How an outsider fares with a condition on an event. An entry that is no condition (text around `${{ }}`) is always true. */
export function passage(entry: Entry | undefined, event: string): Passage {
  const condition = conditionOf(entry);
  if (!condition || condition.errors.length > 0) return { outsider: 'yes', guards: [] };
  const strict = evaluate(condition.root, event, false);
  if (strict.is === false) return { outsider: 'no', guards: unique(strict.because) };
  const lenient = evaluate(condition.root, event, true);
  return lenient.is === false ? { outsider: 'weak', guards: unique(lenient.because) } : { outsider: 'yes', guards: [] };
}

/** A job's and its step's conditions together. */
export function passageTo(job: Job | undefined, step: Step | undefined, event: string): Passage {
  return combine([passage(job?.if, event), ...(step?.group ? [passage(step.group.if, event)] : []), passage(step?.if, event)]);
}

export function combine(passages: readonly Passage[]): Passage {
  const rank = { yes: 0, weak: 1, no: 2 };
  return passages.reduce((a, b) => rank[b.outsider] > rank[a.outsider] ? b : a, { outsider: 'yes', guards: [] });
}

function unique<T>(list: readonly T[]): T[] { return [...new Set(list)]; }

function evaluate(expr: Expr, event: string, weak: boolean): Value {
  switch (expr.kind) {
    case 'literal': return value(truthy(expr.value));
    case 'not': {
      const inner = evaluate(expr.operand, event, weak);
      if (dottedPath(expr.operand) && isForkFlag(dottedPath(expr.operand)!)) return value(false, 'same-repository');
      return inner.is === undefined ? UNKNOWN : { is: !inner.is, because: inner.because };
    }
    case 'binary': {
      if (expr.operator === '&&' || expr.operator === '||') return both(expr.operator, evaluate(expr.left, event, weak), evaluate(expr.right, event, weak));
      if (expr.operator !== '==' && expr.operator !== '!=') return UNKNOWN;
      const equal = compare(expr.left, expr.right, event, weak);
      return equal.is === undefined ? UNKNOWN : expr.operator === '==' ? equal : { is: !equal.is, because: equal.because };
    }
    case 'call': return call(expr.name.toLowerCase(), expr.args, event, weak);
    case 'context': case 'property': case 'index': {
      const path = dottedPath(expr) ?? '';
      if (isForkFlag(path)) return value(true, 'same-repository');
      if (path === 'github.event.pull_request.merged') return value(false, 'merged');
      return isPermission(path) ? value(false, 'permission') : UNKNOWN;
    }
    case 'missing': return UNKNOWN;
  }
}

function both(operator: '&&' | '||', a: Value, b: Value): Value {
  const decisive = operator === '||';
  const deciding = [a, b].filter(v => v.is === decisive);
  if (deciding.length > 0) return decisive ? { is: true, because: deciding.flatMap(v => v.because) } : strongest(deciding);
  if (a.is === undefined || b.is === undefined) return UNKNOWN;
  return { is: !decisive, because: [...a.because, ...b.because] };
}

/** One false side is enough for `&&`: name the one that holds best. Who opened an issue says nothing of who comments on it. */
function strongest(values: readonly Value[]): Value {
  const holds = (v: Value, not: (k: GuardKind) => boolean): boolean => !v.because.some(not);
  return values.find(v => holds(v, k => WEAK.has(k) || k === 'opener')) ?? values.find(v => holds(v, k => WEAK.has(k))) ?? values[0]!;
}

function truthy(v: string | number | boolean | null): boolean { return v !== null && v !== false && v !== 0 && v !== '' && !Number.isNaN(v); }

function call(name: string, args: readonly Expr[], event: string, weak: boolean): Value {
  if (name === 'always') return value(true);
  const [first, second] = args;
  if (!first || !second) return UNKNOWN;
  const needle = dottedPath(second);
  if ((name === 'startswith' || name === 'endswith') && second.kind === 'literal' && isActor(dottedPath(first) ?? '')) {
    return actor([BOT_NAME.test(String(second.value)) ? '[bot]' : ''], weak);
  }
  if (name === 'contains') {
    // `contains(github.actor, '[bot]')`
    if (second.kind === 'literal' && isActor(dottedPath(first) ?? '')) return BOT_NAME.test(String(second.value)) ? actor(['[bot]'], weak) : UNKNOWN;
    const haystack = dottedPath(first);
    if (haystack && /\.labels\.\*\.name$/.test(haystack)) return weak ? value(false, 'label') : UNKNOWN;
    const names = listed(first);
    if (!needle || names === undefined) return UNKNOWN;
    if (needle === 'github.event_name') return value(names.includes(event), 'event');
    if (needle.endsWith('.author_association')) return names.some(isOutside) ? UNKNOWN : value(false, personKind(needle, event, 'association'));
    if (isAuthor(needle)) return value(false, personKind(needle, event, 'author'));
    if (needle && isPermission(needle)) return names.every(isWriting) ? value(false, 'permission') : UNKNOWN;
    if (isActor(needle)) return actor(names, weak);
    if (needle === 'github.event.label.name') return weak ? value(false, 'label') : UNKNOWN;
  }
  if (name === 'startswith' && dottedPath(first) === 'github.event_name' && second.kind === 'literal') return value(event.startsWith(String(second.value).toLowerCase()), 'event');
  return UNKNOWN;
}

/** Strings of `fromJSON('["a", "b"]')` or of a literal that is searched as text; undefined where they are not known. */
function listed(expr: Expr): string[] | undefined {
  const literal = expr.kind === 'call' && expr.name.toLowerCase() === 'fromjson' ? expr.args[0] : expr;
  if (literal?.kind !== 'literal' || typeof literal.value !== 'string') return undefined;
  if (expr === literal) return literal.value.toLowerCase().split(/[^\w[\]-]+/).filter(s => s !== '');
  try {
    const parsed: unknown = JSON.parse(literal.value);
    return Array.isArray(parsed) ? parsed.map(p => String(p).toLowerCase()) : undefined;
  } catch {
    return undefined;
  }
}

const OUTSIDE = new Set(['none', 'contributor', 'first_timer', 'first_time_contributor', 'mannequin']);
const isOutside = (association: string): boolean => OUTSIDE.has(association.toLowerCase());
const isAuthor = (path: string): boolean => /^github\.event\.(?:pull_request|issue|comment|review|discussion)\.user\.(?:login|id)$/.test(path);
/** Who set the run off: the last to touch a pull request, whoever has opened it. */
const isActor = (path: string): boolean => /^github\.(?:actor|actor_id|triggering_actor|event\.sender\.(?:login|id)|event\.workflow_run\.(?:actor|triggering_actor)\.login)$/.test(path);
/** What a step or job has found out about somebody's rights, by its name. */
const isPermission = (path: string): boolean => /^(?:steps|needs)\.[^.]+\.outputs\.[\w-]*(?:permission|permitted|authori[sz]ed|allowed|trusted|member|maintainer|collaborator|has[-_]access|is[-_]admin|can[-_](?:write|run|deploy|merge))[\w-]*$/.test(path);
const isWriting = (level: string): boolean => /^(?:true|yes|1|admin|maintain|write|triage)$/.test(level);
/** On a comment, what is said about the issue or discussion is about somebody else than the one who comments. */
function personKind(path: string, event: string, kind: GuardKind): GuardKind {
  return event.endsWith('_comment') && /^github\.event\.(?:issue|discussion|pull_request)\./.test(path) ? 'opener' : kind;
}
const isForkFlag = (path: string): boolean => /^github\.event\.(?:pull_request\.head\.repo|workflow_run\.head_repository)\.fork$/.test(path);

/** Dependabot and Renovate as `github.actor_id` has them. */
const BOT_IDS: ReadonlySet<string> = new Set(['49699333', '29139614']);

/** A part of a bot's name, which people can have in theirs as well. */
const BOT_NAME = /bot|renovate/i;

function actor(names: readonly string[], weak: boolean): Value {
  // A person's name can't be borrowed; a bot acts on whatever pull request it is made to.
  return names.some(n => n.endsWith('[bot]') || BOT_IDS.has(n)) ? (weak ? value(false, 'actor') : UNKNOWN) : value(false, 'author');
}

const HEAD = /^github\.event\.(?:pull_request\.head\.(?:repo\.(?:full_name|name|id|owner\.login|owner\.id)|user\.login|user\.id)|workflow_run\.head_repository\.(?:full_name|name|id|owner\.login|owner\.id))$/;
const BASE = /^(?:github\.(?:repository|repository_id|repository_owner|repository_owner_id)|github\.event\.(?:pull_request\.base\.(?:repo\.(?:full_name|id|owner\.login)|user\.login)|repository\.(?:full_name|id|owner\.login)|workflow_run\.repository\.(?:full_name|id|owner\.login)))$/;

const OWNER = /^github\.(?:repository_owner|repository_owner_id|event\.repository\.owner\.(?:login|id))$/;

/** Whether two operands are equal for an outsider. */
function compare(left: Expr, right: Expr, event: string, weak: boolean): Value {
  const a = dottedPath(left), b = dottedPath(right);
  if (a && b) {
    if ((HEAD.test(a) && BASE.test(b)) || (HEAD.test(b) && BASE.test(a))) return value(false, 'same-repository');
    // The owner's own name.
    const person = OWNER.test(b) ? a : OWNER.test(a) ? b : undefined;
    if (person && isAuthor(person)) return value(false, personKind(person, event, 'author'));
    return person && isActor(person) ? value(false, 'author') : UNKNOWN;
  }
  const path = a ?? b, literal = a ? right : left;
  if (!path || literal.kind !== 'literal') return UNKNOWN;
  const text = String(literal.value).toLowerCase();
  if (path === 'github.event_name') return value(text === event, 'event');
  if (path === 'github.event.action' && (text === 'labeled' || text === 'unlabeled')) return weak ? value(false, 'label') : UNKNOWN;
  if (path === 'github.event.label.name') return weak ? value(false, 'label') : UNKNOWN;
  // Outsiders come with pull requests: a run of theirs says so.
  if (path === 'github.event.workflow_run.event' && text === 'pull_request') return value(true, 'event');
  if (path === 'github.event.workflow_run.event') return /^(?:push|schedule|workflow_dispatch|repository_dispatch|release|merge_group)$/.test(text) ? value(false, 'event') : UNKNOWN;
  if (path.endsWith('.author_association')) return isOutside(text) ? UNKNOWN : value(false, personKind(path, event, 'association'));
  if (HEAD.test(path)) return value(false, 'same-repository');
  if (isForkFlag(path)) return value(text === 'true', 'same-repository');
  if (path === 'github.event.pull_request.merged') return value(text !== 'true', 'merged');
  if (isAuthor(path)) return value(false, personKind(path, event, 'author'));
  if (isPermission(path)) return isWriting(text) ? value(false, 'permission') : text === 'false' || text === 'none' ? value(true, 'permission') : UNKNOWN;
  if (isActor(path)) return actor([text], weak);
  return UNKNOWN;
}
