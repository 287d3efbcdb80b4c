import type { Notes } from './block-memo';
import type { Block, Comment, Span, SyntaxProblem, MappingNode, Entry } from './nodes';
import type { ActionFile, DependabotFile, Workflow } from './model';

/** What a file is, by its path alone. */
export type FileKind = 'workflow' | 'action' | 'dependabot';

/** Half-open range of UTF-16 offsets in a document. */
export interface OffsetRange { readonly start: number; readonly end: number }

/** 0-based line and UTF-16 character, as LSP has them. */
export interface Position { readonly line: number; readonly character: number }

/** Replace `[start, end)` of a document by `newText`. Offsets are UTF-16, in the document the edit was made for. */
export interface TextEdit extends OffsetRange { readonly newText: string }

export interface PlacedBlock { readonly block: Block; readonly start: number }

/**
 * One version of one parsed file. Immutable. Blocks may be shared with earlier versions, so the place of a block is known
 * here and not in the block.
 */
export class SourceDocument {
  /** Set for workflow files that hold at least a mapping. */
  readonly workflow?: Workflow;
  readonly action?: ActionFile;
  readonly dependabot?: DependabotFile;
  /** For `OwnMemo` alone. */
  readonly notes: Notes = [];
  #lineStarts?: number[];
  readonly #starts = new Map<Block, number>();

  constructor(
    readonly path: string,
    readonly kind: FileKind,
    readonly text: string,
    /** In document order, without gaps: their texts joined are `text`. */
    readonly blocks: readonly PlacedBlock[],
    /** Top-level entries in order. The value of `jobs` is null where the jobs are blocks of their own: use `workflow.jobs`. */
    readonly entries: readonly Entry[],
    /** The root mapping, only where the document is a single block. */
    readonly root: MappingNode | undefined,
    model: Workflow | ActionFile | DependabotFile | undefined,
    /** Problems between blocks: a job or a top-level key that is given twice. */
    private readonly acrossBlocks: readonly SyntaxProblem[] = [],
  ) {
    for (const b of blocks) this.#starts.set(b.block, b.start);
    if (model?.kind === 'workflow') this.workflow = model;
    else if (model?.kind === 'action') this.action = model;
    else if (model?.kind === 'dependabot') this.dependabot = model;
  }

  /** Offset of a block's first character. Throws for a block of another document. */
  startOf(block: Block): number {
    const s = this.#starts.get(block);
    if (s === undefined) throw new Error('this block is not part of the document');
    return s;
  }

  /** True where the span's block belongs to this version. */
  has(span: Span): boolean { return this.#starts.has(span.block); }

  range(span: Span): OffsetRange {
    const base = this.startOf(span.block);
    return { start: base + span.start, end: base + span.end };
  }

  source(span: Span): string { return span.block.text.slice(span.start, span.end); }

  /** In document order. */
  get problems(): readonly SyntaxProblem[] {
    const own = this.blocks.flatMap(b => b.block.problems);
    if (!this.acrossBlocks.length) return own;
    return [...own, ...this.acrossBlocks].sort((a, b) => this.range(a).start - this.range(b).start);
  }

  get comments(): readonly Comment[] { return this.blocks.flatMap(b => b.block.comments); }

  /** Offsets of each line's first character; a line ends with `\n`, `\r\n` or a lone `\r`, as in LSP. */
  get lineStarts(): readonly number[] {
    return this.#lineStarts ??= lineStartsOf(this.text);
  }

  positionAt(offset: number): Position {
    const starts = this.lineStarts;
    let lo = 0, hi = starts.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (starts[mid]! <= offset) lo = mid; else hi = mid - 1;
    }
    return { line: lo, character: offset - starts[lo]! };
  }

  /** Clamps positions outside the text. */
  offsetAt(position: Position): number {
    const starts = this.lineStarts;
    if (position.line >= starts.length) return this.text.length;
    const start = starts[position.line]!;
    const next = starts[position.line + 1] ?? this.text.length;
    return Math.min(start + position.character, next);
  }

  /** The line ending that the file uses (`\n` where it has none). */
  get eol(): '\n' | '\r\n' {
    const i = this.text.indexOf('\n');
    return i > 0 && this.text[i - 1] === '\r' ? '\r\n' : '\n';
  }
}

export function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 13 && text.charCodeAt(i + 1) === 10) continue;
    if (c === 10 || c === 13) starts.push(i + 1);
  }
  return starts;
}

/**
 * Applies non-overlapping edits. Throws on overlap. Two inserts at one place keep the order in which they are given.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = edits.map((e, i) => [e, i] as const).sort(([a, i], [b, j]) => a.start - b.start || a.end - b.end || i - j);
  let out = '', at = 0;
  for (const [e] of sorted) {
    if (e.start < at) throw new Error(`overlapping edits at offset ${e.start}`);
    out += text.slice(at, e.start) + e.newText;
    at = e.end;
  }
  return out + text.slice(at);
}

/** By path, relative or absolute, with `/` or `\`: which of our kinds the file is, or undefined. */
export function fileKind(path: string): FileKind | undefined {
  const p = '/' + path.replaceAll('\\', '/');
  if (/\/\.github\/workflows\/[^/]+\.ya?ml$/.test(p)) return 'workflow';
  if (/\/\.github\/dependabot\.ya?ml$/.test(p)) return 'dependabot';
  if (/\/action\.ya?ml$/.test(p)) return 'action';
  return undefined;
}
