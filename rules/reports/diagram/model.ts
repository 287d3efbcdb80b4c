/** What a diagram shows, apart from how it is drawn: workflows, their jobs, and what leads from one to another. */
import type { Repository } from '../../repository';
import type { Job, Trigger, Workflow } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { ownWorkflows } from '../../practices/shared/pipelines';
import { isDeploy, isRelease, jobKinds } from '../../checks/shared/job-kind';

export interface DrawnJob {
  readonly id: string;
  /** Lines of its label: the id, the name where that says more, and what is special about it. */
  readonly lines: readonly string[];
  /** `check`: its failure stops what needs it (tests, linters, scans). `release`: it deploys, publishes, releases or migrates. */
  readonly kind: 'job' | 'check' | 'release' | 'call';
  /** Ids of jobs of the same workflow, each once, without those that aren't there. */
  readonly needs: readonly string[];
  /** As written; an expression stays one. */
  readonly environment?: string;
  /** Path of the workflow of this repository that it calls. */
  readonly calls?: string;
  /** `owner/repo/path@ref` of a workflow that is elsewhere. */
  readonly callsElsewhere?: string;
}

export interface DrawnWorkflow {
  readonly path: string;
  readonly title: string;
  /** One line each: `push: main`. */
  readonly triggers: readonly string[];
  readonly jobs: readonly DrawnJob[];
  /** Paths of workflows whose end starts it. */
  readonly after: readonly string[];
  /** Starts by itself or by a person, and not only where it is called. */
  readonly started: boolean;
}

/** Workflows that GitHub runs, by path; those without a job are left out. */
export function drawnWorkflows(repo: Repository): DrawnWorkflow[] {
  const own = ownWorkflows(repo);
  const byName = new Map<string, string[]>();
  for (const d of own) {
    const name = nameOf(d.workflow!) ?? d.path;
    byName.set(name, [...byName.get(name) ?? [], d.path]);
  }
  const paths = new Set(own.map(d => d.path));
  return own.map(d => ({
    path: d.path,
    title: nameOf(d.workflow!) ?? fileName(d.path),
    triggers: triggerLines(d.workflow!.triggers),
    jobs: drawnJobs(d.workflow!, paths),
    after: [...new Set(d.workflow!.triggers.filter(t => t.event === 'workflow_run').flatMap(t => t.workflows ?? [])
      .flatMap(name => byName.get(name) ?? []))].filter(p => p !== d.path),
    started: d.workflow!.triggers.some(t => t.event !== 'workflow_call'),
  }));
}

export function fileName(path: string): string { return path.slice(path.lastIndexOf('/') + 1); }

function nameOf(workflow: Workflow): string | undefined { return scalarText(workflow.name?.value)?.trim() || undefined; }

function drawnJobs(workflow: Workflow, paths: ReadonlySet<string>): DrawnJob[] {
  // A job that is given twice is drawn once, as GitHub would refuse the file anyway.
  const ids = new Set<string>();
  const jobs = workflow.jobs.filter(j => !ids.has(j.id) && ids.add(j.id));
  return jobs.map(job => {
    const target = job.uses?.kind === 'local' || job.uses?.kind === 'self' ? job.uses.path ?? '' : undefined;
    const calls = target !== undefined && paths.has(target) ? target : undefined;
    return {
      id: job.id,
      lines: jobLines(job),
      kind: job.uses ? 'call' : isDeploy(job) || isRelease(job) ? 'release' : isCheck(job) ? 'check' : 'job',
      needs: [...new Set(job.needs.map(n => n.value))].filter(n => ids.has(n) && n !== job.id),
      environment: job.environment?.name?.value.trim() || undefined,
      calls,
      callsElsewhere: job.uses && calls === undefined ? job.uses.text : undefined,
    };
  });
}

function isCheck(job: Job): boolean {
  const kinds = jobKinds(job);
  return kinds.has('test') || kinds.has('lint') || kinds.has('scan');
}

function jobLines(job: Job): string[] {
  const name = scalarText(job.name?.value)?.trim() ?? '';
  const lines = [job.id];
  if (name !== '' && !name.includes('${{') && plain(name) !== plain(job.id)) lines.push(name);
  if (job.strategy) lines.push('(matrix)');
  const condition = scalarText(job.if?.value)?.trim();
  if (condition) lines.push(`if ${condition.replace(/^\$\{\{\s*|\s*\}\}$/g, '')}`);
  return lines;
}

function plain(text: string): string { return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ''); }

const MAX_TRIGGERS = 8;
const MAX_FILTERS = 3;

function triggerLines(triggers: readonly Trigger[]): string[] {
  const lines = triggers.flatMap(t => (t.event === 'schedule' ? (t.cron ?? []).map(c => `schedule: ${c.value}`) : [`${t.event}${filters(t)}`]));
  const unique = [...new Set(lines)];
  return unique.length <= MAX_TRIGGERS ? unique : [...unique.slice(0, MAX_TRIGGERS), `and ${unique.length - MAX_TRIGGERS} more`];
}

function filters(t: Trigger): string {
  const parts = [
    ...(t.types ? [t.types.join(', ')] : []), ...(t.branches ? [few(t.branches)] : []), ...(t.tags ? [`tags ${few(t.tags)}`] : []),
    ...(t.branchesIgnore ? [`not ${few(t.branchesIgnore)}`] : []), ...(t.tagsIgnore ? [`not tags ${few(t.tagsIgnore)}`] : []),
    ...(t.workflows ? [few(t.workflows)] : []), ...(t.paths || t.pathsIgnore ? ['some paths'] : []),
  ];
  return parts.length > 0 ? `: ${parts.join('; ')}` : '';
}

function few(names: readonly string[]): string {
  return names.length <= MAX_FILTERS ? names.join(', ') : `${names.slice(0, MAX_FILTERS).join(', ')} and ${names.length - MAX_FILTERS} more`;
}
