import type { Position, Range } from 'vscode-languageserver';
import type { OffsetRange } from '../../rules/workflow/document';

/** How `Position.character` counts: UTF-16 code units unless client and server agreed on bytes of UTF-8. */
export type Encoding = 'utf-16' | 'utf-8';

/** A text with its line starts, as `SourceDocument` has them. */
export interface LinedText { readonly text: string; readonly lineStarts: readonly number[] }

/** Offset (UTF-16) to position. Offsets outside the text are clamped. */
export function toPosition(doc: LinedText, offset: number, encoding: Encoding): Position {
  const at = Math.max(0, Math.min(offset, doc.text.length));
  const starts = doc.lineStarts;
  let lo = 0, hi = starts.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (starts[mid]! <= at) lo = mid; else hi = mid - 1;
  }
  const start = starts[lo]!;
  return { line: lo, character: encoding === 'utf-16' ? at - start : utf8Length(doc.text, start, at) };
}

export function toRange(doc: LinedText, range: OffsetRange, encoding: Encoding): Range {
  return { start: toPosition(doc, range.start, encoding), end: toPosition(doc, range.end, encoding) };
}

/** Position to offset (UTF-16). A position behind the end of its line means that end, before the line ending. */
export function toOffset(doc: LinedText, position: Position, encoding: Encoding): number {
  const { text, lineStarts } = doc;
  if (position.line < 0) return 0;
  const start = lineStarts[position.line];
  if (start === undefined) return text.length;
  const end = contentEnd(text, start, lineStarts[position.line + 1] ?? text.length);
  if (encoding === 'utf-16') return Math.max(start, Math.min(start + position.character, end));
  let bytes = 0, at = start;
  while (at < end && bytes < position.character) {
    const code = text.codePointAt(at)!;
    bytes += bytesOf(code);
    at += code > 0xffff ? 2 : 1;
  }
  return at;
}

function contentEnd(text: string, start: number, next: number): number {
  let end = next;
  if (end > start && text.charCodeAt(end - 1) === 10) end--;
  if (end > start && text.charCodeAt(end - 1) === 13) end--;
  return end;
}

function utf8Length(text: string, start: number, end: number): number {
  let bytes = 0;
  for (let at = start; at < end;) {
    const code = text.codePointAt(at)!;
    bytes += bytesOf(code);
    at += code > 0xffff ? 2 : 1;
  }
  return bytes;
}

function bytesOf(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
