import { isFullSha, laterPin, retiredVersion, runtimeOf, runtimeStatus, versionNamed, type LaterPin } from '../../catalog';
import { defineRule, type Report } from '../../engine/rule';
import { lockedCommit } from '../shared/lockfile';
import { nameOf, upgradeFix } from '../shared/upgrade';

type Message = 'retired' | 'ending' | 'removed' | 'deprecated';
type Found = Pick<Report<Message>, 'messageId' | 'data' | 'adjust'>;

function outdated(owner: string, repo: string, ref: string, path?: string): Found | undefined {
  const version = versionNamed(owner, repo, ref);
  const retired = version === undefined ? undefined : retiredVersion(owner, repo, version);
  if (retired && /\bfails?\b/.test(retired.effect)) {
    const since = retired.since === undefined ? '' : ` since ${retired.since}`;
    return { messageId: 'retired', data: { since }, adjust: [{ by: 1, reason: 'a run with it fails' }] };
  }
  const using = runtimeOf(owner, repo, ref, path);
  const runtime = using === undefined ? undefined : runtimeStatus(using);
  const node = (using ?? '').replace(/^node/, 'Node ');
  if (runtime?.status === 'removed') return { messageId: 'removed', data: { node } };
  if (retired) return { messageId: 'ending', adjust: [{ by: -1, reason: 'it still runs' }] };
  if (runtime?.status !== 'deprecated') return undefined;
  return { messageId: 'deprecated', data: { node }, adjust: [{ by: -2, reason: 'most actions run on the Node that takes its place' }] };
}

interface Verdict { readonly found?: Found; readonly later?: LaterPin }

function judge(owner: string, repo: string, ref: string, path?: string): Verdict {
  const found = outdated(owner, repo, ref, path);
  if (!found) return {};
  // Of a version whose runtime isn't known, nobody can say that it is better.
  const unknown = runtimeOf(owner, repo, ref, path) === undefined;
  const fit = (v: string): boolean => outdated(owner, repo, v, path) === undefined && (unknown || runtimeOf(owner, repo, v, path) !== undefined);
  return { found, later: laterPin(owner, repo, ref, fit) };
}

export default defineRule({
  id: 'action-runtime-outdated',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds versions of actions that GitHub has switched off, or that are written for a Node which runners no longer have.',
    why: 'Such a version fails, or runs on a Node that it was never tried with.',
    references: [
      'https://github.blog/changelog/2025-09-19-deprecation-of-node-20-on-github-actions-runners/',
      'https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-artifact-actions/',
    ],
    standards: ['SEC-7'],
  },
  messages: {
    retired: 'GitHub has switched off {name} {ref}{since}, so the step fails. {advice}',
    ending: '{name} {ref} is deprecated, and its end is announced. {advice}',
    removed: '{name} {ref} is written for {node}, which runners no longer have: they run it on a newer one, and it can break. {advice}',
    deprecated: '{name} {ref} is written for {node}, which GitHub is taking out of its runners. {advice}',
  },
  aliases: { actionlint: ['action'] },
  create(context) {
    // Jobs name the same few actions over and over.
    const known = new Map<string, Verdict>();
    return {
      uses(uses) {
        const { owner, repo, path, ref, refSpan } = uses;
        if (uses.kind !== 'repository' || !owner || !repo || !ref || !refSpan || /[\s{}]/.test(ref)) return;
        context.instance();
        const name = nameOf(uses);
        const locked = isFullSha(ref) ? null : context.query(lockedCommit, name, ref);
        const runs = locked ?? ref;
        const key = `${nameOf(uses)}@${runs}`;
        const verdict = known.get(key) ?? judge(owner, repo, runs, path);
        known.set(key, verdict);
        const { found, later } = verdict;
        if (!found) return;
        context.report({
          ...found,
          at: refSpan,
          data: {
            ...found.data, name, ref: isFullSha(runs) ? versionNamed(owner, repo, runs) ?? ref : ref,
            advice: later ? `Move to ${later.version} or later.` : 'Move to a later version.',
          },
          // A locked ref is changed together with the lockfile, or its runs are rejected.
          fixes: later && locked === null ? [upgradeFix(uses, later)] : [],
          ...(found.messageId === 'retired' ? { tag: 'deprecated' as const } : {}),
        });
      },
    };
  },
});
