/** What is said about releases in files that release tools read. */
import { basename, isSample, isVendored, type Repository } from '../../repository';
import { isRelease } from '../../checks/shared/job-kind';
import { scalarText } from '../../workflow/nodes';
import type { Evidence } from '../practice';
import { ciJobs, type CiJob } from './ci';
import { toolCalls } from './commands';

const CONFIG = /^\.?goreleaser(?:[-.\w]*)?\.ya?ml$/;

/** A section of GoReleaser's settings, where a job runs GoReleaser. */
export function goreleaserHas(repo: Repository, ...sections: readonly string[]): Evidence | undefined {
  const path = repo.files.find(f => CONFIG.test(basename(f)) && !isSample(f) && !isVendored(f));
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
  const path = repo.files.find(f => CONFIG.test(basename(f)) && !isSample(f) && !isVendored(f));
  return path !== undefined && repo.read(path) === undefined && callsGoreleaser(repo, job);
}

const REHEARSAL = /(?:^|[^a-z])(?:e2e|tests?|testing|probers?|probe|conformance|verify|validate|examples?|demo|self-?test)(?:[^a-z]|$)/i;
const PROPOSALS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target', 'merge_group']);

/** Why what a job signs or describes is nothing that people get: it runs on pull requests alone, or tries something out. */
export function whyNotForUse(job: CiJob): string | undefined {
  if (job.triggers.every(t => PROPOSALS.has(t.event))) return 'it runs on pull requests, where nothing is published';
  for (let at: CiJob | undefined = job; at; at = at.caller) {
    const words = `${basename(at.document.path)} ${at.job.id} ${scalarText(at.job.name?.value) ?? ''}`.replaceAll('_', ' ');
    if (REHEARSAL.test(words) && !isRelease(at.job) && !/release|publish|deploy|build/i.test(words)) return 'its job tries something out';
  }
  return undefined;
}
