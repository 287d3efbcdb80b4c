/** Writing the scopes that were inferred into a workflow. */
import { mergeScopes, type Scopes } from '../../catalog';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { insertCommentLine, setJobKey, setTopLevelKey } from '../../workflow/edits';
import type { Job, Workflow } from '../../workflow/model';
import type { PermissionNeed } from './inferred-permissions';

/** Named in a comment at most: a longer list is not read. */
const NAMED = 4;

/** Scopes for the whole workflow: what all of its jobs may have without harm, which is reading the code if any needs it. */
export function sharedScopes(needs: readonly PermissionNeed[]): Scopes {
  return needs.some(n => atLeast(n).contents !== undefined) ? { contents: 'read' } : {};
}

/** Nearly everything whose needs aren't known reads the code at least. */
function atLeast(need: PermissionNeed): Scopes {
  return need.unknown.length > 0 ? mergeScopes(need.scopes, { contents: 'read' }) : need.scopes;
}

/** What a comment says about things that nobody can tell the needs of; undefined where there are none. */
export function unknownComment(unknown: readonly string[]): string | undefined {
  if (unknown.length === 0) return undefined;
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : '';
  return `ci-hardening: ${unknown.slice(0, NAMED).join(', ')}${more} may need more`;
}

/**
 * Sets a workflow's permissions to what all jobs share, and gives each job that needs more and has none its own. Undefined where
 * that can't be written.
 */
export function setWorkflowPermissions(
  document: SourceDocument, workflow: Workflow, needs: ReadonlyMap<Job, PermissionNeed>,
): TextEdit[] | undefined {
  const own = [...needs].filter(([job]) => !job.permissions);
  const shared = sharedScopes(own.map(([, need]) => need));
  const isShared = (need: PermissionNeed): boolean => Object.entries(atLeast(need)).every(([name, access]) => name === 'contents' && access === 'read');
  // What can't be told is said where it would be mended: at the block that the job is left with.
  const comment = unknownComment([...new Set(own.flatMap(([, need]) => (isShared(need) ? need.unknown : [])))]);
  const edits = withPermissionComment(document, setTopLevelKey(document, 'permissions', shared), workflow.permissions?.entry, comment);
  if (!edits) return undefined;
  for (const [job, need] of own) {
    if (isShared(need)) continue;
    const more = setJobPermissions(document, job, need);
    if (!more) return undefined;
    edits.push(...more);
  }
  return edits;
}

/** Gives one job its permissions. */
export function setJobPermissions(document: SourceDocument, job: Job, need: PermissionNeed): TextEdit[] | undefined {
  const edits = setJobKey(document, job, 'permissions', atLeast(need));
  return withPermissionComment(document, edits, job.permissions?.entry, unknownComment(need.unknown));
}

type Placed = NonNullable<Workflow['permissions']>['entry'];

/** Puts a comment above the key that an edit writes. Without one where the place has no line of its own (flow style). */
export function withPermissionComment(
  document: SourceDocument, edits: TextEdit[] | undefined, existing: Placed | undefined, comment: string | undefined,
): TextEdit[] | undefined {
  if (!edits || comment === undefined) return edits;
  if (existing) return [...(insertCommentLine(document, document.range(existing).start, comment) ?? []), ...edits];
  return edits.map(edit => {
    const line = /^([ \t]*)permissions:/m.exec(edit.newText);
    const lineStarts = edit.newText.startsWith('permissions:') && document.positionAt(edit.start).character > 0;
    if (!line || lineStarts) return edit;
    const at = line.index;
    return { ...edit, newText: `${edit.newText.slice(0, at)}${line[1]}# ${comment}${document.eol}${edit.newText.slice(at)}` };
  });
}
