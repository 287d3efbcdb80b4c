/**
 * `.github/workflows/actions.lock`, as `gh actions-lock` writes it: a workflow that it lists runs the recorded commits whatever its
 * refs name. The file is written by a machine in one shape, and a file of another shape is taken for none.
 */
import { defineQuery } from '../../engine/rule';
import type { Repository } from '../../repository/repository';

export const LOCKFILE_PATH = '.github/workflows/actions.lock';

export interface LockedDependency {
  /** 40 or 64 hexadecimal digits; undefined where there is none, or none that is a commit. */
  readonly commit?: string;
  /** What it uses in turn. */
  readonly uses: ReadonlySet<string>;
}

export interface ActionsLock {
  readonly version: string;
  /** Path of a workflow to the dependencies it names: `owner/repo@ref`, lower-case owner and repository. */
  readonly workflows: ReadonlyMap<string, ReadonlySet<string>>;
  readonly dependencies: ReadonlyMap<string, LockedDependency>;
  /** Dependency to its commit, 40 or 64 hexadecimal digits. */
  readonly commits: ReadonlyMap<string, string>;
  /** Workflows and dependencies that stand there twice: what a merge leaves behind. */
  readonly twice: readonly string[];
}

const MAX_LENGTH = 2_000_000;
const unquoted = (text: string): string => text.replace(/^(['"])(.*)\1$/, '$2');

/** Undefined for text that isn't a lockfile. Linear in the text. */
export function parseActionsLock(text: string): ActionsLock | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  let version: string | undefined;
  let section = '', item = '', property = '';
  const workflows = new Map<string, Set<string>>(), twice: string[] = [];
  const dependencies = new Map<string, { commit?: string; uses: Set<string> }>();
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const indent = line.length - line.trimStart().length;
    if (indent === 0) {
      const colon = trimmed.indexOf(':');
      if (colon < 0 || MERGE.test(trimmed)) return undefined;
      section = trimmed.slice(0, colon);
      if (section === 'version') version = unquoted(trimmed.slice(colon + 1).trim());
      item = property = '';
    } else if (trimmed.startsWith('- ')) {
      const key = normal(unquoted(trimmed.slice(2).trim()));
      if (section === 'workflows' && item !== '') workflows.get(item)?.add(key);
      if (section === 'dependencies' && property === 'uses') dependencies.get(item)?.uses.add(key);
    } else if (/:(?:\s*(?:\[\s*\]|\{\s*\}))?$/.test(trimmed) && !/^(?:uses|ref|commit|owner_id|repo_id):/.test(trimmed)) {
      const name = unquoted(trimmed.slice(0, trimmed.lastIndexOf(':')).trim());
      property = '';
      item = section === 'dependencies' ? normal(name) : name;
      if ((section === 'workflows' && workflows.has(item)) || (section === 'dependencies' && dependencies.has(item))) twice.push(item);
      if (section === 'workflows') workflows.set(item, workflows.get(item) ?? new Set());
      if (section === 'dependencies') dependencies.set(item, { uses: new Set() });
    } else if (section === 'dependencies') {
      property = /^\w+/.exec(trimmed)?.[0] ?? '';
      const commit = property === 'commit' ? COMMIT.exec(unquoted(trimmed.slice(7).trim()))?.[1] : undefined;
      const dependency = dependencies.get(item);
      if (commit !== undefined && dependency) dependency.commit = commit;
    }
  }
  if (version === undefined) return undefined;
  const commits = new Map<string, string>();
  for (const [key, { commit }] of dependencies) if (commit !== undefined) commits.set(key, commit);
  return { version, workflows, dependencies, commits, twice };
}

const COMMIT = /^(?:sha1|sha256)-([0-9a-f]{40}|[0-9a-f]{64})$/;
/** What git leaves in a file that it could not merge. */
const MERGE = /^(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)/;

/** Owner and repository compare without case, what follows `@` does not. */
function normal(key: string): string {
  const at = key.indexOf('@');
  return at < 0 ? key.toLowerCase() : key.slice(0, at).toLowerCase() + key.slice(at);
}

let last: { readonly text: string; readonly lock: ActionsLock | undefined } | undefined;

/** The lockfile of a checkout; undefined where there is none, or none that can be read. */
export function lockOf(repository: Pick<Repository, 'read'> | undefined): ActionsLock | undefined {
  const text = repository?.read(LOCKFILE_PATH);
  if (text === undefined) return undefined;
  if (last?.text !== text) last = { text, lock: parseActionsLock(text) };
  return last.lock;
}

/** The keys under which a lockfile may record `name@ref`: the action itself, or its repository. */
export function lockKeys(name: string, ref: string): string[] {
  const repository = name.split('/').slice(0, 2).join('/');
  return [...new Set([normal(`${name}@${ref}`), normal(`${repository}@${ref}`)])];
}

/** The commit that the lockfile runs for `name@ref` in the document that is looked at; null where it records none. */
export const lockedCommit = defineQuery('supply-chain.locked-commit', (world, name: string, ref: string): string | null => {
  const lock = lockOf(world.repository);
  const listed = lock?.workflows.get(world.document.path);
  if (!lock || !listed) return null;
  const key = lockKeys(name, ref).find(k => listed.has(k) && lock.commits.has(k));
  return (key !== undefined && lock.commits.get(key)) || null;
});

/** Whether the lockfile pins `name@ref` for the document that is looked at. `name` is `owner/repo` or `owner/repo/path`. */
export const pinnedByLockfile = defineQuery('supply-chain.lockfile', (world, name: string, ref: string): boolean =>
  lockedCommit.ask(world, name, ref) !== null);
