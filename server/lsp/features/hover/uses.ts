import { pinKey } from '../../../../rules';
import {
  advisoriesFor, archivedAction, isFullSha, knownInputs, lookupAction, newestKnown, runtimeOf, runtimeStatus, versionOf,
} from '../../../../rules/catalog';
import type { UsesRef } from '../../../../rules/workflow/model';
import { lockedCommit } from '../../../../rules/checks/shared/lockfile';
import { worldOf, type FileContext } from '../context';
import { escape } from '../markdown';
import { usesIn } from '../places';
import { contains, type HoverPart } from './part';

/** More inputs than these make a hover that nobody reads. */
const MOST_INPUTS = 12;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What is known about the action or workflow that stands here. */
export function usesParts(context: FileContext, offset: number): HoverPart[] {
  const { document } = context.file;
  return usesIn(document).flatMap(uses => {
    const range = document.range(uses.scalar);
    const text = contains(range, offset) ? aboutAction(context, uses) : undefined;
    return text ? [{ text, range }] : [];
  });
}

function aboutAction(context: FileContext, uses: UsesRef): string | undefined {
  if (uses.kind !== 'repository' || !uses.owner || !uses.repo) return undefined;
  const { owner, repo, path, ref } = uses;
  const info = lookupAction(owner, repo, path);
  const locked = ref === undefined || isFullSha(ref) ? null : lockedCommit.ask(worldOf(context.file), `${owner}/${repo}${path ? `/${path}` : ''}`, ref);
  const advisories = ref === undefined ? [] : advisoriesFor(owner, repo, locked ?? ref, path);
  const archived = archivedAction(owner, repo, path);
  const online = ref === undefined ? undefined : context.repository.online?.get(pinKey(owner, repo, ref));
  if (!info && advisories.length === 0 && !archived && locked === null && !online) return undefined;
  const name = info?.name ?? `${owner}/${repo}${path ? `/${path}` : ''}`;
  const lines = [`**${escape(name)}**`];
  if (ref !== undefined && isFullSha(ref)) {
    const version = versionOf(owner, repo, ref) ?? online?.version;
    lines.push(version ? `Pinned to a commit: that of \`${version}\`.` : 'Pinned to a commit that belongs to no release known here.');
    if (online?.reachable === false) lines.push('**No branch or tag of the repository leads to this commit**: it may come from a fork.');
  } else if (locked !== null) {
    const version = versionOf(owner, repo, locked);
    lines.push(`Locked by \`actions.lock\` to \`${locked.slice(0, 7)}\`${version ? `, the commit of \`${version}\`` : ''}.`);
  } else if (ref !== undefined) {
    lines.push('Not pinned: whoever can write to the repository decides what this name runs.');
  }
  if (online?.published) lines.push(`Released ${online.published.slice(0, 10)}${age(online.published)}.`);
  const newest = newestKnown(owner, repo);
  if (newest) lines.push(`Newest known: \`${newest.version}\` (\`${newest.sha.slice(0, 7)}\`).`);
  if (archived) {
    const status = { archived: 'Archived', deprecated: 'Deprecated', 'maintenance-only': 'Only maintained', superseded: 'Superseded' }[archived.status];
    lines.push(`**${status}**${archived.replacement ? `: use ${escape(archived.replacement)} instead` : ': nobody looks after it any more'}.`);
  }
  for (const a of advisories) lines.push(`**${a.severity}**: ${escape(a.summary)} ([${a.id}](${a.url}))${a.patched ? `, fixed in ${escape(a.patched)}` : ''}`);
  const runtime = ref === undefined ? undefined : runtimeOf(owner, repo, locked ?? ref, path);
  if (runtime) lines.push(aboutRuntime(runtime));
  // GitHub's own extension describes the inputs, and better.
  const inputs = ref === undefined || context.repository.settings.officialExtension ? undefined : aboutInputs(uses, ref);
  if (inputs) lines.push(inputs);
  return lines.join('\n\n');
}

function age(published: string): string {
  const days = Math.floor((Date.now() - Date.parse(published)) / DAY_MS);
  if (!Number.isFinite(days) || days < 0) return '';
  return days === 0 ? ', today' : days === 1 ? ', yesterday' : days < 60 ? `, ${days} days ago` : '';
}

function aboutRuntime(using: string): string {
  const status = runtimeStatus(using);
  if (!status || status.status === 'current') return `Runs on \`${using}\`.`;
  return status.status === 'removed' ? `Runs on \`${using}\`, which GitHub no longer has.` : `Runs on \`${using}\`, which GitHub ${status.removed ? `removes from ${status.removed} on` : 'is about to remove'}.`;
}

/** Names are enough to see what there is. */
function aboutInputs({ owner = '', repo = '', path }: UsesRef, ref: string): string | undefined {
  const inputs = knownInputs(owner, repo, ref, path);
  if (!inputs || inputs.all.length === 0) return undefined;
  const required = new Set(inputs.required);
  const names = [...inputs.required, ...inputs.all.filter(i => !required.has(i))].map(i => `\`${i}\`${required.has(i) ? ' (required)' : ''}`);
  const more = names.length - MOST_INPUTS;
  return `Inputs: ${names.slice(0, MOST_INPUTS).join(', ')}${more > 0 ? ` and ${more} more` : ''}.${inputs.fit === 'other' ? ' This version may have others.' : ''}`;
}
