/** What the workflows of a repository use, as `actions.lock` would name it. */
import type { Repository } from '../../../../rules';
import { reachedUses } from '../../../../rules/checks/shared/local-actions';
import type { SourceDocument } from '../../../../rules/workflow/document';
import type { UsesRef } from '../../../../rules/workflow/model';

/** `owner/repo@ref`: the key of an entry. */
export interface LockName { readonly owner: string; readonly repo: string; readonly ref: string }

export function parseLockName(text: string): LockName | undefined {
  const [, owner, repo, ref] = /^([^/@:\s]+)\/([^/@:\s]+)(?:\/[^@:\s]*)?@([^:\s]+)$/.exec(text) ?? [];
  return owner && repo && ref ? { owner, repo, ref } : undefined;
}

/** The key of a `uses`; an action below a repository is locked with the repository. Undefined for what is never locked. */
export function lockNameOf(uses: UsesRef): string | undefined {
  return uses.kind === 'repository' && uses.ref ? `${uses.owner!}/${uses.repo!}@${uses.ref}` : undefined;
}

/** Owner and repository compare without case, what follows `@` does not. */
export function comparable(name: string): string {
  const at = name.indexOf('@');
  return at < 0 ? name.toLowerCase() : name.slice(0, at).toLowerCase() + name.slice(at);
}

export function sameLockName(a: string, b: string): boolean { return comparable(a) === comparable(b); }

/** The first of names that are the same, without those that are the same as one of `taken`. */
export function uniqueLockNames(names: Iterable<string>, taken: Iterable<string> = []): string[] {
  const seen = new Set([...taken].map(comparable));
  const found: string[] = [];
  for (const name of names) {
    const key = comparable(name);
    if (seen.has(key)) continue;
    seen.add(key);
    found.push(name);
  }
  return found;
}

/** What a workflow uses, itself and through actions of the repository, in the order of the file; undefined for a file that is none. */
export function usedBy(repository: Repository, path: string): string[] | undefined {
  const document = repository.document(path);
  if (!document?.workflow) return undefined;
  return uniqueLockNames(reachedUses(repository, document).uses.map(r => lockNameOf(r.uses)).filter(n => n !== undefined));
}

export function workflowPaths(repository: Repository): string[] {
  return repository.files.filter(f => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(f));
}

/** Every `uses` of workflows that leads to an entry, with the file that it stands in. */
export function placesOf(repository: Repository, name: string): { readonly uses: UsesRef; readonly document: SourceDocument; readonly workflow: string }[] {
  const found: { uses: UsesRef; document: SourceDocument; workflow: string }[] = [];
  for (const workflow of workflowPaths(repository)) {
    const from = repository.document(workflow);
    if (!from?.workflow) continue;
    for (const { uses, document } of reachedUses(repository, from).uses) {
      const own = lockNameOf(uses);
      if (own !== undefined && sameLockName(own, name)) found.push({ uses, document, workflow });
    }
  }
  return found;
}
