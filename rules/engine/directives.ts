/** Suppression comments as they stand in a file: `# ci-hardening: ignore[rule, other] reason`. */
import type { OffsetRange, SourceDocument } from '../workflow/document';

export interface DirectiveId extends OffsetRange { readonly id: string }

export interface Directive {
  /** `zizmor` directives are honoured and never reported on. */
  readonly tool: 'ci-hardening' | 'zizmor';
  readonly scope: 'line' | 'file';
  readonly ids: readonly DirectiveId[];
  readonly reason: string;
  /** `until 2026-12-31` in the reason: the last day that it counts. */
  readonly until?: string;
  /** From its `#` to the end of the comment. */
  readonly range: OffsetRange;
  /** Line of the comment, and the line that it speaks of: its own, or the next one with content where it stands alone. */
  readonly line: number;
  readonly target: number;
  /** Nothing but white space stands before the comment. */
  readonly ownLine: boolean;
  /** The whole comment is this directive. */
  readonly wholeComment: boolean;
  /** What is wrong with it: it suppresses nothing then. */
  readonly invalid?: 'brackets' | 'empty' | 'place';
}

/** Every suppression comment, in document order. Text inside block scalars is script, not comment. */
export function directivesOf(document: SourceDocument): readonly Directive[] {
  const { text } = document;
  if (!text.includes('ci-hardening:') && !text.includes('zizmor:')) return [];
  const comments = document.comments.map(c => ({ ...document.range(c), ownLine: c.ownLine }));
  const commentLines = new Set(comments.filter(c => c.ownLine).map(c => document.positionAt(c.start).line));
  const firstContent = firstContentLine(document, commentLines);
  const found: Directive[] = [];
  for (const comment of comments) {
    const line = document.positionAt(comment.start).line;
    let target = line;
    if (comment.ownLine) do target++; while (commentLines.has(target));
    for (const part of parts(text, comment)) {
      const directive = parse(text, part);
      if (!directive) continue;
      const misplaced = directive.scope === 'file' && !(comment.ownLine && line < firstContent);
      found.push({
        ...directive, line, target, ownLine: comment.ownLine, wholeComment: part.start === comment.start && part.end === comment.end,
        invalid: directive.invalid ?? (misplaced ? 'place' : undefined),
      });
    }
  }
  return found;
}

/** A comment may hold several, each behind a `#` of its own: `# v4.2.2 # ci-hardening: ignore[…] reason`. */
function parts(text: string, comment: OffsetRange): OffsetRange[] {
  const starts = [comment.start];
  for (let i = text.indexOf('#', comment.start + 1); i >= 0 && i < comment.end; i = text.indexOf('#', i + 1)) {
    // A `#12` in a reason is no new comment.
    if (/^#\s*(?:ci-hardening|zizmor)\s*:/.test(text.slice(i, i + 40))) starts.push(i);
  }
  return starts.map((start, i) => {
    let end = starts[i + 1] ?? comment.end;
    while (end > start && /\s/.test(text[end - 1]!)) end--;
    return { start, end };
  });
}

function parse(text: string, range: OffsetRange): Omit<Directive, 'line' | 'target' | 'ownLine' | 'wholeComment'> | undefined {
  const body = text.slice(range.start, range.end);
  const head = /^#\s*(ci-hardening|zizmor)\s*:\s*(ignore-file|ignore|disable|suppress)(?![\w-])\s*/.exec(body);
  if (!head) return undefined;
  const tool = head[1] as 'ci-hardening' | 'zizmor';
  if (tool === 'zizmor' && head[2] !== 'ignore') return undefined;
  const scope = head[2] === 'ignore-file' ? 'file' as const : 'line' as const;
  const open = head[0].length;
  const close = body[open] === '[' ? body.indexOf(']', open) : -1;
  if (close < 0 || !head[2]!.startsWith('ignore')) {
    return tool === 'zizmor' ? undefined : { tool, scope, ids: [], reason: body.slice(open), range, invalid: 'brackets' };
  }
  const ids = idsIn(body.slice(open + 1, close), range.start + open + 1);
  const reason = body.slice(close + 1).trim();
  const until = /(?:^|[\s(,;])until:?\s(\d{4}-\d{2}-\d{2})(?!\d)/.exec(reason)?.[1];
  return { tool, scope, ids, reason, until, range, invalid: ids.length === 0 && tool === 'ci-hardening' ? 'empty' : undefined };
}

function idsIn(list: string, offset: number): DirectiveId[] {
  const ids: DirectiveId[] = [];
  let at = 0;
  for (const piece of list.split(',')) {
    const id = piece.trim();
    const start = offset + at + piece.indexOf(id);
    if (id) ids.push({ id, start, end: start + id.length });
    at += piece.length + 1;
  }
  return ids;
}

function firstContentLine(document: SourceDocument, commentLines: ReadonlySet<number>): number {
  const starts = document.lineStarts;
  for (let line = 0; line < starts.length; line++) {
    const source = document.text.slice(starts[line]!, starts[line + 1] ?? document.text.length).replace(/^\uFEFF/, '').trim();
    // `---` may stand above the comments that speak of the file.
    if (source && source !== '---' && !commentLines.has(line)) return line;
  }
  return starts.length;
}
