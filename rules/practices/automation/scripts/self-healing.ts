import { GITHUB_CLIENT, RUN_MAIN, SUMMARY } from '../../shared/script-parts';

/** `.github/scripts/self-healing.mjs` */
export const SELF_HEALING = `// Runs failed jobs again where their logs show that the failure is none of the change. Called by the workflow self-healing.
// Node 20 or later, no dependencies. RUN_ID names the run; GITHUB_TOKEN needs actions: write. Nothing of the run is executed here.
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

${GITHUB_CLIENT}

${SUMMARY}

${String.raw`const MAX_PER_DAY = Number(process.env.MAX_PER_DAY || 10);
const MAX_CACHES = 20;
/** The end of a log says why it ended. */
const TAIL = 200000;

/** In this order: what is further up explains what is below it. 'attempts': how many attempts of a run there may be in all. */
export const CAUSES = [
  { id: 'disk-space', attempts: 2, clearsCaches: false, waits: 0,
    says: /no space left on device|\bENOSPC\b|disk quota exceeded|not enough (?:free )?(?:disk )?space/i },
  { id: 'cache-corruption', attempts: 2, clearsCaches: true, waits: 0,
    says: /\bEINTEGRITY\b|integrity check(?:sum)? failed|cache (?:entry |archive )?(?:is )?corrupt|corrupt(?:ed)? cache|tar: (?:unexpected eof|error is not recoverable|this does not look like a tar archive)|gzip: .*(?:unexpected end of file|invalid compressed data)|zstd: .*(?:error|unsupported format|corrupted)|failed to restore cache|THESE PACKAGES DO NOT MATCH THE HASHES/i },
  { id: 'rate-limit', attempts: 3, clearsCaches: false, waits: 120,
    says: /\b429\b.*too many requests|too many requests|api rate limit exceeded|secondary rate limit|\btoomanyrequests\b|rate limit exceeded/i },
  { id: 'network-timeout', attempts: 3, clearsCaches: false, waits: 30,
    says: /\bE(?:TIMEDOUT|CONNRESET|AI_AGAIN|CONNREFUSED)\b|could not resolve host|temporary failure in name resolution|connection (?:timed out|reset by peer)|tls handshake timeout|i\/o timeout|read timed out|network is unreachable|\b50[234] (?:bad gateway|service unavailable|gateway time-?out)|operation timed out/i },
  { id: 'dependency-conflict', attempts: 2, clearsCaches: true, waits: 0,
    says: /\bERESOLVE\b|ResolutionImpossible|version solving failed|conflicting dependencies|could not resolve dependencies|failed to select a version|unable to resolve dependency tree/i },
  { id: 'flaky-test', attempts: 2, clearsCaches: false, waits: 0,
    says: /\b\d+ (?:tests? )?fail(?:ed|ing|ures?)\b|^.*--- FAIL:|\bAssertionError\b|\bFAILED\b.*(?:::|test)|test result: FAILED|Tests run:.*Fail(?:ures|ed): [1-9]/im },
];

/** Which of the six a log shows; undefined for anything else: that is the change's own failure. */
export function causeOf(log) {
  const tail = String(log).slice(-TAIL);
  return CAUSES.find(c => c.says.test(tail));
}

/**
 * What to do about a run: nothing, with the reason, or to run its failed jobs again. 'logs' are those of its failed jobs; 'repeats' how
 * many runs were repeated within a day; 'passedBefore' whether the same commit has passed.
 */
export function decide({ run, logs, repeats, passedBefore }) {
  if (!run.head_repository || run.head_repository.full_name !== run.repository.full_name) return { heal: false, why: 'the run is of another repository' };
  if (run.event === 'pull_request_target') return { heal: false, why: 'the run has rights that its author need not have' };
  if (run.conclusion !== 'failure' && run.conclusion !== 'timed_out') return { heal: false, why: 'the run has not failed' };
  if (repeats >= MAX_PER_DAY) return { heal: false, why: repeats + ' runs were repeated within a day already: something else is wrong' };
  const causes = logs.map(l => ({ job: l.job, cause: causeOf(l.log) }));
  const own = causes.filter(c => !c.cause);
  if (causes.length === 0) return { heal: false, why: 'there is no log of a failed job' };
  if (own.length > 0) return { heal: false, why: plain(own[0].job) + ' failed for a reason of its own', causes };
  const attempts = Math.min(...causes.map(c => c.cause.attempts));
  if (run.run_attempt >= attempts) return { heal: false, why: 'attempt ' + run.run_attempt + ' of ' + attempts + ' has failed as well', causes };
  // A test that has never passed on this branch isn't flaky: it is red.
  if (causes.some(c => c.cause.id === 'flaky-test') && !passedBefore) return { heal: false, why: 'nothing says that the test ever passed', causes };
  return { heal: true, causes, clearsCaches: causes.some(c => c.cause.clearsCaches), waits: Math.max(...causes.map(c => c.cause.waits)) };
}

async function clearCaches(ref) {
  const caches = await githubList('/actions/caches?sort=last_accessed_at&ref=' + encodeURIComponent(ref), 'actions_caches', 1);
  for (const cache of caches.slice(0, MAX_CACHES)) await github('DELETE', '/actions/caches/' + Number(cache.id));
  return Math.min(caches.length, MAX_CACHES);
}

async function main() {
  const run = await github('GET', '/actions/runs/' + Number(process.env.RUN_ID));
  if (!run) throw new Error('there is no run ' + process.env.RUN_ID);
  const jobs = (await githubList('/actions/runs/' + run.id + '/jobs?filter=latest', 'jobs', 3)).filter(j => j.conclusion === 'failure' || j.conclusion === 'timed_out');
  const logs = [];
  for (const job of jobs.slice(0, 20)) logs.push({ job: job.name, log: (await github('GET', '/actions/jobs/' + Number(job.id) + '/logs')) || '' });
  const since = new Date(Date.parse(run.updated_at) - 86400000).toISOString();
  const recent = await githubList('/actions/workflows/' + run.workflow_id + '/runs?created=%3E%3D' + encodeURIComponent(since), 'workflow_runs', 2);
  const before = await github('GET', '/actions/workflows/' + run.workflow_id + '/runs?status=success&per_page=1&branch=' + encodeURIComponent(run.head_branch || ''));
  const plan = decide({ run, logs, repeats: recent.filter(r => r.run_attempt > 1).length, passedBefore: Boolean(before && before.total_count > 0) });
  const causes = (plan.causes || []).map(c => '- ' + plain(c.job) + ': ' + (c.cause ? c.cause.id : 'its own'));
  if (!plan.heal) {
    summarise(['## Left alone: ' + plain(run.name), '', plan.why + '.', '', ...causes].join('\n'));
    return;
  }
  const cleared = plan.clearsCaches ? await clearCaches('refs/heads/' + run.head_branch) : 0;
  const seconds = process.env.WAIT_SECONDS === undefined ? plan.waits : Number(process.env.WAIT_SECONDS);
  if (seconds > 0) await new Promise(done => setTimeout(done, 1000 * seconds));
  await github('POST', '/actions/runs/' + run.id + '/rerun-failed-jobs');
  summarise(['## Run again: ' + plain(run.name), '', 'Attempt ' + (run.run_attempt + 1) + ' of ' + run.html_url
    + (cleared > 0 ? ', after ' + cleared + ' cache(s) were deleted.' : '.'), '', ...causes].join('\n'));
}`}

${RUN_MAIN}
`;
