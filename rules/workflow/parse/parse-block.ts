import type { Entry, ScalarNode } from '../nodes';
import { ParsedBlock } from './block';
import { composeBlock } from './compose';
import { readBlock } from './read';

/** Parses a block's text: directly where it is plain, else with the YAML library, else around a colon that is missing. */
export function parseBlock(kind: ParsedBlock['kind'], text: string): ParsedBlock {
  const block = new ParsedBlock(kind, text);
  if (readBlock(block)) return block;
  composeBlock(block);
  return block.problems.length && kind !== 'whole' && withoutColon(kind, text) || block;
}

/** The first line that is neither blank nor a comment, where it is a word and nothing else. Each line can match in one way only. */
const WORD_LINE = /^(?: *(?:#[^\n]*|\r)?\n)* *([A-Za-z_][\w-]*) *\r?\n/;

/**
 * `build` over the body of a job, its colon not typed yet or just deleted: read the body as if the colon were there.
 * The word is blanked out for that, which keeps every offset.
 */
function withoutColon(kind: ParsedBlock['kind'], text: string): ParsedBlock | undefined {
  const match = WORD_LINE.exec(text);
  if (!match) return undefined;
  const word = match[1]!;
  const end = match[0].trimEnd().length, start = end - word.length;
  const block = new ParsedBlock(kind, text);
  const blanked = text.slice(0, start) + ' '.repeat(word.length) + text.slice(end);
  if (!readBlock(block, blanked)) composeBlock(block, blanked);
  const body = block.root;
  if (!body || body.start < end || body.kind === 'scalar') return undefined;
  const key: ScalarNode = { kind: 'scalar', block, start, end, style: 'plain', value: word, type: 'string' };
  const entry: Entry = { block, start, end: body.end, key, value: body, colon: -1 };
  block.root = { kind: 'mapping', block, start, end: body.end, flow: false, entries: [entry] };
  block.problem('syntax', start, end, 'A colon is missing behind this key.');
  block.problems.sort((a, b) => a.start - b.start);
  return block;
}
