/**
 * CODEOWNERS as GitHub reads it: the first of three places, the last matching line wins, a line without owners takes
 * ownership away.
 */
import type { Repository } from './repository';

/** In GitHub's order of preference. */
export const CODEOWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

export interface OwnerRule {
  readonly pattern: string;
  readonly owners: readonly string[];
  /** Offsets of the line in the file. */
  readonly start: number;
  readonly end: number;
}

export interface Codeowners {
  readonly path: string;
  /** Undefined where the contents are not known. */
  readonly rules: readonly OwnerRule[] | undefined;
}

/** The file that counts, parsed; undefined where there is none. */
export function findCodeowners(repo: Repository): Codeowners | undefined {
  const path = CODEOWNERS_PATHS.find(p => repo.has(p));
  if (!path) return undefined;
  const text = repo.read(path);
  return { path, rules: text === undefined ? undefined : parseCodeowners(text) };
}

export function parseCodeowners(text: string): OwnerRule[] {
  const rules: OwnerRule[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    // A `#` starts a comment only at the start or after white space; `\#` and `a#b` belong to a pattern.
    const words = line.replace(/(^|\s)#[^\n]*$/, '').trim().split(/\s+/).filter(w => w !== '');
    const [pattern, ...owners] = words;
    if (pattern) rules.push({ pattern, owners: owners.filter(isOwner), start, end: line.endsWith('\r') ? end - 1 : end });
    start = end + 1;
  }
  return rules;
}

/** `@user`, `@org/team` or an address. */
function isOwner(word: string): boolean {
  return /^@[\w.-]+(\/[\w.-]+)?$/.test(word) || /^[^@\s]+@[^@\s]+$/.test(word);
}

/** The rule that decides about a path (repository-relative, `/`); undefined where none matches. It may name no owners. */
export function ownerRule(rules: readonly OwnerRule[], path: string): OwnerRule | undefined {
  for (let i = rules.length - 1; i >= 0; i--) if (matchesOwnerPattern(rules[i]!.pattern, path)) return rules[i];
  return undefined;
}

/** Patterns are gitignore's without `!` and `[ ]`. A pattern that names a folder covers all below it. */
export function matchesOwnerPattern(pattern: string, path: string): boolean {
  let p = pattern.replaceAll('\\#', '#');
  const folder = p.endsWith('/');
  if (folder) p = p.slice(0, -1);
  const anchored = p.includes('/');
  if (p.startsWith('/')) p = p.slice(1);
  if (p === '') return folder || anchored;
  const parts = p.split('/'), segments = path.split('/');
  if (!anchored) parts.unshift('**');
  // `docs/*` names the files of one folder, not what lies below its folders.
  const below = folder || parts[parts.length - 1] !== '*' || !anchored;
  return matchSegments(parts, segments, below, folder);
}

/** Dynamic programming over segments: `**` cannot make it slow. */
function matchSegments(parts: readonly string[], segments: readonly string[], below: boolean, folder: boolean): boolean {
  let reach = new Set<number>([0]);
  for (const part of parts) {
    const next = new Set<number>();
    for (const at of reach) {
      if (part === '**') for (let i = at; i <= segments.length; i++) next.add(i);
      else if (at < segments.length && matchSegment(part, segments[at]!)) next.add(at + 1);
    }
    reach = next;
    if (reach.size === 0) return false;
  }
  // A folder pattern needs something below it.
  if (below) return folder ? [...reach].some(i => i < segments.length) : reach.size > 0;
  return reach.has(segments.length);
}

/** `*` and `?` inside one segment, without backtracking further than the last star. */
function matchSegment(pattern: string, text: string): boolean {
  let p = 0, t = 0, star = -1, mark = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t]) && pattern[p] !== '*') { p++; t++; }
    else if (pattern[p] === '*') { star = p++; mark = t; }
    else if (star >= 0) { p = star + 1; t = ++mark; }
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
