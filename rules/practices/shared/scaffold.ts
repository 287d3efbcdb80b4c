/** Puts generated jobs where they belong: into the workflow that tests pull requests, or a new one. */
import type { Repository } from '../../repository';
import { applyEdits, type SourceDocument, type TextEdit } from '../../workflow/document';
import { flow, insertItem, insertJob, setJobKey } from '../../workflow/edits';
import { asSequence, getEntry } from '../../workflow/nodes';
import { parseSource } from '../../workflow/parse';
import { isDeploy, jobKinds } from '../../checks/shared/job-kind';
import type { FileChange, Scaffold, ScaffoldPlan, ScaffoldTarget } from '../practice';

export interface GeneratedJob {
  readonly id: string;
  /** The job's body, at two-space indentation. */
  readonly yaml: readonly string[];
  /** Runs on pull requests alone: what deploys must not wait for it, as it would be skipped together with it. */
  readonly proposalsOnly?: boolean;
}

/** A file that jobs need beside them: a script, a configuration. */
export interface GeneratedFile { readonly path: string; readonly text: string }

export interface JobPlan {
  readonly jobs: readonly GeneratedJob[];
  /** Left alone where they are there already. */
  readonly files?: readonly GeneratedFile[];
  readonly explanation: string;
  readonly todo: readonly string[];
}

export interface JobScaffoldOptions {
  readonly title: string;
  /** Why nothing needs to be added; undefined where something does. */
  there(repo: Repository): string | undefined;
  plan(repo: Repository): JobPlan | { readonly refused: string };
}

/**
 * The workflow that jobs are added to: the first by path with `pull_request` and a test or build job, else the first with
 * `pull_request`. Undefined where there is none.
 */
export function mainWorkflow(repo: Repository): SourceDocument | undefined {
  const onPullRequests = repo.documents.filter(testsPullRequests);
  return onPullRequests.find(d => d.workflow!.jobs.some(j => { const kinds = jobKinds(j); return kinds.has('test')
    || kinds.has('build'); })) ?? onPullRequests[0];
}

function testsPullRequests(d: SourceDocument): boolean {
  return d.workflow?.triggers.some(t => t.event === 'pull_request'
    && (!t.types || t.types.includes('opened') || t.types.includes('synchronize'))) ?? false;
}

export function jobScaffold(options: JobScaffoldOptions): Scaffold {
  return {
    kind: 'job',
    title: options.title,
    plan(repo, target) {
      const there = options.there(repo);
      if (there !== undefined) return { refused: there };
      const plan = options.plan(repo);
      if ('refused' in plan) return plan;
      const { change, waiting } = place(repo, plan.jobs, target);
      const wait = waiting.length > 0
        ? ` ${waiting.join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'} for it before anything is deployed.` : '';
      return { changes: [change, ...newFiles(repo, plan.files)], explanation: plan.explanation + wait, todo: plan.todo } satisfies ScaffoldPlan;
    },
  };
}

/** Those of the files that aren't there: what somebody has changed since stays as it is. */
export function newFiles(repo: Repository, files: readonly GeneratedFile[] = []): FileChange[] {
  return files.filter(f => !repo.has(f.path)).map(f => ({ path: f.path, created: true, newText: f.text }));
}

interface Placed { readonly change: FileChange; /** Jobs that wait for the new ones from now on. */ readonly waiting: readonly string[] }

/** The change that adds jobs: to the target if it tests pull requests, else to the main workflow, else in a file of their own. */
function place(repo: Repository, jobs: readonly GeneratedJob[], target: ScaffoldTarget | undefined): Placed {
  const wanted = target?.workflow === undefined ? undefined : repo.document(target.workflow);
  const into = wanted && testsPullRequests(wanted) ? wanted : mainWorkflow(repo);
  const placed = into && insert(into, jobs);
  if (placed) return placed;
  const path = freePath(repo, into === undefined ? 'ci' : jobs[0]!.id);
  return { change: { path, created: true, newText: newWorkflow(path.includes('/ci') ? 'CI' : jobs[0]!.id, jobs) }, waiting: [] };
}

/** Undefined where the file can't take a job without being disturbed. */
function insert(document: SourceDocument, jobs: readonly GeneratedJob[]): Placed | undefined {
  if (document.problems.length > 0) return undefined;
  let current = document;
  const waiting = new Set<string>();
  for (const job of jobs) {
    const id = freeId(job.id, current);
    const next = applied(current, insertJob(current, id, job.yaml.join('\n')));
    // A job that can't be found again was put where it doesn't belong.
    if (!next?.workflow?.jobs.some(j => j.id === id)) return undefined;
    current = next;
    if (job.proposalsOnly) continue;
    for (const deploy of document.workflow!.jobs.filter(isDeploy)) {
      const waits = letWait(current, deploy.id, id);
      if (!waits) continue;
      current = waits;
      waiting.add(deploy.id);
    }
  }
  return { change: { path: document.path, created: false, newText: current.text }, waiting: [...waiting] };
}

/** The document in which `job` needs `id` as well; undefined where its `needs` can't be added to. */
export function letWait(document: SourceDocument, job: string, id: string): SourceDocument | undefined {
  const found = document.workflow?.jobs.find(j => j.id === job);
  if (!found?.node) return undefined;
  const list = asSequence(getEntry(found.node, 'needs')?.value);
  const edits = list ? insertItem(document, list, list.items.length, id)
    : setJobKey(document, found, 'needs', found.needs.length === 0 ? id : flow([...found.needs.map(n => n.value), id]));
  const next = applied(document, edits);
  return next?.workflow?.jobs.find(j => j.id === job)?.needs.some(n => n.value === id) ? next : undefined;
}

export function applied(document: SourceDocument, edits: readonly TextEdit[] | undefined): SourceDocument | undefined {
  if (!edits) return undefined;
  const next = parseSource(document.path, applyEdits(document.text, edits), document);
  return next.problems.length > 0 ? undefined : next;
}

export function freeId(id: string, document: SourceDocument): string {
  const taken = new Set(document.workflow?.jobs.map(j => j.id.toLowerCase()));
  let free = id;
  for (let n = 2; taken.has(free); n++) free = `${id}-${n}`;
  return free;
}

/** `.github/workflows/<name>.yml`, with a number where that is taken. */
export function freePath(repo: Repository, name: string): string {
  const path = (n: string): string => `.github/workflows/${n}.yml`;
  let free = name;
  for (let n = 2; repo.has(path(free)) || repo.has(path(free).replace(/yml$/, 'yaml')); n++) free = `${name}-${n}`;
  return path(free);
}

function newWorkflow(name: string, jobs: readonly GeneratedJob[]): string {
  return [
    `name: ${name}`,
    '',
    'on:',
    '  push:',
    '    branches: [main, master]',
    '  pull_request:',
    '',
    'permissions: {}',
    '',
    'concurrency:',
    '  group: ${{ github.workflow }}-${{ github.ref }}',
    "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}",
    '',
    'jobs:',
    ...jobs.flatMap((j, i) => [...(i > 0 ? [''] : []), `  ${j.id}:`, ...j.yaml.map(line => line === '' ? '' : `    ${line}`)]),
    '',
  ].join('\n');
}
