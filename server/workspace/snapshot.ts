import { fileKind, type SourceDocument } from '../../rules/workflow/document';
import { parseSource } from '../../rules/workflow/parse';
import type { Repository } from '../../rules/repository/repository';

/** The latest parse of each CI file: what the next version of the file takes its unchanged blocks from. */
export type ParseCache = Map<string, SourceDocument>;

/** Names of a checkout, sorted; shared by all snapshots for as long as no file comes or goes. */
export interface NameList {
  readonly files: readonly string[];
  readonly set: ReadonlySet<string>;
  /** CI files and configuration files. */
  readonly own: readonly string[];
}

/**
 * One moment of a checkout. A keystroke makes a new one, so that nothing that rules have computed for an older state is taken
 * for true; names and unchanged documents are shared, so that making one costs next to nothing, however large the checkout.
 */
export class Snapshot implements Repository {
  readonly #documents = new Map<string, SourceDocument | undefined>();
  #all?: readonly SourceDocument[];

  constructor(
    private readonly names: NameList,
    private readonly source: (path: string) => string | undefined,
    private readonly parsed: ParseCache,
  ) {}

  get files(): readonly string[] { return this.names.files; }
  has(path: string): boolean { return this.names.set.has(normal(path)); }

  read(path: string): string | undefined {
    const p = normal(path);
    return this.names.set.has(p) ? this.source(p) : undefined;
  }

  get documents(): readonly SourceDocument[] {
    return this.#all ??= this.files.filter(p => fileKind(p) !== undefined).map(p => this.document(p)).filter(d => d !== undefined);
  }

  document(path: string): SourceDocument | undefined {
    const p = normal(path);
    if (this.#documents.has(p)) return this.#documents.get(p);
    const text = fileKind(p) ? this.read(p) : undefined;
    let document: SourceDocument | undefined;
    if (text !== undefined) {
      const before = this.parsed.get(p);
      document = before?.text === text ? before : parseSource(p, text, before);
      this.parsed.set(p, document);
    }
    this.#documents.set(p, document);
    return document;
  }
}

function normal(path: string): string {
  const p = path.includes('\\') ? path.replaceAll('\\', '/') : path;
  return p.startsWith('./') ? p.slice(2) : p;
}
