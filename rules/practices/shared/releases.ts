/** What is said about releases in files that release tools read. */
import { basename, isSample, isVendored, type Repository } from '../../repository';
import { isRelease } from '../../checks/shared/job-kind';
import { effectivePermissions, scopeAccess } from '../../workflow/effective';
import { scalarText } from '../../workflow/nodes';
import type { Evidence, Verdict } from '../practice';
import { ciJobs, stepInput, whyIdle, type CiJob, type CiStep } from './ci';
import { scriptName, toolCalls } from './commands';
import { elsewhere } from './other-ci';

const CONFIG = /^\.?goreleaser(?:[-.\w]*)?\.ya?ml$/;

const configs = new WeakMap<readonly string[], string | null>();

/** Told from names alone, and names are many. */
function configOf(repo: Repository): string | undefined {
  let known = configs.get(repo.files);
  if (known === undefined) configs.set(repo.files, known = repo.files.find(f => f.includes('goreleaser') && CONFIG.test(basename(f)) && !isSample(f) && !isVendored(f)) ?? null);
  return known ?? undefined;
}

/** A section of GoReleaser's settings, where a job runs GoReleaser. */
export function goreleaserHas(repo: Repository, ...sections: readonly string[]): Evidence | undefined {
  const path = configOf(repo);
  const text = path === undefined ? undefined : repo.read(path)?.slice(0, 200_000);
  if (path === undefined || text === undefined || !runsGoreleaser(repo)) return undefined;
  for (const section of sections) {
    const found = new RegExp(`^${section}:[ \\t]*(?:\\[[ \\t]*\\{|\\r?\\n[ \\t]*-|#)`, 'm').exec(text);
    if (found) return { path, start: found.index, end: found.index + section.length, text: `GoReleaser is told about ${section}` };
  }
  return undefined;
}

const cache = new WeakMap<Repository, boolean>();

/** GoReleaser runs in a job that can be started. */
export function runsGoreleaser(repo: Repository): boolean {
  let known = cache.get(repo);
  if (known === undefined) cache.set(repo, known = ciJobs(repo).some(j => j.triggers.length > 0 && callsGoreleaser(repo, j)));
  return known;
}

function callsGoreleaser(repo: Repository, j: CiJob): boolean {
  return /goreleaser/i.test(j.job.uses?.text ?? '') || j.steps.some(s =>
    (s.step.uses?.kind === 'repository' && `${s.step.uses.owner}/${s.step.uses.repo}`.toLowerCase() === 'goreleaser/goreleaser-action')
    || toolCalls(repo, s).some(c => c.tool === 'goreleaser' && c.args[0] !== 'check'));
}

/** A tool that is told elsewhere what to do, in a file that can't be read: what is installed for it says enough. */
export function releasesElsewhere(repo: Repository, job: CiJob): boolean {
  const path = configOf(repo);
  return path !== undefined && repo.read(path) === undefined && callsGoreleaser(repo, job);
}

const REHEARSAL = /(?:^|[^a-z])(?:e2e|tests?|testing|probers?|probe|conformance|verify|validate|examples?|demo|self-?test)(?:[^a-z]|$)/i;
const PROPOSALS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target', 'merge_group']);

/** Why what a job signs or describes is nothing that people get: it runs on pull requests alone, or tries something out. */
export function whyNotForUse(job: CiJob): string | undefined {
  // A pull request that is closed has been merged, or never will be: what runs then is no proposal.
  if (job.triggers.every(t => PROPOSALS.has(t.event) && !t.types?.includes('closed'))) return 'it runs on pull requests, where nothing is published';
  for (let at: CiJob | undefined = job; at; at = at.caller) {
    const words = `${basename(at.document.path)} ${at.job.id} ${scalarText(at.job.name?.value) ?? ''}`.replaceAll('_', ' ');
    if (REHEARSAL.test(words) && !isRelease(at.job) && !/release|publish|deploy|build/i.test(words)) return 'its job tries something out';
  }
  return undefined;
}

/** Jobs that leave the release to a workflow of another repository, by its name. */
function releasedByOthers(repo: Repository): CiJob[] {
  return ciJobs(repo).filter(j => j.job.uses?.kind === 'repository' && /(?:^|[^a-z])(?:release|publish)(?![a-z])/i.test(basename(j.job.uses.path ?? ''))
    && !/docs?(?:$|[^a-z])/i.test(basename(j.job.uses.path ?? '')) && j.triggers.length > 0 && whyNotForUse(j) === undefined);
}

/**
 * Unknown in place of missing, where the release is made by a workflow that lies in another repository, or by another CI system whose
 * settings can't be read: it may do this as well.
 */
export function beyond(repo: Repository, verdict: Verdict): Verdict {
  const others = verdict.result === 0 ? releasedByOthers(repo) : [];
  if (others.length === 0) {
    const published = elsewhere(repo, 'release-automation', verdict);
    return published.result === 'unknown' && published.evidence.every(e => repo.read(e.path) === undefined) ? published : verdict;
  }
  return {
    result: 'unknown',
    evidence: others.slice(0, 12).map(j => ({ path: j.document.path, ...j.document.range(j.job.uses!.scalar), text: 'a workflow of another repository makes the release' })),
    lookedFor: [...new Set(others.map(j => `whether ${j.job.uses!.text} does it, which lies in another repository`)), ...verdict.lookedFor],
  };
}

const NPM = /^(?:npm|pnpm|yarn|lerna|changeset|@lerna-lite\/cli|@changesets\/cli)$/;

/** Steps that publish to npm, with whether provenance comes along: settings ask for it, or the registry trusts the workflow itself. */
export function npmPublishes(repo: Repository): { readonly s: CiStep; readonly described: boolean }[] {
  return ciJobs(repo).flatMap(j => j.steps).filter(s => whyIdle(s) === undefined && whyNotForUse(s.job) === undefined
    && (toolCalls(repo, s).some(c => NPM.test(c.tool) && c.args.includes('publish') && c.args[0] !== 'run'
      && !c.args.some(a => a === '--dry-run' || /(?:^|\/)(?:vsce|ovsx)$/.test(a))) || byScript(repo, s)))
    .map(s => ({ s, described: asked(repo, s) || trusted(s) }));
}

/** A file that is run, and told to publish by its name or by its first word: `scripts/publish.sh`, `./release.sh --publish`. */
function toldToPublish(tool: string, args: readonly string[]): boolean {
  const file = /\.(?:sh|bash|m?js|cjs|ts|py)$/, path = file.test(tool) ? tool : /^(?:bash|sh|node|python3?|tsx)$/.test(tool) ? args.find(a => file.test(a)) : undefined;
  if (path === undefined || args.some(a => /^(?:--?)?dry-?run$/.test(a))) return false;
  return /(?:^|[-_./])publish(?:$|[-_.])/.test(path) || args.some(a => a === '--publish' || a === 'publish');
}

/**
 * A script of the package or of the repository that is called so, in a job that is set up for npm's registry and has an identity in place of a token: what
 * else the identity would be for, nobody could say. Scripts without it may publish anything anywhere, and say too little.
 */
function byScript(repo: Repository, s: CiStep): boolean {
  return trusted(s) && toolCalls(repo, s).some(c => toldToPublish(c.tool, c.args)
    || (/(?:^|[-_:.])publish(?:$|[-_:.])/.test(scriptName(c.tool.replace(/^script:.*/, 'npm'), c.args) ?? '') && !c.args.includes('--dry-run')))
    && s.job.steps.some(x => x.step.uses?.slug === 'actions/setup-node' && /registry\.npmjs\.org/.test(stepInput(x.step, 'registry-url') ?? ''));
}

function asked(repo: Repository, s: CiStep): boolean {
  const envs = [s.step.env, s.job.job.env, s.document.workflow?.env];
  if (envs.some(e => e?.variables.some(v => v.name.toUpperCase() === 'NPM_CONFIG_PROVENANCE' && v.value?.value === 'true'))) return true;
  return repo.files.some(f => (/(?:^|\/)\.npmrc$/.test(f) && /^provenance\s*=\s*true/m.test(repo.read(f) ?? ''))
    || (/(?:^|\/)package\.json$/.test(f) && !isVendored(f) && /"publishConfig"\s*:\s*\{[^{}]{0,500}"provenance"\s*:\s*true/.test(repo.read(f)?.slice(0, 200_000) ?? '')));
}

/** An identity, and no token: what npm calls trusted publishing describes and signs each package by itself. */
function trusted(s: CiStep): boolean {
  if (scopeAccess(effectivePermissions(s.job.job, s.document.workflow), 'id-token') !== 'write') return false;
  return ![s.step.env, s.job.job.env, s.document.workflow?.env].some(e => e?.variables.some(v => /^(?:NODE_AUTH_TOKEN|NPM_TOKEN|NPM_AUTH_TOKEN)$/.test(v.name)));
}

/** The step itself, as evidence. */
export function stepEvidence(s: CiStep, text: string): Evidence {
  return { path: s.document.path, ...s.document.range(s.step.uses?.scalar ?? s.step.run?.entry.key ?? s.step.item), text };
}
