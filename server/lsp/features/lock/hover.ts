/** What is known about a place in `actions.lock`: who uses the entry, which version its commit is, and what is wrong with that. */
import { MarkupKind, type Hover } from 'vscode-languageserver';
import type { OffsetRange, Repository } from '../../../../rules';
import { advisoriesFor, archivedAction, commitNamed, isFullSha, newestKnown, versionNamed, versionsOn } from '../../../../rules/catalog';
import { parseActionsLock, type ActionsLock } from '../../../../rules/checks/shared/lockfile';
import { toRange, type Encoding, type LinedText } from '../../positions';
import { escape } from '../markdown';
import { lineAt, lockLines, type LockLine, type Word } from './lines';
import { parseLockName, placesOf, sameLockName, usedBy, type LockName } from './needs';
import { ENTRY_KEYS, TOP_KEYS } from './schema';

export interface LockContext {
  readonly text: LinedText;
  readonly repository: Repository | undefined;
  readonly encoding: Encoding;
  /** The URI that the client knows a file of the repository by. */
  uriOf(path: string): string;
}

export function lockHover(context: LockContext, offset: number): Hover | null {
  const lines = lockLines(context.text.text);
  const line = lineAt(lines, offset);
  const on = (word: Word | undefined): OffsetRange | undefined => (word && word.end > word.start && word.start <= offset && offset <= word.end ? word : undefined);
  const key = line && on(line.key), value = line && on(line.value);
  if (!line || (!key && !value)) return null;
  const about = describe(context, lines, line, key !== undefined);
  if (!about) return null;
  return { contents: { kind: MarkupKind.Markdown, value: about }, range: toRange(context.text, (key ?? value)!, context.encoding) };
}

function describe(context: LockContext, lines: readonly LockLine[], line: LockLine, onKey: boolean): string | undefined {
  const { parents, item, key, value } = line;
  const [section, entry] = parents;
  if (item) return entry === undefined ? undefined : aboutEntry(context, lines, value.text);
  const name = key?.text ?? '';
  if (parents.length === 0) return onKey ? schemaKey(name, TOP_KEYS) : undefined;
  if (parents.length === 1) return !onKey ? undefined : section === 'workflows' ? aboutWorkflow(context, name) : section === 'dependencies' ? aboutEntry(context, lines, name) : undefined;
  if (section !== 'dependencies' || parents.length !== 2 || entry === undefined) return undefined;
  // The commit is the entry.
  if (!onKey && (name === 'commit' || name === 'ref')) return aboutEntry(context, lines, entry);
  return schemaKey(name, ENTRY_KEYS);
}

function schemaKey(name: string, keys: Readonly<Record<string, string>>): string | undefined {
  return Object.hasOwn(keys, name) ? `**${name}**\n\n${keys[name]!}` : undefined;
}

const commitIn = (lines: readonly LockLine[], name: string): string | undefined => {
  const line = lines.find(l => l.key?.text === 'commit' && l.parents.length === 2 && l.parents[0] === 'dependencies' && sameLockName(l.parents[1]!, name));
  return /^sha1-([0-9a-f]{40})$/i.exec(line?.value.text ?? '')?.[1]?.toLowerCase();
};

function aboutEntry(context: LockContext, lines: readonly LockLine[], name: string): string | undefined {
  const key = parseLockName(name);
  if (!key) return undefined;
  const commit = commitIn(lines, name);
  const parts = [`**${escape(name)}**`, aboutCommit(key, commit), ...aboutAction(key, commit), aboutUse(context, name)];
  return parts.filter(p => p !== '').join('\n\n');
}

function aboutCommit({ owner, repo, ref }: LockName, commit: string | undefined): string {
  if (commit === undefined) return 'No commit is recorded for it, so a run that needs it is refused.';
  const [version] = versionsOn(owner, repo, commit);
  const short = commit.slice(0, 7);
  if (isFullSha(ref)) {
    if (ref.toLowerCase() !== commit) return `Runs \`${short}\`, which is **not the commit that its name says**.`;
    return version ? `Runs \`${short}\`, the commit of \`${version}\`.` : `Runs \`${short}\`, the commit of no release that is known here.`;
  }
  const runs = version ? `Runs \`${short}\`, the commit of \`${version}\`, whatever \`${escape(ref)}\` names today.` : `Runs \`${short}\`, the commit of no release that is known here.`;
  const named = commitNamed(owner, repo, ref), today = versionNamed(owner, repo, ref);
  return named !== undefined && named !== commit && today !== undefined && today !== version ? `${runs} The catalogue has \`${escape(ref)}\` at \`${today}\`.` : runs;
}

function aboutAction({ owner, repo, ref }: LockName, commit: string | undefined): string[] {
  const parts: string[] = [];
  const newest = newestKnown(owner, repo);
  if (newest && (commit === undefined || newest.sha !== commit)) parts.push(`Newest known: \`${newest.version}\` (\`${newest.sha.slice(0, 7)}\`).`);
  const archived = archivedAction(owner, repo);
  if (archived) parts.push(`**${archived.status === 'archived' ? 'Archived' : 'No longer looked after'}**${archived.replacement ? `: use ${escape(archived.replacement)} instead` : ''}.`);
  for (const a of advisoriesFor(owner, repo, commit ?? ref)) parts.push(`**${a.severity}**: ${escape(a.summary)} ([${a.id}](${a.url}))${a.patched ? `, fixed in ${escape(a.patched)}` : ''}`);
  return parts;
}

const MOST = 8;

/** Who uses it: places in workflows, and other entries. */
function aboutUse(context: LockContext, name: string): string {
  const { repository } = context;
  const lock = parseActionsLock(context.text.text);
  const by = lock ? [...lock.dependencies].filter(([, d]) => [...d.uses].some(u => sameLockName(u, name))).map(([key]) => `\`${key}\``) : [];
  if (!repository) return by.length > 0 ? `Used by ${by.join(', ')}.` : '';
  const places = placesOf(repository, name);
  const links = places.map(({ uses, document }) => {
    const line = document.positionAt(document.range(uses.scalar).start).line + 1;
    return `- [${escape(document.path.split('/').at(-1)!)}:${line}](${context.uriOf(document.path)}#L${line})`;
  });
  const shown = [...new Set(links)];
  const notListed = lock ? places.map(p => p.workflow).filter((w, i, all) => all.indexOf(w) === i && missingIn(lock, w, name)) : [];
  return [
    shown.length > 0 ? `Used in:\n${shown.slice(0, MOST).join('\n')}${shown.length > MOST ? `\n- and ${shown.length - MOST} more places` : ''}` : by.length > 0 ? '' : 'Nothing in this repository uses it.',
    by.length > 0 ? `Used by ${by.slice(0, MOST).join(', ')}.` : '',
    notListed.length > 0 ? `**Not listed** for ${notListed.map(w => `\`${w}\``).join(', ')}: such a run is refused.` : '',
  ].filter(p => p !== '').join('\n\n');
}

/** A workflow that the file doesn't list at all isn't locked, and nothing is refused there. */
function missingIn(lock: ActionsLock, workflow: string, name: string): boolean {
  const listed = lock.workflows.get(workflow);
  return listed !== undefined && ![...listed].some(l => sameLockName(l, name));
}

function aboutWorkflow({ repository, text, uriOf }: LockContext, path: string): string | undefined {
  if (!repository) return undefined;
  const used = usedBy(repository, path);
  if (!used) return `**${escape(path)}**\n\n${repository.has(path) ? 'This file can\'t be read as a workflow.' : 'There is no such workflow in this repository.'}`;
  const listed = [...parseActionsLock(text.text)?.workflows.get(path) ?? []];
  const lacks = used.filter(u => !listed.some(l => sameLockName(l, u)));
  const more = listed.filter(l => !used.some(u => sameLockName(l, u)));
  return [
    `**[${escape(path)}](${uriOf(path)})** uses ${used.length} ${used.length === 1 ? 'action' : 'actions'} of other repositories.`,
    lacks.length > 0 ? `Not listed: ${lacks.map(l => `\`${l}\``).join(', ')}. A run that needs them is refused.` : '',
    more.length > 0 ? `Listed, and not used by it: ${more.map(l => `\`${l}\``).join(', ')}.` : '',
  ].filter(p => p !== '').join('\n\n');
}
