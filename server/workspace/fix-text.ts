import { applyFixes, RULES, type AppliedFix, type Env, type FixSafety, type RefusedFix } from '../../rules';

export interface FixTextOptions {
  readonly safety: FixSafety;
  /** Only fixes of these, one rule after the other; all rules at once where absent. */
  readonly rules?: readonly string[];
  readonly env: Env;
}

export interface FixedText { readonly text: string; readonly applied: readonly AppliedFix[]; readonly refused: readonly RefusedFix[] }

/** What pins every action and reusable workflow of other repositories. */
export const PIN_RULES: readonly string[] = ['unpinned-action', 'unpinned-reusable-workflow'];

/** The text after all preferred fixes that need no network. Editor and command line come here, so both write the same bytes. */
export function fixText(path: string, text: string, { safety, rules, env }: FixTextOptions): FixedText {
  if (rules === undefined) return applyFixes(path, text, { safety, env });
  let now = text;
  const applied: AppliedFix[] = [], refused: RefusedFix[] = [];
  for (const rule of rules) {
    const result = applyFixes(path, now, { safety, rule, env });
    now = result.text;
    applied.push(...result.applied);
    refused.push(...result.refused);
  }
  return { text: now, applied, refused };
}

/** The first of some ids that no rule has. */
export function unknownRule(ids: readonly string[]): string | undefined {
  return ids.find(id => !RULES.some(r => r.id === id));
}
