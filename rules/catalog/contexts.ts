/**
 * Which parts of the `github` context somebody outside of the repository can write, and how that reaches the result of an
 * expression. Numbers, SHAs, `ref_type`, `run_id` and account names (`github.actor`) can't carry shell code and are not here.
 */
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

/** Paths below `github`, with what they hold. `*` stands for any element. */
const PATHS: readonly (readonly [TaintKind, readonly string[]])[] = [
  ['text', [
    'event.issue.title', 'event.issue.body', 'event.pull_request.title', 'event.pull_request.body', 'event.discussion.title', 'event.discussion.body',
    'event.comment.body', 'event.review.body', 'event.review_comment.body', 'event.pages.*.page_name', 'event.pages.*.title',
    'event.commits.*.message', 'event.commits.*.author.name', 'event.commits.*.committer.name',
    'event.head_commit.message', 'event.head_commit.author.name', 'event.head_commit.committer.name',
    'event.merge_group.head_commit.message', 'event.merge_group.committer.name',
    'event.pull_request.head.repo.description', 'event.pull_request.head.repo.homepage',
    'event.workflow_run.display_title', 'event.workflow_run.head_commit.message', 'event.workflow_run.head_commit.author.name',
    'event.workflow_run.head_commit.committer.name', 'event.workflow_run.head_repository.description',
    'event.changes.title.from', 'event.changes.body.from',
  ]],
  ['ref', [
    'head_ref', 'event.pull_request.head.ref', 'event.pull_request.head.label', 'event.pull_request.head.repo.default_branch',
    'event.workflow_run.head_branch', 'event.workflow_run.pull_requests.*.head.ref', 'event.merge_group.head_ref', 'event.changes.head.ref.from',
  ]],
  ['email', [
    'event.head_commit.author.email', 'event.head_commit.committer.email', 'event.commits.*.author.email', 'event.commits.*.committer.email',
    'event.merge_group.committer.email', 'event.workflow_run.head_commit.author.email', 'event.workflow_run.head_commit.committer.email',
  ]],
  ['path', ['event.workflow.path', 'event.workflow_run.path', 'event.workflow_run.referenced_workflows.*.path']],
];

const WHO: Readonly<Record<string, string>> = {
  issue: 'anyone who opens an issue', pull_request: 'anyone who opens a pull request', discussion: 'anyone who starts a discussion', comment: 'anyone who comments',
  review: 'anyone who reviews a pull request', review_comment: 'anyone who reviews a pull request', pages: 'anyone who edits the wiki',
  commits: 'the author of a pushed commit', head_commit: 'the author of a pushed commit', merge_group: 'the author of a queued pull request',
  workflow_run: 'anyone whose pull request started the other workflow', workflow: 'anyone whose pull request started the other workflow',
  changes: 'anyone who edits what the event is about', head_ref: 'anyone who opens a pull request',
};

/** The children of `github` and `github.event` that an event fills with what outsiders write. */
const CARRIES: Readonly<Record<string, readonly string[]>> = {
  commit_comment: ['comment'], discussion: ['discussion', 'changes'], discussion_comment: ['comment', 'discussion', 'changes'],
  issues: ['issue', 'changes'], issue_comment: ['issue', 'comment', 'changes'], gollum: ['pages'], merge_group: ['merge_group'],
  pull_request: ['pull_request', 'changes', 'head_ref'], pull_request_target: ['pull_request', 'changes', 'head_ref'],
  pull_request_review: ['pull_request', 'review', 'changes', 'head_ref'],
  pull_request_review_comment: ['comment', 'pull_request', 'review', 'changes', 'head_ref'],
  push: ['commits', 'head_commit'], workflow_run: ['workflow', 'workflow_run'],
};

/** Events that a called workflow may stand behind: its payload is the caller's. */
const ANY_EVENT = new Set(['workflow_call']);

interface Pattern { readonly parts: readonly string[]; readonly kind: TaintKind }
const PATTERNS: readonly Pattern[] = PATHS.flatMap(([kind, paths]) => paths.map(p => ({ parts: ['github', ...p.split('.')], kind })));

/** Functions whose result is a truth value, a number or a hash. */
const ENDS = new Set(['contains', 'startswith', 'endswith', 'hashfiles', 'success', 'failure', 'always', 'cancelled']);

/**
 * What outsiders control in an expression's result, in order of appearance; empty where nothing is. Follows `||`, `&&`, `format`, `join`, `toJSON`,
 * `fromJSON`, `case` and filters. With `events`, paths that none of them fills are left out: they are empty at run time.
 */
export function taintOf(expr: Expr, events?: readonly string[]): Taint[] {
  const found: Taint[] = [];
  follow(expr, false, events, found);
  return found.filter((t, i) => found.findIndex(o => o.path === t.path) === i);
}

function follow(expr: Expr, serialised: boolean, events: readonly string[] | undefined, found: Taint[]): void {
  switch (expr.kind) {
    case 'context': case 'property': case 'index': {
      const path = pathOf(expr);
      if (path) {
        const taint = taintOfPath(path, serialised, events, expr);
        if (taint) found.push(taint);
      } else if (expr.kind !== 'context') follow(expr.object, serialised, events, found);
      return;
    }
    case 'binary':
      // `a && b` is `a` only where that is empty or false.
      if (expr.operator === '||') follow(expr.left, serialised, events, found);
      if (expr.operator === '||' || expr.operator === '&&') follow(expr.right, serialised, events, found);
      return;
    case 'call': {
      const name = expr.name.toLowerCase();
      if (ENDS.has(name)) return;
      expr.args.forEach((arg, i) => {
        if (name === 'case' && i % 2 === 0 && i < expr.args.length - 1) return;
        follow(arg, serialised || name === 'tojson', events, found);
      });
      return;
    }
    case 'literal': case 'not': case 'missing': return;
  }
}

/** The taint of a context path (`['github', 'event', …]`, lower case). `serialised`: it is turned into JSON, whatever it holds. */
export function taintOfPath(
  path: readonly string[], serialised: boolean, events: readonly string[] | undefined, at: { readonly start: number; readonly end: number },
): Taint | undefined {
  if (path[0] !== 'github') return undefined;
  let best: { pattern: Pattern; whole: boolean; carried: readonly string[] } | undefined;
  for (const pattern of PATTERNS) {
    const whole = path.length === pattern.parts.length;
    if ((!whole && (!serialised || path.length > pattern.parts.length)) || !matches(path, pattern.parts)) continue;
    const carried = carriers(pattern, events);
    if (events && carried.length === 0) continue;
    if (!best || (whole && !best.whole)) best = { pattern, whole, carried };
    else if (whole === best.whole) best = { ...best, carried: [...new Set([...best.carried, ...carried])] };
  }
  if (!best) return undefined;
  const root = rootOf(best.pattern);
  const who = best.whole || path.length > 2 ? WHO[root]! : 'anyone who sets off the event';
  return { tainted: true, path: path.join('.'), kind: best.whole ? best.pattern.kind : 'serialised', who, events: best.carried, start: at.start, end: at.end };
}

function matches(path: readonly string[], pattern: readonly string[]): boolean {
  return path.every((p, i) => p === pattern[i] || p === '*' || pattern[i] === '*');
}

function rootOf(pattern: Pattern): string { return pattern.parts[1] === 'event' ? pattern.parts[2]! : pattern.parts[1]!; }

function carriers(pattern: Pattern, events: readonly string[] | undefined): readonly string[] {
  const root = rootOf(pattern);
  return (events ?? []).filter(e => ANY_EVENT.has(e) || (CARRIES[e]?.includes(root) ?? false));
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
