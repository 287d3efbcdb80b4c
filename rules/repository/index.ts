export * from './repository';
export * from './stack';
export * from './codeowners';
export * from './paths';
import type { Repository } from './repository';
import { detectStack, type Stack } from './stack';
import { findCodeowners, type Codeowners } from './codeowners';
import { fileKind, type SourceDocument } from '../workflow/document';
import { parseSource } from '../workflow/parse';

/**
 * Indexes a checkout. `files` are names relative to the root (`\` is taken for `/`); `read` returns a file's text, or undefined
 * where it can't be read. Workflows, action files and dependabot.yml are parsed on first use; a document of `previous` whose text
 * is the same is kept, and one that changed lends its unchanged blocks. Never throws for what files hold.
 */
export function createRepository(files: readonly string[], read: (path: string) => string | undefined, previous?: Repository): Repository {
  return new Index(files, read, previous);
}

class Index implements Repository {
  readonly files: readonly string[];
  readonly #known: ReadonlySet<string>;
  readonly #texts = new Map<string, string | undefined>();
  readonly #parsed = new Map<string, SourceDocument | undefined>();
  #previous?: Repository;
  #documents?: readonly SourceDocument[];

  constructor(files: readonly string[], private readonly source: (path: string) => string | undefined, previous?: Repository) {
    this.#known = new Set(files.map(normal));
    const sorted = [...this.#known].sort();
    // The same array for the same names: what is told from names alone is kept by it.
    this.files = previous && sameNames(previous.files, sorted) ? previous.files : sorted;
    this.#previous = previous;
  }

  has(path: string): boolean { return this.#known.has(normal(path)); }

  read(path: string): string | undefined {
    const p = normal(path);
    if (!this.#known.has(p)) return undefined;
    if (!this.#texts.has(p)) this.#texts.set(p, this.source(p));
    return this.#texts.get(p);
  }

  get documents(): readonly SourceDocument[] {
    if (!this.#documents) {
      this.#documents = this.files.filter(p => fileKind(p) !== undefined).map(p => this.document(p))
        .filter((d): d is SourceDocument => d !== undefined);
      // Earlier versions would otherwise keep each other alive in a long session.
      this.#previous = undefined;
    }
    return this.#documents;
  }

  document(path: string): SourceDocument | undefined {
    const p = normal(path);
    if (this.#parsed.has(p)) return this.#parsed.get(p);
    const text = fileKind(p) ? this.read(p) : undefined;
    let document: SourceDocument | undefined;
    if (text !== undefined) {
      const before = this.#previous?.document(p);
      document = before && before.text === text ? before : parseSource(p, text, before);
    }
    this.#parsed.set(p, document);
    return document;
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

function normal(path: string): string {
  const p = path.replaceAll('\\', '/');
  return p.startsWith('./') ? p.slice(2) : p;
}

/** What is told about a whole checkout, computed once per repository. */
export interface RepoFacts { readonly stack: Stack; readonly codeowners: Codeowners | undefined }

const facts = new WeakMap<Repository, RepoFacts>();
/** Stacks by the list of names, with the texts that they were told from. */
const stacks = new WeakMap<readonly string[], { readonly stack: Stack; readonly texts: ReadonlyMap<string, string | undefined> }>();

/** Thousands of names are looked at once, and not again for each keystroke in a workflow. */
function stackOf(repo: Repository): Stack {
  const known = stacks.get(repo.files);
  if (known && [...known.texts].every(([path, text]) => repo.read(path) === text)) return known.stack;
  const texts = new Map<string, string | undefined>();
  const watched: Repository = {
    files: repo.files, documents: [], document: () => undefined, has: path => repo.has(path),
    read(path) {
      const text = repo.read(path);
      texts.set(path, text);
      return text;
    },
  };
  const stack = detectStack(watched);
  stacks.set(repo.files, { stack, texts });
  return stack;
}

export function repoFacts(repo: Repository): RepoFacts {
  let known = facts.get(repo);
  if (!known) {
    let stack: Stack | undefined, owners: Codeowners | undefined | null = null;
    known = {
      get stack() { return stack ??= stackOf(repo); },
      get codeowners() { return owners === null ? (owners = findCodeowners(repo)) : owners; },
    };
    facts.set(repo, known);
  }
  return known;
}
