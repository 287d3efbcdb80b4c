import type { TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { lineStartsOf } from '../../rules/workflow/document';
import { toOffset, type Encoding, type LinedText } from './positions';

/** One version of an open document. */
export interface OpenDocument extends LinedText { readonly uri: string; readonly version: number }

/** The open documents; what a client has open wins over the disk. */
export class DocumentStore {
  readonly #open = new Map<string, OpenDocument>();

  constructor(private readonly encoding: () => Encoding) {}

  get(uri: string): OpenDocument | undefined { return this.#open.get(uri); }
  all(): IterableIterator<OpenDocument> { return this.#open.values(); }

  open(uri: string, version: number, text: string): OpenDocument {
    const document = { uri, version, text, lineStarts: lineStartsOf(text) };
    this.#open.set(uri, document);
    return document;
  }

  /** Applies changes in order. Undefined for a document that isn't open. */
  change(uri: string, version: number, changes: readonly TextDocumentContentChangeEvent[]): OpenDocument | undefined {
    const before = this.#open.get(uri);
    if (!before) return undefined;
    let { text, lineStarts } = before;
    for (const change of changes) {
      if (!('range' in change)) {
        text = change.text;
        lineStarts = lineStartsOf(text);
        continue;
      }
      const doc = { text, lineStarts };
      const a = toOffset(doc, change.range.start, this.encoding());
      const b = toOffset(doc, change.range.end, this.encoding());
      const start = Math.min(a, b), end = Math.max(a, b);
      text = text.slice(0, start) + change.text + text.slice(end);
      lineStarts = spliceLineStarts(text, lineStarts, start, end, change.text.length);
    }
    const document = { uri, version, text, lineStarts };
    this.#open.set(uri, document);
    return document;
  }

  close(uri: string): boolean { return this.#open.delete(uri); }
}

/**
 * The line starts after `[start, end)` was replaced by `inserted` characters: only the touched lines are looked at again.
 * `text` is the text after the change.
 */
function spliceLineStarts(text: string, before: readonly number[], start: number, end: number, inserted: number): number[] {
  const delta = inserted - (end - start);
  // One line back on either side: a change can join or part a `\r\n`.
  let first = lineOf(before, start);
  if (first > 0) first--;
  let last = lineOf(before, end) + 2;
  if (last > before.length) last = before.length;
  const from = before[first]!;
  const to = last < before.length ? before[last]! + delta : text.length;
  const out = before.slice(0, first + 1);
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i);
    if (c === 13 && text.charCodeAt(i + 1) === 10) continue;
    if ((c === 10 || c === 13) && i + 1 < to) out.push(i + 1);
  }
  if (last >= before.length) {
    const c = text.charCodeAt(text.length - 1);
    if (text.length > from && (c === 10 || c === 13)) out.push(text.length);
  } else {
    for (let i = last; i < before.length; i++) out.push(before[i]! + delta);
  }
  return out;
}

function lineOf(starts: readonly number[], offset: number): number {
  let lo = 0, hi = starts.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (starts[mid]! <= offset) lo = mid; else hi = mid - 1;
  }
  return lo;
}
