/** What GitHub has said about pins, kept on the user's disk: a commit's origin is asked for once. */
import type { PinFacts } from '../../rules';
import { readJson, writeWhole } from '../workspace/cache-folder';

interface Entry { readonly at: number; readonly facts: PinFacts }

const FORMAT = 1;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Entries are some 200 bytes each. */
export const MOST_ENTRIES = 2000;
const MOST_BYTES = 2 * 1024 * 1024;

/** How long an answer is taken for granted. What can turn for the worse, or for the better, is asked again sooner. */
function keptFor({ reachable, exists, published }: PinFacts): number {
  return exists && reachable && published !== undefined ? 30 * DAY_MS : DAY_MS;
}

export class FactCache {
  #entries?: Map<string, Entry>;
  #changed = false;

  /** @param file undefined keeps everything in memory alone. */
  constructor(private readonly file: string | undefined, private readonly now: () => number = Date.now) {}

  get(key: string): PinFacts | undefined {
    const entry = this.#load().get(key);
    const age = entry ? this.now() - entry.at : 0;
    return entry && age >= 0 && age < keptFor(entry.facts) ? entry.facts : undefined;
  }

  set(key: string, facts: PinFacts): void {
    const entries = this.#load();
    entries.delete(key);
    entries.set(key, { at: this.now(), facts });
    // The oldest answers stand first.
    while (entries.size > MOST_ENTRIES) entries.delete(entries.keys().next().value!);
    this.#changed = true;
  }

  /** A disk that can't be written to costs the next run some questions, nothing more. */
  save(): void {
    if (!this.#changed || this.file === undefined) return;
    this.#changed = false;
    try {
      writeWhole(this.file, JSON.stringify({ format: FORMAT, entries: Object.fromEntries(this.#load()) }));
    } catch {
      // See above.
    }
  }

  #load(): Map<string, Entry> {
    if (this.#entries) return this.#entries;
    const value = this.file === undefined ? undefined : readJson(this.file, MOST_BYTES);
    const entries = isRecord(value) && value.format === FORMAT && isRecord(value.entries) ? Object.entries(value.entries) : [];
    const sound = entries.flatMap(([key, e]) => {
      const facts = isRecord(e) && typeof e.at === 'number' && Number.isFinite(e.at) ? readPinFacts(e.facts) : undefined;
      return facts ? [[key, { at: (e as unknown as Entry).at, facts }] as const] : [];
    });
    return this.#entries = new Map(sound.sort((a, b) => a[1].at - b[1].at).slice(-MOST_ENTRIES));
  }
}

/** The facts of a value that comes from elsewhere; undefined where any member is of another kind. */
export function readPinFacts(value: unknown): PinFacts | undefined {
  if (!isRecord(value)) return undefined;
  for (const [name, v] of Object.entries(value)) {
    const text = name === 'version' || name === 'published';
    const flag = name === 'exists' || name === 'reachable' || name === 'tagged' || name === 'tag' || name === 'branch';
    if (!(text && typeof v === 'string' && v.length <= 100) && !(flag && typeof v === 'boolean')) return undefined;
  }
  return value as PinFacts;
}

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
