/** Which jobs of a workflow a trigger starts, and which jobs wait for which. */
import { defineQuery } from '../../engine/rule';
import { OwnMemo } from '../../workflow/block-memo';
import { conditionOf } from '../../workflow/expressions';
import type { Job, Trigger, Workflow } from '../../workflow/model';
import { canRunOn, ignoresNeeds } from './trigger-condition';

const starts = new OwnMemo<Workflow, Map<Trigger, Set<Job>>>();

/** The jobs that run when the trigger fires: all but those whose condition, or that of one they need, is certainly false. */
export function startedBy(workflow: Workflow, trigger: Trigger): ReadonlySet<Job> {
  const known = starts.get(workflow, () => new Map<Trigger, Set<Job>>());
  let started = known.get(trigger);
  if (!started) known.set(trigger, started = readStarted(workflow, trigger));
  return started;
}

function readStarted(workflow: Workflow, trigger: Trigger): Set<Job> {
  const started = new Set<Job>(), skipped: Job[] = [];
  for (const job of workflow.jobs) {
    if (canRunOn(conditionOf(job.if), trigger)) started.add(job);
    else skipped.push(job);
  }
  if (skipped.length === 0) return started;
  const dependents = dependentsOf(workflow);
  for (let job = skipped.pop(); job; job = skipped.pop()) {
    for (const d of dependents.get(job) ?? []) if (!ignoresNeeds(conditionOf(d.if)) && started.delete(d)) skipped.push(d);
  }
  return started;
}

/** The triggers that can start a job, in document order. */
export function triggersOf(workflow: Workflow, job: Job): Trigger[] {
  return workflow.triggers.filter(t => startedBy(workflow, t).has(job));
}

const dependencies = new OwnMemo<Workflow, ReadonlyMap<Job, readonly Job[]>>();

/** The jobs that need a job. */
export function dependentsOf(workflow: Workflow): ReadonlyMap<Job, readonly Job[]> {
  return dependencies.get(workflow, readDependents);
}

function readDependents(workflow: Workflow): Map<Job, Job[]> {
  const byId = jobsById(workflow), dependents = new Map<Job, Job[]>();
  for (const job of workflow.jobs) {
    for (const n of job.needs) {
      const needed = byId.get(n.value);
      if (!needed) continue;
      const list = dependents.get(needed);
      if (list) list.push(job); else dependents.set(needed, [job]);
    }
  }
  return dependents;
}

const byIds = new OwnMemo<Workflow, ReadonlyMap<string, Job>>();

function jobsById(workflow: Workflow): ReadonlyMap<string, Job> {
  return byIds.get(workflow, w => new Map(w.jobs.map(j => [j.id, j])));
}

/** More than anybody writes. What lies further away is left out, so that long chains take no time. */
const MAX_NEEDS = 500;

/** The jobs that a job needs, directly and through others, the nearest first; no more than 500. */
export function needsOf(workflow: Workflow, job: Job): Job[] {
  const byId = jobsById(workflow), seen = new Set<Job>([job]), queue = [job];
  for (let i = 0; i < queue.length && queue.length <= MAX_NEEDS; i++) {
    for (const n of queue[i]!.needs) {
      const needed = byId.get(n.value);
      if (!needed || seen.has(needed)) continue;
      seen.add(needed);
      queue.push(needed);
    }
  }
  return queue.slice(1);
}

/** What starts a job, asked from inside it; events with their `types`, where these are given. */
export const jobTriggers = defineQuery('started.job-triggers', ({ document }, id: string): readonly { event: string; types?: string[] }[] => {
  const { workflow } = document, job = workflow && jobsById(workflow).get(id);
  if (!workflow || !job) return [];
  return triggersOf(workflow, job).map(t => (t.types ? { event: t.event, types: [...t.types] } : { event: t.event }));
});
