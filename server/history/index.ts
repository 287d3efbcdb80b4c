/** The score of every commit that touched the pipelines, from git alone, and kept: a commit never changes. */
import { join } from 'node:path';
import { CONFIG_PATH, createRepository, DEFAULT_CONFIG, mergeConfig, parseConfig, SEVERITIES, type Severity } from '../../rules';
import { assess, isOpen } from '../../rules/reports';
import { shownPoints } from '../../rules/scorecard';
import { readJson, writeWhole } from '../workspace/cache-folder';
import { isSkipped, LIMITS } from '../workspace/files';
import { Blobs, commitsOf, filesOf } from './objects';

export interface Entry {
  readonly commit: string;
  /** `YYYY-MM-DD`, in UTC. */
  readonly date: string;
  /** First line of the message, as git says it now: it isn't kept. */
  readonly subject?: string;
  readonly score: number;
  readonly level: number;
  readonly categories: Readonly<Record<string, number>>;
  readonly open: Readonly<Record<Severity, number>>;
}

export interface HistoryOptions {
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Folder for what is kept; nothing is where it is undefined. */
  readonly cache?: string;
  /** Of the rules: another version may score otherwise. */
  readonly version: string;
  /** Only what is kept from earlier: nothing is scored. */
  readonly keptOnly?: boolean;
  readonly progress?: (done: number, of: number) => void;
}

/** What is read depends on what was read (a manifest names a folder …). Nothing known needs more rounds. */
const MAX_ROUNDS = 12;
const CACHE_AT_MOST = 64 * 1024;
/** What is kept is read without a pause; after so many commits whoever else waits has a turn. */
const TURN = 64;

/** Newest first. What was done before the signal came is kept, and given. Rejects where git gives no history. */
export async function history(root: string, options: HistoryOptions): Promise<Entry[]> {
  const { signal, limit } = options;
  const entries: Entry[] = [], texts = new Map<string, string | undefined>();
  let blobs: Blobs | undefined;
  try {
    const commits = await commitsOf(root, limit, signal);
    for (const [i, commit] of commits.entries()) {
      if (i % TURN === TURN - 1) await new Promise(resolve => { setImmediate(resolve); });
      if (signal.aborted) break;
      const kept = read(options, commit.sha);
      if (kept) entries.push({ ...kept, subject: commit.subject });
      else if (!options.keptOnly) {
        blobs ??= new Blobs(root, signal);
        const made = await score(root, commit.sha, new Date(commit.time * 1000).toISOString().slice(0, 10), blobs, texts, signal);
        write(options, made);
        entries.push({ ...made, subject: commit.subject });
      }
      options.progress?.(i + 1, commits.length);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    blobs?.close();
  }
  return entries;
}

/** Reads as the rules ask: what they wanted and nobody had read yet is fetched, and they are asked again. */
async function score(root: string, commit: string, date: string, blobs: Blobs, texts: Map<string, string | undefined>, signal: AbortSignal): Promise<Entry> {
  const files = await filesOf(root, commit, signal);
  const names = [...files.keys()].filter(f => !isSkipped(f)).sort((a, b) => Number(b.startsWith('.github/')) - Number(a.startsWith('.github/'))).slice(0, LIMITS.files);
  const used = new Set<string>();
  for (let round = 0; ; round++) {
    const wanted = new Set<string>();
    const reader = (path: string): string | undefined => {
      const oid = files.get(path);
      if (oid !== undefined) used.add(oid);
      if (oid !== undefined && !texts.has(oid)) wanted.add(oid);
      return oid === undefined ? undefined : texts.get(oid);
    };
    const config = reader(CONFIG_PATH), given = config === undefined ? undefined : parseConfig(config).given;
    const { card, findings } = assess(createRepository(names, reader), { today: date, config: given ? mergeConfig(DEFAULT_CONFIG, given) : DEFAULT_CONFIG });
    if (wanted.size === 0 || round >= MAX_ROUNDS) {
      // The next commit has most files in common with this one, and few with those before.
      for (const oid of texts.keys()) if (!used.has(oid)) texts.delete(oid);
      const open = findings.filter(isOpen);
      return { commit, date, score: shownPoints(card.score), level: card.level, categories: Object.fromEntries(card.categories.map(c => [c.name, shownPoints(c.score)])),
        open: Object.fromEntries(SEVERITIES.map(s => [s, open.filter(f => f.severity === s).length])) as Record<Severity, number> };
    }
    for (const oid of wanted) texts.set(oid, await blobs.text(oid));
  }
}

function place({ cache, version }: HistoryOptions, sha: string): string | undefined {
  return cache === undefined || !/^[0-9a-f]{40,64}$/.test(sha) ? undefined : join(cache, 'history', version.replace(/[^\w.-]/g, '_'), sha.slice(0, 2), `${sha}.json`);
}

function read(options: HistoryOptions, sha: string): Entry | undefined {
  const file = place(options, sha), data = file === undefined ? undefined : readJson(file, CACHE_AT_MOST) as Partial<Entry> | null | undefined;
  return data && data.commit === sha && typeof data.score === 'number' && typeof data.level === 'number' && typeof data.date === 'string' && typeof data.categories === 'object' && typeof data.open === 'object' ? data as Entry : undefined;
}

function write(options: HistoryOptions, entry: Entry): void {
  const file = place(options, entry.commit);
  if (file === undefined) return;
  try {
    writeWhole(file, JSON.stringify(entry));
  } catch { /* Without a cache it only takes longer the next time. */ }
}
