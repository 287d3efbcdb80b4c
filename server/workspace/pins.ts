import { RULES, type Config, type SourceDocument } from '../../rules';
import { isFullSha } from '../../rules/catalog';
import { enabledRules } from '../../rules/engine/select';
import type { UsesRef } from '../../rules/workflow/model';

/** A ref that GitHub can be asked about. */
export interface PinName { readonly owner: string; readonly repo: string; readonly ref: string }

/**
 * Refs of other repositories that a CI file uses, in its steps and jobs, as far as a rule that is on has a question about them: of tags and
 * branches only one has. Those of an expression, and half-typed ones, are left out.
 */
export function pinsOf(document: SourceDocument, config: Config): PinName[] {
  const named = enabledRules(RULES, config).some(e => e.rule.id === 'ref-ambiguous');

  const { workflow, action } = document;
  const steps = [...(workflow?.jobs.flatMap(j => j.steps) ?? []), ...(action?.steps ?? [])];
  const uses: (UsesRef | undefined)[] = [...steps.map(s => s.uses), ...(workflow?.jobs.map(j => j.uses) ?? [])];
  return uses.flatMap(u => (u?.kind === 'repository' && u.owner && u.repo && u.ref && !/[\s{}$]/.test(u.ref) && (named || isFullSha(u.ref)) ? [{ owner: u.owner, repo: u.repo, ref: u.ref }] : []));
}
