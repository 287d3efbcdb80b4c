import type { Listing } from './files';

/** One repository below a scanned folder: its folder (relative, `''` for the scanned one) and its files relative to it. */
export interface FoundRepository { readonly folder: string; readonly files: readonly string[] }

/**
 * A scanned folder that holds `.git` or `.github` is one repository; else each folder below it that holds `.github` is one,
 * the outermost where they nest; where there is none, the scanned folder itself is.
 */
export function findRepositories(listing: Listing): FoundRepository[] {
  if (listing.markers.some(m => m.folder === '')) return [{ folder: '', files: listing.files }];
  const folders = [...new Set(listing.markers.filter(m => m.name === '.github').map(m => m.folder))].sort();
  const outermost: string[] = [];
  for (const folder of folders) if (!outermost.some(o => folder.startsWith(o + '/'))) outermost.push(folder);
  if (outermost.length === 0) return [{ folder: '', files: listing.files }];
  return outermost.map(folder => ({ folder, files: below(listing.files, folder) }));
}

/** The names below a folder, relative to it. */
export function below(files: readonly string[], folder: string): string[] {
  const prefix = folder + '/';
  return files.filter(f => f.startsWith(prefix)).map(f => f.slice(prefix.length));
}

/**
 * The root that a file or folder inside a checkout belongs to, judged by the path alone (`/`-separated, nothing is read):
 * the folder that holds the path's last `.github`, or undefined where it holds none.
 */
export function rootByName(path: string): string | undefined {
  const at = `${path}/`.lastIndexOf('/.github/');
  return at < 0 ? undefined : path.slice(0, at) || '/';
}
