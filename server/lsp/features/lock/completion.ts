/** Completion in `actions.lock`: what workflows use and the file lacks, the commits that the catalogue knows, and the keys of the schema. */
import { CompletionItemKind, InsertTextMode, MarkupKind, type CompletionItem } from 'vscode-languageserver';
import type { OffsetRange, Repository } from '../../../../rules';
import { advisoriesFor, catalogDate, commitNamed, isFullSha, lookupAction, versionNamed, versionsOn } from '../../../../rules/catalog';
import { toRange, type Encoding, type LinedText } from '../../positions';
import { lineAt, lockLines, type LockLine } from './lines';
import { comparable, parseLockName, uniqueLockNames, usedBy, workflowPaths } from './needs';
import { ENTRY_KEYS, LOCK_VERSION, REQUIRED_KEYS, TOP_KEYS, WRITTEN_BY } from './schema';

interface Asked {
  readonly repository: Repository | undefined;
  readonly lines: readonly LockLine[];
  readonly line: LockLine;
  /** White space of one level. */
  readonly unit: string;
  readonly eol: string;
}

interface Offer { readonly label: string; readonly text: string; readonly short?: string; readonly beside?: string; readonly detail?: string; readonly about?: string; readonly kind: CompletionItemKind }

/** A file that needs more is not written by hand. */
const MOST_OFFERS = 100;
/** No lockfile that is used comes near; a longer one is not looked at. */
const MAX_LENGTH = 2_000_000;

export function lockCompletion(text: LinedText, offset: number, repository: Repository | undefined, encoding: Encoding): CompletionItem[] {
  if (text.text.length > MAX_LENGTH) return [];
  const lines = lockLines(text.text);
  const line = lineAt(lines, offset);
  if (!line) return [];
  const unit = ' '.repeat(lines.find(l => l.indent > 0 && l.key && l.parents.length === 1)?.indent ?? 4);
  const asked: Asked = { repository, lines, line, unit, eol: text.text.includes('\r\n') ? '\r\n' : '\n' };
  const inKey = line.key === undefined || offset <= line.key.end;
  const range = rangeOf(line, offset, inKey);
  const typed = text.text.slice(range.start, offset);
  // Something else than a name.
  if (!/^['"]?[\w./@-]*$/.test(typed)) return [];
  const offers = line.item ? itemOffers(asked) : inKey ? keyOffers(asked) : valueOffers(asked);
  const quote = /^['"]/.exec(typed)?.[0] ?? '';
  // A dash without its space makes no list.
  const glue = text.text[range.start - 1] === '-' || text.text[range.start - 1] === ':' ? ' ' : '';
  const place = toRange(text, range, encoding);
  return offers.map((o, i) => ({
    label: o.short ?? o.label, kind: o.kind, filterText: quote + o.label, sortText: String(i).padStart(4, '0'), insertTextMode: InsertTextMode.asIs,
    textEdit: { range: place, newText: glue + o.text },
    // Shown in every row, a detail only in the one that has the focus: forty digits alone are no choice.
    ...(o.beside === undefined ? {} : { labelDetails: { description: o.beside } }),
    ...(o.detail === undefined ? {} : { detail: o.detail }),
    ...(o.about === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: o.about } }),
  }));
}

/** What a choice takes the place of: the word, its quotes and a colon that already stands behind it. */
function rangeOf(line: LockLine, offset: number, inKey: boolean): OffsetRange {
  if (inKey && line.key) return { start: line.key.start, end: line.value.text === '' ? line.end : line.key.end };
  const { start, end } = line.value;
  return start <= offset ? { start, end: Math.max(end, offset) } : { start: offset, end: offset };
}

const quoted = (text: string): string => `'${text.replaceAll('\'', '\'\'')}'`;
const childrenOf = (lines: readonly LockLine[], ...parents: string[]): LockLine[] =>
  lines.filter(l => l.parents.length === parents.length && l.parents.every((p, i) => p === parents[i]));
const keysOf = (lines: readonly LockLine[], ...parents: string[]): string[] =>
  childrenOf(lines, ...parents).filter(l => !l.item).map(l => l.key?.text).filter(k => k !== undefined);

/** Every entry that some list of the file names, or that a workflow in it uses, without those that there are. */
function neededEntries({ lines, repository }: Asked, given: readonly string[]): string[] {
  const listed = lines.filter(l => l.item && l.value.text.includes('@')).map(l => l.value.text);
  const used = repository ? keysOf(lines, 'workflows').flatMap(path => usedBy(repository, path) ?? []) : [];
  return uniqueLockNames([...listed, ...used], given).filter(n => parseLockName(n)).slice(0, MOST_OFFERS);
}

function keyOffers(asked: Asked): Offer[] {
  const { line, lines, unit, eol, repository } = asked;
  const [section, entry] = line.parents;
  const others = (keys: readonly string[]): string[] => keys.filter(k => k !== line.key?.text);
  if (section === undefined) {
    if (line.indent > 0) return [];
    const given = others(keysOf(lines));
    return Object.entries(TOP_KEYS).filter(([key]) => !given.includes(key)).map(([key, about]) => ({
      label: key, text: key === 'version' ? `version: ${quoted(LOCK_VERSION)}` : `${key}:`, about, kind: CompletionItemKind.Property,
    }));
  }
  if (line.parents.length === 1 && section === 'workflows' && repository) {
    const given = others(keysOf(lines, 'workflows'));
    return workflowPaths(repository).filter(p => !given.includes(p)).map(path => {
      const used = usedBy(repository, path) ?? [];
      const list = used.length === 0 ? ' []' : used.map(u => `${eol}${unit}${unit}- ${quoted(u)}`).join('');
      return { label: path, text: `${quoted(path)}:${list}`, detail: `uses ${used.length} ${used.length === 1 ? 'action' : 'actions'}`, about: WRITTEN_BY, kind: CompletionItemKind.File };
    });
  }
  if (line.parents.length === 1 && section === 'dependencies') {
    const given = others(keysOf(lines, 'dependencies'));
    return neededEntries(asked, given).map(name => entryOffer(asked, name));
  }
  if (line.parents.length === 2 && section === 'dependencies' && entry !== undefined) {
    const given = others(keysOf(lines, 'dependencies', entry));
    return Object.entries(ENTRY_KEYS).filter(([key]) => !given.includes(key)).map(([key, about]) => {
      const value = valuesOf(asked, entry, key)[0];
      return { label: key, text: value ? `${key}: ${value.text}` : `${key}:`, about, ...(value?.detail ? { detail: value.detail } : {}), kind: CompletionItemKind.Property };
    });
  }
  return [];
}

/** A whole entry, as far as it is known here. */
function entryOffer(asked: Asked, name: string): Offer {
  const { unit, eol } = asked;
  const values = REQUIRED_KEYS.map(key => ({ key, value: valuesOf(asked, name, key)[0] }));
  const lines = values.map(({ key, value }) => `${eol}${unit}${unit}${key}:${value ? ` ${value.text}` : ''}`);
  const uses = foreignUses(name).map(u => `${eol}${unit}${unit}${unit}- ${quoted(u)}`);
  const list = uses.length > 0 ? `${eol}${unit}${unit}uses:${uses.join('')}` : '';
  const unknown = values.filter(v => !v.value).map(v => `\`${v.key}\``);
  const about = [...warnings(name), ...(unknown.length > 0 ? [`Not known here: ${unknown.join(', ')}.`] : []), WRITTEN_BY].join('\n\n');
  const commit = values.find(v => v.key === 'commit')?.value;
  return { label: name, text: `${quoted(name)}:${lines.join('')}${list}`, detail: commit?.detail ?? 'no commit known', about, kind: CompletionItemKind.Module };
}

/** What the newest version of a composite action uses of other repositories, where the entry is of that version's line. */
function foreignUses(name: string): readonly string[] {
  const key = parseLockName(name);
  const info = key && lookupAction(key.owner, key.repo);
  return info && versionNamed(key.owner, key.repo, key.ref) === info.versions[0] ? info.loose.filter(l => parseLockName(l)) : [];
}

function warnings(name: string): string[] {
  const key = parseLockName(name);
  return key ? advisoriesFor(key.owner, key.repo, key.ref).map(a => `**${a.severity}**: ${a.id}${a.patched ? `, fixed in ${a.patched}` : ''}`) : [];
}

function itemOffers({ line, lines, repository, ...rest }: Asked): Offer[] {
  const [section, owner, property] = line.parents;
  if (owner === undefined) return [];
  const given = childrenOf(lines, ...line.parents).filter(l => l.item && l !== line).map(l => l.value.text);
  const free = (names: readonly string[]): string[] => uniqueLockNames(names, given).slice(0, MOST_OFFERS);
  const offer = (name: string): Offer => ({
    label: name, text: quoted(name), detail: valuesOf({ line, lines, repository, ...rest }, name, 'commit')[0]?.detail ?? 'no commit known', kind: CompletionItemKind.Reference,
  });
  if (section === 'workflows' && line.parents.length === 2) return free((repository && usedBy(repository, owner)) ?? []).map(offer);
  if (section === 'dependencies' && property === 'uses') return free([...foreignUses(owner), ...keysOf(lines, 'dependencies')].filter(n => comparable(n) !== comparable(owner))).map(offer);
  return [];
}

function valueOffers(asked: Asked): Offer[] {
  const { line } = asked;
  const [section, entry] = line.parents;
  const key = line.key!.text;
  if (section === undefined && key === 'version') return [{ label: LOCK_VERSION, text: quoted(LOCK_VERSION), kind: CompletionItemKind.Value }];
  return section === 'dependencies' && line.parents.length === 2 && entry !== undefined ? valuesOf(asked, entry, key) : [];
}

const MOST = 12;
/** Digits of a commit that leave room for its version in a list. */
const SHORT = 12;

/** What a key of an entry can be, the best first. Numbers of accounts are known from other entries of the same owner alone. */
function valuesOf({ lines }: Asked, name: string, key: string): Offer[] {
  const entry = parseLockName(name);
  if (!entry) return [];
  const { owner, repo, ref } = entry;
  const value = (label: string, text: string, detail?: string): Offer => ({ label, text, kind: CompletionItemKind.Value, ...(detail === undefined ? {} : { detail }) });
  switch (key) {
    case 'commit': {
      const commits = isFullSha(ref) ? [ref.toLowerCase()] : [commitNamed(owner, repo, ref), ...linesOf(owner, repo, ref)].filter(c => c !== undefined);
      return [...new Set(commits)].slice(0, MOST).map(sha => {
        const version = versionsOn(owner, repo, sha)[0];
        return { short: `sha1-${sha.slice(0, SHORT)}…`, ...(version ? { beside: version } : {}), ...value(`sha1-${sha}`, quoted(`sha1-${sha}`), version ? `${version}, by the catalogue of ${catalogDate}` : sha.slice(0, 7)) };
      });
    }
    case 'ref': {
      const names = isFullSha(ref) ? versionsOn(owner, repo, ref) : [ref];
      return names.map(n => value(n, quoted(n)));
    }
    case 'owner_id': return same(lines, key, n => n.owner.toLowerCase() === owner.toLowerCase()).map(id => value(id, id, `as in other entries of ${owner}`));
    case 'repo_id': return same(lines, key, n => `${n.owner}/${n.repo}`.toLowerCase() === `${owner}/${repo}`.toLowerCase()).map(id => value(id, id, `as in other entries of ${owner}/${repo}`));
    default: return [];
  }
}

/** Commits of the releases that a floating tag has named, newest first. */
function linesOf(owner: string, repo: string, ref: string): string[] {
  const of = /^[vV]?\d+(?:\.\d+)?$/.test(ref) ? lookupAction(owner, repo)?.versions.filter(v => v.startsWith(`${ref}.`)) ?? [] : [];
  return of.map(v => commitNamed(owner, repo, v)).filter(c => c !== undefined);
}

function same(lines: readonly LockLine[], key: string, fits: (name: NonNullable<ReturnType<typeof parseLockName>>) => boolean): string[] {
  const found = new Set<string>();
  for (const l of lines) {
    const name = l.key?.text === key && l.parents[0] === 'dependencies' && l.parents.length === 2 ? parseLockName(l.parents[1]!) : undefined;
    if (name && fits(name) && /^\d+$/.test(l.value.text)) found.add(l.value.text);
  }
  return [...found];
}
