/** What the server needs of a file system. `disk.ts` has it from Node; a virtual workspace has it from the client. */

export const LIMITS = {
  /** Bytes of one file. Real workflows stay below a tenth of this. */
  fileSize: 5 * 1024 * 1024,
  /** Files of one repository that are listed. Those under `.github` come first, so they are never the ones left out. */
  files: 20_000,
  /** Folders below each other. */
  depth: 32,
} as const;

/** Folders whose contents are never part of a repository's own files. */
export const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['node_modules', '.git', 'vendor']);

/** Contents, without a byte order mark, or why there are none. */
export type ReadResult =
  | { readonly text: string; /** True where the file starts with a byte order mark. */ readonly bom: boolean; /** False where it isn't sound UTF-8. */ readonly sound: boolean }
  | { readonly error: string; /** It has been asked for and is on its way. */ readonly waiting?: boolean };

/** `file` is relative to the listed folder, with `/`. */
export interface FileError { readonly file: string; readonly message: string }

export interface Listing {
  /** Relative to the listed folder, with `/`, sorted by code unit. Links are listed and never walked into. */
  readonly files: readonly string[];
  /** Folders (relative, `''` for the listed one) that hold `.git` or `.github`. */
  readonly markers: readonly { readonly folder: string; readonly name: '.git' | '.github' }[];
  readonly errors: readonly FileError[];
}

export interface FileSystem {
  /** Its files are asked for one by one and come later; what changes there is told of, and can't be looked at. */
  readonly remote?: true;
  /**
   * All files below a folder. Never throws: what can't be read is an error in the listing.
   * Undefined where folders can't be listed at all.
   * @param cancelled asked between folders; the listing is incomplete once it says true.
   */
  list(folder: string, cancelled?: () => boolean): Promise<Listing | undefined>;
  /** Reads one file as UTF-8. Nothing outside `root` is read, through links either. */
  read(root: string, file: string): ReadResult;
  /** What stands at an absolute path; links count as what they lead to. */
  kind(path: string): 'file' | 'folder' | undefined;
  /** Takes in that what was read of a file, an absolute path, may no longer be true. */
  refresh?(path: string): void;
}

/** True where some folder of a relative path is never looked into. */
export function isSkipped(file: string): boolean {
  let at = 0;
  for (;;) {
    const slash = file.indexOf('/', at);
    if (slash < 0) return false;
    if (SKIPPED_FOLDERS.has(file.slice(at, slash))) return true;
    at = slash + 1;
  }
}

export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
