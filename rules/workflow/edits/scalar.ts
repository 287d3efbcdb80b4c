import type { SourceDocument, TextEdit } from '../document';
import type { ScalarNode, Span } from '../nodes';
import { column, contentEnd, headerOf, inFlow, lineEnd, lineStart, mayTouch, nextLine, path, placeBehind, withEol } from './place';
import { doubleQuoted, quoteIfNeeded, singleQuoted } from './quote';

/**
 * Gives a scalar another string. With `keepStyle` (the default) quotes stay quotes and a literal block stays one where it can
 * hold the text; otherwise the text is quoted only as needed. What was a number or a boolean becomes one again if it reads so.
 */
export function replaceScalar(
  doc: SourceDocument, scalar: ScalarNode, newValue: string, { keepStyle = true }: { readonly keepStyle?: boolean } = {},
): TextEdit[] | undefined {
  if (!mayTouch(doc, scalar) || scalar.anchor !== undefined || scalar.tag !== undefined) return undefined;
  if (scalar.value === newValue && scalar.end > scalar.start) return [];
  if (scalar.style === 'literal' || scalar.style === 'folded') return replaceBlock(doc, scalar, newValue);
  const flow = inFlow(doc, scalar);
  const plain = /[\r\n]/.test(newValue) ? doubleQuoted(newValue) : quoteIfNeeded(newValue, { flow });
  const newText = keepStyle && scalar.style === 'double' ? doubleQuoted(newValue)
    : keepStyle && scalar.style === 'single' ? singleQuoted(newValue)
    : scalar.type !== 'string' && /^(?:true|false|\d+)$/.test(newValue) ? newValue
    : plain;
  const { start } = doc.range(scalar);
  const end = Math.max(start, contentEnd(doc, scalar));
  const glue = start === end && /[:-]/.test(doc.text[start - 1] ?? '') ? ' ' : '';
  return [{ start, end, newText: glue + newText }];
}

/** A block scalar keeps its header's comment and its indentation. Folded ones become literal, as folding would reflow the text. */
function replaceBlock(doc: SourceDocument, scalar: ScalarNode, newValue: string): TextEdit[] | undefined {
  const header = headerOf(doc, scalar);
  const match = /^[|>]([-+0-9]*)(.*)$/.exec(header);
  const place = placeBehind(doc, scalar, scalar, Number.MAX_SAFE_INTEGER);
  if (!match || !place || place.fresh || match[1]!.includes('+')) return undefined;
  const at = lineEnd(doc, doc.range(scalar).start);
  const start = at - header.length;
  const body = newValue.endsWith('\n') ? newValue.slice(0, -1) : newValue;
  const lines = body.split('\n');
  // eslint-disable-next-line no-control-regex
  const unfit = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(newValue) || /[1-9]/.test(match[1]!)
    || /^\s/.test(body) || lines.at(-1) === '' || lines.some(l => l !== '' && l.trim() === '');
  const first = doc.text.slice(nextLine(doc, at), place.offset).split(/\r?\n/).find(l => l.trim() !== '');
  if (unfit || first === undefined) {
    if (match[2]!.includes('#')) return undefined;
    return [{ start, end: place.offset, newText: /[\r\n]/.test(newValue) ? doubleQuoted(newValue) : quoteIfNeeded(newValue) }];
  }
  const indent = first.slice(0, first.length - first.trimStart().length);
  const text = `|${newValue.endsWith('\n') ? '' : '-'}${match[2]!}\n` + lines.map(l => (l === '' ? '' : indent + l)).join('\n');
  return [{ start, end: place.offset, newText: withEol(doc, text) }];
}

/**
 * Puts `# text` behind a value (or an entry's value), in place of the comment that stands there. Behind a block scalar it
 * goes to its header. Undefined where something else follows on the line.
 */
export function setTrailingComment(doc: SourceDocument, span: Span, text: string): TextEdit[] | undefined {
  if (!doc.has(span) || span.block.problems.some(p => p.code !== 'duplicate-key' && p.start <= span.end && span.start <= p.end)) return undefined;
  const comment = '# ' + text.replace(/\s+/g, ' ').trim();
  const range = doc.range(span);
  const scalar = path(doc, range.start, range.end).at(-1);
  const inner = scalar && doc.range(scalar).start >= range.start ? scalar : deepest(doc, range.end - 1, range.start);
  let at = contentEnd(doc, span);
  if (inner?.kind === 'scalar' && (inner.style === 'literal' || inner.style === 'folded')) {
    const header = /^[|>][-+0-9]*/.exec(headerOf(doc, inner))?.[0];
    if (!header) return undefined;
    at = lineEnd(doc, doc.range(inner).start) - headerOf(doc, inner).length + header.length;
  }
  const end = lineEnd(doc, at);
  const rest = doc.text.slice(at, end);
  if (!/^(?:\s*|\s+#.*)$/.test(rest)) return undefined;
  const hash = rest.indexOf('#');
  if (hash < 0) return [{ start: at, end: at, newText: ' ' + comment }];
  return rest.slice(hash).trimEnd() === comment ? [] : [{ start: at + hash, end, newText: comment }];
}

function deepest(doc: SourceDocument, offset: number, from: number): ReturnType<typeof path>[number] | undefined {
  const found = path(doc, offset, offset + 1).at(-1);
  return found && doc.range(found).start >= from ? found : undefined;
}

/**
 * Puts `# text` on a line of its own above the line of `offset`, at that line's indentation. Where the line is a part of a
 * scalar that spans lines, it goes above the line where the scalar starts.
 */
export function insertCommentLine(doc: SourceDocument, offset: number, text: string): TextEdit[] | undefined {
  let line = lineStart(doc, Math.max(0, Math.min(offset, doc.text.length)));
  for (;;) {
    const around = path(doc, line, Math.min(line + 1, doc.text.length)).find(n => doc.range(n).start < line && n.kind === 'scalar');
    if (!around) break;
    line = lineStart(doc, doc.range(around).start);
  }
  const block = doc.blocks.find(b => b.start <= line && line <= b.start + b.block.text.length);
  const end = lineEnd(doc, line);
  if (block?.block.problems.some(p => p.code === 'limit' || (p.code === 'syntax' && block.start + p.start <= end && line <= block.start + p.end))) return undefined;
  const source = doc.text.slice(line, end);
  const indent = source.slice(0, source.length - source.trimStart().length).replace(/[^ ]/g, '');
  return [{ start: line, end: line, newText: withEol(doc, `${indent}# ${text.replace(/\s+/g, ' ').trim()}\n`) }];
}

/** Removes a span. Where nothing but white space is left of its line, the line goes too. */
export function deleteSpan(doc: SourceDocument, span: Span): TextEdit[] | undefined {
  if (!mayTouch(doc, span)) return undefined;
  const { start, end } = doc.range(span);
  const from = start - column(doc, start), to = lineEnd(doc, end);
  const alone = doc.text.slice(from, start).trim() === '' && doc.text.slice(end, to).trim() === '';
  if (!alone) return [{ start, end, newText: '' }];
  const next = nextLine(doc, to);
  return next > to || from === 0 ? [{ start: from, end: next, newText: '' }] : [{ start: lineEnd(doc, lineStart(doc, from - 1)), end: to, newText: '' }];
}
