import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileKind, type Profile } from '../../rules';
import { loadCatalog } from '../workspace/catalog-file';
import { diskFileSystem } from '../workspace/disk';
import { isSkipped, type FileError, type FileSystem } from '../workspace/files';
import { RepositoryState } from '../workspace/repository-state';
import { findRepositories, rootByName } from '../workspace/roots';
import { joinKey, relativeTo } from '../workspace/uris';
import { CannotRun } from './exit';

/** One repository below a path that was given, and how its files are called in reports. */
export interface Target {
  readonly state: RepositoryState;
  /** CI files that were asked for: all, or those below the path. */
  readonly paths: readonly string[];
  /** A repository's file as it is reported: relative to the path that was given, with `/`. */
  display(path: string): string;
  /** What a thread of its own makes the same target from; absent for what is no whole repository. */
  readonly plan?: TargetPlan;
}

/** A whole repository as plain data. */
export interface TargetPlan {
  readonly root: string;
  readonly files: readonly string[];
  readonly named: readonly string[];
  readonly profile?: Profile;
  /** Stands before each name in reports; `''` for nothing. */
  readonly shown: string;
}

export function targetOf(plan: TargetPlan): Target {
  const { root, files, profile, shown } = plan;
  const state = new RepositoryState(root, diskFileSystem, { complete: true, files, named: new Set(plan.named), profile });
  return { state, paths: ownPaths(state), display: path => [shown, path].filter(p => p !== '').join('/'), plan };
}

export interface TargetOptions {
  readonly profile?: Profile;
  /** A file with one name per line, relative to the scanned path: files that exist without being checked out. */
  readonly fileList?: string;
}

export interface Targets { readonly targets: readonly Target[]; readonly errors: readonly FileError[] }

/** Finds the repositories of paths. Throws `CannotRun` for a path that isn't there. */
export async function openTargets(paths: readonly string[], options: TargetOptions = {}): Promise<Targets> {
  loadCatalog();
  const given = paths.length === 0 ? ['.'] : paths;
  const named = options.fileList === undefined ? [] : readNames(options.fileList);
  const targets: Target[] = [];
  const errors: FileError[] = [];
  for (const path of given) {
    const key = resolve(path).replaceAll('\\', '/');
    const kind = diskFileSystem.kind(key);
    if (!kind) throw new CannotRun(`${path} does not exist`);
    // Names from several paths would clash without the path before them.
    const prefix = given.length === 1 ? '' : `${path.replaceAll('\\', '/').replace(/^\.\//, '').replace(/\/+$/, '')}`;
    const found = kind === 'file' ? openFile(key, prefix, options) : await openFolder(key, prefix, named, options);
    targets.push(...found.targets);
    errors.push(...found.errors);
  }
  return { targets, errors };
}

async function openFolder(key: string, prefix: string, named: readonly string[], options: TargetOptions): Promise<Targets> {
  const listing = (await diskFileSystem.list(key));
  const join = (path: string): string => [prefix, path].filter(p => p !== '' && p !== '.').join('/');
  const errors = listing.errors.map(e => ({ file: join(e.file), message: e.message }));
  const root = rootByName(key);
  if (root !== undefined && !listing.markers.some(m => m.name === '.github')) {
    // A folder inside `.github`: its files are what they are in the checkout, of which nothing else is read.
    const inside = relativeTo(root, key)!;
    const state = new RepositoryState(root, diskFileSystem, { complete: false, files: listing.files.map(f => `${inside}/${f}`), profile: options.profile });
    return { targets: [{ state, paths: ownPaths(state), display: path => join(path.slice(inside.length + 1)) }], errors };
  }
  const targets = findRepositories(listing).map((found): Target => {
    const own = found.folder === '' ? named : named.filter(n => n.startsWith(`${found.folder}/`)).map(n => n.slice(found.folder.length + 1));
    const present = new Set(found.files);
    return targetOf({
      root: joinKey(key, found.folder), files: found.files, named: own.filter(n => !present.has(n) && !isSkipped(n)), profile: options.profile,
      shown: join(found.folder),
    });
  });
  return { targets, errors };
}

/** A single file: nothing else is read. One that is none of ours by its path is read as a workflow. */
function openFile(key: string, prefix: string, options: TargetOptions): Targets {
  const root = rootByName(key) ?? dirname(key);
  const known = relativeTo(root, key)!;
  const path = fileKind(known) ? known : `.github/workflows/${basename(key)}`;
  const fs: FileSystem = path === known ? diskFileSystem
    : { ...diskFileSystem, read: (folder, file) => diskFileSystem.read(folder, file === path ? known : file) };
  const state = new RepositoryState(root, fs, { complete: false, files: [path], profile: options.profile });
  return { targets: [{ state, paths: ownPaths(state), display: () => prefix || basename(key) }], errors: [] };
}

function ownPaths(state: RepositoryState): string[] {
  return state.ownFiles.filter(f => fileKind(f) !== undefined);
}

function readNames(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/).map(n => n.trim().replaceAll('\\', '/').replace(/^\.\//, '')).filter(n => n !== '');
  } catch {
    throw new CannotRun(`${file} can't be read`);
  }
}
