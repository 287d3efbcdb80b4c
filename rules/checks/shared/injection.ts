/** What the two script-injection rules share: which expressions are tainted, how bad that is here, and where it comes from. */
import { severityOfEvents, taintOf, type Taint } from '../../catalog/contexts';
import type { Report, RuleContext } from '../../engine/rule';
import type { Expression } from '../../workflow/expressions';
import type { Step } from '../../workflow/model';
import { GUARD_NAMES, passageTo, type GuardKind } from './guards';
import { triggerPlace, workflowEvents } from './workflow-facts';

export interface TaintedExpression {
  readonly expression: Expression;
  readonly taint: Taint;
  readonly adjust: NonNullable<Report<string>['adjust']>;
  readonly related: NonNullable<Report<string>['related']>;
}

/** Expressions whose text an outsider controls, with how the events and conditions around the step bear on them. */
export function taintedExpressions(context: Pick<RuleContext, 'query'>, step: Step, expressions: readonly Expression[]): TaintedExpression[] {
  const found: TaintedExpression[] = [];
  for (const expression of expressions) {
    const [taint] = taintOf(expression.root);
    if (!taint || expression.errors.length > 0) continue;
    // A composite action runs on its callers' events, which are anybody's.
    const events = step.job ? context.query(workflowEvents) : [];
    found.push({ expression, taint, ...circumstances(step, taintOf(expression.root, events)[0], events) });
  }
  return found;
}

function circumstances(step: Step, taint: Taint | undefined, events: readonly string[]): Pick<TaintedExpression, 'adjust' | 'related'> {
  if (events.length === 0) return { adjust: [], related: [] };
  if (!taint) return { adjust: [{ by: -2, reason: `none of this workflow's events (${events.join(', ')}) fills it` }], related: [] };
  const open: string[] = [], guards: GuardKind[] = [];
  for (const event of taint.events) {
    const passage = passageTo(step.job, step, event);
    if (passage.outsider === 'no') guards.push(...passage.guards);
    else open.push(event);
  }
  const related = (open.length > 0 ? open : taint.events).map(event => ({ at: triggerPlace(event), message: `\`${event}\` brings it: written by ${taint.who}` }));
  if (open.length === 0) return { adjust: [{ by: -1, reason: `a condition checks ${names(guards)} first` }], related };
  const moved = severityOfEvents(open);
  return { adjust: moved ? [moved] : [], related };
}

function names(guards: readonly GuardKind[]): string {
  return [...new Set(guards)].map(g => GUARD_NAMES[g]).join(' and ') || 'the event';
}
