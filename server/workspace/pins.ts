import type { SourceDocument } from '../../rules';
import type { UsesRef } from '../../rules/workflow/model';

/** A ref that GitHub can be asked about. */
export interface PinName { readonly owner: string; readonly repo: string; readonly ref: string }

/** Refs of other repositories that a CI file uses, in its steps and jobs; those of an expression, and half-typed ones, are left out. */
export function pinsOf(document: SourceDocument): PinName[] {
  const { workflow, action } = document;
  const steps = [...(workflow?.jobs.flatMap(j => j.steps) ?? []), ...(action?.steps ?? [])];
  const uses: (UsesRef | undefined)[] = [...steps.map(s => s.uses), ...(workflow?.jobs.map(j => j.uses) ?? [])];
  return uses.flatMap(u => (u?.kind === 'repository' && u.owner && u.repo && u.ref && !/[\s{}$]/.test(u.ref) ? [{ owner: u.owner, repo: u.repo, ref: u.ref }] : []));
}
