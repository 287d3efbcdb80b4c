/**
 * What outsiders write, followed from where it enters to where it is used. A job rule asks about one expression or one value of its own
 * job; what lies outside is asked through recorded queries.
 */
import { severityOfEvents, type Taint } from '../../../catalog/contexts';
import type { Report, RuleContext } from '../../../engine/rule';
import type { Expression } from '../../../workflow/expressions';
import type { ActionFile, Step } from '../../../workflow/model';
import { GUARD_NAMES, passageTo } from '../guards';
import { triggerPlace, workflowEvents } from '../workflow-facts';
import { localTaint, type LocalTaint, type Owner } from './local';
import { locate } from './place';
import { atomFlows, ownerOf } from './resolve';
import type { Atom, Flow } from './types';

export { locate } from './place';
export { inputFacts, reachingEvents, type InputFacts, type Reach } from './resolve';
export { githubScript, localTaint, type LocalTaint, type Owner, type StepWrite } from './local';
export type { Address, Atom, Flow, Hop, Origin } from './types';

type Asks = Pick<RuleContext, 'query'>;

export interface Circumstances {
  readonly adjust: NonNullable<Report<string>['adjust']>;
  readonly related: NonNullable<Report<string>['related']>;
}

/** The job or the action that a step stands in. */
export function ownerOfStep(step: Step, action: ActionFile | undefined): Owner | undefined {
  return step.job ?? (action && ownerOf(action));
}

/** Flows of atoms that end in `step`, those that nobody stops first. */
export function flowsOf(context: Asks, owner: Owner, atoms: readonly Atom[]): readonly Flow[] {
  const flows = atoms.flatMap(atom => context.query(atomFlows, JSON.stringify(atom), owner.kind === 'job' ? owner.id : ''));
  return [...flows].sort((a, b) => Number(a.events.length === 0) - Number(b.events.length === 0) || a.hops.length - b.hops.length);
}

const DETOURS = /env|steps|needs|matrix|inputs/i;

/** Atoms of an expression that come on a detour: through a variable, an output, another job or file, an input. */
export function indirect(local: LocalTaint, expression: Expression, step: number): readonly Atom[] {
  // Most expressions name none of these: their trees need not be made.
  if (!DETOURS.test(expression.source) || expression.errors.length > 0) return [];
  return local.expression(expression.root, step).filter(a => a.kind !== 'github' || a.hops.length > 0);
}

/** Of which an input is no part: what other steps, jobs and variables hold. */
export function isProduced(atom: Atom): boolean { return atom.kind !== 'input' || atom.hops.length > 0; }

/** How the events and the conditions around `step` bear on what flows into it, and the way it came. */
export function circumstances(context: Asks, step: Step, flow: Flow): Circumstances {
  const open: string[] = [], guards = new Set(flow.guards);
  for (const event of flow.events) {
    const passage = passageTo(step.job, step, event);
    if (passage.outsider === 'no') for (const g of passage.guards) guards.add(GUARD_NAMES[g]);
    else open.push(event);
  }
  const own = step.job ? context.query(workflowEvents) : [];
  const all = [...flow.events, ...flow.stopped];
  const related = [
    ...flow.hops.map(h => ({ at: locate(h.at), message: h.note })),
    ...(open.length > 0 ? open : all).filter(e => own.includes(e)).map(event => ({ at: triggerPlace(event), message: `\`${event}\` brings it: written by ${flow.origin.who}` })),
  ];
  if (all.length > 0 && open.length === 0) return { adjust: [{ by: -1, reason: `a condition checks ${[...guards].join(' and ') || 'the event'} first` }], related };
  const moved = severityOfEvents(open);
  return { adjust: moved ? [moved] : [], related };
}

/** What the hoisting fix wants to know: a name for the variable, and whether the value can be very long. */
export function asTaint(path: string, flow: Flow | undefined, at: Expression): Taint {
  return { tainted: true, path, kind: flow?.origin.kind ?? 'text', who: flow?.origin.who ?? '', events: flow?.events ?? [], start: at.start, end: at.end };
}

export function localOf(owner: Owner): LocalTaint { return localTaint(owner); }
