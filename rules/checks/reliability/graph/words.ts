/** What several checks of the graph say in the same words. */
import { nearest } from '../../../engine/suggest';
import type { Fix, Report } from '../../../engine/rule';
import { replaceScalar } from '../../../workflow/edits';
import type { ScalarNode, Span } from '../../../workflow/nodes';

/** A file with more names than this in one place is made to be slow. */
const MOST_CANDIDATES = 300;

/** The name that was meant, one or two slips away; undefined where none is near enough. */
export function meant(word: string, candidates: readonly string[]): string | undefined {
  const found = nearest(word, candidates.slice(0, MOST_CANDIDATES), 2);
  return found === word ? undefined : found;
}

/**
 * A key that GitHub may have learned since this version was made is a hint. It becomes a plain error where it is one or two slips away from
 * a key that is known, or known in another place.
 */
export const MAY_BE_NEW: NonNullable<Report<string>['adjust']> = [{ by: -3, reason: 'GitHub may have learned it since this version was made' }];

const SHOWN = 6;

/** `a, b, c or 4 more`, as code. */
export function oneOf(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, SHOWN).map(n => `\`${n}\``);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} or ${more} more`;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)!}`;
}

/** What to write instead: the name that was meant where there is one, else what there is to choose from. */
export function instead(better: string | undefined, all: readonly string[]): string {
  return better === undefined ? oneOf(all) : `\`${better}\``;
}

export function writeScalar(scalar: ScalarNode, value: string, safety: Fix['safety']): Fix {
  return { title: `Write ${value}`, safety, preferred: true, edits: ({ document }) => (document.has(scalar) ? replaceScalar(document, scalar, value) : undefined) };
}

/** Replaces a name inside of a text, where it stands there as it is. */
export function writeName(span: Span, name: string, better: string): Fix {
  return {
    title: `Write ${better}`, safety: 'unsafe', preferred: true,
    edits: ({ document }) => (document.has(span) && document.source(span) === name ? [{ ...document.range(span), newText: better }] : undefined),
  };
}
