import type { Block } from './nodes';

/**
 * What was computed for things that stand in blocks (scalars, steps, jobs), kept for as long as their block is. A map for each
 * block, because a weak map with an entry for each thing costs the garbage collector more than most computations cost.
 */
export class BlockMemo<K extends object, V> {
  readonly #blocks = new WeakMap<Block, Map<K, V>>();

  /** The value kept for `key`, computed where there is none yet. */
  get(block: Block, key: K, compute: (key: K) => V): V {
    let map = this.#blocks.get(block);
    if (!map) this.#blocks.set(block, map = new Map());
    let value = map.get(key);
    if (value === undefined) map.set(key, value = compute(key));
    return value;
  }
}
