/** Adds a term to the `if:` of a job or step, without changing what it said before. */
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { mayTouch, replaceScalar, setJobKey, setStepKey } from '../../workflow/edits';
import { conditionOf } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { asScalar } from '../../workflow/nodes';
import { mapsExactly, sourceOffset } from '../../workflow/scalar-map';

/** Replaces a range of an expression by other text; offsets in the scalar's value. */
export interface Replacement { readonly start: number; readonly end: number; readonly text: string }

/**
 * `if: old` becomes `if: old && term`; `term` alone where there was no condition. Undefined where the condition can't be read or
 * stands elsewhere (an alias).
 */
export function addToCondition(document: SourceDocument, owner: Job | Step, term: string): TextEdit[] | undefined {
  const entry = owner.if;
  if (!entry) {
    // Alone it needs no parentheses.
    const alone = /^\((?:[^()]|\([^()]*\))*\)$/.test(term) ? term.slice(1, -1) : term;
    return owner.kind === 'job' ? setJobKey(document, owner, 'if', alone) : setStepKey(document, owner, 'if', alone);
  }
  const condition = conditionOf(entry);
  if (!condition || condition.errors.length > 0 || condition.root.kind === 'missing') return undefined;
  const from = condition.bare ? 0 : condition.start + 3;
  const start = from + condition.source.length - condition.source.trimStart().length, end = from + condition.source.trimEnd().length;
  const { root } = condition;
  // The tree's range has the parentheses around it.
  const loose = root.kind === 'binary' && root.operator === '||' && !(root.start === start && root.end === end && root.left.start > start);
  return replaceInCondition(document, owner, [
    ...(loose ? [{ start, end: start, text: '(' }] : []),
    { start: end, end, text: `${loose ? ')' : ''} && ${term}` },
  ]);
}

/** Replaces parts of a condition; quotes of the scalar are kept as they need to be. */
export function replaceInCondition(document: SourceDocument, owner: Job | Step, replacements: readonly Replacement[]): TextEdit[] | undefined {
  const scalar = asScalar(owner.if?.value);
  if (!scalar || owner.if?.value !== scalar || !document.has(scalar) || !mayTouch(document, scalar) || !mapsExactly(scalar)) return undefined;
  if (scalar.style === 'literal' || scalar.style === 'folded') {
    return replacements.map(r => {
      const start = document.range({ block: scalar.block, start: sourceOffset(scalar, r.start), end: sourceOffset(scalar, r.start) }).start;
      // The end of a block's text is no place of its own: the last character's is.
      const last = r.end > r.start ? sourceOffset(scalar, r.end - 1) + 1 : r.start > 0 ? sourceOffset(scalar, r.start - 1) + 1 : sourceOffset(scalar, r.start);
      const end = document.range({ block: scalar.block, start: last, end: last }).start;
      return { start: r.end > r.start ? start : end, end, newText: r.text };
    });
  }
  let text = scalar.value;
  for (const r of [...replacements].sort((a, b) => b.start - a.start)) text = text.slice(0, r.start) + r.text + text.slice(r.end);
  return replaceScalar(document, scalar, text);
}

/** A term that counts on one event alone, for a workflow that starts on several. */
export function onEvent(event: string, events: readonly string[], term: string): string {
  return events.every(e => e === event) ? term : `(github.event_name != '${event}' || ${term})`;
}
