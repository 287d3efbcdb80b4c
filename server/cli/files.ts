import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RepositoryState } from '../workspace/repository-state';

const BOM = '\uFEFF';

/**
 * Writes a file of a repository, with the byte order mark that it had. Returns why it was left alone, or undefined where it was
 * written: a file that isn't sound UTF-8 would lose what it holds.
 */
export function writeText(state: RepositoryState, path: string, text: string): string | undefined {
  const before = state.contents(path);
  if (before && 'error' in before) return `The file ${before.error}.`;
  if (before && !before.sound) return 'The file is not UTF-8 and was left alone.';
  const target = join(state.root, path);
  try {
    if (!before) mkdirSync(dirname(target), { recursive: true });
    // A file that has come in the meantime is not overwritten.
    writeFileSync(target, before?.bom ? BOM + text : text, { flag: before ? 'w' : 'wx' });
  } catch (error) {
    return `The file can't be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`;
  }
  state.fileChanged(path, true);
  return undefined;
}
