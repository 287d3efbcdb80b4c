/**
 * How somebody from outside gets to a step: conditions of the step, its group, its job and the jobs that it needs, and what asks
 * for permission on the way. `guards.ts` says what one condition is worth.
 */
import { defineQuery, type RuleContext } from '../../engine/rule';
import { PRIVILEGED_EVENTS } from '../../workflow/effective';
import type { Job, Step } from '../../workflow/model';
import { asMapping, scalarText } from '../../workflow/nodes';
import { combine, GUARD_NAMES, passage, passageTo, type Passage } from './guards';
import { eventTypes, workflowEvents } from './workflow-facts';

type Asker = Pick<RuleContext, 'query'>;

const AFTER_ALL = /\b(?:always|cancelled|failure)\s*\(/;

/** How an outsider fares on the way to a job: conditions of the jobs that it needs, and of those that they need. */
const passageThrough = defineQuery('reach.passage-through-needs', ({ document }, job: string, event: string): Passage => {
  const jobs = document.workflow?.jobs ?? [], seen = new Set<string>();
  const way: Passage[] = [];
  const visit = (id: string): void => {
    const found = jobs.find(j => j.id === id);
    if (!found || seen.has(id)) return;
    seen.add(id);
    if (id !== job) way.push(passage(found.if, event));
    // A job with `always()` runs whatever became of the jobs before it.
    if (!AFTER_ALL.test(scalarText(found.if?.value) ?? '')) for (const n of found.needs) visit(n.value);
  };
  visit(job);
  return combine(way);
});

/** Jobs that this one needs and that ask whether the actor may write. */
const permissionAsked = defineQuery('reach.permission-asked', ({ document }, job: string): boolean => {
  const jobs = document.workflow?.jobs ?? [];
  const needs = jobs.find(j => j.id === job)?.needs.map(n => n.value) ?? [];
  return needs.map(id => jobs.find(j => j.id === id)).some(j => j !== undefined && (j.steps.some(asksPermission) || ASKING_NAME.test(j.uses?.text ?? '')));
});

/** For `workflow_run`: whether an outsider's event can start one of the workflows it waits for; true where that is not known. */
const startedByOutsiders = defineQuery('reach.outsiders-start', ({ document, repository }): boolean => {
  const names = document.workflow?.triggers.find(t => t.event === 'workflow_run')?.workflows;
  if (!repository || !names || names.length === 0) return true;
  const others = repository.documents.flatMap(d => d.workflow ? [{ path: d.path, workflow: d.workflow }] : []);
  return names.some(name => {
    const found = others.filter(o => (scalarText(o.workflow.name?.value) ?? o.path) === name);
    return found.length === 0 || found.some(o => o.workflow.triggers.some(t => t.event.startsWith('pull_request') || t.event === 'workflow_call'));
  });
});

/** Events of the workflow that outsiders start and that have the repository's rights. */
export function privilegedEvents(context: Asker): readonly string[] { return context.query(privileged); }

const privileged = defineQuery('reach.privileged-events', (world): readonly string[] =>
  workflowEvents.ask(world).filter(e => PRIVILEGED_EVENTS.has(e) && (e !== 'workflow_run' || startedByOutsiders.ask(world))));

/** How an outsider fares on the way to a job, or to one of its steps, on an event. */
export function reach(context: Asker, job: Job, step: Step | undefined, event: string): Passage {
  return combine([passageTo(job, step, event), context.query(passageThrough, job.id, event)]);
}

export interface Open { readonly event: string; readonly passage: Passage }

/** The event of a list on which an outsider gets furthest; undefined where they get nowhere on any. */
export function worstEvent(context: Asker, job: Job, step: Step | undefined, events: readonly string[]): Open | undefined {
  const open = events.map(event => ({ event, passage: reach(context, job, step, event) })).filter(o => o.passage.outsider !== 'no');
  return open.find(o => o.passage.outsider === 'yes') ?? open[0];
}

/** Actions for commands in comments that let only those with write access give them, unless they are told otherwise. */
const ASKING_ACTION = /^(?:github\/(?:branch-deploy|command)|xt0rted\/slash-command-action|peter-evans\/slash-command-dispatch)$/i;
const ASKING_NAME = /(?:check|verify|require|get|has|assert|ensure|repo|actor|user|write|team)[-_/]?(?:[a-z]{1,20}[-_]){0,3}(?:permissions?|membership|authori[sz]ation|collaborator|team-member)|permission-check|authori[sz]e/i;
const ASKING_CODE = /getCollaboratorPermissionLevel|collaborators\/[^\s"']{1,100}\/permission|getMembershipForUserInOrg|checkMembershipForUser|checkCollaborator|viewerPermission|orgs\/[^\s"']{1,100}\/members|teams\/[^\s"']{1,100}\/memberships|author_association|authorAssociation/i;

/** Whether a step asks for the permission, membership or association of somebody. */
export function asksPermission(step: Step): boolean {
  const action = step.uses?.text.split('@')[0];
  if (action !== undefined && (ASKING_ACTION.test(action) || ASKING_NAME.test(action))) return true;
  const script = step.run?.scalar.value ?? asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === 'script');
  const text = typeof script === 'string' ? script : scalarText(script?.value) ?? '';
  return ASKING_CODE.test(text) || (step.env?.variables.some(v => v.value !== undefined && /author_association/.test(v.value.value)) ?? false);
}

/** Whether the steps ahead of one (all steps where undefined), or the jobs that are needed, ask for permission. */
export function asksEarlier(context: Asker, job: Job, step: Step | undefined): boolean {
  const until = step ? job.steps.indexOf(step) : 0;
  return job.steps.slice(0, until).some(asksPermission) || context.query(permissionAsked, job.id);
}

interface Adjust { readonly by: number; readonly reason: string }

/** A guard that can be talked round. A label holds where it is put after the last commit: `types: [labeled]` and a fixed commit. */
export function weakGuard(context: Asker, { outsider, guards }: Passage, mutable: boolean, event: string): Adjust[] {
  if (outsider !== 'weak') return [];
  const fresh = guards.includes('label') && !mutable && onlyLabeled(context, event);
  return [{ by: fresh ? -2 : -1, reason: fresh ? 'somebody with access labels each commit first' : `a condition checks ${guardNames(guards)} first, which can be talked round` }];
}

export function guardNames(guards: Passage['guards']): string { return guards.map(g => GUARD_NAMES[g]).join(' and '); }

/** A run begins when a label is put, and only then. */
export function onlyLabeled(context: Asker, event: string): boolean {
  const types = context.query(eventTypes, event);
  return types?.length === 1 && types[0] === 'labeled';
}

/** The environment of a job that one needs, and of those that it needs: its name, empty where it has none that is known; null without. */
const environmentBefore = defineQuery('reach.environment-before', ({ document }, job: string): string | null => {
  const jobs = document.workflow?.jobs ?? [], seen = new Set<string>(), open = [job];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const found = seen.has(id) ? undefined : jobs.find(j => j.id === id);
    seen.add(id);
    if (id !== job && found?.environment) return found.environment.name?.value ?? '';
    // A job with `always()` runs whatever became of the jobs before it.
    if (found && !AFTER_ALL.test(scalarText(found.if?.value) ?? '')) open.push(...found.needs.map(n => n.value));
  }
  return null;
});

/** An environment may ask for approval, that of a job before this one too where `context` is given; nobody can tell from the file. */
export function approvalAdjust(job: Job, context?: Asker): Adjust[] {
  const name = job.environment ? job.environment.name?.value ?? '' : context?.query(environmentBefore, job.id) ?? undefined;
  if (name === undefined) return [];
  return [{ by: -1, reason: `the environment${name && !name.includes('${{') ? ` \`${name}\`` : ''} may ask for approval` }];
}
