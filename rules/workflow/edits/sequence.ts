import type { SourceDocument, TextEdit } from '../document';
import type { SequenceItem, SequenceNode } from '../nodes';
import { cutFromFlow, cutLines } from './mapping';
import {
  aboveWithComments, blankAbove, column, contentEnd, hasComment, layoutOf, linesAt, mayAddTo, mayTouch, opensLine, placeBehind, startsLine, withEol,
} from './place';
import { fitsFlow, printFlow, printItem } from './print';
import type { YamlValue } from './yaml-value';

/** Adds an item so that it becomes `items[index]`; at the end where `index` is beyond it. Undefined for an empty block list. */
export function insertItem(doc: SourceDocument, list: SequenceNode, index: number, value: YamlValue): TextEdit[] | undefined {
  if (!mayAddTo(doc, list)) return undefined;
  const at = Math.max(0, Math.min(index, list.items.length));
  return list.flow ? insertFlowItem(doc, list, at, value) : insertBlockItem(doc, list, at, value);
}

function insertFlowItem(doc: SourceDocument, list: SequenceNode, index: number, value: YamlValue): TextEdit[] | undefined {
  const { start, end } = doc.range(list);
  if (hasComment(doc, start, end) || !fitsFlow(value)) return undefined;
  const text = printFlow(value, true);
  if (list.items.length === 0) {
    const open = doc.text.indexOf('[', start), close = doc.text.lastIndexOf(']', end - 1);
    if (open < start || close < open || doc.text.slice(open + 1, close).trim() !== '') return undefined;
    return [{ start: open + 1, end: close, newText: text }];
  }
  const previous = list.items[index - 1];
  if (!previous) {
    const at = doc.range(list.items[0]!).start;
    return [{ start: at, end: at, newText: text + ', ' }];
  }
  const at = contentEnd(doc, previous);
  return [{ start: at, end: at, newText: ', ' + text }];
}

function insertBlockItem(doc: SourceDocument, list: SequenceNode, index: number, value: YamlValue): TextEdit[] | undefined {
  const { items } = list;
  const first = items[0];
  if (!first || !items.every(i => opensLine(doc, doc.range(i).start))) return undefined;
  const dash = doc.range(first).start;
  const col = column(doc, dash);
  const text = printItem(value, col, layoutOf(doc));
  const blank = items.length > 1 && items.slice(1).every(i => blankAbove(doc, doc.range(i).start));
  const previous = items[index - 1];
  if (!previous) {
    if (!startsLine(doc, dash)) return undefined;
    const at = aboveWithComments(doc, dash);
    return [{ start: at, end: at, newText: withEol(doc, text + (blank ? '\n\n' : '\n')) }];
  }
  const place = placeBehind(doc, previous, previous.value, col);
  return place && [linesAt(doc, place, text, blank)];
}

/** Removes an item with the comment behind it; comments on lines of their own stay. The last item leaves `[]`. */
export function deleteItem(doc: SourceDocument, item: SequenceItem, list: SequenceNode): TextEdit[] | undefined {
  if (!mayTouch(doc, item) || !mayTouch(doc, list)) return undefined;
  const index = list.items.indexOf(item);
  if (index < 0) return undefined;
  const { start } = doc.range(item);
  if (list.flow) {
    const range = doc.range(list);
    if (hasComment(doc, range.start, range.end)) return undefined;
    return [cutFromFlow(doc, list.items.map(i => ({ start: doc.range(i).start, end: contentEnd(doc, i) })), index)];
  }
  const place = placeBehind(doc, item, item.value, Number.MAX_SAFE_INTEGER);
  if (!place || !opensLine(doc, start)) return undefined;
  if (list.items.length === 1) {
    // At the key's own column `[]` would be taken for a key.
    return column(doc, start) === 0 || hasComment(doc, start, contentEnd(doc, item)) || isAtKeyColumn(doc, start)
      ? undefined : [{ start, end: contentEnd(doc, item), newText: '[]' }];
  }
  return cutLines(doc, start, place, index === 0 ? doc.range(list.items[1]!).start : undefined);
}

/** True where the line above the first item that says anything starts in the same column (`steps:` over `- run`). */
function isAtKeyColumn(doc: SourceDocument, start: number): boolean {
  const col = column(doc, start);
  const lines = doc.text.slice(0, start - col).split(/\r\n?|\n/).filter(l => l.trim() !== '' && !l.trimStart().startsWith('#'));
  const above = lines.at(-1) ?? '';
  return above.replace(/^( *)((?:- +)*)/, (_, s: string, d: string) => s + ' '.repeat(d.length)).search(/\S/) >= col;
}
