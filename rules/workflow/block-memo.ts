import type { Block } from './nodes';

let memos = 0;

/** By number of the memo, what it keeps about the object that has them. */
export type Notes = unknown[];

/*
 * Weak maps would do as well, and cost more than most of what is kept in them: the collector of young objects takes all values of an
 * old weak map for alive, so that each document that was ever looked at would be copied and grow old.
 */

/** What was computed for things that stand in blocks (scalars, steps, jobs), kept with their block for as long as that is. */
export class BlockMemo<K extends object, V> {
  readonly #number = memos++;

  /** The value kept for `key`, computed where there is none yet. */
  get(block: Block, key: K, compute: (key: K) => V): V {
    const map = roomFor(block.notes, this.#number, newMap) as Map<K, V>;
    let value = map.get(key);
    if (value === undefined) map.set(key, value = compute(key));
    return value;
  }
}

/** What was computed for a document or its model, kept with it. */
export class OwnMemo<K extends { readonly notes: Notes }, V> {
  readonly #number = memos++;

  get(key: K, compute: (key: K) => V): V {
    return roomFor(key.notes, this.#number, compute as (k: object) => unknown, key) as V;
  }
}

function roomFor(notes: Notes, number: number, compute: (key: object) => unknown, key: object = notes): unknown {
  while (notes.length <= number) notes.push(undefined);
  return notes[number] ??= compute(key);
}

const newMap = (): Map<object, unknown> => new Map();
