/** Moving scopes between a workflow and its jobs. A job's own `permissions` replace the workflow's whole, so each block is complete. */
import { mergeScopes, scopeInfo, type Access, type Scopes } from '../../catalog';
import type { OffsetRange, SourceDocument, TextEdit } from '../../workflow/document';
import { deleteEntry, insertUnder, raw, replaceScalar, replaceValue, setJobKey, type YamlValue } from '../../workflow/edits';
import type { Job, Permissions, PermissionScope, Workflow } from '../../workflow/model';
import { asMapping, asScalar } from '../../workflow/nodes';
import type { PermissionNeed } from './inferred-permissions';
import { withPermissionComment } from './permission-edits';
import { scopeUse } from './scope-use';

/** Adds scopes to what a job has: in its own block, or as a copy of the workflow's with more. Undefined where that can't be written. */
export function grantScopes(document: SourceDocument, workflow: Workflow | undefined, job: Job, more: Scopes): TextEdit[] | undefined {
  const own = job.permissions;
  if (own && (own.shape === 'map' || own.shape === 'none')) {
    const edits: TextEdit[] = [];
    const fresh: Record<string, Access> = {};
    for (const [name, access] of Object.entries(more)) {
      const entry = own.scopes.find(s => s.name === name)?.entry;
      const scalar = entry?.value?.kind === 'scalar' ? entry.value : undefined;
      if (!entry) fresh[name] = access;
      else {
        const edit = scalar && replaceScalar(document, scalar, access);
        if (!edit) return undefined;
        edits.push(...edit);
      }
    }
    const names = Object.keys(fresh);
    if (names.length === 0) return edits;
    if (own.scopes.length === 0) return replaceValue(document, own.entry, fresh);
    const parts = names.map(n => insertUnder(document, own.entry, n, fresh[n]!));
    return parts.every(p => p !== undefined) ? [...edits, ...parts.flat()] : undefined;
  }
  const base = own ?? workflow?.permissions;
  const copied = base && scopesOf(base);
  return copied && setJobKey(document, job, 'permissions', mergeScopes(copied, more));
}

/** Read and write scopes of a block; `read-all` spelled out. Undefined where it isn't told by the file. */
function scopesOf(permissions: Permissions): Scopes | undefined {
  if (permissions.shape === 'none') return {};
  if (permissions.shape !== 'map') return undefined;
  return mergeScopes(...permissions.scopes.filter(s => s.access === 'read' || s.access === 'write').map(s => ({ [s.name]: s.access as Access })));
}

/** A job that gets the workflow's permissions, and what it needs. */
export interface Heir { readonly job: Job; readonly need: PermissionNeed }

/**
 * Takes write scopes from the workflow and gives them to the jobs that use them or do things that nobody wrote down. What a job
 * reads stays readable for it. Undefined where that can't be written.
 */
export function narrowWorkflow(document: SourceDocument, workflow: Workflow, scopes: readonly string[], heirs: readonly Heir[]): TextEdit[] | undefined {
  const { permissions } = workflow;
  if (permissions?.shape !== 'map') return undefined;
  const edits: TextEdit[] = [];
  const rest: Heir[] = [];
  const moved = new Set<string>();
  for (const heir of heirs) {
    const kept = scopes.filter(s => keeps(heir, s, permissions));
    if (kept.length === 0) rest.push(heir);
    else {
      const more = giveOwn(document, heir, permissions, scopes, kept);
      if (!more) return undefined;
      edits.push(...more);
      if (!heir.job.node?.flow) for (const s of kept) moved.add(s);
    }
  }
  const top = lowerTop(document, permissions, scopes, rest, moved);
  return top && [...top, ...edits];
}

const keeps = ({ job, need }: Heir, scope: string, from: Permissions): boolean => ['needs', 'might'].includes(scopeUse(job, scope, need, from).use);

function giveOwn(document: SourceDocument, { job, need }: Heir, from: Permissions, scopes: readonly string[], kept: readonly string[]): TextEdit[] | undefined {
  const block: Record<string, YamlValue> = {};
  for (const s of from.scopes) {
    if (s.access === 'none') continue;
    const lowered = scopes.includes(s.name) && !kept.includes(s.name);
    if (lowered && !reads(need, s.name)) continue;
    block[s.name] = lowered ? 'read' : withComment(document, s, job);
  }
  const unsure = [...new Set(kept.flatMap(s => scopeUse(job, s, need, from).by))];
  const comment = unsure.length === 0 ? undefined
    : `ci-hardening: ${unsure.slice(0, 4).join(', ')}${unsure.length > 4 ? ` and ${unsure.length - 4} more` : ''} may need this`;
  return withPermissionComment(document, setJobKey(document, job, 'permissions', block), undefined, comment);
}

/** Reading the code is left to everybody: a private repository's own actions need it. */
const reads = (need: PermissionNeed, scope: string): boolean => scope === 'contents' || need.scopes[scope] !== undefined || need.unknown.length > 0;

/** The access with the comment that says why, which moves along; not into flow style, where it would swallow what follows. */
function withComment(document: SourceDocument, scope: PermissionScope, job: Job): YamlValue {
  const comment = commentBehind(document, scope);
  return comment === undefined || job.node?.flow ? scope.access : raw(`${scope.access} ${comment}`);
}

function commentBehind(document: SourceDocument, scope: PermissionScope): string | undefined {
  const found = rangeBehind(document, scope);
  return found && document.text.slice(found.start, found.end).trimEnd();
}

function rangeBehind(document: SourceDocument, { entry }: PermissionScope): OffsetRange | undefined {
  const end = document.range(entry).end;
  const line = document.positionAt(end).line;
  return document.comments.map(c => document.range(c)).find(r => r.start >= end && document.positionAt(r.start).line === line);
}

function lowerTop(
  document: SourceDocument, permissions: Permissions, scopes: readonly string[], rest: readonly Heir[], moved: ReadonlySet<string>,
): TextEdit[] | undefined {
  const parent = asMapping(permissions.entry.value);
  if (!parent || parent !== permissions.entry.value) return undefined;
  const gone = permissions.scopes.filter(s => scopes.includes(s.name) && !(canRead(s.name) && rest.some(h => reads(h.need, s.name))));
  const edits: TextEdit[] = [];
  if (gone.length === permissions.scopes.length) return replaceValue(document, permissions.entry, {});
  if (gone.length > 1 && parent.flow) return undefined;
  for (const s of permissions.scopes) {
    if (!scopes.includes(s.name)) continue;
    const scalar = asScalar(s.entry.value);
    const more = gone.includes(s) ? deleteEntry(document, s.entry, parent) : scalar && replaceScalar(document, scalar, 'read');
    if (!more) return undefined;
    edits.push(...more);
    // Why it is written is said where it is written now.
    const comment = gone.includes(s) || !moved.has(s.name) ? undefined : rangeBehind(document, s);
    if (comment) edits.push({ start: document.range(s.entry).end, end: comment.end, newText: '' });
  }
  return edits;
}

const canRead = (scope: string): boolean => scopeInfo(scope)?.values.includes('read') ?? true;

/** Takes a write scope from a job's own block: down to reading where it reads, else away. */
export function lowerScope(document: SourceDocument, permissions: Permissions, scope: PermissionScope, need: PermissionNeed): TextEdit[] | undefined {
  const parent = asMapping(permissions.entry.value), scalar = asScalar(scope.entry.value);
  if (!parent || !scalar) return undefined;
  if (canRead(scope.name) && reads(need, scope.name)) return replaceScalar(document, scalar, 'read');
  return (permissions.scopes.length === 1 ? replaceValue(document, permissions.entry, {}) : undefined) ?? deleteEntry(document, scope.entry, parent);
}
