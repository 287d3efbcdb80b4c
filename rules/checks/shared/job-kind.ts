/**
 * What a job or step is for, read from its actions, commands and, where these say nothing, its names. Conservative: no kind
 * is a fine answer, and a rule that needs one stays silent then.
 */
import { BlockMemo } from '../../workflow/block-memo';
import type { Job, Step } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { actionKinds, makesLocalCluster } from './action-kind';
import { commandKinds, isClusterCommand, startsLocalCluster } from './command-kind';
import { GATES, type JobKind } from './kinds';
import { nameKinds } from './name-kind';
import { argvsOf } from './step-commands';

export { GATES, type JobKind } from './kinds';

const OUTSIDE: readonly JobKind[] = ['deploy', 'publish', 'release', 'migrate'];

const steps = new BlockMemo<Step, ReadonlySet<JobKind>>();
const jobs = new BlockMemo<Job, ReadonlySet<JobKind>>();

/** What a step is for; empty where that is unknown or where it only prepares something. */
export function stepKinds(step: Step): ReadonlySet<JobKind> {
  return steps.get(step.node.block, step, readStep);
}

function readStep(step: Step): ReadonlySet<JobKind> {
  const kinds = new Set<JobKind>();
  if (step.uses) for (const k of actionKinds(step.uses, step)) kinds.add(k);
  if (!step.run) return kinds;
  for (const argv of argvsOf(step)) for (const k of commandKinds(argv)) kinds.add(k);
  if (kinds.size === 0) for (const k of nameKinds(scalarText(step.name?.value) ?? '')) kinds.add(k);
  return kinds;
}

/** What a job is for: everything its steps are for, else what its names say. */
export function jobKinds(job: Job): ReadonlySet<JobKind> {
  return jobs.get(job.entry.block, job, readJob);
}

function readJob(job: Job): ReadonlySet<JobKind> {
  const kinds = new Set<JobKind>();
  if (job.uses) {
    kinds.add('call');
    for (const k of nameKinds(job.id)) kinds.add(k);
    return kinds;
  }
  const local = hasLocalCluster(job);
  const own = job.steps.some(s => s.uses?.kind === 'local' && (s.uses.path ?? '') === '');
  for (const step of job.steps) {
    for (const kind of stepKinds(step)) {
      // What is applied to a cluster that the job has made for itself, or to a database beside it, is a test; so is what
      // stands beside the repository's own action (`uses: ./`).
      if (kind === 'deploy' && local && onlyCluster(step)) kinds.add('test');
      else if (own && step.run && OUTSIDE.includes(kind)) kinds.add('test');
      else if (kind === 'migrate' && job.services) kinds.add('test');
      else kinds.add(kind);
    }
  }
  if (kinds.size === 0) {
    for (const k of [...nameKinds(job.id), ...nameKinds(scalarText(job.name?.value) ?? '')]) kinds.add(k);
  }
  const named = nameKinds(job.id);
  if (isServing(job) && !GATES.some(k => k !== 'deploy' && named.includes(k)) && ![...kinds].some(k => k !== 'build' && k !== 'notify')) kinds.add('deploy');
  return kinds;
}

function hasLocalCluster(job: Job): boolean {
  return job.steps.some(s => (s.uses ? makesLocalCluster(s.uses) : argvsOf(s).some(startsLocalCluster)));
}

function onlyCluster(step: Step): boolean {
  return argvsOf(step).every(a => !commandKinds(a).includes('deploy') || isClusterCommand(a));
}

/** Stands in an environment that is named after something that people use. */
function isServing(job: Job): boolean {
  return /^(?:prod|production|live|staging|stage|github-pages)(?:[-_/ ].*)?$/i.test(job.environment?.name?.value ?? '');
}

/** Deploys or migrates: what runs somewhere, or a database that it uses, is another afterwards. */
export function isDeploy(job: Job): boolean {
  const kinds = jobKinds(job);
  return kinds.has('deploy') || kinds.has('migrate');
}

/** Publishes a package or image, or makes a release. */
export function isRelease(job: Job): boolean {
  const kinds = jobKinds(job);
  return kinds.has('publish') || kinds.has('release');
}

/** Kinds of a step or job that change something outside the run: deploy, publish, release, migrate. */
export function outsideKinds(of: Step | Job): readonly JobKind[] {
  const kinds = of.kind === 'job' ? jobKinds(of) : stepKinds(of);
  return OUTSIDE.filter(k => kinds.has(k));
}

/** A deployment that comes and goes with a pull request. */
export function isPreview(job: Job): boolean {
  const words = [job.id, scalarText(job.name?.value) ?? '', job.environment?.name?.value ?? ''].join(' ');
  return /preview|review[-_ ]?app|\bpr-|ephemeral/i.test(words);
}

/** A step whose failure must stop what follows: it tests, lints, scans, migrates or deploys. */
export function isGate(step: Step): boolean {
  const kinds = stepKinds(step);
  return GATES.some(k => kinds.has(k));
}

/** The same for a job. */
export function isGateJob(job: Job): boolean {
  const kinds = jobKinds(job);
  return GATES.some(k => kinds.has(k));
}
