/** Lets a job ask GitHub for an identity (`id-token: write`), and takes away what it no longer needs. */
import type { Repository } from '../../repository/repository';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { deleteEntry, insertUnder, setJobKey } from '../../workflow/edits';
import type { Job, Step } from '../../workflow/model';
import { asMapping, type Entry, type MappingNode } from '../../workflow/nodes';
import { inferJob, surroundingsOf } from './inferred-permissions';
import { setJobPermissions } from './permission-edits';

/**
 * Edits that give a job one more scope and leave it every other that it has. None where it has it; undefined where that can't
 * be written. Where nothing sets permissions, the job gets those that it was seen to need.
 */
export function allowScope(document: SourceDocument, repository: Repository | undefined, job: Job, scope: string): TextEdit[] | undefined {
  const own = job.permissions, { workflow } = document;
  if (own) {
    if (own.shape === 'write-all' || own.scopes.some(s => s.name === scope && s.access === 'write')) return [];
    if (own.scopes.some(s => s.name === scope)) return undefined;
    return own.shape === 'map' || own.shape === 'none' ? insertUnder(document, own.entry, scope, 'write') : undefined;
  }
  const outer = workflow?.permissions;
  if (outer?.shape === 'write-all' || outer?.scopes.some(s => s.name === scope && s.access === 'write')) return [];
  if (outer && (outer.shape === 'read-all' || outer.shape === 'invalid')) return undefined;
  if (outer) return setJobKey(document, job, 'permissions', { ...Object.fromEntries(outer.scopes.map(s => [s.name, s.access])), [scope]: 'write' });
  const need = inferJob(job, surroundingsOf(workflow, repository));
  return setJobPermissions(document, job, { ...need, scopes: { ...need.scopes, [scope]: 'write' } });
}

/** The same for `id-token: write`: the job may ask GitHub for an identity. */
export function allowIdToken(document: SourceDocument, repository: Repository | undefined, job: Job): TextEdit[] | undefined {
  return allowScope(document, repository, job, 'id-token');
}

/** Removes entries of a step's `with` or `env`, and the key itself where nothing would be left. Undefined in flow style with several. */
export function removeEntries(document: SourceDocument, step: Step, owner: Entry, entries: readonly Entry[]): TextEdit[] | undefined {
  const mapping = asMapping(owner.value);
  if (!mapping || mapping !== owner.value || entries.length === 0) return undefined;
  if (entries.length === mapping.entries.length) return deleteEntry(document, owner, step.node);
  if (mapping.flow && entries.length > 1) return undefined;
  const edits: TextEdit[] = [];
  for (const entry of entries) {
    const edit = deleteEntry(document, entry, mapping);
    if (!edit) return undefined;
    edits.push(...edit);
  }
  return edits;
}

/** Inputs and variables can be edited: they are no alias, and don't stand for others. */
export function isOwnMapping(entry: Entry | undefined): entry is Entry & { readonly value: MappingNode } {
  return entry?.value?.kind === 'mapping' && entry.value.anchor === undefined;
}
