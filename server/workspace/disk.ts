import { promises as fsp, closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { TextDecoder } from 'node:util';
import { LIMITS, SKIPPED_FOLDERS, compareNames, type FileError, type FileSystem, type Listing, type ReadResult } from './files';

/** The file system that Node has. */
export const diskFileSystem = { list, read, kind } satisfies FileSystem;

interface Folder { readonly path: string; readonly depth: number }

async function list(folder: string, cancelled: () => boolean = () => false): Promise<Listing> {
  const files: string[] = [];
  const errors: FileError[] = [];
  const markers: { folder: string; name: '.git' | '.github' }[] = [];
  // Breadth first, and `.github` before all else: a limit then cuts off the deepest ordinary files, never the workflows.
  const hidden: Folder[] = [];
  const plain: Folder[] = [{ path: '', depth: 0 }];
  let folders = 0, tooDeep = false;
  for (let next = 0; !cancelled();) {
    const at = hidden.shift() ?? plain[next++];
    if (!at) break;
    if (at.depth > LIMITS.depth) {
      if (!tooDeep) errors.push({ file: at.path, message: `folders more than ${LIMITS.depth} deep are not looked into` });
      tooDeep = true;
      continue;
    }
    if (files.length >= LIMITS.files || ++folders > LIMITS.files) {
      errors.push({ file: '', message: `more than ${LIMITS.files} files or folders: the rest is not looked at` });
      break;
    }
    let entries;
    try {
      entries = await fsp.readdir(join(folder, at.path), { withFileTypes: true });
    } catch (error) {
      errors.push({ file: at.path, message: `can't be listed (${codeOf(error)})` });
      continue;
    }
    for (const entry of entries) {
      const path = at.path === '' ? entry.name : `${at.path}/${entry.name}`;
      if (entry.name === '.git' || (entry.name === '.github' && entry.isDirectory())) markers.push({ folder: at.path, name: entry.name });
      if (entry.isDirectory()) {
        if (SKIPPED_FOLDERS.has(entry.name)) continue;
        const inside = entry.name === '.github' || path.startsWith('.github/') || path.includes('/.github/');
        (inside ? hidden : plain).push({ path, depth: at.depth + 1 });
      } else if ((entry.isFile() || entry.isSymbolicLink()) && entry.name !== '.git') {
        files.push(path);
      }
    }
  }
  return { files: files.sort(compareNames), markers, errors };
}

function read(root: string, file: string): ReadResult {
  let fd: number | undefined;
  try {
    const real = realpathSync(join(root, file));
    const realRoot = realpathSync(root);
    if (real !== realRoot && !real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) {
      return { error: 'is a link that leads outside the repository' };
    }
    // A FIFO or a device would block for ever when opened.
    if (!statSync(real).isFile()) return { error: 'is not a file' };
    fd = openSync(real, 'r');
    const size = fstatSync(fd).size;
    if (size > LIMITS.fileSize) return { error: `is larger than ${LIMITS.fileSize / 1024 / 1024} MB` };
    const bytes = Buffer.allocUnsafe(size);
    let got = 0;
    while (got < size) {
      const n = readSync(fd, bytes, got, size - got, got);
      if (n === 0) break;
      got += n;
    }
    return decode(bytes.subarray(0, got));
  } catch (error) {
    return { error: `can't be read (${codeOf(error)})` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 without its byte order mark; a NUL means that it isn't text. */
export function decode(bytes: Uint8Array): ReadResult {
  if (bytes.indexOf(0) >= 0) return { error: 'is a binary file' };
  const bom = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = bom ? bytes.subarray(3) : bytes;
  try {
    return { text: strict.decode(body), bom, sound: true };
  } catch {
    return { text: Buffer.from(body).toString('utf8'), bom, sound: false };
  }
}

function kind(path: string): 'file' | 'folder' | undefined {
  try {
    const stat = statSync(path);
    return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code ?? 'unknown error';
}
