/**
 * What a job or step is for, read from its actions, commands and, where these say nothing, its names. Conservative: no kind
 * is a fine answer, and a rule that needs one stays silent then.
 */
import { BlockMemo } from '../../workflow/block-memo';
import type { Job, Step } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { parseScript } from '../../workflow/scripts';
import { actionKinds, makesLocalCluster, scriptInput } from './action-kind';
import { commandKinds, isClusterCommand, startsLocalCluster } from './command-kind';
import { GATES, type JobKind } from './kinds';
import { hintedKinds, nameKinds } from './name-kind';
import { argvOf, argvsOf } from './step-commands';

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
  const script = scriptInput(step);
  if (script !== undefined) for (const c of parseScript(script, 'bash').commands) for (const k of commandKinds(argvOf(c))) kinds.add(k);
  if (!step.run) return kinds;
  for (const argv of argvsOf(step)) for (const k of commandKinds(argv)) kinds.add(k);
  if (kinds.has('deploy') && onlyStores(step)) { kinds.delete('deploy'); kinds.add('publish'); }
  if (kinds.size === 0) for (const k of nameKinds(scalarText(step.name?.value) ?? '')) kinds.add(k);
  return kinds;
}

/** Folders of buckets from which people fetch what was released: nothing runs there. */
const DOWNLOADS = /\baws\s+s3\s+sync\s[^\n]{0,400}s3:\/\/[^\n]{0,400}\/(?:releases?|downloads?|packages?|binaries|nightl(?:y|ies))(?:[/\s"']|$)/m;

/** Copies to such a folder, and deploys nothing else. */
function onlyStores(step: Step): boolean {
  return DOWNLOADS.test(step.run!.scalar.value)
    && argvsOf(step).every(a => !commandKinds(a).includes('deploy') || (a[0] === 'aws' && a.includes('s3') && a.includes('sync')));
}

/** What a job is for: everything its steps are for, else what its names say. Names also speak where its steps only build. */
export function jobKinds(job: Job): ReadonlySet<JobKind> {
  return jobs.get(job.entry.block, job, readJob);
}

function readJob(job: Job): ReadonlySet<JobKind> {
  if (job.uses) return readCall(job);
  const kinds = new Set<JobKind>();
  const named = new Set([...nameKinds(job.id), ...nameKinds(nameOf(job))]);
  let local: boolean | undefined, takenDown: number | undefined;
  // What a repository does with its own action (`uses: ./`) tests the action, unless the job is there to release it.
  const trial = job.steps.some(s => (s.uses?.kind === 'local' || s.uses?.kind === 'self') && (s.uses.path ?? '') === '') && !OUTSIDE.some(k => named.has(k));
  for (const step of job.steps) {
    for (const kind of stepKinds(step)) {
      // What is applied to a cluster that the job has made for itself, or to a database beside it, is a test; so is what the job
      // takes down again at its end.
      if (kind === 'deploy' && ((takenDown ??= lastTakenDown(job)) >= step.index || ((local ??= hasLocalCluster(job)) && onlyCluster(step)))) kinds.add('test');
      else if (trial && step.run && OUTSIDE.includes(kind)) kinds.add('test');
      else if (kind === 'migrate' && job.services) kinds.add('test');
      // An issue that tells of a failure is a report.
      else if (kind !== 'housekeeping' || !isAfterFailure(step)) kinds.add(kind);
    }
  }
  if (trial) kinds.add('test');
  if (kinds.size === 0) for (const k of named) kinds.add(k);
  else if (onlyBuilds(kinds)) for (const k of named) if (CHECKS.includes(k)) kinds.add(k);
  // A job that is called after a release makes one with the step that is called so and that nobody knows.
  if (!OUTSIDE.some(k => kinds.has(k))) for (const k of named) if (OUTSIDE.includes(k) && job.steps.some(s => isCalled(s, k))) kinds.add(k);
  if (named.has('e2e') && kinds.has('test')) kinds.add('e2e');
  if (isServing(job) && !CHECKS.some(k => named.has(k)) && [...kinds].every(k => k === 'build' || k === 'notify')) kinds.add('deploy');
  if (!OUTSIDE.some(k => kinds.has(k))) {
    const done = job.steps.map(pushed);
    if (done.includes('tag')) kinds.add('release');
    else if (done.includes('commit')) kinds.add('housekeeping');
  }
  if (kinds.size === 0) for (const k of hinted(job)) kinds.add(k);
  return kinds;
}

/** What little tells of a job of which nothing is known. That it changes something outside isn't taken from hints. */
function hinted(job: Job): readonly JobKind[] {
  // A job with outputs is there to decide something for others: its checks aren't a linter's.
  const kinds = [job.id, nameOf(job)].flatMap(n => hintedKinds(n)).filter(k => k !== 'lint' || !job.outputs);
  if (kinds.length > 0) return kinds;
  const named = job.steps.filter(s => s.uses && s.uses.owner !== 'actions').map(s => nameKinds(scalarText(s.name?.value) ?? ''));
  return named.find(ks => ks.some(k => !OUTSIDE.includes(k)))?.filter(k => !OUTSIDE.includes(k)) ?? [];
}

const CHECKS: readonly JobKind[] = ['test', 'e2e', 'lint', 'scan'];

function readCall(job: Job): ReadonlySet<JobKind> {
  const file = (job.uses?.path ?? '').replace(/^.*\//s, '').replace(/\.ya?ml$/i, '');
  const names = [job.id, nameOf(job), file];
  const kinds = [...names.map(nameKinds), ...names.map(hintedKinds)].find(ks => ks.length > 0) ?? [];
  return new Set<JobKind>(['call', ...kinds]);
}

function isCalled(step: Step, kind: JobKind): boolean {
  if (!step.uses || step.uses.owner === 'actions' || stepKinds(step).size > 0) return false;
  return `${scalarText(step.name?.value) ?? ''} ${step.uses.repo ?? ''}`.toLowerCase().split(/[^a-z]+/).includes(kind);
}

function isAfterFailure(step: Step): boolean { return /\bfailure\(\s*\)/.test(scalarText(step.if?.value) ?? ''); }

function nameOf(job: Job): string { return scalarText(job.name?.value) ?? ''; }

function onlyBuilds(kinds: ReadonlySet<JobKind>): boolean { return kinds.size === 1 && kinds.has('build'); }

/** What a step writes into the repository (or its wiki): a tag, or what the job has made. */
function pushed(step: Step): 'tag' | 'commit' | undefined {
  if (!step.run?.scalar.value.includes('push')) return undefined;
  const words = argvsOf(step).filter(a => a[0] === 'git');
  if (!words.some(a => a.includes('push'))) return undefined;
  if (words.some(a => a[1] === 'tag' && a.length > 2 && !a.some(w => w !== undefined && /^(?:-l|--list|--sort|-d|--delete|--points-at|--contains|--merged)/.test(w)))) return 'tag';
  return words.some(a => a.includes('commit')) ? 'commit' : undefined;
}

/** No condition but on how things went. */
function isAlwaysDone(step: Step): boolean {
  return step.if === undefined || /^(?:\$\{\{)?\s*!?\s*(?:always|success|cancelled)\s*\(\s*\)\s*(?:\}\})?$/.test(scalarText(step.if.value) ?? '');
}

const TAKES_DOWN = /^(?:(?:terraform|tofu|terragrunt|pulumi|cdk)(?: -\S+)* destroy|eksctl delete cluster|az group delete|aws cloudformation delete-stack|sam delete|gcloud container clusters delete)\b/;

function lastTakenDown(job: Job): number { return job.steps.findLastIndex(s => isAlwaysDone(s) && endsDown(s)); }

/** The last that the step does to the world is to take it down. */
function endsDown(step: Step): boolean {
  const last = argvsOf(step).filter(a => takesDown(a) || commandKinds(a).includes('deploy')).at(-1);
  return last !== undefined && takesDown(last);
}

function takesDown(argv: readonly (string | undefined)[]): boolean {
  return TAKES_DOWN.test(argv.slice(0, 6).map(w => w ?? '$').join(' ').replace(/^(?:sudo|npx) /, '')) && !argv.some(w => w !== undefined && /^--?target\b/.test(w));
}

function hasLocalCluster(job: Job): boolean {
  return job.steps.some(s => (s.uses ? makesLocalCluster(s.uses) : argvsOf(s).some(startsLocalCluster)));
}

function onlyCluster(step: Step): boolean {
  return argvsOf(step).every(a => !commandKinds(a).includes('deploy') || isClusterCommand(a));
}

/** Stands in an environment that is named after something that people use, and is not there for the approval alone. */
function isServing(job: Job): boolean {
  if (/approv|(?:^|[-_ ])gate(?:$|[-_ ])/i.test(`${job.id} ${job.environment?.name?.value ?? ''}`)) return false;
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
