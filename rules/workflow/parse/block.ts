import type { Job } from '../model';
import type { Notes } from '../block-memo';
import type { AliasNode, Block, Comment, MappingNode, Span, SyntaxProblem, YamlNode } from '../nodes';

export type Anchored = Exclude<YamlNode, AliasNode>;

/** A block with more errors than this is not read. */
export const MAX_PROBLEMS = 1000;

/** What a block's text gives. Filled while the block is parsed, never changed after. */
export class ParsedBlock implements Block {
  readonly problems: SyntaxProblem[] = [];
  readonly comments: Comment[] = [];
  readonly notes: Notes = [];
  root: YamlNode | null = null;
  /** What the YAML library took to read it; 0 where it wasn't asked. */
  tokens = 0;
  /** Names that the block anchors, for finding aliases that reach across blocks. */
  readonly anchors = new Set<string>();
  /** Aliases whose anchor isn't in front of them in this block. */
  readonly unresolved: AliasNode[] = [];
  /** Jobs of a job block, or of the one block that a whole document is; set by the model, once. */
  jobs?: readonly Job[];

  constructor(readonly kind: Block['kind'], readonly text: string) {}

  get mapping(): MappingNode | undefined { return this.root?.kind === 'mapping' ? this.root : undefined; }

  problem(code: SyntaxProblem['code'], start: number, end: number, message: string): void {
    const from = Math.max(0, Math.min(start, this.text.length));
    this.problems.push({ block: this, start: from, end: Math.max(from, Math.min(end, this.text.length)), code, message });
  }

  /** A comment from its `#`; line ends that were read with it don't count. */
  comment(start: number, end: number): void {
    const source = this.text.slice(start, end).replace(/\r+$/, '');
    let at = start - 1;
    while (at >= 0 && isBlank(this.text.charCodeAt(at))) at--;
    const ownLine = at < 0 || this.text.charCodeAt(at) === 10 || this.text.charCodeAt(at) === 0xfeff;
    this.comments.push({ block: this, start, end: start + source.length, text: source.slice(1).trim(), ownLine });
  }
}

function isBlank(c: number): boolean { return c === 32 || c === 9 || c === 13; }

/** Entries whose key stands earlier in the same mapping. */
export function reportDuplicates(block: ParsedBlock, map: MappingNode): void {
  const entries = map.entries;
  if (entries.length < 2) return;
  if (entries.length < 9) {
    for (let i = 1; i < entries.length; i++) {
      const key = entries[i]!.key;
      for (let j = 0; j < i; j++) {
        if (entries[j]!.key.value === key.value) { duplicate(block, key, key.value); break; }
      }
    }
    return;
  }
  const seen = new Set<string>();
  for (const { key } of entries) {
    if (seen.has(key.value)) duplicate(block, key, key.value);
    else seen.add(key.value);
  }
}

function duplicate(block: ParsedBlock, at: Span, name: string): void {
  if (block.problems.length >= MAX_PROBLEMS) return;
  block.problem('duplicate-key', at.start, at.end, duplicateMessage(name));
}

export function duplicateMessage(name: string): string {
  return `The key \`${name}\` is given twice in this mapping.`;
}
