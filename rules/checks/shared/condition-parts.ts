/** Parts of conditions that several rules look for. */
import { conditionOf, dottedPath, walkExpr, type Expr } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { asScalar, type ScalarNode } from '../../workflow/nodes';

export interface Part {
  readonly owner: Job | Step;
  readonly scalar: ScalarNode;
  /** A comparison, or a call that searches. */
  readonly expr: Expr;
  /** The operand that was looked for. */
  readonly operand: Expr;
}

/**
 * Comparisons (`==`, `!=`) and searches (`contains`, `startsWith`, `endsWith`) with an operand of a kind, in document order:
 * in the conditions of a job, of a step's group and of the step.
 */
export function conditionParts(owners: readonly (Job | Step | undefined)[], wanted: (path: string) => boolean): Part[] {
  const found: Part[] = [];
  for (const owner of owners) {
    const condition = conditionOf(owner?.if), scalar = asScalar(owner?.if?.value);
    if (!owner || !condition || !scalar || condition.errors.length > 0) continue;
    for (const expr of walkExpr(condition.root)) {
      const operand = operandsOf(expr).find(o => wanted(dottedPath(o) ?? ''));
      if (operand) found.push({ owner, scalar, expr, operand });
    }
  }
  return found;
}

function operandsOf(expr: Expr): readonly Expr[] {
  if (expr.kind === 'binary' && (expr.operator === '==' || expr.operator === '!=')) return [expr.left, expr.right];
  return expr.kind === 'call' && /^(?:contains|startswith|endswith)$/i.test(expr.name) ? expr.args : [];
}

