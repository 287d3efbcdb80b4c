/** Writes suppression comments where YAML takes them for comments. */
import { applyEdits, type SourceDocument, type TextEdit } from '../workflow/document';
import { parseSource } from '../workflow/parse';
import { directivesOf, type Directive } from './directives';
import type { Finding } from './finding';
import { keyLineAround } from './suppressions';

export type SuppressionScope = 'line' | 'step' | 'job' | 'file';

interface Candidate {
  readonly edit: TextEdit;
  /** Line that the directive has to speak of in the old document; undefined for a whole file. */
  readonly target?: number;
}

/**
 * Edits that suppress a finding, or undefined where no place for a comment was found (or the scope doesn't apply: a finding outside
 * any step). A suppression that is already there is added to. Every candidate is parsed before it is offered: a `#` in a script or in
 * a text over several lines is no comment.
 */
export function suppressionEdit(document: SourceDocument, finding: Finding, scope: SuppressionScope, reason = ''): TextEdit[] | undefined {
  const why = reason.replace(/[\r\n]+/g, ' ').trim();
  const comment = (kind: 'ignore' | 'ignore-file'): string => `# ci-hardening: ${kind}[${finding.ruleId}]${why ? ` ${why}` : ''}`;
  const directives = directivesOf(document);
  for (const candidate of candidates(document, finding, scope, directives, comment)) {
    if (works(document, finding, candidate)) return [candidate.edit];
  }
  return undefined;
}

function* candidates(
  document: SourceDocument, finding: Finding, scope: SuppressionScope, directives: readonly Directive[],
  comment: (kind: 'ignore' | 'ignore-file') => string,
): Generator<Candidate> {
  const own = directives.filter(d => d.tool === 'ci-hardening' && !d.invalid && d.until === undefined);
  if (scope === 'file') {
    const existing = own.find(d => d.scope === 'file');
    if (existing) yield { edit: append(existing, finding.ruleId) };
    const start = document.text.startsWith('\uFEFF') ? 1 : 0;
    yield { edit: { start, end: start, newText: comment('ignore-file') + document.eol } };
    return;
  }
  for (const [line, trailing] of places(document, finding, scope)) {
    const existing = own.find(d => d.scope === 'line' && d.target === line);
    if (existing) yield { edit: append(existing, finding.ruleId), target: line };
    if (trailing) yield { edit: atLineEnd(document, line, comment('ignore')), target: line };
    else yield { edit: aboveLine(document, line, comment('ignore')), target: line };
  }
}

/** Lines to try, best first, and whether the comment goes behind the line or above it. */
function* places(document: SourceDocument, finding: Finding, scope: SuppressionScope): Generator<[line: number, trailing: boolean]> {
  const line = (offset: number): number => document.positionAt(offset).line;
  if (scope === 'line') {
    const own = line(finding.range.start);
    yield [own, true];
    const key = keyLineAround(document, finding.range.start);
    if (key !== undefined && key !== own) yield [key, false];
    yield [own, false];
  }
  if (scope !== 'job' && finding.step) yield [line(finding.step.start), false];
  if (scope === 'job' && finding.job) {
    yield [line(finding.job.start), false];
    yield [line(finding.job.start), true];
  }
}

function append(directive: Directive, id: string): TextEdit {
  const { end } = directive.ids[directive.ids.length - 1]!;
  return { start: end, end, newText: `, ${id}` };
}

function atLineEnd(document: SourceDocument, line: number, comment: string): TextEdit {
  const { text } = document;
  const from = document.lineStarts[line]!;
  let end = document.lineStarts[line + 1] ?? text.length;
  while (end > from && /\s/.test(text[end - 1]!)) end--;
  return { start: end, end, newText: ` ${comment}` };
}

function aboveLine(document: SourceDocument, line: number, comment: string): TextEdit {
  const start = document.lineStarts[line]!;
  const indent = /^[ ]*/.exec(document.text.slice(start, start + 400))![0];
  return { start, end: start, newText: indent + comment + document.eol };
}

/** The result parses as well, says the same, and holds a directive that covers the finding's line. */
function works(document: SourceDocument, finding: Finding, { edit, target }: Candidate): boolean {
  const text = applyEdits(document.text, [edit]);
  const next = parseSource(document.path, text, document, document.kind);
  if (next.problems.length > document.problems.length) return false;
  const addedLine = edit.newText.includes('\n') ? 1 : 0;
  const added = directivesOf(next).some(d => !d.invalid && d.ids.some(i => i.id === finding.ruleId)
    && (target === undefined ? d.scope === 'file' : d.scope === 'line' && d.target === target + addedLine));
  // Where a comment became text, the text around it is another one.
  return added && bare(next) === bare(document);
}

/** The text without comments and blank lines. */
function bare(document: SourceDocument): string {
  let out = '', at = document.text.startsWith('\uFEFF') ? 1 : 0;
  for (const c of document.comments) {
    const { start, end } = document.range(c);
    out += document.text.slice(at, start);
    at = end;
  }
  return (out + document.text.slice(at)).split(/\r\n|\r|\n/).map(l => l.trimEnd()).filter(l => l !== '').join('\n');
}
