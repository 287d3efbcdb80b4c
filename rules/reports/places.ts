/** Places as reports name them. */
import type { Repository } from '../repository';
import type { SourceDocument } from '../workflow/document';
import { lineStartsOf } from '../workflow/document';
import type { Span } from '../workflow/nodes';
import { code } from './markdown';

export interface Place { readonly path: string; /** 1-based; absent where the file as a whole is meant. */ readonly line?: number }

/** Something that was seen, in words, with where. */
export interface Fact { readonly text: string; readonly places: readonly Place[] }

export function placeOf(document: SourceDocument, span: Span): Place {
  return { path: document.path, line: document.positionAt(document.range(span).start).line + 1 };
}

const starts = new WeakMap<Repository, Map<string, readonly number[] | undefined>>();

/** Where an offset of a file stands; the file alone where its text isn't known. */
export function placeAt(repo: Repository, path: string, offset: number | undefined): Place {
  if (offset === undefined) return { path };
  const document = repo.document(path);
  if (document) return { path, line: document.positionAt(offset).line + 1 };
  let known = starts.get(repo);
  if (!known) starts.set(repo, known = new Map());
  if (!known.has(path)) {
    const text = repo.read(path);
    known.set(path, text === undefined ? undefined : lineStartsOf(text));
  }
  const lines = known.get(path);
  if (!lines) return { path };
  let lo = 0, hi = lines.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (lines[mid]! <= offset) lo = mid; else hi = mid - 1;
  }
  return { path, line: lo + 1 };
}

export function shownPlace(p: Place): string { return code(p.line === undefined ? p.path : `${p.path}:${p.line}`); }

/** Each place once, cut where there are many: the first ones are enough to look at. */
export function shownPlaces(places: readonly Place[], most = 4): string {
  const unique = [...new Set(places.map(shownPlace))];
  return unique.length <= most ? unique.join(', ') : `${unique.slice(0, most).join(', ')} and ${unique.length - most} more`;
}
