import {
  analyze, analyzeRepository, fileKind, parseSource, type Analysis, type Finding, type OnlineFacts, type Profile, type Repository, type RepositoryAnalysis, type RuleError,
  type SourceDocument,
} from '../../rules';
import { ConfigCache, CONFIG_FILE, isConfigFile, type FileConfig } from './config';
import { compareNames, isSkipped, type FileError, type FileSystem, type ReadResult } from './files';
import type { Settings } from '../protocol';
import { DEFAULT_SETTINGS } from './settings';
import { Snapshot, type NameList, type ParseCache } from './snapshot';
import { joinKey } from './uris';

/** What is known about one file of one moment. */
export interface FileAnalysis {
  readonly document: SourceDocument;
  readonly analysis: Analysis;
  readonly repository: Repository | undefined;
  readonly config: FileConfig;
  /** Of the file's own rules and of those that look at the whole checkout; suppressed and absorbed ones included. */
  readonly findings: readonly Finding[];
  readonly errors: readonly RuleError[];
}

export interface RepositoryOptions {
  /** Whether the names of all files are known. A loose one knows nothing but what is open. */
  readonly complete: boolean;
  /** Files that exist without having been checked out: their contents are unknown, and that is no error. */
  readonly named?: ReadonlySet<string>;
  /** Counts before configuration files. */
  readonly profile?: Profile;
  readonly settings?: Settings;
  readonly files?: readonly string[];
}

/**
 * One checkout, kept true: names and contents on disk, what is open in the editor, configuration, parses and analyses. Everything
 * derived is computed when it is asked for and kept until something that it depends on changes. Paths are relative to the root.
 */
export class RepositoryState {
  /** Grows with every change that can alter any result. */
  revision = 0;
  readonly #onDisk: Set<string>;
  readonly #buffers = new Map<string, string>();
  readonly #contents = new Map<string, ReadResult>();
  readonly #parsed: ParseCache = new Map();
  readonly #analyses = new Map<string, { revision: number; result: FileAnalysis }>();
  readonly #configs: ConfigCache;
  #settings: Settings;
  #online?: OnlineFacts;
  #names?: NameList;
  #snapshot?: Snapshot;
  #repositoryAnalysis?: { revision: number; result: RepositoryAnalysis };

  /** @param root key of the root (see `uris.ts`). */
  constructor(readonly root: string, private readonly fs: FileSystem, private readonly options: RepositoryOptions) {
    this.#onDisk = new Set([...(options.files ?? []), ...(options.named ?? [])]);
    this.#configs = new ConfigCache(options.profile);
    this.#settings = options.settings ?? DEFAULT_SETTINGS;
  }

  get complete(): boolean { return this.options.complete; }
  get settings(): Settings { return this.#settings; }

  set settings(settings: Settings) {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#changed();
  }

  /** What was asked on the network about pins; absent where nothing was. */
  get online(): OnlineFacts | undefined { return this.#online; }

  set online(facts: OnlineFacts | undefined) {
    if (facts === this.#online) return;
    this.#online = facts;
    this.#changed();
  }

  get files(): readonly string[] { return this.#nameList().files; }

  /** CI files and configuration files, sorted. */
  get ownFiles(): readonly string[] { return this.#nameList().own; }

  /** True where it has a `.github` folder of its own. */
  get holdsWorkflows(): boolean { return this.files.some(f => f.startsWith('.github/')); }

  has(path: string): boolean { return this.#nameList().set.has(path); }

  /** Text of a file: the open buffer, else the disk; undefined where it can't be read. */
  read(path: string): string | undefined {
    const buffer = this.#buffers.get(path);
    if (buffer !== undefined) return buffer;
    const result = this.contents(path);
    return result && 'text' in result ? result.text : undefined;
  }

  /** What is on disk, whatever is open; undefined for a file that isn't there. */
  contents(path: string): ReadResult | undefined {
    if (!this.#onDisk.has(path)) return undefined;
    let result = this.#contents.get(path);
    if (!result) this.#contents.set(path, result = this.fs.read(this.root, path));
    return result;
  }

  /** CI and configuration files that can't be read. */
  get unreadable(): FileError[] {
    return this.ownFiles.flatMap(file => {
      if (this.#buffers.has(file) || this.options.named?.has(file)) return [];
      const result = this.contents(file);
      return result && 'error' in result && !result.waiting ? [{ file, message: `The file ${result.error}.` }] : [];
    });
  }

  /** Sets or takes away what the editor shows. Returns whether anything changed. */
  setBuffer(path: string, text: string | undefined): boolean {
    const before = this.read(path);
    if (text === undefined ? !this.#buffers.delete(path) : this.#buffers.get(path) === text) return false;
    if (text !== undefined) this.#buffers.set(path, text);
    if (!this.#onDisk.has(path)) this.#names = undefined;
    if (this.read(path) !== before) this.#changed(path);
    return true;
  }

  isOpen(path: string): boolean { return this.#buffers.has(path); }

  /** Takes in that a file was written, has come or has gone. Returns whether that can alter any result. */
  fileChanged(path: string, exists: boolean): boolean {
    if (isSkipped(path)) return false;
    const known = this.#onDisk.has(path);
    const read = this.#contents.delete(path);
    if (exists !== known) {
      if (exists) this.#onDisk.add(path); else this.#onDisk.delete(path);
      this.#names = undefined;
    } else if (!exists || !read) {
      // What nobody has read can't have been of influence.
      return false;
    }
    if (this.#buffers.has(path) && exists === known) return false;
    this.#changed(path);
    return true;
  }

  /** Takes in a new list of the files on disk; what was read is read again. */
  setFiles(files: readonly string[]): void {
    this.#onDisk.clear();
    for (const file of files) this.#onDisk.add(file);
    for (const file of this.options.named ?? []) this.#onDisk.add(file);
    this.#contents.clear();
    this.#names = undefined;
    for (const path of this.#parsed.keys()) if (!this.has(path)) this.#parsed.delete(path);
    for (const path of this.#analyses.keys()) if (!this.has(path)) this.#analyses.delete(path);
    this.#changed();
  }

  /** Takes in that a folder with everything in it has gone. */
  folderGone(path: string): boolean {
    const inside = [...this.#onDisk].filter(f => f.startsWith(path + '/'));
    for (const file of inside) this.fileChanged(file, false);
    return inside.length > 0;
  }

  /** The checkout as rules see it; undefined for a loose one. */
  get repository(): Repository | undefined { return this.complete ? this.#current() : undefined; }

  /** The parsed CI file, or undefined where there is none or it can't be read. */
  document(path: string): SourceDocument | undefined { return this.#current().document(path); }

  /** The configuration that counts for a file: the nearest configuration file at or above it, over the settings. */
  configFor(path: string): FileConfig {
    let folder = path;
    do {
      folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
      const file = folder === '' ? CONFIG_FILE : `${folder}/${CONFIG_FILE}`;
      if (!this.has(file)) continue;
      const text = this.read(file);
      if (text !== undefined) return this.#configs.get(file, text, this.#settings);
    } while (folder !== '');
    return this.#configs.get(undefined, '', this.#settings);
  }

  /** Everything found in a CI file, or undefined where there is none or it can't be read. */
  analysis(path: string): FileAnalysis | undefined {
    const kept = this.#analyses.get(path);
    if (kept?.revision === this.revision) return kept.result;
    const document = this.document(path);
    if (!document) {
      this.#analyses.delete(path);
      return undefined;
    }
    const config = this.configFor(path);
    const { repository } = this;
    const analysis = analyze(document, { config: config.config, repository, online: this.#online }, kept?.result.analysis);
    const whole = this.repositoryAnalysis();
    const more = whole?.findings.get(path) ?? [];
    const findings = more.length === 0 ? analysis.findings : [...analysis.findings, ...more].sort((a, b) => a.range.start - b.range.start
      || a.range.end - b.range.end || compareNames(a.ruleId, b.ruleId));
    const result: FileAnalysis = { document, analysis, repository, config, findings, errors: analysis.errors };
    this.#analyses.set(path, { revision: this.revision, result });
    return result;
  }

  /** What the rules that look at the whole checkout say; undefined for a loose one. */
  repositoryAnalysis(): RepositoryAnalysis | undefined {
    const { repository } = this;
    if (!repository) return undefined;
    if (this.#repositoryAnalysis?.revision !== this.revision) {
      this.#repositoryAnalysis = { revision: this.revision, result: analyzeRepository(repository, { config: this.configFor('').config, online: this.#online }) };
    }
    return this.#repositoryAnalysis!.result;
  }

  key(path: string): string { return joinKey(this.root, path); }

  /** Analyses a text that stands nowhere, as if it were the contents of `path`. For fixes that are tried out. */
  tryOut(path: string, text: string): Analysis {
    return analyze(parseSource(path, text, this.#parsed.get(path)), { config: this.configFor(path).config, repository: this.repository, online: this.#online });
  }

  #current(): Snapshot {
    return this.#snapshot ??= new Snapshot(this.#nameList(), p => this.read(p), this.#parsed);
  }

  #nameList(): NameList {
    if (!this.#names) {
      const set = this.#buffers.size === 0 ? this.#onDisk : new Set([...this.#onDisk, ...this.#buffers.keys()]);
      const files = [...set].sort(compareNames);
      this.#names = { set: new Set(set), files, own: files.filter(f => fileKind(f) !== undefined || isConfigFile(f)) };
    }
    return this.#names;
  }

  #changed(path?: string): void {
    this.revision++;
    this.#snapshot = undefined;
    if (path !== undefined && !this.has(path)) {
      this.#parsed.delete(path);
      this.#analyses.delete(path);
    }
  }
}
