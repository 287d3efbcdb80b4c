import { LIMITS, type FileSystem, type ReadResult } from '../workspace/files';
import { joinKey, uriOf } from '../workspace/uris';

/**
 * Files that only the client can read (`vscode-vfs://` and the like). Reading is synchronous for those who ask, so a file is
 * unknown at first; it is asked for, and told of as changed when it has come.
 */
export class VirtualFileSystem implements FileSystem {
  readonly #known = new Map<string, ReadResult>();
  readonly #asked = new Set<string>();

  constructor(
    private readonly readFile: (uri: string) => Promise<string | null>,
    private readonly arrived: (uri: string, exists: boolean) => void,
  ) {}

  list(): Promise<undefined> { return Promise.resolve(undefined); }
  kind(): 'file' { return 'file'; }

  read(root: string, file: string): ReadResult {
    const uri = uriOf(joinKey(root, file));
    const known = this.#known.get(uri);
    if (known) return known;
    if (!this.#asked.has(uri)) {
      this.#asked.add(uri);
      this.readFile(uri).then(text => {
        this.#known.set(uri, text === null ? { error: "can't be read" }
          : text.length > LIMITS.fileSize ? { error: `is larger than ${LIMITS.fileSize / 1024 / 1024} MB` } : { text, bom: false, sound: true });
        this.arrived(uri, text !== null);
      }, () => this.#known.set(uri, { error: "can't be read" }));
    }
    return { error: 'has not been read yet' };
  }
}
