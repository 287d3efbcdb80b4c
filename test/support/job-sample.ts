/**
 * Jobs of real repositories, drawn by seed: what the job classifier is measured on. The draw looks at names alone and never
 * asks the classifier.
 */
import type { Job } from '../../rules/workflow/model';
import { parseSource } from '../../rules/workflow/parse';
import { corpusFiles } from './corpus';

export interface SampledJob {
  readonly repository: string;
  /** Of the workflow, relative to the repository. */
  readonly file: string;
  readonly job: Job;
}

export interface Draw {
  readonly seed: number;
  readonly count: number;
  /** Keys (`jobKey`) that must not be drawn. */
  readonly without?: ReadonlySet<string>;
}

const PER_REPOSITORY = 4;

/** Rough heaps by words of the file's name and the job's id, the first that fits: so that what is rare is drawn too. */
const HEAPS: readonly RegExp[] = [
  /migrat|schema/, /notif|slack|discord|teams|mail/, /deploy|pages|docs|site|preview|infra/, /publish|docker|image|npm|pypi|nuget|crates|marketplace|homebrew|winget/,
  /release|changelog|version|tag/, /e2e|playwright|cypress|integration|smoke|acceptance/, /scan|codeql|audit|scorecard|zizmor|security|review|fuzz|trivy|sast/,
  /stale|label|triage|lock|comment|bot|assign|issue|backport|sync|update|close|greet|welcome|clean|merge/,
  /lint|format|check|prettier|spell|style|type|validate|verify|title/, /build|compile|package|dist|wheel/, /test|unit|ci|bench|coverage/, /(?:)/,
];

/** What a table of labels calls a job. */
export function jobKey(of: { readonly repository: string; readonly file: string; readonly job: string }): string {
  return `${of.repository} ${of.file} ${of.job}`;
}

/** Draws jobs one heap after the other, at most four of one repository. The same seed gives the same jobs on the same corpus. */
export function drawJobs({ seed, count, without = new Set() }: Draw): SampledJob[] {
  const heaps: SampledJob[][] = HEAPS.map(() => []);
  for (const file of corpusFiles()) {
    for (const job of parseSource(file.path, file.text).workflow?.jobs ?? []) {
      if (without.has(jobKey({ repository: file.repository, file: file.path, job: job.id }))) continue;
      const name = `${file.path.slice(file.path.lastIndexOf('/') + 1)} ${job.id}`.toLowerCase();
      heaps[HEAPS.findIndex(h => h.test(name))]!.push({ repository: file.repository, file: file.path, job });
    }
  }
  const random = randomOf(seed);
  for (const heap of heaps) shuffle(heap, random);
  const drawn: SampledJob[] = [];
  const ofRepository = new Map<string, number>();
  while (drawn.length < count && heaps.some(h => h.length)) {
    for (const heap of heaps) {
      let next: SampledJob | undefined;
      while ((next = heap.pop()) && (ofRepository.get(next.repository) ?? 0) >= PER_REPOSITORY);
      if (!next || drawn.length >= count) continue;
      ofRepository.set(next.repository, (ofRepository.get(next.repository) ?? 0) + 1);
      drawn.push(next);
    }
  }
  return drawn;
}

function shuffle<T>(items: T[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}

/** Mulberry32: numbers from 0 up to 1 that the seed alone decides. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * What a job is for, as somebody says who has read its steps, actions, commands, names and environment, and nothing else.
 *
 * - `kinds` is its purpose: what one would answer to "what is this job?". What changes something outside the run (`deploy`,
 *   `publish`, `release`, `migrate`) always stands here, and so does each check (`test`, `lint`, `scan`) that has a step for
 *   its own sake. `build|lint` is one kind of which either will do: readers differ (a job that rebuilds `dist` and compares).
 *   Empty for a job that only decides, prepares or collects (a matrix, "all green").
 * - `also` may be named and need not be: what is done on the way to the purpose (a build before the tests), what the job's
 *   place suggests, `e2e` of tests whose extent is open.
 *
 * Using the repository's own action (`uses: ./`) in its tests is a test whatever the action does. A lint looks at files as
 * they stand (style, types, links, generated files up to date), a scan for what is dangerous. Housekeeping tends issues, pull
 * requests, dependencies and files that a machine writes into the repository. A call's own kinds count as far as its names tell.
 */
export interface JobLabel {
  readonly repository: string;
  readonly file: string;
  readonly job: string;
  readonly kinds: readonly string[];
  readonly also?: readonly string[];
}

/** True where everything in `kinds` was found and nothing beyond `kinds` and `also`. */
export function agrees(found: ReadonlySet<string>, label: JobLabel): boolean {
  const wanted = label.kinds.map(k => k.split('|'));
  const allowed = new Set([...wanted.flat(), ...(label.also ?? [])]);
  return wanted.every(ks => ks.some(k => found.has(k))) && [...found].every(k => allowed.has(k));
}

/** The two tables' draws; nothing is in both. `first` is what the classifier was mended with, `second` is never looked at for that. */
export function drawSamples(): { readonly first: SampledJob[]; readonly second: SampledJob[] } {
  const first = drawJobs({ seed: 20260101, count: 200 });
  return { first, second: drawJobs({ seed: 20260202, count: 100, without: new Set(first.map(keyOf)) }) };
}

export function keyOf(sampled: SampledJob): string {
  return jobKey({ repository: sampled.repository, file: sampled.file, job: sampled.job.id });
}
