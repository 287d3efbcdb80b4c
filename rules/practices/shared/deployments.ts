/** Deployments of programs that people use, and what stands before and behind them. */
import type { Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import { conditionOf } from '../../workflow/expressions';
import type { Job, Trigger } from '../../workflow/model';
import { scalarText, type Span } from '../../workflow/nodes';
import { reachesOut } from '../../checks/shared/action-kind';
import { deedsOf, isTeardown } from '../../checks/shared/deeds';
import { deploysForUse, isPages, PROPOSALS } from '../../checks/shared/deploy-gate';
import { isPreview, stepKinds } from '../../checks/shared/job-kind';
import { dependentsOf, needsOf } from '../../checks/shared/started';
import { canRunOn } from '../../checks/shared/trigger-condition';
import type { Evidence } from '../practice';
import { ciJobs, isTrue, type CiJob, type CiStep } from './ci';
import { linesOf, type Line } from './lines';

export interface Deployment {
  readonly job: CiJob;
  readonly step: CiStep;
  /** `kubectl apply -f`, `azure/webapps-deploy`. */
  readonly what: string;
  readonly document: SourceDocument;
  readonly at: Span;
  /** The command, where it is none of an action's. */
  readonly line?: Line;
  /** Its position in the script of its step; -1 for an action. */
  readonly index: number;
  /** It changes infrastructure rather than a program that serves. */
  readonly infrastructure: boolean;
}

const INFRASTRUCTURE = /^(?:terraform|tofu|terragrunt|pulumi|ansible-playbook|dflook\/|pulumi\/|aws cloudformation|aws s3|cdk|jakejarvis\/s3-sync|az deployment|azure\/(?:arm|bicep)-deploy|aws-actions\/aws-cloudformation)/i;
/** Says too little to be looked into, unless what it runs can be read. */
const OPAQUE = /^(?:(?:npx|bash|sh|python3?|node|sudo) )?(?:\S*\.(?:sh|bash|py|js|mjs|ts|rb|ps1|php)\b|(?:npm|pnpm|yarn|bun|make|just|task|mage|rake|invoke|turbo|nx|gulp|ant|deploy|migrate)\b)/;
/** What deploys in a job that says that it deploys. */
const IN_DEPLOY_JOB = /^(?:ssh |docker[- ]compose .*\bup\b|docker compose .*\bup\b|docker stack deploy|docker run |docker service update|systemctl (?:restart|reload)|pm2 (?:restart|reload|start))/;

const cache = new WeakMap<Repository, readonly Deployment[]>();

/** In order of files and steps, infrastructure included. What can't be looked into (a script that can't be read) is left out. */
export function deployments(repo: Repository): readonly Deployment[] {
  let all = cache.get(repo);
  if (!all) cache.set(repo, all = startedJobs(repo).flatMap(j => inJob(repo, j)));
  return all;
}

/** Without the jobs of called workflows by themselves: they stand under each caller, and only there is told what surrounds them. */
export function startedJobs(repo: Repository): CiJob[] {
  const all = ciJobs(repo), called = new Set(all.flatMap(j => (j.caller ? [j.document] : [])));
  return all.filter(j => j.caller !== undefined || !called.has(j.document) || j.triggers.some(t => t.event !== 'workflow_call'));
}

/** Those of programs that answer somebody. */
export function servingDeployments(repo: Repository): Deployment[] {
  return deployments(repo).filter(d => !d.infrastructure);
}

function inJob(repo: Repository, job: CiJob): Deployment[] {
  if (job.job.uses || isTeardown(job.job) || isPages(job.job) || previewed(job) || !job.triggers.some(t => !PROPOSALS.has(t.event))) return [];
  const named = deploysForUse(job.job);
  if (!named && !job.steps.some(s => s.outer && stepKinds(s.step).has('deploy'))) return [];
  return job.steps.filter(s => !takesBack(s) && !onFailure(s)).flatMap(s => inStep(repo, s, named));
}

/** `Deploy, or roll back` deploys all the same. */
function takesBack(s: CiStep): boolean { return isTeardown(s.step) && !/^(?:deploy|release|upgrade)/i.test(scalarText(s.step.name?.value) ?? ''); }

function previewed(job: CiJob): boolean {
  for (let at: CiJob | undefined = job; at; at = at.caller) if (isPreview(at.job)) return true;
  return false;
}

function inStep(repo: Repository, s: CiStep, named: boolean): Deployment[] {
  const of = (what: string, at: Span, line: Line | undefined, index: number): Deployment =>
    ({ job: s.job, step: s, what, document: s.document, at, line, index, infrastructure: INFRASTRUCTURE.test(what) });
  const lines = linesOf(repo, s);
  const deeds = deedsOf(s.step, ['deploy']);
  if (s.step.uses) {
    // A command on another machine can be read, and needs no name that says what it is.
    if (!reachesOut(s.step.uses)) return deeds.map(d => of(d.what, d.at, undefined, -1));
    const deploying = stepKinds(s.step).has('deploy') ? lines.length > 0 : named && lines.some(deploysByItself);
    return deploying ? [of(s.step.uses.text.split('@')[0]!, s.step.uses.nameSpan, undefined, -1)] : [];
  }
  const found: Deployment[] = [];
  for (const d of deeds) {
    const index = lines.findIndex(l => l.file === undefined && l.at.start <= d.at.start && d.at.start < l.at.end);
    if (index < 0) continue;
    // Files that are copied to a bucket by a job that builds them are published.
    if (/^(?:aws s3|gsutil|rsync|scp)\b/.test(d.what) && !/deploy/i.test(`${s.job.job.id} ${scalarText(s.job.job.name?.value) ?? ''}`)) continue;
    const opaque = OPAQUE.test(d.what);
    // What the script deploys is said by the commands in it; where none is known the call stands for it.
    if (opaque && lines[index + 1]?.file === undefined) continue;
    const behind = lines.slice(index + 1), until = behind.findIndex(l => l.file === undefined);
    const inner = opaque ? (until < 0 ? behind : behind.slice(0, until)).find(l => deploysByItself(l)) : undefined;
    found.push(of(inner?.words.slice(0, 3).join(' ') ?? d.what, d.at, inner ?? lines[index]!, inner ? lines.indexOf(inner) : index));
  }
  if (found.length === 0 && named) {
    const index = lines.findIndex(deploysByItself);
    if (index >= 0) found.push(of(lines[index]!.words.slice(0, 3).join(' '), lines[index]!.at, lines[index], index));
  }
  return found;
}

const DEPLOYS = /^(?:kubectl (?:-\S+ )*(?:apply|replace|set image)|helm (?:upgrade|install)|aws ecs update-service|aws lambda update-function-code|gcloud (?:run|app|functions) deploy|az webapp deploy|fly(?:ctl)? deploy|heroku |cap |kamal deploy|rsync .*\S:|scp .*\S:|docker stack deploy|terraform apply|wrangler deploy|firebase deploy|vercel)/;
function deploysByItself(line: Line): boolean { return DEPLOYS.test(line.text) || IN_DEPLOY_JOB.test(line.text); }

/** The triggers that deploy, rather than propose. */
export function deployTriggers(job: CiJob): readonly Trigger[] { return job.triggers.filter(t => !PROPOSALS.has(t.event)); }

export function onFailure(s: CiStep): boolean { return /\bfailure\s*\(/.test(scalarText(s.step.if?.value) ?? ''); }
export function jobOnFailure(job: Job): boolean { return /\bfailure\s*\(|\.result\s*==\s*'failure'/.test(scalarText(job.if?.value) ?? ''); }

/** A step that doesn't run where the deployment does: its condition is certainly false, or it waits for a failure. */
export function isIdle(s: CiStep, d: Deployment): boolean {
  for (let at: CiStep | undefined = s; at; at = at.outer) {
    const condition = conditionOf(at.step.if);
    if (!deployTriggers(d.job).some(t => canRunOn(condition, t))) return true;
  }
  return false;
}

/** Steps behind the deployment: in its job, in jobs that need it (or need its caller), and in workflows that follow its own. */
export function stepsBehind(repo: Repository, d: Deployment): CiStep[] {
  return [...d.job.steps.slice(d.job.steps.indexOf(d.step) + 1), ...jobsBehind(repo, d.job).flatMap(j => j.steps)];
}

/** Steps ahead of the deployment: in its job, and in jobs that it or its caller needs. */
export function stepsAhead(repo: Repository, d: Deployment): CiStep[] {
  return [...jobsAhead(repo, d.job).flatMap(j => j.steps), ...d.job.steps.slice(0, d.job.steps.indexOf(d.step))];
}

const MAX_JOBS = 200;

/** Jobs that wait for a job, with those of reusable workflows that they call. */
export function jobsBehind(repo: Repository, job: CiJob): CiJob[] {
  const all = ciJobs(repo), found = new Set<CiJob>();
  for (let at: CiJob | undefined = job; at && found.size < MAX_JOBS; at = at.caller) {
    const dependents = dependentsOf(at.document.workflow!), seen = new Set<Job>([at.job]), queue = [at.job];
    for (let j = queue.pop(); j && seen.size < MAX_JOBS; j = queue.pop())
      for (const next of dependents.get(j) ?? []) if (!seen.has(next)) { seen.add(next); queue.push(next); }
    seen.delete(at.job);
    const caller: CiJob | undefined = at.caller;
    for (const j of all) if ((seen.has(j.job) && j.caller === caller) || (j.caller && found.has(j.caller))) found.add(j);
  }
  const name = scalarText(job.workflow.name?.value);
  if (name !== undefined)
    for (const j of all) if (j.workflow !== job.workflow && j.workflow.triggers.some(t => t.event === 'workflow_run' && t.workflows?.includes(name))) found.add(j);
  for (const j of all) if (j.triggers.some(t => t.event === 'deployment_status') && job.job.environment) found.add(j);
  return [...found];
}

/** Jobs that a job waits for, with those of reusable workflows that they call. */
export function jobsAhead(repo: Repository, job: CiJob): CiJob[] {
  const all = ciJobs(repo), found = new Set<CiJob>();
  for (let at: CiJob | undefined = job; at && found.size < MAX_JOBS; at = at.caller) {
    const needed = new Set(needsOf(at.document.workflow!, at.job)), caller: CiJob | undefined = at.caller;
    for (const j of all) if ((needed.has(j.job) && j.caller === caller) || (j.caller && found.has(j.caller))) found.add(j);
  }
  return [...found];
}

/** Commands behind the deployment in its own script. */
export function linesBehind(repo: Repository, d: Deployment): readonly Line[] {
  const lines = linesOf(repo, d.step);
  // A function ahead of it may be called behind it.
  return d.index >= 0 ? [...lines.slice(0, d.index).filter(l => l.inFunction), ...lines.slice(d.index + 1)] : d.step.step.uses && reachesOut(d.step.step.uses) ? lines : [];
}

/** Commands ahead of it in its own script. */
export function linesAhead(repo: Repository, d: Deployment): readonly Line[] {
  return linesOf(repo, d.step).slice(0, Math.max(0, d.index));
}

/** Why a step's failure fails nothing. */
export function softStep(s: CiStep): string | undefined {
  return s.job.soft ?? (isTrue(s.step.continueOnError) || isTrue(s.outer?.step.continueOnError) ? 'the step has continue-on-error' : undefined);
}

/** One entry per job: a job that deploys three services is one deployment to look behind. The last in each job stands for it. */
export function lastPerJob(all: readonly Deployment[]): Deployment[] {
  return [...new Map(all.map(d => [d.job, d])).values()];
}

export function evidenceAt(d: Deployment, text: string): Evidence {
  return { path: d.document.path, ...d.document.range(d.at), text };
}

export function evidenceOfStep(s: CiStep, text: string, at: Span = s.step.uses?.scalar ?? s.step.run?.entry.key ?? s.step.item): Evidence {
  return { path: s.document.path, ...s.document.range(at), text };
}

/** `deploy in .github/workflows/ci.yml`. */
export function placeOf(d: Deployment): string { return `${d.job.job.id} in ${d.document.path}`; }
