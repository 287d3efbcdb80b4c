/**
 * Finds where a document can be cut into blocks that are parsed on their own: at each top-level key and at each job.
 *
 * No character of a scalar, block scalar or flow collection may stand at or left of the column of the key it belongs to, so a
 * line at that column always starts something new: that is why lines alone are enough, and quotes and block scalars need no
 * tracking. What is legal YAML and breaks that (explicit keys, root flow collections, several documents, properties in front
 * of keys), and what the YAML library reads in its own way (tabs as indentation), is not cut at all.
 */
import type { Block } from '../nodes';

export interface Piece {
  readonly kind: Block['kind'];
  readonly start: number;
  readonly end: number;
  /**
   * A line in it stands where YAML allows none. Cutting behind it is right only if the block is reported as broken, as it
   * then is: one slip doesn't cost the jobs below it.
   */
  readonly suspect: boolean;
}

/** More pieces than this cost more than they save. */
const MAX_PIECES = 10_000;

const TAB = 9, LF = 10, CR = 13, SPACE = 32, HASH = 35, DASH = 45, COLON = 58;

/** First characters of a line at a key's column after which nothing can be proven. */
const UNCUTTABLE = new Set([...'{[?|>%@`!&*,:'].map(c => c.charCodeAt(0)).concat(TAB));
const CLOSERS = new Set([...'}]'].map(c => c.charCodeAt(0)));

/**
 * The pieces of a text, in order and without gaps, or undefined where it must stay whole. `withJobs`: the children of `jobs`
 * are pieces too. Comment lines directly above a key (no blank line between, not further in than the key) go with the key.
 */
export function cut(text: string, withJobs: boolean): Piece[] | undefined {
  if (text.indexOf('\ufeff', 1) > 0) return undefined;
  const starts: { kind: Block['kind']; start: number; suspect: boolean }[] = [];
  let inJobs = false, jobsSeen = false, jobIndent = -1, jobSeen = false, documentStart = false;
  // Start of the run of comment lines that ends above the current line, for a top-level key and for a job.
  let topRun = -1, jobRun = -1;
  const length = text.length;
  const suspect = (): boolean => {
    const last = starts.at(-1);
    if (!inJobs || !jobSeen || !last) return false;
    last.suspect = true;
    return true;
  };
  for (let lineStart = 0, next = 0; lineStart < length; lineStart = next) {
    const newline = text.indexOf('\n', lineStart);
    next = newline < 0 ? length : newline + 1;
    let at = lineStart;
    if (at === 0 && text.charCodeAt(0) === 0xfeff) at++;
    const margin = at;
    while (text.charCodeAt(at) === SPACE) at++;
    const indent = at - margin;
    const c = at < next ? text.charCodeAt(at) : LF;
    if (c === LF || c === CR && at + 1 === newline) { topRun = jobRun = -1; continue; }
    if (c === HASH) {
      if (indent > 0) topRun = -1; else if (topRun < 0) topRun = lineStart;
      if (jobIndent >= 0 && indent > jobIndent) jobRun = -1; else if (jobRun < 0) jobRun = lineStart;
      continue;
    }
    const topStart = topRun < 0 ? lineStart : topRun, jobStart = jobRun < 0 ? lineStart : jobRun;
    topRun = jobRun = -1;
    if (indent === 0) {
      if (c === 46 && text.startsWith('...', at)) return undefined;
      if (UNCUTTABLE.has(c)) { if (suspect()) continue; return undefined; }
      if (c === DASH) {
        if (text.startsWith('---', at)) {
          if (documentStart || starts.length || !restIsEmpty(text, at + 3, next)) return undefined;
          documentStart = true;
          continue;
        }
        // `key:` and its list may share a column.
        if (inJobs) { if (suspect()) continue; return undefined; }
        if (!starts.length || text.charCodeAt(at + 1) !== SPACE && !restIsEmpty(text, at + 1, next)) return undefined;
        continue;
      }
      if (CLOSERS.has(c)) {
        if (inJobs && !suspect() || !starts.length) return undefined;
        continue;
      }
      starts.push({ kind: 'top', start: starts.length ? topStart : 0, suspect: false });
      if (starts.length > MAX_PIECES) return undefined;
      // Half-typed: the jobs go on below.
      if (inJobs && jobSeen && !hasColon(text, at, next)) { suspect(); continue; }
      inJobs = false;
      if (withJobs && text.startsWith('jobs:', at) && restIsEmpty(text, at + 5, next)) {
        if (jobsSeen) return undefined;
        inJobs = jobsSeen = true;
      }
      continue;
    }
    if (!starts.length) return undefined;
    if (!inJobs || jobIndent >= 0 && indent > jobIndent) continue;
    if (jobIndent >= 0 && indent < jobIndent) {
      if (UNCUTTABLE.has(c) || CLOSERS.has(c) || c === DASH || hasColon(text, at, next)) suspect();
      else starts.push({ kind: 'top', start: lineStart, suspect: true }); // half-typed
      continue;
    }
    if (UNCUTTABLE.has(c)) { if (suspect()) continue; return undefined; }
    if (c === DASH || CLOSERS.has(c)) {
      if (!jobSeen || c === DASH && text.charCodeAt(at + 1) !== SPACE && !restIsEmpty(text, at + 1, next)) return undefined;
      continue;
    }
    jobIndent = indent;
    jobSeen = true;
    starts.push({ kind: 'job', start: jobStart, suspect: false });
    if (starts.length > MAX_PIECES) return undefined;
  }
  if (!starts.length) return undefined;
  return starts.map(({ kind, start, suspect: broken }, i) => ({ kind, start, end: starts[i + 1]?.start ?? length, suspect: broken }));
}

/** Nothing but white space and a comment up to the end of the line. */
function restIsEmpty(text: string, from: number, end: number): boolean {
  let at = from;
  while (at < end && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === LF || text.charCodeAt(at) === CR)) at++;
  return at === end || at > from && text.charCodeAt(at) === HASH;
}

/** A `:` that could end a key on this line. */
function hasColon(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    if (text.charCodeAt(at) !== COLON) continue;
    const c = text.charCodeAt(at + 1);
    if (at + 1 >= end || c === SPACE || c === LF || c === CR || c === TAB) return true;
  }
  return false;
}
