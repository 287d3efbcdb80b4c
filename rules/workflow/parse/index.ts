import { fileKind, SourceDocument, type FileKind, type PlacedBlock } from '../document';
import type { Job } from '../model';
import { asMapping, type Entry, type MappingNode, type ScalarNode, type SyntaxProblem } from '../nodes';
import { duplicateMessage, ParsedBlock } from './block';
import { MAX_TOKENS } from './compose';
import { cut, type Piece } from './cut';
import { actionOf, dependabotOf, workflowOf } from './model-files';
import { jobOf } from './model-job';
import { parseBlock } from './parse-block';
import { unshared } from '../unshared';

/** Larger files, in UTF-16 units, are not read. GitHub itself refuses workflows above half a megabyte. */
export const MAX_LENGTH = 5 * 1024 * 1024;

interface Placed extends PlacedBlock { readonly block: ParsedBlock }

/**
 * Parses a file. Never throws, whatever the text. `previous` is an earlier version of the same file: blocks whose text is
 * unchanged are taken over from it, with their jobs and steps; the result is the same as without it. A path that is none of
 * our files is read as a workflow.
 */
export function parseSource(
  path: string, text: string, previous?: SourceDocument, kind: FileKind = fileKind(path) ?? 'workflow',
): SourceDocument {
  if (text.length > MAX_LENGTH) {
    const block = new ParsedBlock('whole', text);
    block.problem('limit', 0, 0, 'The file is larger than 5 MB and is not read.');
    return new SourceDocument(path, kind, text, [{ block, start: 0 }], [], undefined, undefined);
  }
  const pool = new Pool(previous?.kind === kind ? previous : undefined);
  const pieces = cut(text, kind === 'workflow');
  return pieces && fromPieces(path, kind, text, pieces, pool) || fromWhole(path, kind, text, pool);
}

function fromWhole(path: string, kind: FileKind, text: string, pool: Pool): SourceDocument {
  const block = pool.take('whole', text, 0, text.length);
  const root = block.mapping;
  const placed: Placed[] = [{ block, start: 0 }];
  if (block.root && !root && !block.problems.length) reportNoMapping(block);
  if (!root) return new SourceDocument(path, kind, text, placed, [], undefined, undefined);
  if (kind === 'workflow') block.jobs ??= jobsOf(root.entries);
  return new SourceDocument(path, kind, text, placed, root.entries, root, modelOf(kind, root.entries, block.jobs ?? []));
}

/** Undefined where the blocks turn out to hang together after all. */
function fromPieces(path: string, kind: FileKind, text: string, pieces: readonly Piece[], pool: Pool): SourceDocument | undefined {
  const placed = pool.takeAll(text, pieces);
  if (!placed || pieces.some((p, i) => p.suspect && isSound(placed[i]!.block)) || aliasesReachAcross(placed)) return undefined;
  const entries: Entry[] = [];
  const jobs: Job[] = [];
  for (const { block } of placed) {
    if (block.root && !block.mapping && !block.problems.length) reportNoMapping(block);
    if (block.kind === 'top') { if (block.mapping) entries.push(...block.mapping.entries); continue; }
    block.jobs ??= jobsIn(block.mapping);
    jobs.push(...block.jobs);
  }
  const jobsEntries = entries.filter(e => e.key.value === 'jobs');
  if (jobs.length && jobsEntries.length > 1) return undefined;
  if (!jobs.length && kind === 'workflow') {
    const block = jobsEntries.at(-1)?.block as ParsedBlock | undefined;
    if (block) jobs.push(...block.jobs ??= jobsOf(block.mapping?.entries ?? []));
  }
  const jobEntries = placed.flatMap(p => p.block.kind === 'job' ? p.block.jobs ?? [] : []).map(j => j.entry);
  const problems = [...duplicates(entries), ...duplicates(jobEntries)];
  return new SourceDocument(path, kind, text, placed, entries, undefined,
    entries.length || jobs.length ? modelOf(kind, entries, jobs) : undefined, problems);
}

function modelOf(kind: FileKind, entries: readonly Entry[], jobs: readonly Job[]) {
  return kind === 'action' ? actionOf(entries) : kind === 'dependabot' ? dependabotOf(entries) : workflowOf(entries, jobs);
}

function jobsOf(entries: readonly Entry[]): Job[] {
  const jobs = entries.findLast(e => e.key.value === 'jobs');
  return jobsIn(asMapping(jobs?.value));
}

/** What an error makes of a key, over two lines or in another column than its siblings, is no job. */
function jobsIn(map: MappingNode | undefined): Job[] {
  const entries = map?.entries ?? [];
  const column = (e: Entry) => e.key.start - (e.block.text.lastIndexOf('\n', e.key.start - 1) + 1);
  const first = entries[0] && !map?.flow ? column(entries[0]) : 0;
  return entries.filter(e => !e.block.text.slice(e.key.start, e.key.end).includes('\n') && (map?.flow || column(e) === first)).map(jobOf);
}

function isSound(block: ParsedBlock): boolean {
  return !block.problems.some(p => p.code !== 'duplicate-key') && (!block.root || block.mapping !== undefined);
}

function reportNoMapping(block: ParsedBlock): void {
  block.problem('syntax', block.root!.start, block.root!.end, 'A key with a colon is expected here.');
}

/** True where an alias has its anchor in an earlier block. */
function aliasesReachAcross(placed: readonly Placed[]): boolean {
  const anchors = new Set<string>();
  for (const { block } of placed) {
    if (block.unresolved.some(a => anchors.has(a.name))) return true;
    for (const name of block.anchors) anchors.add(name);
  }
  return false;
}

/** Entries of different blocks with one key; within a block they are reported there. */
function duplicates(entries: readonly Entry[]): SyntaxProblem[] {
  const seen = new Map<string, ScalarNode>();
  const found: SyntaxProblem[] = [];
  for (const { key } of entries) {
    const first = seen.get(key.value);
    if (!first) seen.set(key.value, key);
    else if (first.block !== key.block) {
      found.push({ block: key.block, start: key.start, end: key.end, code: 'duplicate-key', message: duplicateMessage(key.value) });
    }
  }
  return found;
}

/** Blocks of the previous version, each to be used again at most once. */
class Pool {
  readonly #blocks: readonly (ParsedBlock | undefined)[];

  constructor(previous: SourceDocument | undefined) {
    this.#blocks = previous ? previous.blocks.map(p => p.block instanceof ParsedBlock ? p.block : undefined) : [];
  }

  take(kind: Piece['kind'], text: string, start: number, end: number): ParsedBlock {
    return this.takeAll(text, [{ kind, start, end, suspect: false }], Infinity)![0]!.block;
  }

  /**
   * An edit leaves the blocks before and behind it in place: these are compared where they stand, the rest is looked up.
   * Undefined where all blocks together take the library more than `budget` tokens.
   */
  takeAll(text: string, pieces: readonly Piece[], budget = MAX_TOKENS): Placed[] | undefined {
    const old = this.#blocks;
    const placed = new Array<Placed | undefined>(pieces.length).fill(undefined);
    const same = (piece: Piece, block: ParsedBlock | undefined): block is ParsedBlock => block?.kind === piece.kind
      && block.text.length === piece.end - piece.start && text.startsWith(block.text, piece.start);
    let from = 0, to = pieces.length, oldTo = old.length;
    for (; from < to && from < oldTo; from++) {
      const block = old[from];
      if (!same(pieces[from]!, block)) break;
      placed[from] = { block, start: pieces[from]!.start };
    }
    for (; to > from && oldTo > from; to--, oldTo--) {
      const block = old[oldTo - 1];
      if (!same(pieces[to - 1]!, block)) break;
      placed[to - 1] = { block, start: pieces[to - 1]!.start };
    }
    const byText = new Map<string, ParsedBlock[]>();
    if (to - from > 0) {
      for (let i = from; i < oldTo; i++) {
        const block = old[i];
        if (!block) continue;
        const list = byText.get(block.text);
        if (list) list.push(block); else byText.set(block.text, [block]);
      }
    }
    let tokens = 0;
    for (const p of placed) if (p) tokens += p.block.tokens;
    for (let i = from; i < to; i++) {
      const { kind, start, end } = pieces[i]!;
      const source = text.slice(start, end);
      const list = byText.size === 0 ? undefined : byText.get(source);
      const at = list?.findIndex(b => b.kind === kind) ?? -1;
      // A slice would keep the whole version alive for as long as the block lives on in later ones.
      const block = at >= 0 ? list!.splice(at, 1)[0]! : parseBlock(kind, old.length ? unshared(source) : source);
      placed[i] = { block, start };
      tokens += block.tokens;
      if (tokens > budget) return undefined;
    }
    return placed as Placed[];
  }
}
