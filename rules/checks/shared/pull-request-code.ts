/** Which steps bring the code of a pull request into a privileged run. */
import { checkoutHasForkGuard } from '../../catalog';
import { dottedPath, expressionsIn, expressionsOf, walkExpr } from '../../workflow/expressions';
import { args, parseScript, shellOf, unwrap, type Command } from '../../workflow/scripts';
import { valueRangeSpan } from '../../workflow/scalar-map';
import type { EffectiveEnv } from '../../workflow/effective';
import type { Step } from '../../workflow/model';
import { asMapping, asScalar, type Entry, type ScalarNode, type Span } from '../../workflow/nodes';

export interface ForeignCode {
  readonly step: Step;
  /** The ref, the repository or the command that brings it. */
  readonly at: Span;
  /** As it is shown: `github.event.pull_request.head.sha`, `gh pr checkout`. */
  readonly what: string;
  /** Events on which it is foreign; undefined where any privileged event may bring it. */
  readonly events?: readonly string[];
  /** A branch's name without its repository: the branch of that name *here*, which a fork can't write. */
  readonly nameOnly: boolean;
  /** The ref moves: what was looked at need not be what is checked out. */
  readonly mutable: boolean;
  /** actions/checkout refuses it for forks. */
  readonly refused: boolean;
  /** Folder below the workspace that it goes to; undefined for the workspace itself. */
  readonly folder?: string;
  /** Inputs to remove for the base's own code. */
  readonly inputs: readonly Entry[];
}

/** `github.event.…` paths that name a pull request's head, by event; `true` where it is a branch's name. */
const HEADS: readonly (readonly [RegExp, string, 'commit' | 'branch' | 'repository' | 'number'])[] = [
  [/^github\.event\.pull_request\.(?:head\.sha|merge_commit_sha)$/, 'pull_request_target', 'commit'],
  [/^github\.event\.pull_request\.head\.(?:ref|label)$|^github\.head_ref$/, 'pull_request_target', 'branch'],
  [/^github\.event\.pull_request\.head\.repo\.(?:full_name|clone_url|ssh_url|git_url|html_url|owner\.login)$|^github\.event\.pull_request\.head\.user\.login$/, 'pull_request_target', 'repository'],
  [/^github\.event\.(?:pull_request\.)?number$/, 'pull_request_target', 'number'],
  [/^github\.event\.workflow_run\.(?:head_sha|head_commit\.id)$|^github\.event\.workflow_run\.pull_requests\.\*\.head\.sha$/, 'workflow_run', 'commit'],
  [/^github\.event\.workflow_run\.head_branch$|^github\.event\.workflow_run\.pull_requests\.\*\.head\.ref$/, 'workflow_run', 'branch'],
  [/^github\.event\.workflow_run\.head_repository\.(?:full_name|clone_url|owner\.login)$/, 'workflow_run', 'repository'],
  [/^github\.event\.workflow_run\.pull_requests\.\*\.number$/, 'workflow_run', 'number'],
  [/^github\.event\.issue\.number$/, 'issue_comment', 'number'],
];

/** Actions whose outputs name the head of the pull request that a comment is about. */
const HEAD_ACTIONS = /^(?:xt0rted|alessbell|gotson)\/pull-request-comment-branch$|^eficode\/resolve-pr-refs$|^8bitjonny\/gh-get-current-pr$|^potiuk\/get-workflow-origin$/;

interface Head { readonly path: string; readonly event?: string; readonly kind: 'commit' | 'branch' | 'repository' | 'number' | 'output' }

/** Heads that the expressions of a text name, those of variables it uses included. */
function headsIn(text: string, env: EffectiveEnv, steps: readonly Step[], depth = 0): Head[] {
  const found: Head[] = [];
  for (const e of expressionsIn(text, { bare: false })) {
    for (const node of walkExpr(e.root)) {
      const path = dottedPath(node);
      if (!path) continue;
      const known = HEADS.find(([pattern]) => pattern.test(path));
      if (known) found.push({ path, event: known[1], kind: known[2] });
      const variable = /^env\.(\w+)$/.exec(path)?.[1];
      if (variable && depth < 3) found.push(...headsIn(valueOf(env, variable), env, steps, depth + 1));
      const output = /^steps\.([\w-]+)\.outputs\.([\w-]+)$/.exec(path);
      if (output && isHeadOutput(output[1]!, output[2]!, steps)) found.push({ path, kind: 'output' });
      if (/^needs\.[\w-]+\.outputs\./.test(path) && path.includes('head') && /(?:ref|sha|branch)$/.test(path)) found.push({ path, kind: 'output' });
    }
  }
  return found;
}

function valueOf(env: EffectiveEnv, name: string): string {
  return env.variables.find(v => v.name.toLowerCase() === name.toLowerCase())?.value ?? '';
}

function isHeadOutput(id: string, output: string, steps: readonly Step[]): boolean {
  if (/head[_-]?(?:ref|sha|branch)|^pr[_-](?:ref|sha|branch)$/.test(output)) return true;
  const producer = steps.find(s => asScalar(s.id?.value)?.value.toLowerCase() === id);
  const uses = producer?.uses;
  if (/^(?:\w*[_-])?(?:ref|sha|branch|commit)(?:[_-]\w*)?$/.test(output) && !/base|target/.test(output) && producer && ASKS_FOR_HEAD.test(sourceOf(producer))) return true;
  return uses !== undefined && HEAD_ACTIONS.test(uses.slug) && /ref|sha|branch/.test(output);
}

/** Of a pull request that is looked up: `gh api repos/…/pulls/1 --jq .head.sha`, `pr.data.head.ref`. */
const ASKS_FOR_HEAD = /\bgh pr view\b[^\n]{0,300}\bheadRef(?:Oid|Name)\b|\bpulls(?:\/|\.get\b)[\s\S]{0,2000}\bhead\.(?:sha|ref)\b/;

/** The script of a step. */
function sourceOf(step: Step): string {
  if (step.run) return step.run.scalar.value;
  return step.uses?.repo?.toLowerCase() === 'github-script' ? inputOf(step, 'script')?.scalar.value ?? '' : '';
}

/** What a step brings in, if anything. `before`: the steps ahead of it. */
export function foreignCode(step: Step, env: EffectiveEnv, before: readonly Step[], workflowShell: string | null): ForeignCode | undefined {
  if (step.uses?.kind === 'repository' && step.uses.slug === 'actions/checkout') return byCheckout(step, env, before);
  return step.run ? byCommand(step, env, before, workflowShell) : undefined;
}

function inputOf(step: Step, name: string): { entry: Entry; scalar: ScalarNode } | undefined {
  const entry = asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name);
  const scalar = asScalar(entry?.value);
  return entry && scalar ? { entry, scalar } : undefined;
}

function byCheckout(step: Step, env: EffectiveEnv, before: readonly Step[]): ForeignCode | undefined {
  const ref = inputOf(step, 'ref'), repository = inputOf(step, 'repository');
  const refHeads = ref ? headsIn(ref.scalar.value, env, before) : [];
  const repositoryHead = repository && headsIn(repository.scalar.value, env, before).find(h => h.kind === 'repository' || h.kind === 'output');
  const inRefs = ref && /refs\/pull\/|^pull\//.test(ref.scalar.value);
  // A number is a ref only inside `refs/pull/…`.
  const head = refHeads.find(h => h.kind !== 'repository' && (h.kind !== 'number' || inRefs)) ?? repositoryHead;
  const opaque = !head && inRefs && ref.scalar.value.includes('${{');
  if (!head && !opaque) return undefined;
  const nameOnly = !repository && (head?.kind === 'branch' || (head?.kind === 'output' && /(?:ref|branch)$/.test(head.path)));
  const place = head === repositoryHead && head ? repository! : ref!;
  const unsafe = inputOf(step, 'allow-unsafe-pr-checkout')?.scalar.value.trim().toLowerCase();
  // The guard knows the payload's commits, `refs/pull/…` and the fork's name; it knows nothing of comments and of what steps found out.
  const recognised = head !== undefined && head.kind !== 'output' && head.event !== 'issue_comment' && (head.kind === 'commit' || repositoryHead !== undefined || inRefs === true);
  return {
    step, at: narrow(place.scalar), what: head?.path ?? ref!.scalar.value, events: head?.event ? [head.event] : undefined, nameOnly,
    mutable: head === undefined || head.kind !== 'commit', inputs: [ref?.entry, repositoryHead ? repository?.entry : undefined].filter((e): e is Entry => e !== undefined),
    refused: recognised && unsafe !== 'true' && !unsafe?.includes('${{') && checkoutHasForkGuard(step.uses!.ref ?? '') === true,
    folder: inputOf(step, 'path')?.scalar.value.replace(/^\.\/|\/+$/g, '') || undefined,
  };
}

/** The single `${{ }}` where that is all that matters, else the whole text. */
function narrow(scalar: ScalarNode): Span {
  const [only, ...more] = expressionsOf(scalar);
  return only && more.length === 0 ? valueRangeSpan(scalar, only.start, only.end) : valueRangeSpan(scalar, 0, scalar.value.trimEnd().length);
}

/** In a text without expressions: those hold spaces and slashes of their own. */
const PULL_REF = /(?:^|[\s"'/+:])pull\/[^\s/"']{1,100}\/(?:head|merge)\b/;
const namesPull = (text: string): boolean => PULL_REF.test(text.replace(/\$\{\{[^}]*\}\}/g, 'x'));

function byCommand(step: Step, env: EffectiveEnv, before: readonly Step[], workflowShell: string | null): ForeignCode | undefined {
  const { scalar } = step.run!;
  const ast = parseScript(scalar.value, shellOf(step, workflowShell ?? undefined).shell);
  const words = (c: Command): string => ast.text.slice(c.start, c.end);
  const isGit = (c: Command, ...names: string[]): boolean => unwrap(c.words)[0]?.literal === 'git' && args(c).some(a => a !== undefined && names.includes(a));
  const lastUse = ast.commands.findLastIndex(c => isGit(c, 'checkout', 'switch', 'merge', 'reset', 'rebase', 'worktree', 'pull', 'cherry-pick'));
  for (const [i, command] of ast.commands.entries()) {
    const name = unwrap(command.words)[0]?.literal, text = words(command);
    const found = (what: string, heads: readonly Head[]): ForeignCode => ({
      step, at: valueRangeSpan(scalar, command.start, command.end), what, events: eventsOf(heads), nameOnly: false,
      mutable: heads.every(h => h.kind !== 'commit'), refused: false, inputs: [],
    });
    if ((name === 'gh' || name === 'hub') && args(command)[0] === 'pr' && args(command)[1] === 'checkout') return found(`${name} pr checkout`, headsIn(text, env, before));
    if (name !== 'git') continue;
    const heads = headsIn(expand(text, env), env, before);
    const usedLater = lastUse >= i;
    if (isGit(command, 'fetch', 'pull') && usedLater && (namesPull(text) || heads.some(h => h.kind === 'repository'))) return found('git fetch of the pull request', heads);
    if (isGit(command, 'checkout', 'switch', 'reset', 'merge') && heads.some(h => h.kind === 'commit')) return found(heads.find(h => h.kind === 'commit')!.path, heads);
    if (isGit(command, 'clone') && heads.some(h => h.kind === 'repository')) return found('git clone of the fork', heads);
  }
  return undefined;
}

function eventsOf(heads: readonly Head[]): readonly string[] | undefined {
  const events = heads.flatMap(h => h.event ? [h.event] : []);
  return events.length > 0 && heads.every(h => h.event) ? [...new Set(events)] : undefined;
}

/** `$NAME` and `${NAME}` as what `env:` gives them. */
function expand(text: string, env: EffectiveEnv): string {
  return text.replace(/\$(?:\{([A-Za-z_]\w*)\}|env:([A-Za-z_]\w*)|([A-Za-z_]\w*))/g, (all, a?: string, b?: string, c?: string) => valueOf(env, (a ?? b ?? c)!) || all);
}
