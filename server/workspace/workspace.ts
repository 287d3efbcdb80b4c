import type { Settings } from '../protocol';
import { isSkipped, type FileError, type FileSystem } from './files';
import { RepositoryState } from './repository-state';
import { findRepositories, rootByName } from './roots';
import { DEFAULT_SETTINGS } from './settings';
import { joinKey, keyOf, relativeTo, uriOf } from './uris';
import { CONFIG_FILE } from './config';

/** Where a resource stands. */
export interface Place { readonly repository: RepositoryState; readonly path: string }

export interface WorkspaceFolder {
  readonly uri: string;
  readonly name: string;
  readonly key: string;
  settings: Settings;
  /** Empty until the folder is scanned. */
  repositories: RepositoryState[];
  /** True where the folder itself is a repository: what comes below it never makes others. */
  marked: boolean;
  errors: readonly FileError[];
  state: 'waiting' | 'scanning' | 'ready';
}

export interface FileEvent { readonly uri: string; readonly kind: 'created' | 'changed' | 'deleted' }

export interface Changes {
  /** Repositories whose results can be others now. */
  readonly changed: ReadonlySet<RepositoryState>;
  /** Folders to be scanned again: repositories may have come or gone. */
  readonly rescan: ReadonlySet<WorkspaceFolder>;
  /** Folders that have come, with whatever is in them. */
  readonly arrived: readonly Place[];
}

/**
 * The folders of a workspace with the repositories in them, and what is open. What is open but in no scanned repository
 * belongs to a loose one, made from the file's path alone.
 */
export class Workspace {
  readonly #folders = new Map<string, WorkspaceFolder>();
  readonly #loose = new Map<string, RepositoryState>();
  /** Text by key of what is open, with the URI that the client calls it by. */
  readonly #open = new Map<string, { readonly uri: string; readonly text: string }>();
  /** Settings for what is in no folder. */
  looseSettings: Settings = DEFAULT_SETTINGS;

  /** @param fileSystem for a folder's key: the disk, or the client for what isn't on disk. */
  constructor(private readonly fileSystem: (key: string) => FileSystem) {}

  get folders(): readonly WorkspaceFolder[] { return [...this.#folders.values()]; }
  get repositories(): readonly RepositoryState[] { return this.folders.flatMap(f => f.repositories); }
  get looseRepositories(): readonly RepositoryState[] { return [...this.#loose.values()]; }

  addFolder(uri: string, name: string): WorkspaceFolder {
    const key = keyOf(uri);
    const folder: WorkspaceFolder = { uri, name, key, settings: DEFAULT_SETTINGS, repositories: [], marked: false, errors: [], state: 'waiting' };
    this.#folders.set(key, folder);
    return folder;
  }

  removeFolder(uri: string): void {
    if (this.#folders.delete(keyOf(uri))) this.#settle();
  }

  /** Finds a folder's repositories and their files. Doing it again takes in whatever was missed. */
  async scan(folder: WorkspaceFolder, cancelled: () => boolean = () => false): Promise<void> {
    folder.state = 'scanning';
    const fs = this.fileSystem(folder.key);
    // What changed unseen is to be read again.
    if (fs.remote) for (const repository of folder.repositories) for (const file of repository.files) fs.refresh?.(repository.key(file));
    const listing = await fs.list(folder.key, cancelled);
    if (cancelled() || this.#folders.get(folder.key) !== folder) return;
    if (!listing) {
      // What isn't listed can't be called missing: such a folder has loose repositories only, one for each file that is open.
      folder.state = 'ready';
      return;
    }
    folder.errors = listing.errors;
    folder.marked = listing.markers.some(m => m.folder === '');
    const before = new Map(folder.repositories.map(r => [r.root, r]));
    folder.repositories = findRepositories(listing).map(found => {
      const root = joinKey(folder.key, found.folder);
      const known = before.get(root);
      if (!known) return new RepositoryState(root, fs, { complete: true, files: found.files, settings: folder.settings });
      // Unchanged files keep what was parsed and found.
      known.setFiles(found.files);
      return known;
    });
    folder.state = 'ready';
    this.#settle();
  }

  /** The innermost folder that holds a resource. */
  folderOf(uri: string): WorkspaceFolder | undefined {
    return this.#innermost(this.folders, keyOf(uri), f => f.key);
  }

  /** Gives a folder other settings, or those in no folder. */
  applySettings(folder: WorkspaceFolder | undefined, settings: Settings): void {
    if (folder) {
      folder.settings = settings;
      for (const repository of folder.repositories) repository.settings = settings;
    } else {
      this.looseSettings = settings;
    }
    for (const loose of this.#loose.values()) loose.settings = this.#settingsFor(loose.root);
  }

  /** The repository that a resource is in, and its path there. Nothing is made for what is neither open nor in a folder. */
  locate(uri: string): Place | undefined {
    const key = keyOf(uri);
    const repository = this.#innermost([...this.repositories, ...this.#loose.values()], key, r => r.root);
    const path = repository && relativeTo(repository.root, key);
    return repository && path ? { repository, path } : undefined;
  }

  /** The URI by which the client knows a file. */
  uri(repository: RepositoryState, path: string): string {
    const key = repository.key(path);
    return this.#open.get(key)?.uri ?? uriOf(key);
  }

  open(uri: string, text: string): Place {
    const key = keyOf(uri);
    this.#open.set(key, { uri, text });
    const place = this.locate(uri) ?? this.#looseFor(key);
    place.repository.setBuffer(place.path, text);
    return place;
  }

  close(uri: string): Place | undefined {
    const place = this.locate(uri);
    this.#open.delete(keyOf(uri));
    if (!place) return undefined;
    place.repository.setBuffer(place.path, undefined);
    if (!place.repository.complete && place.repository.files.length === 0) this.#loose.delete(place.repository.root);
    return place;
  }

  /**
   * Takes in what happened on disk, as far as that can be told without listing folders; `folderArrived` and `scan` do the rest.
   */
  filesChanged(events: readonly FileEvent[]): Changes {
    const arrived: Place[] = [];
    const changed = new Set<RepositoryState>();
    const rescan = new Set<WorkspaceFolder>();
    for (const { uri, kind } of events) {
      const key = keyOf(uri);
      const fs = this.fileSystem(key);
      fs.refresh?.(key);
      const folder = this.#innermost(this.folders, key, f => f.key);
      if (fs.remote && !folder?.repositories.length) {
        const place = this.locate(uri);
        if (place?.repository.fileChanged(place.path, kind !== 'deleted')) changed.add(place.repository);
        continue;
      }
      if (!folder || folder.state !== 'ready' || isSkipped(`${relativeTo(folder.key, key)!}/`)) continue;
      const repository = this.#innermost(folder.repositories, key, r => r.root);
      const path = repository && relativeTo(repository.root, key);
      // What has come where nobody can look may be a folder, until it is listed.
      const stands = kind === 'deleted' ? undefined : !fs.remote ? fs.kind(key) : path !== undefined && repository!.has(path) ? 'file' : 'folder';
      if (!folder.marked && `${key}/`.includes('/.github/') && !(repository && path!.startsWith('.github/') && repository.holdsWorkflows)) rescan.add(folder);
      if (!repository || !path) continue;
      // A folder is told of as one event, whatever is in it.
      if (stands === 'folder' && (kind === 'created' || fs.remote)) arrived.push({ repository, path });
      const did = stands === 'file' ? repository.fileChanged(path, true)
        : stands === undefined ? [repository.fileChanged(path, false), repository.folderGone(path)].some(Boolean) : false;
      if (did) changed.add(repository);
    }
    return { changed, rescan, arrived };
  }

  /** Takes in what is known now of files that were asked for. Returns whether that can alter any result. */
  filesArrived(files: readonly { readonly uri: string; readonly exists: boolean }[]): boolean {
    return files.map(({ uri, exists }) => {
      const place = this.locate(uri);
      return place?.repository.fileChanged(place.path, exists) ?? false;
    }).some(Boolean);
  }

  /** Takes in a folder that has come with everything in it. Returns whether that can alter any result. */
  async folderArrived({ repository, path }: Place): Promise<boolean> {
    const fs = this.fileSystem(repository.root);
    const listing = await fs.list(repository.key(path));
    if (!listing && fs.remote) return repository.fileChanged(path, true);
    return (listing?.files ?? []).map(file => repository.fileChanged(`${path}/${file}`, true)).some(Boolean);
  }

  /** Puts what is open where it belongs now. */
  #settle(): void {
    this.#loose.clear();
    for (const [key, { uri, text }] of this.#open) {
      const place = this.locate(uri) ?? this.#looseFor(key);
      place.repository.setBuffer(place.path, text);
    }
  }

  #looseFor(key: string): Place {
    const folder = key.slice(0, Math.max(1, key.lastIndexOf('/')));
    const root = rootByName(folder) ?? folder;
    let repository = this.#loose.get(root);
    if (!repository) this.#loose.set(root, repository = new RepositoryState(root, this.fileSystem(key), {
      complete: false, settings: this.#settingsFor(key), files: this.fileSystem(key).remote ? [CONFIG_FILE] : [],
    }));
    return { repository, path: relativeTo(root, key)! };
  }

  #settingsFor(key: string): Settings {
    return this.#innermost(this.folders, key, f => f.key)?.settings ?? this.looseSettings;
  }

  #innermost<T>(all: readonly T[], key: string, keyOfItem: (item: T) => string): T | undefined {
    let best: T | undefined, length = -1;
    for (const item of all) {
      const root = keyOfItem(item);
      if (root.length > length && relativeTo(root, key) !== undefined) { best = item; length = root.length; }
    }
    return best;
  }
}
