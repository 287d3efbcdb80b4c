import type { Layout } from './layout';
import { doubleQuoted, quoteIfNeeded, quoteKey } from './quote';
import { reindent } from './reindent';
import { Flow, Literal, Raw, isList, type YamlValue } from './yaml-value';

/**
 * What stands behind `key:`: either ` value`, or line breaks (`\n`) and the lines of a nested block.
 * `column` is the key's.
 */
export function printAfterKey(value: YamlValue, column: number, layout: Layout): string {
  if (value === null) return '';
  const block = blockScalar(value, column + layout.step, layout.step);
  if (block !== undefined) return ' ' + block;
  if (Raw.is(value)) {
    if (!/[\r\n]/.test(value.text) && !isCollectionLine(value.text)) return ' ' + value.text.trim();
    const list = /^\s*- /.test(value.text);
    return '\n' + reindent(value.text, column + (list ? layout.dash : layout.step), layout);
  }
  if (isFlow(value)) return ' ' + printFlow(value);
  const lines = isList(value) ? listLines(value, column + layout.dash, layout) : mapLines(value as object, column + layout.step, layout);
  return '\n' + lines.join('\n');
}

/** The lines of a list item, its dash at `column`, joined by `\n`. */
export function printItem(value: YamlValue, column: number, layout: Layout): string {
  return listLines([value], column, layout).join('\n');
}

/** `key: value` with its key at `column`, joined by `\n`. */
export function printEntry(key: string, value: YamlValue, column: number, layout: Layout): string {
  return ' '.repeat(column) + quoteKey(key) + ':' + printAfterKey(value, column, layout);
}

/** A value on one line, for `{}` and `[]`; also any scalar. */
export function printFlow(value: YamlValue, inside = false): string {
  if (value === null) return 'null';
  if (Literal.is(value)) return scalar(value.text, inside);
  if (Raw.is(value)) return value.text.trim();
  if (Flow.is(value)) return printFlow(value.value, inside);
  if (isList(value)) return `[${value.map(v => printFlow(v, true)).join(', ')}]`;
  if (typeof value === 'object') {
    const parts = Object.entries(value).map(([k, v]) => `${quoteKey(k, true)}: ${printFlow(v, true)}`);
    return parts.length ? `{ ${parts.join(', ')} }` : '{}';
  }
  return typeof value === 'string' ? scalar(value, inside) : String(value);
}

/** False for raw text of several lines, which has no form on one line that is sure to mean the same. */
export function fitsFlow(value: YamlValue): boolean {
  if (Raw.is(value)) return !/[\r\n]/.test(value.text) && !isCollectionLine(value.text);
  if (Flow.is(value)) return fitsFlow(value.value);
  if (value === null || typeof value !== 'object' || Literal.is(value)) return true;
  return (isList(value) ? value : Object.values(value)).every(fitsFlow);
}

function scalar(text: string, inFlow: boolean): string {
  return /[\r\n]/.test(text) ? doubleQuoted(text) : quoteIfNeeded(text, { flow: inFlow });
}

function isFlow(value: YamlValue): boolean {
  if (Flow.is(value) || typeof value !== 'object' || value === null || Literal.is(value)) return true;
  return (isList(value) ? value : Object.keys(value)).length === 0;
}

/** One line that is a block collection all the same: `a: b` or `- a`. */
function isCollectionLine(text: string): boolean {
  return /^\s*- /.test(text) || /^\s*[A-Za-z_][\w-]*:(?:\s|$)/.test(text);
}

function mapLines(value: object, column: number, layout: Layout): string[] {
  return Object.entries(value as Record<string, YamlValue>).flatMap(([k, v]) => printEntry(k, v, column, layout).split('\n'));
}

function listLines(items: readonly YamlValue[], column: number, layout: Layout): string[] {
  return items.flatMap(item => {
    const dash = ' '.repeat(column) + '-';
    const block = blockScalar(item, column + layout.step, layout.step);
    if (block !== undefined) return (dash + ' ' + block).split('\n');
    if (Raw.is(item)) {
      const lines = reindent(item.text, column + 2, layout).split('\n');
      return [dash + lines[0]!.slice(column + 1), ...lines.slice(1)];
    }
    if (isFlow(item) || item === null) return [item === null ? dash : `${dash} ${printFlow(item)}`];
    const lines = isList(item) ? listLines(item, column + 2, layout) : mapLines(item as object, column + 2, layout);
    return [dash + lines[0]!.slice(column + 1), ...lines.slice(1)];
  });
}

/**
 * A literal block with its content at `indent`, or undefined where the value is no text of several lines, or one that a
 * literal block can't hold or would hold in a way that later edits could break.
 */
function blockScalar(value: YamlValue, indent: number, step: number): string | undefined {
  const text = Literal.is(value) ? value.text : value;
  if (typeof text !== 'string' || (!Literal.is(value) && !text.includes('\n'))) return undefined;
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const lines = body.split('\n');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(text) || lines.some(l => l !== '' && l.trim() === '')) return undefined;
  if (lines[0] === '' || lines.at(-1) === '') return undefined;
  const indicator = /^\s/.test(body) ? (step <= 9 ? String(step) : undefined) : '';
  if (indicator === undefined) return undefined;
  return `|${indicator}${text.endsWith('\n') ? '' : '-'}\n` + lines.map(l => (l === '' ? '' : ' '.repeat(indent) + l)).join('\n');
}
