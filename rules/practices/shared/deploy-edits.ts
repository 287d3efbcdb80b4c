/** Puts steps and jobs before and behind deployments, and scripts beside them. */
import type { Repository } from '../../repository';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { insertJob, insertStep } from '../../workflow/edits';
import type { Job, Step } from '../../workflow/model';
import { asSequence, scalarText } from '../../workflow/nodes';
import type { FileChange, ScaffoldPlan } from '../practice';
import type { CiJob } from './ci';
import type { Deployment } from './deployments';
import { applied, freeId, letWait, type GeneratedJob } from './scaffold';
import { checkoutStep, pin } from './snippets';

/** What has been changed so far. Nothing is kept of an edit that leaves a file worse than it was. */
export class Changes {
  readonly #documents = new Map<string, SourceDocument>();
  readonly #files = new Map<string, FileChange>();
  readonly todo: string[] = [];

  constructor(private readonly repo: Repository) {}

  document(path: string): SourceDocument | undefined { return this.#documents.get(path) ?? this.repo.document(path); }

  /** False where the edit can't be made. */
  edit(path: string, make: (document: SourceDocument) => readonly TextEdit[] | undefined): boolean {
    const document = this.document(path);
    if (!document || document.problems.length > 0) return false;
    const next = applied(document, make(document));
    if (!next || next.text === document.text) return false;
    this.#documents.set(path, next);
    return true;
  }

  job(path: string, id: string): Job | undefined { return this.document(path)?.workflow?.jobs.find(j => j.id === id); }

  /** Adds a job behind another one; its id, or undefined where the file can't take one. */
  addJob(path: string, job: GeneratedJob, after?: string): string | undefined {
    const document = this.document(path);
    if (!document) return undefined;
    const id = freeId(job.id, document);
    return this.edit(path, d => insertJob(d, id, job.yaml.join('\n'), { after })) && this.job(path, id) ? id : undefined;
  }

  /** Adds a step in front of the step at an index of a job. */
  addStep(path: string, id: string, index: number, yaml: readonly string[]): boolean {
    const before = this.job(path, id)?.steps.length ?? 0;
    return this.edit(path, d => { const job = d.workflow?.jobs.find(j => j.id === id); return job && insertStep(d, job, index, outdent(yaml)); })
      && (this.job(path, id)?.steps.length ?? 0) > before;
  }

  letWait(path: string, job: string, id: string): boolean {
    const document = this.document(path), next = document && document.problems.length === 0 ? letWait(document, job, id) : undefined;
    if (next) this.#documents.set(path, next);
    return next !== undefined;
  }

  /** A new file; one that is there stays as it is. */
  addFile(path: string, newText: string): void {
    if (!this.repo.has(path)) this.#files.set(path, { path, created: true, newText });
  }

  plan(explanation: string, todo: readonly string[] = []): ScaffoldPlan | undefined {
    if (this.#documents.size === 0) return undefined;
    const edited = [...this.#documents.values()].map((d): FileChange => ({ path: d.path, created: false, newText: d.text }));
    return { changes: [...edited, ...this.#files.values()], explanation, todo: [...todo, ...this.todo] };
  }
}

function outdent(yaml: readonly string[]): string { return yaml.map(l => l.replace(/^ {2}/, '')).join('\n'); }

/** Steps of a job's list itself, those in `parallel` groups aside. */
export function isPlainList(job: Job): boolean {
  return asSequence(job.stepsEntry?.value)?.flow === false && job.steps.every(s => s.group === undefined && s.parallel === undefined);
}

/** Each job that deploys, once, however often it is called. */
export function deployingJobs(all: readonly Deployment[]): Deployment[] {
  return [...new Map(all.map(d => [`${d.job.document.path} ${d.job.job.id}`, d])).values()];
}

/** The step of the job itself in which the deployment stands: the one that calls the composite action it is in. */
export function ownStep(d: Deployment): Step {
  let at = d.step;
  while (at.outer) at = at.outer;
  return at.step;
}

/** Adds a checkout at the beginning of a job that has none: how many steps were added. */
export function addCheckout(changes: Changes, path: string, id: string, before: number): number {
  const job = changes.job(path, id);
  if (!job || job.steps.slice(0, before).some(isCheckout)) return 0;
  return changes.addStep(path, id, 0, checkoutStep()) ? 1 : 0;
}

export function isCheckout(step: Step): boolean { return `${step.uses?.owner}/${step.uses?.repo}`.toLowerCase() === 'actions/checkout'; }

/** The runner's label where it is a plain one, quoted as it stands. */
export function runnerOf(job: Job): string {
  const text = scalarText(job.runsOn?.value) ?? '';
  return /^[\w.-]+$/.test(text) ? text : 'ubuntu-latest';
}

/** `STAGING` for variables of the deployment to staging. */
export function upper(id: string): string { return id.toUpperCase().replace(/[^A-Z0-9]+/g, '_').replace(/^(?=\d)|^_+/, '') || 'DEPLOY'; }

export function environmentName(job: Job): string | undefined {
  const name = job.environment?.name?.value;
  return name !== undefined && /^[\w .-]+$/.test(name) ? name : undefined;
}

const LOGIN = new Set(['aws-actions/configure-aws-credentials', 'google-github-actions/auth', 'google-github-actions/get-gke-credentials',
  'google-github-actions/setup-gcloud', 'azure/login', 'azure/setup-kubectl', 'azure/setup-helm']);
const LOGIN_SCRIPT = /kubeconfig|KUBE_CONFIG|\blogin\b|\bauth\b|credentials|set-context|update-kubeconfig/i;

/**
 * Steps ahead of the deployment that give its job access, as lines of a job's body, their actions pinned by the catalogue; with what they
 * need as `permissions`. Steps whose action the catalogue doesn't know, and those with stored keys, are left out and named.
 */
export function loginSteps(document: SourceDocument, d: Deployment): { readonly yaml: string[]; readonly scopes: string[]; readonly left: string[] } {
  const yaml: string[] = [], left: string[] = [];
  let oidc = false;
  const until = ownStep(d).index;
  for (const step of d.job.job.steps.slice(0, until)) {
    const name = `${step.uses?.owner}/${step.uses?.repo}`.toLowerCase();
    const wanted = step.uses ? LOGIN.has(name) && !step.uses.path : step.run !== undefined && LOGIN_SCRIPT.test(step.run.scalar.value) && !step.run.scalar.value.includes('${{');
    if (!wanted) {
      if (step.uses && /login|auth|credential|context|kube/i.test(step.uses.text)) left.push(step.uses.text.split('@')[0]!);
      continue;
    }
    const text = bodyOf(document, step);
    // A stored key isn't spread to more jobs without somebody's decision.
    if (text === undefined || /secret-access-key|credentials_json|\bcreds:|client-secret|password/i.test(text.join('\n'))) { left.push(step.uses ? name : scalarText(step.name?.value) ?? 'a script'); continue; }
    const lines = step.uses ? text.map(l => l.replace(/^(\s*(?:- )?uses:\s*).*$/, (_, head: string) => head + pin(name).text)) : text;
    if (step.uses && /role-to-assume|workload_identity_provider|client-id/.test(text.join('\n'))) oidc = true;
    yaml.push(...lines);
  }
  return { yaml, scopes: ['contents: read', ...(oidc ? ['id-token: write'] : [])], left };
}

/** A step's text as it stands, at the indentation of generated ones; undefined in flow style and where anchors stand in it. */
function bodyOf(document: SourceDocument, step: Step): string[] | undefined {
  const { start, end } = document.range(step.item), line = document.positionAt(start);
  const text = document.text.slice(start, end).replace(/\s+$/, '');
  if (!text.startsWith('- ') || step.node.flow || /(?:^|[\s:])[&*][A-Za-z]/.test(text)) return undefined;
  return text.split(/\r?\n/).map((l, i) => (i === 0 ? `  ${l}` : `  ${l.slice(Math.min(line.character, l.length - l.trimStart().length))}`));
}

/** Whether every deployment of a list stands where edits can be made. */
export function editable(d: Deployment): boolean {
  return d.job.document.problems.length === 0 && isPlainList(d.job.job);
}

export function jobName(job: CiJob): string { return (scalarText(job.job.name?.value) ?? '').includes('${{') ? job.job.id : scalarText(job.job.name?.value) ?? job.job.id; }
