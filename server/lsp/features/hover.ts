import { MarkupKind, type Hover } from 'vscode-languageserver';
import { RULES, type Finding, type OffsetRange, type SourceDocument } from '../../../rules';
import { advisoriesFor, archivedAction, isFullSha, lookupAction, newestKnown, scopeInfo, versionOf } from '../../../rules/catalog';
import type { Permissions, UsesRef } from '../../../rules/workflow/model';
import { lockedCommit } from '../../../rules/checks/shared/lockfile';
import { isSaidElsewhere, isShown, rangeIn, worldOf, type FileContext, docsLink } from './context';
import { escape } from './markdown';

/** What is known about the place: its findings, the action it uses, the permission it grants. Null where there is nothing. */
export function hover(context: FileContext, offset: number): Hover | null {
  const { document, findings } = context.file;
  const parts: { readonly text: string; readonly range: OffsetRange }[] = [];
  for (const finding of findings) if (isShown(finding) && !isSaidElsewhere(context, finding) && contains(finding.range, offset)) parts.push({ text: about(context, finding), range: finding.range });
  for (const uses of usesIn(document)) {
    const range = document.range(uses.scalar);
    const text = contains(range, offset) ? aboutAction(context, uses) : undefined;
    if (text) parts.push({ text, range });
  }
  for (const permissions of permissionsIn(document)) {
    for (const scope of permissions.scopes) {
      const range = document.range(scope.entry);
      const text = contains(range, offset) ? aboutScope(scope.name, scope.access) : undefined;
      if (text) parts.push({ text, range });
    }
  }
  if (parts.length === 0) return null;
  const range = parts.reduce((a, b) => (b.range.end - b.range.start < a.range.end - a.range.start ? b : a)).range;
  return { contents: { kind: MarkupKind.Markdown, value: [...new Set(parts.map(p => p.text))].join('\n\n---\n\n') }, range: rangeIn(context, range) };
}

function contains(range: OffsetRange, offset: number): boolean {
  return range.start <= offset && offset <= range.end;
}

/** Why it is as severe as it is; the message itself stands in the diagnostic. */
function about(context: FileContext, finding: Finding): string {
  const rule = RULES.find(r => r.id === finding.ruleId);
  const lines = [`**${finding.ruleId}** · ${finding.severity}${finding.confidence === 'high' ? '' : ` · ${finding.confidence} confidence`}`];
  if (rule) lines.push(rule.docs.why);
  if (finding.reasons.length > 0) {
    const base = rule && rule.severity !== finding.severity ? `${finding.severity} rather than ${rule.severity} because` : 'The severity counts in that';
    lines.push(`${base}:\n${finding.reasons.map(r => `- ${escape(r)}`).join('\n')}`);
  }
  lines.push(`[Documentation](${docsLink(context.client, finding.ruleId, 'hover')})`);
  return lines.join('\n\n');
}

function aboutAction(context: FileContext, uses: UsesRef): string | undefined {
  if (uses.kind !== 'repository' || !uses.owner || !uses.repo) return undefined;
  const { owner, repo, path, ref } = uses;
  const info = lookupAction(owner, repo, path);
  const locked = ref === undefined || isFullSha(ref) ? null : lockedCommit.ask(worldOf(context.file), `${owner}/${repo}${path ? `/${path}` : ''}`, ref);
  const advisories = ref === undefined ? [] : advisoriesFor(owner, repo, locked ?? ref, path);
  const archived = archivedAction(owner, repo, path);
  if (!info && advisories.length === 0 && !archived && locked === null) return undefined;
  const name = info?.name ?? `${owner}/${repo}${path ? `/${path}` : ''}`;
  const lines = [`**${escape(name)}**`];
  if (ref !== undefined && isFullSha(ref)) {
    const version = versionOf(owner, repo, ref);
    lines.push(version ? `Pinned to a commit: that of \`${version}\`.` : 'Pinned to a commit that belongs to no release known here.');
  } else if (locked !== null) {
    const version = versionOf(owner, repo, locked);
    lines.push(`Locked by \`actions.lock\` to \`${locked.slice(0, 7)}\`${version ? `, the commit of \`${version}\`` : ''}.`);
  } else if (ref !== undefined) {
    lines.push('Not pinned: whoever can write to the repository decides what this name runs.');
  }
  const newest = newestKnown(owner, repo);
  if (newest) lines.push(`Newest known: \`${newest.version}\` (\`${newest.sha.slice(0, 7)}\`).`);
  if (archived) {
    const status = { archived: 'Archived', deprecated: 'Deprecated', 'maintenance-only': 'Only maintained', superseded: 'Superseded' }[archived.status];
    lines.push(`**${status}**${archived.replacement ? `: use ${escape(archived.replacement)} instead` : ': nobody looks after it any more'}.`);
  }
  for (const a of advisories) lines.push(`**${a.severity}**: ${escape(a.summary)} ([${a.id}](${a.url}))${a.patched ? `, fixed in ${escape(a.patched)}` : ''}`);
  return lines.join('\n\n');
}

function aboutScope(name: string, access: string): string | undefined {
  const info = scopeInfo(name);
  if (!info) return undefined;
  const lines = [`**permissions: ${name}**: ${escape(access)}`];
  if (info.risk) lines.push(`${access === 'write' ? 'Whoever gets hold of the token can' : 'With `write`, whoever gets hold of the token could'}: ${escape(info.risk)}.`);
  const defaults = [
    info.permissive && `${info.permissive} where the repository's default is permissive`,
    info.restricted && `${info.restricted} where it is restricted`,
    info.fork && `at most ${info.fork} for a pull request from a fork`,
  ].filter(Boolean);
  if (defaults.length > 0) lines.push(`Without \`permissions\` it is ${defaults.join(', ')}.`);
  return lines.join('\n\n');
}

function usesIn(document: SourceDocument): UsesRef[] {
  const steps = document.action?.steps ?? document.workflow?.jobs.flatMap(j => j.steps) ?? [];
  return [...steps.map(s => s.uses), ...(document.workflow?.jobs.map(j => j.uses) ?? [])].filter(u => u !== undefined);
}

function permissionsIn(document: SourceDocument): Permissions[] {
  const { workflow } = document;
  return workflow ? [workflow.permissions, ...workflow.jobs.map(j => j.permissions)].filter(p => p !== undefined) : [];
}
