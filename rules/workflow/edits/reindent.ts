import type { Layout } from './layout';

/** `key: |`, `- >-`, `key: |2 # why`: the next deeper lines are text. */
const BLOCK_HEADER = /(?:^|[:-] +)[|>][-+0-9]*\s*(?:#.*)?$/;

/**
 * Moves YAML that is indented by two spaces per level to `column` and to a file's own layout. Levels are mapped one by one;
 * the text of block scalars moves as a whole. Returns lines joined by `\n`, without a final one.
 */
export function reindent(source: string, column: number, layout: Layout): string {
  const lines = source.replace(/\r\n?/g, '\n').replace(/^\n+/, '').trimEnd().split('\n');
  const base = indentOf(lines[0]!);
  /** Where a level stood and where it stands now; `key` is false for the content column of a list item. */
  const levels: { from: number; to: number }[] = [{ from: base, to: column }];
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trim() === '') { out.push(''); continue; }
    // A comment belongs to the level of the next line that is none.
    const owner = line.trimStart().startsWith('#') ? lines.slice(i).find(l => l.trim() !== '' && !l.trimStart().startsWith('#')) ?? line : line;
    const indent = Math.max(indentOf(line), base);
    const to = place(levels, line.trimStart().startsWith('#') ? Math.min(indent, indentOf(owner)) : indent, owner.trimStart().startsWith('- '), layout);
    let rest = line.trimStart();
    out.push(' '.repeat(to) + rest);
    if (rest.startsWith('#')) continue;
    let from = indent, at = to;
    for (let dash = /^- +/.exec(rest); dash; dash = /^- +/.exec(rest)) {
      from += dash[0].length;
      at += dash[0].length;
      levels.push({ from, to: at });
      rest = rest.slice(dash[0].length);
    }
    if (!BLOCK_HEADER.test(rest) && !BLOCK_HEADER.test(line.trimStart())) continue;
    // The text of a scalar in a list item is measured from the dash, that of a key from the key.
    const holder = /^[|>]/.test(rest) ? { from: indent, to } : { from, to: at };
    i = copyText(lines, i + 1, holder, layout.step, out) - 1;
  }
  return out.join('\n');
}

function place(levels: { from: number; to: number }[], indent: number, list: boolean, layout: Layout): number {
  while (levels.length > 1 && levels.at(-1)!.from > indent) levels.pop();
  const top = levels.at(-1)!;
  if (top.from === indent) return top.to;
  const to = top.to + (list ? layout.dash : layout.step);
  levels.push({ from: indent, to });
  return to;
}

/** Copies the lines of a block scalar from `start` on; returns the index behind them. */
function copyText(lines: readonly string[], start: number, holder: { from: number; to: number }, step: number, out: string[]): number {
  let end = start;
  while (end < lines.length && (lines[end]!.trim() === '' || indentOf(lines[end]!) > holder.from)) end++;
  while (end > start && lines[end - 1]!.trim() === '') end--;
  const text = lines.slice(start, end);
  const own = Math.min(...text.filter(l => l.trim() !== '').map(indentOf));
  // With an indentation indicator the distance from the key is part of the value.
  const fixed = /[|>][-+]?[1-9]/.test(lines[start - 1]!);
  const to = fixed ? holder.to + (own - holder.from) : holder.to + step;
  for (const line of text) out.push(line.trim() === '' ? '' : ' '.repeat(to) + line.slice(own));
  return end;
}

function indentOf(line: string): number { return line.length - line.trimStart().length; }
