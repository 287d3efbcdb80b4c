/**
 * The YAML tree that rules see. It is ours: nothing of the YAML library leaks out of `parse/`.
 *
 * Positions are UTF-16 offsets *relative to the block* a node was parsed in (see `Block`), so that an unchanged block serves
 * the next version of a document as it is, wherever it has moved. `SourceDocument.range(span)` turns them into offsets in
 * the document.
 */

import type { Notes } from './block-memo';

/** A piece of a document that is parsed on its own: one top-level key, one job, or the whole document. */
export interface Block {
  readonly kind: 'whole' | 'top' | 'job';
  /** Its exact source text, line endings included. */
  readonly text: string;
  /** Syntax problems, in block order. Empty for a sound block. */
  readonly problems: readonly SyntaxProblem[];
  /** Every comment, in block order, without what stands inside block scalars. */
  readonly comments: readonly Comment[];
  /** For `BlockMemo` alone. */
  readonly notes: Notes;
}

/** A half-open range `[start, end)` inside a block. */
export interface Span {
  readonly block: Block;
  readonly start: number;
  readonly end: number;
}

export interface SyntaxProblem extends Span {
  readonly message: string;
  /** `duplicate-key` problems leave a usable tree; `syntax` ones make rules skip what they overlap. */
  readonly code: 'syntax' | 'duplicate-key' | 'limit';
}

/** One comment from its `#` to the end of the line. */
export interface Comment extends Span {
  /** The text after `#`, trimmed. */
  readonly text: string;
  /** True where nothing but white space stands before it on its line. */
  readonly ownLine: boolean;
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

export interface ScalarNode extends Span {
  readonly kind: 'scalar';
  readonly style: ScalarStyle;
  /** The text that YAML gives, before any typing: `true`, `0x1f` and `null` stay as written. Empty for an empty node. */
  readonly value: string;
  /** What YAML's core schema makes of it; quoted and block scalars are always `string`. */
  readonly type: 'string' | 'number' | 'boolean' | 'null';
  readonly anchor?: string;
  readonly tag?: string;
}

export interface MappingNode extends Span {
  readonly kind: 'mapping';
  /** `{a: b}` rather than indented lines. */
  readonly flow: boolean;
  /** In source order, duplicates included. */
  readonly entries: readonly Entry[];
  readonly anchor?: string;
  readonly tag?: string;
}

export interface SequenceNode extends Span {
  readonly kind: 'sequence';
  readonly flow: boolean;
  readonly items: readonly SequenceItem[];
  readonly anchor?: string;
  readonly tag?: string;
}

/** One item; its span starts at the `-` (block style) or at the value (flow style) and ends with the value. */
export interface SequenceItem extends Span {
  readonly value: YamlNode | null;
}

export interface AliasNode extends Span {
  readonly kind: 'alias';
  readonly name: string;
  /** The anchored node; absent where the anchor is unknown or the alias would contain itself. */
  readonly target?: Exclude<YamlNode, AliasNode>;
}

export type YamlNode = ScalarNode | MappingNode | SequenceNode | AliasNode;

/** `key: value`. Its span runs from the key's start to the value's end (to the colon's end where there is no value). */
export interface Entry extends Span {
  readonly key: ScalarNode;
  /** Null for `key:` with nothing after it. */
  readonly value: YamlNode | null;
  /** Offset of the `:` in the block, -1 where it is missing (half-typed). */
  readonly colon: number;
}

/** Follows aliases; null stays null. */
export function deref(node: YamlNode | null | undefined): Exclude<YamlNode, AliasNode> | null {
  if (!node) return null;
  return node.kind === 'alias' ? (node.target ?? null) : node;
}

export function asMapping(node: YamlNode | null | undefined): MappingNode | undefined {
  const n = deref(node);
  return n?.kind === 'mapping' ? n : undefined;
}

export function asSequence(node: YamlNode | null | undefined): SequenceNode | undefined {
  const n = deref(node);
  return n?.kind === 'sequence' ? n : undefined;
}

export function asScalar(node: YamlNode | null | undefined): ScalarNode | undefined {
  const n = deref(node);
  return n?.kind === 'scalar' ? n : undefined;
}

/** The text of a scalar (through aliases), or undefined for anything else. */
export function scalarText(node: YamlNode | null | undefined): string | undefined {
  return asScalar(node)?.value;
}

/**
 * The entry of `key` in a mapping; keys compare exactly, as GitHub does for workflow keys.
 * With duplicates the last one wins, as GitHub's parser would report the duplicate but runners took the last.
 */
export function getEntry(node: YamlNode | null | undefined, key: string): Entry | undefined {
  const map = asMapping(node);
  if (!map) return undefined;
  for (let i = map.entries.length - 1; i >= 0; i--) if (map.entries[i]!.key.value === key) return map.entries[i];
  return undefined;
}

/** The value of `key`, dereferenced; null where the key is absent or empty. */
export function getValue(node: YamlNode | null | undefined, key: string): Exclude<YamlNode, AliasNode> | null {
  return deref(getEntry(node, key)?.value);
}

/** Scalars of a scalar-or-sequence (`branches: main`, `branches: [main, dev]`), in order; anything else is left out. */
export function scalarList(node: YamlNode | null | undefined): ScalarNode[] {
  const n = deref(node);
  if (!n) return [];
  if (n.kind === 'scalar') return n.value === '' && n.type === 'null' ? [] : [n];
  if (n.kind === 'sequence') return n.items.map(i => asScalar(i.value)).filter((s): s is ScalarNode => s !== undefined);
  return [];
}

/** Every node below and including `node`, parents first, aliases not followed. */
export function* walk(node: YamlNode | null | undefined): Generator<YamlNode> {
  if (!node) return;
  yield node;
  if (node.kind === 'mapping') for (const e of node.entries) { yield e.key; yield* walk(e.value); }
  else if (node.kind === 'sequence') for (const i of node.items) yield* walk(i.value);
}
