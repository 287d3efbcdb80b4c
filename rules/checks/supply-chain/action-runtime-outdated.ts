import { isFullSha, laterPin, retiredVersion, runtimeOf, runtimeStatus, versionNamed, type LaterPin } from '../../catalog';
import { CatalogMemo } from '../../catalog/memo';
import { defineRule, type Fix, type Report } from '../../engine/rule';
import type { Job, Step, UsesRef } from '../../workflow/model';
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
  const since = runtime.replaced === undefined ? '' : ` since ${runtime.replaced}`;
  return { messageId: 'deprecated', data: { node, since }, adjust: [{ by: -2, reason: 'most actions run on the Node that takes its place' }] };
}

interface Verdict { readonly found?: Found; readonly later?: LaterPin }

const SOUND: Verdict = {};
const verdicts = new CatalogMemo<Verdict>();

interface Use { readonly uses: UsesRef; readonly step?: Step; readonly job?: Job }
/** The uses of one version in a file. */
interface Version { readonly verdict: Verdict; readonly runs: string; readonly locked: boolean; readonly all: Use[] }

function judge(owner: string, repo: string, ref: string, path?: string): Verdict {
  const found = outdated(owner, repo, ref, path);
  if (!found) return SOUND;
  // Of a version whose runtime isn't known, nobody can say that it is better.
  const unknown = runtimeOf(owner, repo, ref, path) === undefined;
  const fit = (v: string): boolean => outdated(owner, repo, v, path) === undefined && (unknown || runtimeOf(owner, repo, v, path) !== undefined);
  return { found, later: laterPin(owner, repo, ref, fit) };
}

/** Moves every use of the version: what is right for the one is right for the others. Nothing where one of them can't be moved. */
function upgradeAll(all: readonly Use[], to: LaterPin): Fix {
  const fixes = all.map(a => upgradeFix(a.uses, to));
  const [first] = fixes;
  if (!first || fixes.length === 1) return first ?? upgradeFix(all[0]!.uses, to);
  return {
    ...first, title: `${first.title}, in all ${fixes.length} places`,
    edits: world => {
      const edits = fixes.map(f => f.edits(world));
      return edits.every(e => e !== undefined) ? edits.flat() : undefined;
    },
  };
}

export default defineRule({
  id: 'action-runtime-outdated',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'workflow',
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
    ending: '{name} {ref} is deprecated, and its end is announced. {advice}{places}',
    removed: '{name} {ref} is written for {node}, which runners no longer have: they run it on a newer one, and it can break. {advice}{places}',
    deprecated: '{name} {ref} is written for {node}, which has come to its end: GitHub has run it on a newer one{since}. {advice}{places}',
  },
  aliases: { actionlint: ['action'] },
  keepsState: true,
  create(context) {
    const versions = new Map<string, Version>();
    return {
      uses(uses, { step, job }) {
        const { owner, repo, path, ref, refSpan } = uses;
        if (uses.kind !== 'repository' || !owner || !repo || !ref || !refSpan || /[\s{}]/.test(ref)) return;
        const name = nameOf(uses);
        const locked = isFullSha(ref) ? null : context.query(lockedCommit, name, ref);
        const runs = locked ?? ref;
        const key = `${name.toLowerCase()}@${runs}`;
        const known = versions.get(key);
        if (known) known.all.push({ uses, step, job });
        else versions.set(key, { verdict: verdicts.get(key, () => judge(owner, repo, runs, path)), runs, locked: locked !== null, all: [{ uses, step, job }] });
      },
      end() {
        for (const { verdict: { found, later }, runs, locked, all } of versions.values()) {
          // A step that fails is worth a word of its own. What still runs is one decision, however often it is written.
          const groups = found?.messageId === 'retired' ? all.map(a => [a]) : [all];
          for (const group of groups) {
            context.instance();
            const [first] = group;
            if (!found || !first) continue;
            const { uses, step, job } = first, { owner = '', repo = '', ref = '' } = uses;
            context.report({
              ...found, step, job,
              at: uses.refSpan!,
              data: {
                ...found.data, name: nameOf(uses), ref: isFullSha(runs) ? versionNamed(owner, repo, runs) ?? ref : ref,
                places: group.length === 1 ? '' : ` This file uses it ${group.length} times.`,
                advice: later ? `Move to ${later.version} or later.` : 'Move to a later version.',
              },
              // A locked ref is changed together with the lockfile, or its runs are rejected.
              fixes: later && !locked ? [upgradeAll(group, later)] : [],
              ...(found.messageId === 'retired' ? { tag: 'deprecated' as const } : {}),
            });
          }
        }
      },
    };
  },
});
