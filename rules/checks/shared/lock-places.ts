/** Where to show what is wrong with the lockfile: it is no document of its own, so a workflow that needs it stands for it. */
import type { Repository } from '../../repository/repository';
import type { SourceDocument } from '../../workflow/document';
import type { UsesRef } from '../../workflow/model';
import type { Span } from '../../workflow/nodes';
import type { ActionsLock } from './lockfile';
import { lockKeys } from './lockfile';
import { allUses } from './local-actions';
import { nameOf } from './upgrade';

export function keysOf(uses: UsesRef): string[] {
  return uses.kind === 'repository' && uses.ref !== undefined ? lockKeys(nameOf(uses), uses.ref) : [];
}

/** The narrowest place of one workflow: its first `uses` of another repository, else what it starts with. */
export function placeIn(document: SourceDocument): Span | undefined {
  const first = allUses(document).find(u => u.kind === 'repository');
  return first?.scalar ?? document.workflow?.on?.key ?? document.workflow?.entries[0]?.key;
}

/** A place in the first workflow of the lockfile that the checkout has; without a lockfile, in the first workflow that uses an action. */
export function placeOf(repository: Repository, lock: ActionsLock | undefined): Span | undefined {
  const workflows = repository.documents.filter(d => d.workflow);
  const listed = workflows.filter(d => lock?.workflows.has(d.path));
  const using = (d: SourceDocument): boolean => allUses(d).some(u => u.kind === 'repository');
  const chosen = listed.find(using) ?? listed[0] ?? workflows.find(using) ?? workflows[0];
  return chosen && placeIn(chosen);
}

/** The ref that names a dependency in a workflow of the lockfile; where none does, a place for the lockfile as a whole. */
export function placeOfDependency(repository: Repository, lock: ActionsLock, key: string): Span | undefined {
  for (const document of repository.documents) {
    if (!document.workflow || !lock.workflows.get(document.path)?.has(key)) continue;
    const uses = allUses(document).find(u => keysOf(u).includes(key));
    if (uses) return uses.refSpan ?? uses.scalar;
  }
  return placeOf(repository, lock);
}

const SHOWN = 3;
/** `a, b, c and 4 more`. */
export function listed(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
