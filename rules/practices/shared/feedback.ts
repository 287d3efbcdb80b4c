/** How long somebody waits for the checks of a pull request, as far as the workflows say it without their runs. */
import { repoFacts, type Repository } from '../../repository';
import { asSequence, getEntry, scalarText } from '../../workflow/nodes';
import { deleteEntry, deleteItem } from '../../workflow/edits';
import { applyEdits, type SourceDocument } from '../../workflow/document';
import { parseSource } from '../../workflow/parse';
import type { Job } from '../../workflow/model';
import { isCi } from '../../checks/shared/fixing-rules';
import { jobKinds, stepKinds } from '../../checks/shared/job-kind';
import { needsOf } from '../../checks/shared/started';
import type { Evidence, FileChange, Scaffold, Verdict } from '../practice';
import { ciJobs, type CiJob } from './ci';
import { actionOf } from './deeds';
import { cancels } from './superseded';
import { cut, missing } from './verdict';

const GATES = ['test', 'lint', 'scan', 'build', 'e2e'] as const;
const MAX_JOBS = 400;
/** What a job gets that says nothing. */
const DEFAULT_MINUTES = 360;

/** Jobs that check a proposed change. What is scanned beside it is waited for by nobody. */
export function feedbackJobs(repo: Repository): CiJob[] {
  return ciJobs(repo).filter(j => {
    const kinds = jobKinds(j.job);
    return j.onChange.length > 0 && !j.job.uses && GATES.some(k => kinds.has(k)) && (!kinds.has('scan') || kinds.has('test'));
  }).slice(0, MAX_JOBS);
}

/** By what there is to check, so that a first job never makes it a new question. */
export function wantsFeedback(repo: Repository): boolean {
  const { stack } = repoFacts(repo);
  return stack.projects.length > 0 || stack.testFiles.length > 0 || stack.languages.size > 0 || feedbackJobs(repo).length > 0;
}

/** A job that waits for another from which it takes nothing. */
interface Wait { readonly job: CiJob; readonly on: Job }

function waits(repo: Repository): Wait[] {
  const jobs = feedbackJobs(repo), byJob = new Map(jobs.map(j => [j.job, j]));
  return jobs.flatMap(j => needsOf(j.document.workflow!, j.job).filter(on => byJob.has(on) && needless(j, byJob.get(on)!)).map(on => ({ job: j, on })));
}

/** Both check the same commit, and nothing goes from one to the other: no output, no artifact, no cache, no condition. */
function needless(job: CiJob, on: CiJob): boolean {
  // A job that only sums up others is called after what they do.
  if (![job, on].every(j => j.steps.some(s => GATES.some(k => stepKinds(s.step).has(k))))) return false;
  const kinds = jobKinds(job.job), before = jobKinds(on.job);
  if (!(kinds.has('test') || kinds.has('lint') || kinds.has('scan')) || ['deploy', 'publish', 'release', 'migrate'].some(k => kinds.has(k as 'deploy') || before.has(k as 'deploy'))) return false;
  // What builds may leave something behind; what only looks leaves nothing.
  if (before.has('build') || !(before.has('lint') || before.has('test') || before.has('scan')) || on.job.outputs) return false;
  if (job.job.if) return false;
  const node = job.job.node, text = node ? node.block.text.slice(node.start, Math.min(node.end, node.start + 100_000)) : '';
  if (/\bneeds\s*[.[]/.test(text)) return false;
  return !on.steps.some(s => /upload|cache|artifact|save/.test(actionOf(s)) || s.step.uses?.kind === 'local' || /\bdocker push\b|--push\b/.test(s.step.run?.scalar.value ?? ''));
}

/** Minutes after which the last check has ended in any case: the longest way through needs, by the limits of its jobs. */
function longest(jobs: readonly CiJob[]): number | undefined {
  const limit = new Map<Job, number>();
  for (const j of jobs) {
    const text = scalarText(j.job.timeoutMinutes?.value), minutes = text === undefined ? DEFAULT_MINUTES : Number(text);
    // A job of a workflow that is called stands behind what its caller waits for.
    if (!Number.isFinite(minutes) || j.caller) return undefined;
    limit.set(j.job, minutes);
  }
  const done = new Map<Job, number>();
  const all = new Map(jobs.map(j => [j.job, j]));
  let most = 0;
  for (const start of jobs) {
    const stack = [start.job];
    for (let guard = 0; stack.length > 0 && guard < 50_000; guard++) {
      const job = stack.at(-1)!;
      const needs = needsOf(all.get(job)!.document.workflow!, job);
      if (needs.some(n => !all.has(n))) return undefined;
      const open = needs.filter(n => !done.has(n) && !stack.includes(n));
      if (open.length > 0 && stack.length < MAX_JOBS) { stack.push(open[0]!); continue; }
      done.set(job, limit.get(job)! + Math.max(0, ...needs.map(n => done.get(n) ?? DEFAULT_MINUTES)));
      stack.pop();
    }
    most = Math.max(most, done.get(start.job) ?? DEFAULT_MINUTES);
  }
  return most;
}

/**
 * `minutes`: what half of the runs should stay under. How long they take is known from their history alone, and no verdict outside of
 * Organisation waits for GitHub: so what the files decide counts: limits that leave no choice, or at least that nothing waits in vain.
 */
export function feedbackVerdict(repo: Repository, minutes: number): Verdict {
  const jobs = feedbackJobs(repo), most = longest(jobs);
  if (jobs.length === 0) return missing('a job that tests, lints or builds on pull requests: so far there is no feedback at all');
  if (most !== undefined && most <= minutes) {
    return { result: 1, lookedFor: [], evidence: jobs.slice(0, 12).map((j): Evidence => ({ path: j.document.path,
      ...j.document.range(j.job.timeoutMinutes?.key ?? j.job.entry.key), text: `${j.job.id} ends within its limit: no pull request waits longer than ${most} minutes` })) };
  }
  const idle = waits(repo);
  if (idle.length > 0) {
    return { result: 0.5, evidence: idle.slice(0, 12).map(w => ({ path: w.job.document.path, ...w.job.document.range(w.job.job.entry.key),
      text: `${w.job.job.id} waits for ${w.on.id}` })),
      lookedFor: cut(idle.map(w => `${w.job.job.id} and ${w.on.id} side by side in ${w.job.document.path}: the one takes nothing from the other`)) };
  }
  const started = jobs.slice(0, 12).map((j): Evidence => ({ path: j.document.path, ...j.document.range(j.job.entry.key),
    text: j.job.needs.length === 0 ? `${j.job.id} starts at once` : `${j.job.id} waits for ${j.job.needs.map(n => n.value).slice(0, 4).join(', ')}` }));
  // Linters are over before the next push: nothing waits behind them.
  const behind = [...new Set(jobs.filter(j => !cancelsSuperseded(j) && j.document.workflow?.jobs.some(isCi) === true).map(j => startedIn(j).path))];
  const limits = `limits (timeout-minutes) that add up to ${minutes} minutes at most: so far a slow run is waited for longer`;
  // Without limits the runs alone can tell, however well the files are written.
  return { result: behind.length === 0 ? 0.8 : 0.65, evidence: started,
    lookedFor: [...cut(behind.map(p => `cancel-in-progress for pull requests in ${p}: runs that nobody needs any more hold runners`)), limits],
    byHand: `Limit the checks to ${minutes} minutes, where their runs end by then` };
}

/** The workflow whose runs a new push would cancel: that of a job that is called is its caller's. */
function startedIn(job: CiJob): SourceDocument {
  let at = job;
  while (at.caller) at = at.caller;
  return at.document;
}

/** A new push finds the runners that the one before it held. */
function cancelsSuperseded({ caller, document, job }: CiJob): boolean {
  const groups = [document.workflow?.concurrency, job.concurrency, caller && (caller.job.concurrency ?? caller.document.workflow?.concurrency)];
  return groups.some(c => c && cancels(c));
}

/** Lets jobs run side by side that wait for each other for nothing. */
export function feedbackScaffold(minutes: number): Scaffold {
  return {
    kind: 'edit',
    title: 'Run independent checks side by side',
    plan(repo) {
      const idle = waits(repo).filter(w => !w.job.caller);
      if (idle.length === 0) return { refused: feedbackVerdict(repo, minutes).result === 1 ? 'Checks run side by side already.'
        : 'No check waits for another one without taking something from it: what takes long is told by the runs alone.' };
      const changes: FileChange[] = [];
      for (const document of new Set(idle.map(w => w.job.document))) {
        const next = without(document, idle.filter(w => w.job.document === document));
        if (next) changes.push({ path: document.path, created: false, newText: next.text });
      }
      if (changes.length === 0) return { refused: `${idle[0]!.job.document.path} is written in a way that can't be changed without disturbing it.` };
      return { changes, explanation: `${idle.map(w => `${w.job.job.id} no longer waits for ${w.on.id}`).join('; ')}: they start together.`,
        todo: ['Look at the run history whether half of the pull requests are answered in time; split what takes longest into shards.',
          'More jobs run at a time: on a plan with few runners that can make others wait.'] };
    },
  };
}

function without(document: SourceDocument, idle: readonly Wait[]): SourceDocument | undefined {
  let current = document;
  for (const w of idle) {
    const job = current.workflow?.jobs.find(j => j.id === w.job.job.id), entry = getEntry(job?.node, 'needs');
    if (!job?.node || !entry) return undefined;
    const list = asSequence(entry.value), item = list?.items.find(i => scalarText(i.value) === w.on.id);
    const edits = list && list.items.length > 1 && item ? deleteItem(current, item, list) : deleteEntry(current, entry, job.node);
    if (!edits) return undefined;
    current = parseSource(current.path, applyEdits(current.text, edits), current);
    if (current.problems.length > 0) return undefined;
  }
  return current;
}
