/** Actions and reusable workflows of the checkout itself: `./path` and `$/path`. */
import type { Repository } from '../../repository/repository';
import type { SourceDocument } from '../../workflow/document';
import type { UsesRef } from '../../workflow/model';

/** The file that a `./path` or `$/path` names; undefined where it names none of the checkout's. Both are read from the root. */
export function localDocument(repository: Pick<Repository, 'document'>, uses: Pick<UsesRef, 'kind' | 'path'>): SourceDocument | undefined {
  if (uses.kind !== 'local' && uses.kind !== 'self') return undefined;
  const path = normalized(uses.path ?? '');
  if (path === undefined) return undefined;
  if (/\.ya?ml$/.test(path)) return repository.document(path);
  const folder = path === '' ? '' : `${path}/`;
  return repository.document(`${folder}action.yml`) ?? repository.document(`${folder}action.yaml`);
}

/** Without `.` and `..`; undefined where it leaves the root. */
function normalized(path: string): string | undefined {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') out.push(part);
    else if (out.pop() === undefined) return undefined;
  }
  return out.join('/');
}

/** Every `uses` of a file, of jobs and of steps, in document order of its jobs. */
export function allUses(document: SourceDocument): UsesRef[] {
  const steps = [...(document.workflow?.jobs ?? []).flatMap(j => [j, ...j.steps]), ...(document.action?.steps ?? [])];
  return steps.map(s => s.uses).filter((u): u is UsesRef => u !== undefined);
}

export interface Reached {
  /** A `uses` of another repository, with the file that it stands in. */
  readonly uses: UsesRef;
  readonly document: SourceDocument;
  /** The `uses` of the first file through which it is reached; undefined for the file's own. */
  readonly through?: UsesRef;
}

/** `whole` is false where a file on the way can't be read. */
export interface Reach { readonly uses: readonly Reached[]; readonly whole: boolean }

/** What a file uses of other repositories, itself and through actions of the checkout. */
export function reachedUses(repository: Pick<Repository, 'document'>, from: SourceDocument): Reach {
  const found: Reached[] = [], seen = new Set<SourceDocument>();
  let whole = true;
  // A pair may be reached by several ways: the first one is as good as any.
  const todo: { document: SourceDocument; through?: UsesRef }[] = [{ document: from }];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { document, through } = next;
    if (seen.has(document)) continue;
    seen.add(document);
    for (const uses of allUses(document)) {
      if (uses.kind === 'repository') found.push({ uses, document, through });
      if (uses.kind !== 'local' && uses.kind !== 'self') continue;
      const target = localDocument(repository, uses);
      if (target) todo.push({ document: target, through: through ?? uses }); else whole = false;
    }
  }
  return { uses: found, whole };
}
