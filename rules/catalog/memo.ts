import { onCatalogChange } from './store';
import { unshared } from '../workflow/unshared';

/**
 * Answers that were worked out from the catalogue, by name, until it is replaced by a later one. A repository names the same few
 * actions over and over, and a hostile file may name any number of them: no more than so many are kept.
 */
export class CatalogMemo<V> {
  readonly #known = new Map<string, V>();

  constructor(private readonly limit = 1000) { onCatalogChange(() => this.#known.clear()); }

  /** `compute` must depend on the key and the catalogue alone. */
  get(key: string, compute: (key: string) => V): V {
    let value = this.#known.get(key);
    if (value === undefined && !this.#known.has(key)) {
      if (this.#known.size >= this.limit) this.#known.clear();
      const own = unshared(key);
      this.#known.set(own, value = compute(own));
    }
    return value as V;
  }
}
