/** What the two script-injection rules share: which expressions are tainted, how bad that is here, and where it comes from. */
import { severityOfEvents, taintOf, type Taint } from '../../catalog/contexts';
import type { Locator, Report, RuleContext } from '../../engine/rule';
import type { Expression } from '../../workflow/expressions';
import type { Step } from '../../workflow/model';
import { GUARD_NAMES, passageTo, type GuardKind } from './guards';
import { locate, reachingEvents, type Reach } from './taint';
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
    const reach = eventsBehind(context, step), events = reach.map(r => r.event);
    const carried = taintOf(expression.root, events)[0];
    // A composite action runs on its callers' events, and not all callers need be here.
    const { guarded, ...bearing } = step.job || carried ? circumstances(step, carried, reach) : { adjust: [], related: [], guarded: false };
    found.push({ expression, taint: guarded ? { ...taint, who: 'whoever the condition lets through' } : taint, ...bearing });
  }
  return found;
}

/** The events of the file, and those of its callers in the checkout where it has any. */
function eventsBehind(context: Pick<RuleContext, 'query'>, step: Step): readonly Reach[] {
  const own = step.job ? context.query(workflowEvents) : [];
  if (step.job && !own.includes('workflow_call')) return own.map(event => ({ event }));
  const callers = context.query(reachingEvents).filter(r => !own.includes(r.event));
  return [...own.map(event => ({ event })), ...callers];
}

function circumstances(step: Step, taint: Taint | undefined, reach: readonly Reach[]): Pick<TaintedExpression, 'adjust' | 'related'> & { guarded?: boolean } {
  const events = reach.map(r => r.event);
  if (events.length === 0) return { adjust: [], related: [] };
  if (!taint) return { adjust: [{ by: -2, reason: `none of this workflow's events (${events.join(', ')}) fills it` }], related: [] };
  const open: string[] = [], guards: GuardKind[] = [];
  for (const event of taint.events) {
    const passage = passageTo(step.job, step, event);
    if (passage.outsider === 'no') guards.push(...passage.guards);
    else open.push(event);
  }
  const related = (open.length > 0 ? open : taint.events).map(event => ({ at: placeOf(event, reach), message: `\`${event}\` brings it${open.length > 0 ? `: written by ${taint.who}` : ''}` }));
  if (open.length === 0) return { adjust: [{ by: -1, reason: `a condition checks ${names(guards)} first` }], related, guarded: true };
  const moved = severityOfEvents(open);
  // Callers elsewhere can have other events than those that are known.
  return { adjust: moved && (step.job || moved.by > 0) ? [moved] : [], related };
}

function placeOf(event: string, reach: readonly Reach[]): Locator {
  const file = reach.find(r => r.event === event)?.file;
  return file === undefined ? triggerPlace(event) : locate({ file, part: 'on', name: event });
}

function names(guards: readonly GuardKind[]): string {
  return [...new Set(guards)].map(g => GUARD_NAMES[g]).join(' and ') || 'the event';
}
