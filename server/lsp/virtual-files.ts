import { fileKind } from '../../rules';
import type { ListFilesParams, ListFilesResult, ReadFileParams, ReadFileResult } from '../protocol';
import { isConfigFile } from '../workspace/config';
import { compareNames, LIMITS, SKIPPED_FOLDERS, type FileSystem, type Listing, type ReadResult } from '../workspace/files';
import { joinKey, uriOf } from '../workspace/uris';

/** What the client answers about files. */
export interface ClientFiles {
  /** Undefined where the client can't list folders. */
  readonly list?: (params: ListFilesParams) => Promise<ListFilesResult>;
  readonly read: (params: ReadFileParams) => Promise<ReadFileResult>;
  /** Told of files that were asked for, several at a time: what is known of them is different now. */
  readonly arrived: (files: readonly { readonly uri: string; readonly exists: boolean }[]) => void;
}

/** A file that takes longer than this does not hold up those that have come. */
const PATIENCE_MS = 1000;

/**
 * Files that only the client can read: in a virtual workspace (`vscode-vfs://` and the like), and all of them in a browser. Reading is
 * synchronous for those who ask, so a file is unknown at first; it is asked for, and told of when it has come.
 */
export class VirtualFileSystem implements FileSystem {
  readonly remote = true;
  readonly #known = new Map<string, ReadResult>();
  /** The latest question for a file: an answer to an earlier one is out of date. */
  readonly #asked = new Map<string, symbol>();
  #arrivals: { uri: string; exists: boolean }[] = [];
  #patience: ReturnType<typeof setTimeout> | undefined;
  #idle: (() => void)[] = [];

  constructor(private readonly client: ClientFiles) {}

  /** Whether something was asked for that has not come. */
  get busy(): boolean { return this.#asked.size > 0; }

  /** Resolves when everything that was asked for has come. */
  idle(): Promise<void> {
    return this.busy ? new Promise(resolve => { this.#idle.push(resolve); }) : Promise.resolve();
  }

  async list(folder: string): Promise<Listing | undefined> {
    if (!this.client.list) return undefined;
    let listing: ListFilesResult['listing'];
    try {
      ({ listing } = await this.client.list({ uri: uriOf(folder), skip: [...SKIPPED_FOLDERS], limit: LIMITS.files, depth: LIMITS.depth, first: '.github' }));
    } catch {
      return undefined;
    }
    if (!listing) return undefined;
    const files = listing.files.filter(isBelow).sort(compareNames);
    for (const file of files) if (fileKind(file) !== undefined || isConfigFile(file)) this.read(folder, file);
    // What every look at the workspace begins with is there when the first look is taken.
    await this.idle();
    return { files, markers: markersIn(files, listing.skipped.filter(isBelow)), errors: listing.errors };
  }

  kind(): undefined { return undefined; }

  refresh(path: string): void {
    const uri = uriOf(path);
    // What was read before serves until the answer has come: results that go and come again would flicker.
    if (this.#known.has(uri) || this.#asked.has(uri)) void this.#ask(uri);
  }

  read(root: string, file: string): ReadResult {
    const uri = uriOf(joinKey(root, file));
    const known = this.#known.get(uri);
    if (known) return known;
    if (!this.#asked.has(uri)) void this.#ask(uri);
    return { error: 'has not been read yet', waiting: true };
  }

  async #ask(uri: string): Promise<void> {
    const question = Symbol(uri);
    this.#asked.set(uri, question);
    let answer: ReadFileResult;
    try {
      answer = await this.client.read({ uri, limit: LIMITS.fileSize });
    } catch {
      answer = { text: null, error: "can't be read" };
    }
    if (this.#asked.get(uri) === question) {
      this.#asked.delete(uri);
      this.#known.set(uri, resultOf(answer));
      this.#arrivals.push({ uri, exists: answer.text !== null || answer.error !== undefined });
    }
    if (this.busy) this.#patience ??= setTimeout(() => { this.#deliver(); }, PATIENCE_MS);
    else this.#deliver();
  }

  #deliver(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    if (arrivals.length > 0) this.client.arrived(arrivals);
    if (!this.busy) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function resultOf({ text, error }: ReadFileResult): ReadResult {
  if (text === null) return { error: error ?? "can't be read" };
  if (text.length > LIMITS.fileSize) return { error: `is larger than ${LIMITS.fileSize / 1024 / 1024} MB` };
  if (text.includes('\0')) return { error: 'is a binary file' };
  const bom = text.startsWith('\ufeff');
  return { text: bom ? text.slice(1) : text, bom, sound: !text.includes('\ufffd') };
}

/** A name that leads nowhere else, whatever a client says. */
function isBelow(file: string): boolean {
  return file !== '' && !file.startsWith('/') && !file.split('/').includes('..');
}

/** The folders that hold `.git` or `.github`. */
function markersIn(files: readonly string[], skipped: readonly string[]): Listing['markers'] {
  const found = new Map<string, Listing['markers'][number]>();
  const add = (folder: string, name: '.git' | '.github'): void => { found.set(`${folder}/${name}`, { folder, name }); };
  for (const path of [...files, ...skipped]) if (path === '.git' || path.endsWith('/.git')) add(path.slice(0, -5), '.git');
  for (const file of files) {
    for (let at = `/${file}`.indexOf('/.github/'); at >= 0; at = `/${file}`.indexOf('/.github/', at + 1)) add(file.slice(0, Math.max(0, at - 1)), '.github');
  }
  return [...found.values()];
}
