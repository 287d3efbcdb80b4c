/**
 * Reads a block with the YAML library: the tolerant way in, for everything that the plain reader can't vouch for.
 * Trees come from its composer, comments and the places of dashes and colons from its tokens.
 */
import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, Parser } from 'yaml';
import type { CST, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { AliasNode, Entry, MappingNode, ScalarNode, ScalarStyle, SequenceItem, SequenceNode, YamlNode } from '../nodes';
import { MAX_PROBLEMS, reportDuplicates, type Anchored, type ParsedBlock } from './block';
import { plainType } from './core-schema';

/** Nesting beyond this is refused before anything recurses over it. */
export const MAX_DEPTH = 200;

/** Tokens of one block: what takes a second or two. A real file of half a megabyte has a quarter of it. */
export const MAX_TOKENS = 400_000;

class Limit extends Error {}

/** Control characters that the library's lexer sends to its parser as marks; in the text they would move every offset. */
// eslint-disable-next-line no-control-regex
const MARKS = /[\x02\x18\x1f]/g;

/** Fills the block from `source`, which is the block's own text or one of equal length. */
export function composeBlock(block: ParsedBlock, source = block.text): void {
  const text = source.replace(MARKS, '\ufffd');
  let documents: Document.Parsed[];
  try {
    documents = compose(block, text);
  } catch (error) {
    block.comments.length = 0;
    if (error instanceof Limit) {
      block.problem('limit', 0, 0, error.message);
    } else {
      block.problem('syntax', 0, block.text.length, `This part of the file can't be read as YAML: ${messageOf(error)}`);
    }
    return;
  }
  const document = documents[0];
  if (text !== source) {
    const at = source.search(MARKS);
    block.problem('syntax', at, at + 1, 'YAML allows no control characters.');
  }
  if (!document) return;
  if (documents.reduce((n, d) => n + d.errors.length, 0) > MAX_PROBLEMS) {
    block.problem('limit', 0, 0, `This part of the file has more than ${MAX_PROBLEMS} errors and is not read.`);
    return;
  }
  for (const d of documents) {
    for (const e of d.errors) block.problem('syntax', e.pos[0], e.pos[1], e.message.split(' at line ')[0]!.trim());
  }
  const second = documents[1];
  if (second) block.problem('syntax', second.range[0], second.range[0] + 3, 'Only the first document of a file counts.');
  block.root = new NodeBuilder(block).build(document.contents);
  if (block.root?.kind === 'scalar' && block.root.value === '' && block.root.start === block.root.end) block.root = null;
  block.problems.sort((a, b) => a.start - b.start);
}

function messageOf(error: unknown): string { return error instanceof Error ? error.message : String(error); }

function compose(block: ParsedBlock, text: string): Document.Parsed[] {
  const parser = new Parser();
  // The parser's own `parse` can't be stopped; its stack is the nesting, whatever the nesting is made of.
  const stack = (parser as unknown as { readonly stack: readonly unknown[] }).stack;
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (stack.length > MAX_DEPTH) throw new Limit(`This part of the file nests deeper than ${MAX_DEPTH} levels and is not read.`);
    block.tokens++;
    if (++count > MAX_TOKENS) throw new Limit('This part of the file is too large to be read.');
  }
  for (const token of parser.end()) tokens.push(token);
  for (const token of tokens) collectComments(block, token);
  const composer = new Composer({ uniqueKeys: false, keepSourceTokens: true, prettyErrors: false, logLevel: 'silent' });
  return [...composer.compose(tokens, true, text.length)] as Document.Parsed[];
}

function collectComments(block: ParsedBlock, token: CST.Token): void {
  switch (token.type) {
    case 'comment': block.comment(token.offset, token.offset + token.source.length); break;
    case 'document':
      commentsOf(block, token.start);
      if (token.value) collectComments(block, token.value);
      commentsOf(block, token.end);
      break;
    case 'doc-end': commentsOf(block, token.end); break;
    case 'block-scalar': for (const t of token.props) collectComments(block, t); break;
    case 'block-map': case 'block-seq': case 'flow-collection':
      if (token.type === 'flow-collection') collectComments(block, token.start as CST.SourceToken);
      for (const item of token.items) {
        commentsOf(block, item.start);
        if (item.key) collectComments(block, item.key);
        commentsOf(block, item.sep);
        if (item.value) collectComments(block, item.value);
      }
      if (token.type === 'flow-collection') commentsOf(block, token.end);
      break;
    default: if ('end' in token) commentsOf(block, token.end);
  }
}

function commentsOf(block: ParsedBlock, tokens: readonly CST.SourceToken[] | undefined): void {
  if (tokens) for (const t of tokens) if (t.type === 'comment') block.comment(t.offset, t.offset + t.source.length);
}

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain', QUOTE_SINGLE: 'single', QUOTE_DOUBLE: 'double', BLOCK_LITERAL: 'literal', BLOCK_FOLDED: 'folded',
};

/** Turns the library's nodes into ours. Depth is bounded by `MAX_DEPTH`. */
class NodeBuilder {
  readonly #anchors = new Map<string, Anchored>();
  /** Collections under construction: an alias to one of them would contain itself. */
  readonly #open = new Set<string>();

  constructor(readonly block: ParsedBlock) {}

  /** Null for an empty node without anchor and tag. */
  build(node: unknown): YamlNode | null {
    if (isAlias(node)) return this.#alias(node as Node & { source: string });
    if (isMap(node)) return this.#collection(node, () => this.#mapping(node));
    if (isSeq(node)) return this.#collection(node, () => this.#sequence(node));
    if (!isScalar(node)) return null;
    const scalar = this.#scalar(node);
    if (scalar.start === scalar.end && scalar.style === 'plain' && !scalar.anchor && !scalar.tag) return null;
    this.#remember(scalar);
    return scalar;
  }

  #collection<T extends Anchored>(node: YAMLMap | YAMLSeq, build: () => T): T {
    const name = node.anchor;
    if (name) { this.#open.add(name); this.#anchors.delete(name); }
    const built = build();
    if (name) this.#open.delete(name);
    this.#remember(built);
    return built;
  }

  #remember(node: Anchored): void {
    if (!node.anchor) return;
    this.#anchors.set(node.anchor, node);
    this.block.anchors.add(node.anchor);
  }

  #alias(node: Node & { source: string }): AliasNode {
    const [start, end] = node.range ?? [0, 0];
    const target = this.#anchors.get(node.source);
    const alias: AliasNode = { kind: 'alias', block: this.block, start, end, name: node.source, ...(target && { target }) };
    if (target) return alias;
    if (this.#open.has(node.source)) this.block.problem('syntax', start, end, `The alias \`*${node.source}\` would contain itself.`);
    else {
      this.block.unresolved.push(alias);
      this.block.problem('syntax', start, end, `There is no anchor \`&${node.source}\` in front of this alias.`);
    }
    return alias;
  }

  #scalar(node: Scalar): ScalarNode {
    const style = STYLES[node.type ?? 'PLAIN'] ?? 'plain';
    const start = node.range?.[0] ?? 0;
    let end = node.range?.[1] ?? start;
    if (style === 'literal' || style === 'folded') end = this.#contentEnd(start, end);
    const value = node.source ?? '';
    const type = style !== 'plain' ? 'string'
      : node.tag ? (typeof node.value === 'string' ? 'string' : plainType(value)) : plainType(value);
    return {
      kind: 'scalar', block: this.block, start, end, style, value, type,
      ...(node.anchor && { anchor: node.anchor }), ...(node.tag && { tag: node.tag }),
    };
  }

  /** Where a block scalar's last line with content ends; the end of its header where there is none. */
  #contentEnd(start: number, end: number): number {
    const source = this.block.text.slice(start, end);
    const body = source.indexOf('\n') + 1;
    if (body > 0) {
      let last = source.length - 1;
      while (last >= body && ' \t\r\n'.includes(source[last]!)) last--;
      if (last >= body) {
        const newline = source.indexOf('\n', last);
        const lineEnd = newline < 0 ? source.length : newline;
        return start + (source[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd);
      }
    }
    return start + /^[|>][-+0-9]*/.exec(source)![0].length;
  }

  #mapping(node: YAMLMap): MappingNode {
    const entries: Entry[] = [];
    for (const pair of node.items) {
      const entry = this.#entry(pair);
      if (entry) entries.push(entry);
    }
    const start = node.range?.[0] ?? entries[0]?.start ?? 0;
    const flow = node.flow === true;
    const map: MappingNode = {
      kind: 'mapping', block: this.block, start, end: this.#collectionEnd(node, start, entries), flow, entries,
      ...(node.anchor && { anchor: node.anchor }), ...(node.tag && { tag: node.tag }),
    };
    reportDuplicates(this.block, map);
    return map;
  }

  #collectionEnd(node: YAMLMap | YAMLSeq, start: number, parts: readonly { readonly end: number }[]): number {
    const last = parts.at(-1)?.end ?? start;
    if (!node.flow) return last;
    const end = node.range?.[1] ?? last;
    return Math.max(last, end);
  }

  #entry(pair: Pair): Entry | undefined {
    const source = (pair as { srcToken?: CST.CollectionItem }).srcToken;
    const key = this.#key(pair.key);
    if (!key) return undefined;
    const value = this.build(pair.value);
    const mark = source?.sep?.find(t => t.type === 'map-value-ind');
    const colon = mark ? mark.offset : -1;
    const end = value ? Math.max(value.end, colon + 1) : colon < 0 ? key.end : colon + 1;
    return { block: this.block, start: key.start, end, key, value, colon };
  }

  /** Keys are scalars in every file that GitHub accepts; an entry with another key is reported and left out. */
  #key(node: unknown): ScalarNode | undefined {
    if (isScalar(node)) {
      const scalar = this.#scalar(node);
      this.#remember(scalar);
      return scalar;
    }
    const built = this.build(node);
    this.block.problem('syntax', built?.start ?? 0, built?.end ?? 0, 'A key must be plain text.');
    return undefined;
  }

  #sequence(node: YAMLSeq): SequenceNode {
    const token = node.srcToken as CST.BlockSequence | CST.FlowCollection | undefined;
    const sources = token?.type === 'block-seq' ? token.items.filter(i => i.value || i.start.some(t => isItemPart(t.type))) : [];
    const items = node.items.map((item, i): SequenceItem => {
      const dash = sources[i]?.start.find(t => t.type === 'seq-item-ind')?.offset;
      // A flow sequence may hold `[a: b]`, a mapping of one entry that the library may leave as a pair.
      const value = this.build(item);
      const start = dash ?? value?.start ?? (isScalar(item) ? item.range?.[0] : undefined) ?? 0;
      return { block: this.block, start, end: Math.max(value?.end ?? start, dash === undefined ? start : dash + 1), value };
    });
    const start = node.range?.[0] ?? items[0]?.start ?? 0;
    return {
      kind: 'sequence', block: this.block, start, end: this.#collectionEnd(node, start, items), flow: node.flow === true, items,
      ...(node.anchor && { anchor: node.anchor }), ...(node.tag && { tag: node.tag }),
    };
  }
}

function isItemPart(type: string): boolean { return type === 'seq-item-ind' || type === 'anchor' || type === 'tag'; }
