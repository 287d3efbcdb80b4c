/** What of a pipeline can be attacked, read from its files. Each function says what is there, with places, and nothing of what could be. */
import { cacheUse } from '../../checks/shared/caches';
import { baseImages } from '../../checks/shared/dockerfile';
import { isDeploy, isRelease } from '../../checks/shared/job-kind';
import { askedRunner, isSelfHosted } from '../../checks/shared/runner-labels';
import { isIdentifierName, secretsOf } from '../../checks/shared/secrets';
import { isFullSha } from '../../catalog';
import { ownWorkflows } from '../../practices/shared/pipelines';
import { stepInput } from '../../practices/shared/ci';
import { repoFacts, type Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import { effectivePermissions, OUTSIDER_EVENTS, PRIVILEGED_EVENTS, scopeAccess, type EffectivePermissions } from '../../workflow/effective';
import type { Job, Step, Trigger, UsesRef } from '../../workflow/model';
import { asMapping, asScalar, getEntry, scalarText, walk, type ScalarNode } from '../../workflow/nodes';
import { count, list } from '../markdown';
import { placeAt, placeOf, type Fact, type Place } from '../places';

/** Files whose code runs in the pipeline: workflows, and the actions of the checkout that they could call. */
function documents(repo: Repository): SourceDocument[] {
  return [...ownWorkflows(repo), ...repo.documents.filter(d => d.action)];
}

interface Found<T> { readonly document: SourceDocument; readonly it: T }

function steps(repo: Repository): Found<Step>[] {
  return documents(repo).flatMap(document => [...document.workflow?.jobs.flatMap(j => j.steps) ?? [], ...document.action?.steps ?? []].map(it => ({ document, it })));
}

function jobs(repo: Repository): Found<Job>[] {
  return ownWorkflows(repo).flatMap(document => document.workflow!.jobs.map(it => ({ document, it })));
}

function fact(text: string, places: readonly Place[]): Fact[] { return places.length > 0 ? [{ text, places }] : []; }

/** What people without write access do. `labeled`, `assigned` and the like need a role. */
const BY_ANYBODY = new Set(['opened', 'edited', 'reopened', 'synchronize', 'closed', 'created', 'deleted', 'submitted', 'dismissed', 'ready_for_review',
  'converted_to_draft', 'started', 'answered', 'requested', 'completed', 'in_progress']);

function startedByAnybody(repo: Repository, t: Trigger): boolean {
  if (!OUTSIDER_EVENTS.has(t.event) || (t.types && !t.types.some(x => BY_ANYBODY.has(x)))) return false;
  if (t.event !== 'workflow_run') return true;
  // It runs when another has ended: what started that one counts.
  return ownWorkflows(repo).some(d => t.workflows?.includes(scalarText(d.workflow!.name?.value) ?? d.path)
    && d.workflow!.triggers.some(x => x.event !== 'workflow_run' && startedByAnybody(repo, x)));
}

export function outsiders(repo: Repository): Fact[] {
  const all = ownWorkflows(repo).flatMap(document => document.workflow!.triggers.filter(t => startedByAnybody(repo, t)).map(it => ({ document, it })));
  const strong = all.filter(t => PRIVILEGED_EVENTS.has(t.it.event)), weak = all.filter(t => !PRIVILEGED_EVENTS.has(t.it.event));
  const events = (of: typeof all): string => list([...new Set(of.map(t => t.it.event))]);
  return [
    ...fact(`People without write access can start ${workflows(strong)} by ${events(strong)}; these runs have the repository's token and secrets`, strong.map(t => placeOf(t.document, t.it.node))),
    ...fact(`People without write access can start ${workflows(weak)} by ${events(weak)}; from forks these runs have, by default, a token that only reads and no secrets`, weak.map(t => placeOf(t.document, t.it.node))),
  ];
}

function workflows(of: readonly { readonly document: SourceDocument }[]): string { return count(new Set(of.map(f => f.document.path)).size, 'workflow'); }

function foreignUses(repo: Repository): Found<UsesRef>[] {
  return [...steps(repo).flatMap(({ document, it }) => (it.uses ? [{ document, it: it.uses }] : [])), ...jobs(repo).flatMap(({ document, it }) => (it.uses ? [{ document, it: it.uses }] : []))]
    .filter(u => u.it.kind === 'repository');
}

export function actions(repo: Repository): Fact[] {
  const all = foreignUses(repo), names = new Set(all.map(u => `${u.it.owner}/${u.it.repo}`.toLowerCase())), owners = new Set(all.map(u => u.it.owner?.toLowerCase()));
  return fact(`${count(all.length, 'use')} of ${count(names.size, 'action or workflow', 'actions and workflows')} in repositories of ${count(owners.size, 'owner')}`, all.map(u => placeOf(u.document, u.it.scalar)));
}

export function pinnedActions(repo: Repository): Fact[] {
  const all = foreignUses(repo), pinned = all.filter(u => u.it.ref !== undefined && isFullSha(u.it.ref));
  return fact(`${pinned.length} of ${count(all.length, 'use')} of actions and workflows elsewhere ${pinned.length === 1 ? 'is' : 'are'} named by a full commit`, pinned.map(u => placeOf(u.document, u.it.scalar)));
}

function scalars(document: SourceDocument): ScalarNode[] {
  const roots = document.workflow ? [...document.entries.filter(e => e.key.value !== 'jobs').map(e => e.value), ...document.workflow.jobs.map(j => j.entry.value)] : document.entries.map(e => e.value);
  return roots.flatMap(r => [...walk(r)]).filter((n): n is ScalarNode => n.kind === 'scalar');
}

const secretCache = new WeakMap<Repository, ReadonlyMap<string, readonly Place[]>>();

/** Names of secrets with the places that read them, the run's own token left out. */
function secretNames(repo: Repository): ReadonlyMap<string, readonly Place[]> {
  let known = secretCache.get(repo);
  if (!known) {
    const found = new Map<string, Place[]>();
    for (const document of documents(repo)) for (const s of scalars(document)) {
      if (!s.value.includes('secrets')) continue;
      for (const read of secretsOf(s)) if (!read.isRunToken) found.set(read.name.toUpperCase(), [...found.get(read.name.toUpperCase()) ?? [], placeOf(document, s)]);
    }
    secretCache.set(repo, known = found);
  }
  return known;
}

export function secrets(repo: Repository): Fact[] {
  const names = [...secretNames(repo)];
  const inherit = jobs(repo).filter(j => scalarText(j.it.secrets?.value) === 'inherit');
  return [
    ...fact(`${count(names.length, 'secret')} ${names.length === 1 ? 'is' : 'are'} read: ${few(names.map(([n]) => n))}`, names.flatMap(([, places]) => places)),
    ...fact(`${count(inherit.length, 'job')} ${inherit.length === 1 ? 'hands' : 'hand'} all secrets to the workflow that ${inherit.length === 1 ? 'it calls' : 'they call'}`, inherit.map(j => placeOf(j.document, j.it.secrets!))),
  ];
}

function few(names: readonly string[]): string { return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`; }

export function lastingSecrets(repo: Repository): Fact[] {
  const names = [...secretNames(repo)].filter(([n]) => !isIdentifierName(n) && !/(?:^|_)PORTS?$/.test(n));
  return fact(`${count(names.length, 'secret')} outside of the run's own token: whoever learns one can use it until it is revoked (${few(names.map(([n]) => n))})`, names.flatMap(([, places]) => places));
}

export function bareCheckouts(repo: Repository): Fact[] {
  const all = steps(repo).filter(({ it: { uses } }) => uses?.owner?.toLowerCase() === 'actions' && uses.repo?.toLowerCase() === 'checkout');
  const bare = all.filter(s => stepInput(s.it, 'persist-credentials')?.toLowerCase() === 'false');
  return fact(`${bare.length} of ${count(all.length, 'checkout')} ${bare.length === 1 ? 'leaves' : 'leave'} no token behind (persist-credentials: false)`, bare.map(s => placeOf(s.document, s.it.uses!.scalar)));
}

export function setPermissions(repo: Repository): Fact[] {
  const all = jobs(repo).filter(j => !j.it.uses);
  const set = all.filter(j => j.it.permissions ?? j.document.workflow!.permissions);
  return fact(`${set.length} of ${count(all.length, 'job')} ${set.length === 1 ? 'has a token' : 'have tokens'} whose scopes are written down`, set.map(j => placeOf(j.document, (j.it.permissions ?? j.document.workflow!.permissions)!.entry)));
}

export function dependencies(repo: Repository): Fact[] {
  const all = repoFacts(repo).stack.projects.filter(p => !p.member && p.ecosystem !== 'docker');
  return fact(`${count(all.length, 'project')} with dependencies of others (${few([...new Set(all.map(p => p.manager))])})`, all.map(p => ({ path: p.manifest })));
}

export function lockfiles(repo: Repository): Fact[] {
  const all = repoFacts(repo).stack.projects.filter(p => !p.member), locked = all.filter(p => p.lockfile !== undefined);
  return fact(`${locked.length} of ${count(all.length, 'project')} ${locked.length === 1 ? 'has' : 'have'} a lockfile`, locked.map(p => ({ path: p.lockfile! })));
}

interface Image { readonly image: string; readonly place: Place }

/** Images that jobs run in or beside, and those that Dockerfiles start from. */
function images(repo: Repository): Image[] {
  const found: Image[] = [];
  const add = (document: SourceDocument, s: ScalarNode | undefined, image = s?.value): void => { if (s && image && !image.includes('${{')) found.push({ image, place: placeOf(document, s) }); };
  for (const { document, it: job } of jobs(repo)) {
    add(document, asScalar(job.container?.value) ?? asScalar(getEntry(job.container?.value, 'image')?.value));
    for (const service of asMapping(job.services?.value)?.entries ?? []) add(document, asScalar(getEntry(service.value, 'image')?.value));
  }
  for (const { document, it } of steps(repo)) if (it.uses?.kind === 'docker') add(document, it.uses.scalar, it.uses.image);
  for (const path of repoFacts(repo).stack.dockerfiles) for (const base of baseImages(repo.read(path) ?? '')) found.push({ image: base.image, place: placeAt(repo, path, base.start) });
  return found;
}

export function containers(repo: Repository): Fact[] {
  const files = repoFacts(repo).stack.dockerfiles, used = images(repo);
  return [
    ...fact(`${count(files.length, 'Dockerfile')} ${files.length === 1 ? 'describes' : 'describe'} images`, files.map(path => ({ path }))),
    ...fact(`${count(new Set(used.map(i => i.image)).size, 'image')} of registries ${used.length === 1 ? 'is' : 'are'} run or built upon`, used.map(i => i.place)),
  ];
}

export function pinnedImages(repo: Repository): Fact[] {
  const all = images(repo), pinned = all.filter(i => /@sha256:[0-9a-f]{64}/.test(i.image));
  return fact(`${pinned.length} of ${count(all.length, 'image')} ${pinned.length === 1 ? 'is' : 'are'} named by digest`, pinned.map(i => i.place));
}

export function idTokens(repo: Repository): Fact[] {
  const all = jobs(repo).filter(j => scopeAccess(effectivePermissions(j.it, j.document.workflow), 'id-token') === 'write');
  return fact(`${count(all.length, 'job')} may ask GitHub for an identity token (id-token: write)`, all.map(j => placeOf(j.document, j.it.entry.key)));
}

export function idTokensInEnvironments(repo: Repository): Fact[] {
  const all = jobs(repo).filter(j => scopeAccess(effectivePermissions(j.it, j.document.workflow), 'id-token') === 'write'), inside = all.filter(j => j.it.environment);
  return fact(`${inside.length} of ${count(all.length, 'job')} with an identity token ${inside.length === 1 ? 'runs' : 'run'} in an environment, which a trust policy can ask for`, inside.map(j => placeOf(j.document, j.it.environment!.entry)));
}

export function caches(repo: Repository): Fact[] {
  const all = steps(repo).flatMap(({ document, it }) => { const use = cacheUse(it); return use ? [placeOf(document, use.at)] : []; });
  return fact(`${count(all.length, 'step')} ${all.length === 1 ? 'restores' : 'restore'} from GitHub's cache`, all);
}

export function cacheModes(repo: Repository): Fact[] {
  const all = documents(repo).flatMap(d => [d.workflow?.cacheMode, ...d.workflow?.jobs.map(j => j.cacheMode) ?? []].filter(e => e !== undefined).map(e => placeOf(d, e)));
  return fact(`cache-mode limits who may write or read caches in ${count(all.length, 'place')}`, all);
}

export function running(repo: Repository): Fact[] {
  const all = jobs(repo).filter(j => !j.it.uses), own = all.filter(j => isSelfHosted(askedRunner(j.it)));
  const open = outsiders(repo).flatMap(f => f.places);
  return [
    ...fact(`${count(all.length, 'job')} in ${workflows(all)} ${all.length === 1 ? 'takes' : 'take'} runners`, all.length > 0 ? [...new Set(all.map(j => j.document.path))].map(path => ({ path })) : []),
    ...fact('People without write access can start runs', open),
    ...fact(`${count(own.length, 'job')} ${own.length === 1 ? 'asks' : 'ask'} for a self-hosted runner`, own.map(j => placeOf(j.document, j.it.runsOn!))),
  ];
}

export function releases(repo: Repository): Fact[] {
  const deploy = jobs(repo).filter(j => isDeploy(j.it)), release = jobs(repo).filter(j => isRelease(j.it));
  const writes = jobs(repo).filter(j => !j.it.uses && mayWrite(effectivePermissions(j.it, j.document.workflow)));
  return [
    ...fact(`${count(deploy.length, 'job')} ${deploy.length === 1 ? 'deploys' : 'deploy'}`, deploy.map(j => placeOf(j.document, j.it.entry.key))),
    ...fact(`${count(release.length, 'job')} ${release.length === 1 ? 'publishes or releases' : 'publish or release'}`, release.map(j => placeOf(j.document, j.it.entry.key))),
    ...fact(`${count(writes.length, 'job')} ${writes.length === 1 ? 'has a token' : 'have tokens'} that may write`, writes.map(j => placeOf(j.document, j.it.entry.key))),
  ];
}

function mayWrite(p: EffectivePermissions): boolean { return p.shape === 'write-all' || Object.values(p.scopes).includes('write'); }

export function environments(repo: Repository): Fact[] {
  const all = jobs(repo).filter(j => isDeploy(j.it) || isRelease(j.it)), inside = all.filter(j => j.it.environment);
  return fact(`${inside.length} of ${count(all.length, 'job')} that deploy or release ${inside.length === 1 ? 'names' : 'name'} an environment (whether it is protected, files don't say)`, inside.map(j => placeOf(j.document, j.it.environment!.entry)));
}
