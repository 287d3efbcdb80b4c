import { chmodSync, linkSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { RepositoryState } from '../workspace/repository-state';

const BOM = '\uFEFF';

/** Why a file of a repository must not be written, a full sentence; undefined where it may be. */
export function refusal(state: RepositoryState, path: string): string | undefined {
  const before = state.contents(path);
  if (before && 'error' in before) return `The file ${before.error}.`;
  if (before && !before.sound) return 'The file is not UTF-8 and was left alone.';
  try {
    const root = realpathSync(state.root);
    const place = existing(state.root, path);
    if (place !== root && !place.startsWith(root.endsWith(sep) ? root : root + sep)) return 'Its folder is a link that leads outside the repository.';
  } catch (error) {
    return `The file can't be written (${codeOf(error)}).`;
  }
  return undefined;
}

/** Where the deepest part of a path that exists really is. */
function existing(root: string, path: string): string {
  for (let at = path; ; at = dirname(at)) {
    try {
      return realpathSync(join(root, at));
    } catch (error) {
      if (at === '.' || codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

/**
 * Writes a file of a repository whole or not at all, with the byte order mark and the mode that it had. Returns why it was left
 * alone, or undefined where it was written: a file that isn't sound UTF-8 would lose what it holds.
 */
export function writeText(state: RepositoryState, path: string, text: string): string | undefined {
  const refused = refusal(state, path);
  if (refused !== undefined) return refused;
  const before = state.contents(path);
  try {
    replace(join(state.root, path), before && 'bom' in before && before.bom ? BOM + text : text, before !== undefined);
  } catch (error) {
    return `The file can't be written (${codeOf(error)}).`;
  }
  state.fileChanged(path, true);
  return undefined;
}

function replace(path: string, text: string, exists: boolean): void {
  if (!exists) mkdirSync(dirname(path), { recursive: true });
  // What a link inside the repository points at is changed, not the link.
  const target = exists ? realpathSync(path) : path;
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    writeFileSync(beside, text, { flag: 'wx' });
    if (exists) {
      chmodSync(beside, statSync(target).mode & 0o7777);
      renameSync(beside, target);
    } else create(beside, target, text);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** A file that has come in the meantime is not overwritten. */
function create(from: string, to: string, text: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // Some file systems know no links.
    if (codeOf(error) === 'EEXIST') throw error;
    writeFileSync(to, text, { flag: 'wx' });
  }
}

function codeOf(error: unknown): string { return (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error'; }
