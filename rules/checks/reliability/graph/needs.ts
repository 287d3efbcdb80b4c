/** Jobs that wait for one that is not there, or for themselves. */
import type { RuleContext } from '../../../engine/rule';
import { insertItem, replaceValue, setJobKey } from '../../../workflow/edits';
import type { SourceDocument, TextEdit } from '../../../workflow/document';
import type { Job, Workflow } from '../../../workflow/model';
import { asScalar, asSequence, getEntry, type ScalarNode } from '../../../workflow/nodes';
import { instead, meant, writeScalar } from './words';

export const NEEDS_MESSAGES = {
  'need-unknown': '`{job}` needs `{need}`, and no job has that name, so GitHub refuses the file. Name {instead}.',
  'need-cycle': '{cycle}: the jobs wait for each other, so GitHub refuses the file. Take one of these `needs` away.',
} as const;

type Context = RuleContext<keyof typeof NEEDS_MESSAGES>;
/** Jobs by their name in lower case: GitHub compares without case. */
export type Jobs = ReadonlyMap<string, Job>;

export function jobsByName(workflow: Workflow): Jobs {
  return new Map(workflow.jobs.map(j => [j.id.toLowerCase(), j]));
}

const isText = (need: ScalarNode): boolean => need.value !== '' && !need.value.includes('${{');

export function checkNeeds(context: Context, workflow: Workflow, jobs: Jobs): void {
  for (const job of workflow.jobs) {
    for (const need of job.needs) {
      if (!isText(need)) continue;
      context.instance();
      if (jobs.has(need.value.toLowerCase())) continue;
      const others = workflow.jobs.slice(0, MOST_JOBS).filter(j => j !== job && !needs(job, j.id) && !reaches(jobs, j, job)).map(j => j.id);
      const better = meant(need.value, others);
      context.report({
        at: need, messageId: 'need-unknown', data: { job: job.id, need: need.value, instead: instead(better, others) }, official: true, job,
        fixes: better === undefined ? [] : [writeScalar(need, better, 'safe')],
      });
    }
  }
  checkCycles(context, workflow, jobs);
}

export function needs(job: Job, id: string): boolean {
  return job.needs.some(n => n.value.toLowerCase() === id.toLowerCase());
}

/** What is proposed is taken from this many. No workflow that people write has more; one that does is made to be slow. */
const MOST_JOBS = 50;
const MOST_NEEDS = 1000;

/** Whether `from` waits for `to`, directly or through others; a job waits for itself. Where that takes too long to find out, it does. */
export function reaches(jobs: Jobs, from: Job, to: Job): boolean {
  const seen = new Set<Job>([from]);
  let looked = 0;
  for (const job of seen) {
    if (job === to || (looked += job.needs.length) > MOST_NEEDS) return true;
    for (const need of job.needs) {
      const next = jobs.get(need.value.toLowerCase());
      if (next) seen.add(next);
    }
  }
  return false;
}

/** One finding for each circle: at the `needs` of its first job that closes it. Depth first, without recursion. */
function checkCycles(context: Context, workflow: Workflow, jobs: Jobs): void {
  const done = new Set<Job>(), told = new Set<Job>();
  for (const root of workflow.jobs) {
    const path: { readonly job: Job; next: number }[] = [{ job: root, next: 0 }];
    const open = new Map<Job, number>([[root, 0]]);
    for (let top = path.at(-1); top && !done.has(root); top = path.at(-1)) {
      const need = top.job.needs[top.next++];
      if (!need) {
        done.add(top.job);
        open.delete(top.job);
        path.pop();
        continue;
      }
      const next = jobs.get(need.value.toLowerCase());
      if (!next || done.has(next)) continue;
      const at = open.get(next);
      if (at === undefined) {
        open.set(next, path.length);
        path.push({ job: next, next: 0 });
        continue;
      }
      if (told.has(next)) continue;
      const circle = path.slice(at).map(p => p.job);
      if (circle.some(j => told.has(j))) continue;
      for (const job of circle) told.add(job);
      report(context, circle, workflow);
    }
  }
}

const NAMED = 6;

function report(context: Context, circle: readonly Job[], workflow: Workflow): void {
  // Begins with the job that stands first in the file, wherever it was entered.
  const first = circle.indexOf(workflow.jobs.find(j => circle.includes(j))!);
  const turned = [...circle.slice(first), ...circle.slice(0, first)];
  const [job] = turned, next = turned[1] ?? job;
  const need = job?.needs.find(n => n.value.toLowerCase() === next?.id.toLowerCase());
  if (!job || !need) return;
  const names = turned.length > NAMED ? [...turned.slice(0, NAMED - 1).map(j => `\`${j.id}\``), '…'] : turned.map(j => `\`${j.id}\``);
  context.report({
    at: need, messageId: 'need-cycle', data: { cycle: [...names, `\`${job.id}\``].join(' → ') }, official: true, job,
    related: turned.slice(1, NAMED).map(j => ({ at: j.entry.key, message: 'Part of the circle' })),
  });
}

/** Adds a job to the `needs` of another; undefined where they are no list or name. */
export function addNeed(document: SourceDocument, job: Job, id: string): TextEdit[] | undefined {
  const entry = getEntry(job.node, 'needs');
  if (!entry) return setJobKey(document, job, 'needs', id);
  if (!document.has(entry)) return undefined;
  const list = entry.value?.kind === 'alias' ? undefined : asSequence(entry.value);
  if (list) return list.items.length > 0 || list.flow ? insertItem(document, list, list.items.length, id) : undefined;
  const one = entry.value?.kind === 'alias' ? undefined : asScalar(entry.value);
  return one && isText(one) ? replaceValue(document, entry, [one.value, id]) : undefined;
}
