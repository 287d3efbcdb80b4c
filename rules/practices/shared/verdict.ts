/** Verdicts and the sentences in them. */
import type { Repository } from '../../repository';
import type { Evidence, Verdict } from '../practice';
import { evidenceOf, handsOver, sightings, where, type Sighting } from './sightings';
import type { ToolKind } from './tools';

/** Enough to believe it; the rest says the same. */
const MAX_EVIDENCE = 12;

export function met(evidence: readonly Evidence[]): Verdict {
  return { result: 1, evidence: evidence.slice(0, MAX_EVIDENCE), lookedFor: [] };
}

export function missing(...lookedFor: string[]): Verdict {
  return { result: 0, evidence: [], lookedFor };
}

/** Good parts of a total of at least one. */
export function ratio(good: number, total: number, evidence: readonly Evidence[], lookedFor: readonly string[]): Verdict {
  return { result: good / total, evidence: evidence.slice(0, MAX_EVIDENCE), lookedFor: good === total ? [] : cut(lookedFor) };
}

export function cut(lines: readonly string[]): readonly string[] {
  return lines.length <= MAX_EVIDENCE ? lines : [...lines.slice(0, MAX_EVIDENCE), `and ${lines.length - MAX_EVIDENCE} more`];
}

/**
 * A tool of the kind guards changes, or not: met by one that does; missing with what was looked for, and why what is there doesn't
 * count.
 */
export function toolVerdict(repo: Repository, kind: ToolKind, lookedFor: string,
  accept: (s: Sighting) => string | undefined = s => s.problem): Verdict {
  const seen = sightings(repo, kind);
  const good = seen.filter(s => accept(s) === undefined);
  if (good.length > 0) return met(distinct(good).map(s => evidenceOf(s,
    `${s.tool} runs on pull requests${handsOver(s) ? ', and hands its results to code scanning' : ' and can fail'}`)));
  return missing(lookedFor, ...unique(seen.map(s => `${where(s)} doesn't count: ${accept(s)!}`)).slice(0, MAX_EVIDENCE));
}

/** One sighting of each tool per file. */
export function distinct(seen: readonly Sighting[]): Sighting[] {
  const keys = new Set<string>();
  return seen.filter(s => {
    const key = `${s.document.path} ${s.tool}`;
    return !keys.has(key) && keys.add(key);
  });
}

export function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
