/** Fixes that move a `uses` to another version and keep the way in which it is pinned. */
import { isFullSha, type LaterPin } from '../../catalog';
import type { Fix } from '../../engine/rule';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import type { UsesRef } from '../../workflow/model';
import { pinEdits, VERSION_COMMENT, versionComment } from './pinning';

/** `v4`, as opposed to a version in full. */
const MAJOR = /^[vV]?\d+$/;

/** The name of an action as it is written, without its ref. */
export function nameOf(uses: UsesRef): string {
  const at = uses.text.indexOf('@');
  return at < 0 ? uses.text : uses.text.slice(0, at);
}

/**
 * Moves a `uses` to a later version: a commit becomes that version's commit with its comment, the tag of a major another such tag where there is
 * one, any other tag the version's own. Always unsafe: it is other code.
 */
export function upgradeFix(uses: UsesRef, to: LaterPin): Fix {
  const ref = uses.ref ?? '';
  const target = MAJOR.test(ref) && to.floating !== undefined && to.floating !== ref ? to.floating : to.version;
  const commit = isFullSha(ref);
  return {
    title: `Move ${nameOf(uses)} to ${commit ? `${to.version} (${to.sha.slice(0, 7)})` : target}`, safety: 'unsafe', preferred: true,
    edits: ({ document }) => (commit ? pinEdits(document, uses, to) : tagEdits(document, uses, target)),
  };
}

function tagEdits(document: SourceDocument, uses: UsesRef, tag: string): TextEdit[] | undefined {
  const { refSpan, ref, comment } = uses;
  // With escapes or folding the ref has no place of its own in the text.
  if (!refSpan || ref === undefined || !document.has(refSpan) || document.source(refSpan) !== ref) return undefined;
  const edits = [{ ...document.range(refSpan), newText: tag }];
  // A version behind the old tag would be wrong behind the new one.
  if (!comment || (comment.text !== ref && !VERSION_COMMENT.test(comment.text))) return edits;
  const behind = versionComment(document, uses, tag);
  return behind && [...edits, ...behind];
}
