/**
 * Answers that were worked out from the catalogue, by name. A repository names the same few actions over and over, and a hostile
 * file may name any number of them: no more than so many are kept.
 */
export class CatalogMemo<V> {
  readonly #known = new Map<string, V>();

  constructor(private readonly limit = 1000) { memos.push(this as CatalogMemo<unknown>); }

  /** `compute` must depend on the key and the catalogue alone. */
  get(key: string, compute: (key: string) => V): V {
    let value = this.#known.get(key);
    if (value === undefined && !this.#known.has(key)) {
      if (this.#known.size >= this.limit) this.#known.clear();
      this.#known.set(key, value = compute(key));
    }
    return value as V;
  }

  clear(): void { this.#known.clear(); }
}

const memos: CatalogMemo<unknown>[] = [];

/** For when the catalogue is replaced by a later one. */
export function forgetAnswers(): void {
  for (const memo of memos) memo.clear();
}
