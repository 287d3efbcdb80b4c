import { GITHUB_CLIENT, RUN_MAIN, SUMMARY } from '../../shared/script-parts';

/** `.github/scripts/audit-trail.mjs` */
export const AUDIT_TRAIL = `// A log of deployments in which each line holds the hash of the one before it: what was changed afterwards shows.
//   node audit-trail.mjs record          adds the run RUN_ID                       (contents: write, actions: read)
//   node audit-trail.mjs check           verifies the log, and that no run is missing (contents: read, actions: read)
//   node audit-trail.mjs verify <file>   verifies a copy, without GitHub
// Node 20 or later, no dependencies.
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

${GITHUB_CLIENT}

${SUMMARY}

${String.raw`const BRANCH = process.env.AUDIT_BRANCH || 'audit-trail';
const FILE = 'deployments.jsonl';
const START = '0'.repeat(64);
const DAYS = 7;

/** The same text for the same entry, whatever the order of its keys. */
function canonical(entry) {
  return JSON.stringify(Object.keys(entry).filter(k => k !== 'hash').sort().map(k => [k, entry[k]]));
}

export function hashOf(entry) {
  return createHash('sha256').update(canonical(entry)).digest('hex');
}

/** The log with one more line. */
export function append(log, facts) {
  const last = log.trim() === '' ? undefined : JSON.parse(log.trim().split('\n').at(-1));
  const entry = { n: last ? last.n + 1 : 1, ...facts, previous: last ? last.hash : START };
  return (log === '' || log.endsWith('\n') ? log : log + '\n') + JSON.stringify({ ...entry, hash: hashOf(entry) }) + '\n';
}

/** What is wrong with a log, in words; nothing where it is whole. */
export function verify(log) {
  const problems = [], entries = [];
  let previous = START;
  const lines = log.split('\n').filter(l => l.trim() !== '');
  for (const [i, line] of lines.entries()) {
    let entry;
    try { entry = JSON.parse(line); } catch { entry = undefined; }
    if (typeof entry !== 'object' || entry === null || typeof entry.hash !== 'string') {
      problems.push('line ' + (i + 1) + ' is no entry');
      continue;
    }
    if (hashOf(entry) !== entry.hash) problems.push('line ' + (i + 1) + ' was changed: its hash is another');
    if (entry.previous !== previous) problems.push('line ' + (i + 1) + ' does not follow the one before it: one was removed, added or moved');
    if (entry.n !== i + 1) problems.push('line ' + (i + 1) + ' is numbered ' + plain(entry.n));
    previous = entry.hash;
    entries.push(entry);
  }
  return { problems, entries, head: previous };
}

/** Runs that the log should hold and does not. */
export function gaps(entries, runs) {
  const known = new Set(entries.map(e => e.run + '/' + e.attempt));
  const from = entries.length ? Date.parse(entries[0].time) : Infinity;
  return runs.filter(r => r.status === 'completed' && isDeployment(r) && Date.parse(r.updated_at) >= from && !known.has(r.id + '/' + r.run_attempt))
    .map(r => 'run ' + r.id + ' (' + plain(r.name) + ', ' + r.updated_at + ') is missing');
}

function isDeployment(run) {
  return run.event !== 'pull_request' && run.event !== 'pull_request_target' && run.conclusion !== 'skipped';
}

async function readLog() {
  const file = await github('GET', '/contents/' + FILE + '?ref=' + BRANCH);
  if (!file) return { log: '', sha: undefined };
  // Above one megabyte the content comes as a blob of its own.
  const blob = file.content ? file : await github('GET', '/git/blobs/' + file.sha);
  return { log: Buffer.from(blob.content, 'base64').toString('utf8'), sha: file.sha };
}

/** A branch that shares nothing with the code. */
async function ensureBranch() {
  if (await github('GET', '/git/ref/heads/' + BRANCH)) return;
  const tree = await github('POST', '/git/trees', { tree: [{ path: 'README.md', mode: '100644', type: 'blob',
    content: 'Log of deployments. Each line of ' + FILE + ' holds the hash of the one before it. Written by the workflow audit-trail alone.\n' }] });
  const commit = await github('POST', '/git/commits', { message: 'Start the log of deployments', tree: tree.sha, parents: [] });
  await github('POST', '/git/refs', { ref: 'refs/heads/' + BRANCH, sha: commit.sha });
}

async function record() {
  const run = await github('GET', '/actions/runs/' + Number(process.env.RUN_ID));
  if (!run) throw new Error('there is no run ' + process.env.RUN_ID);
  if (!isDeployment(run)) return summarise('Nothing to record: the run was skipped, or is of a pull request.');
  const jobs = await githubList('/actions/runs/' + run.id + '/jobs?filter=latest', 'jobs', 3);
  const facts = {
    time: run.updated_at, run: run.id, attempt: run.run_attempt, workflow: run.path || run.name, event: run.event, branch: run.head_branch,
    commit: run.head_sha, conclusion: run.conclusion, actor: run.triggering_actor ? run.triggering_actor.login : run.actor && run.actor.login,
    jobs: jobs.slice(0, 50).map(j => j.name + ': ' + j.conclusion),
  };
  await ensureBranch();
  for (let attempt = 1; ; attempt++) {
    const { log, sha } = await readLog();
    const { problems, entries } = verify(log);
    if (problems.length > 0) throw new Error('the log is not added to, as it was changed: ' + problems[0]);
    if (entries.some(e => e.run === facts.run && e.attempt === facts.attempt)) return summarise('Run ' + facts.run + ' is recorded already.');
    const next = append(log, facts);
    try {
      await github('PUT', '/contents/' + FILE, { branch: BRANCH, message: 'Record run ' + facts.run + ', attempt ' + facts.attempt, sha,
        content: Buffer.from(next).toString('base64') });
      return summarise('Recorded ' + plain(facts.workflow) + ', run ' + facts.run + '. Head of the chain: ' + verify(next).head);
    } catch (error) {
      // Somebody has written in between.
      if (error.status !== 409 || attempt === 5) throw error;
    }
  }
}

function report({ problems, entries, head }, missing) {
  const wrong = [...problems, ...missing];
  summarise(['## Audit trail: ' + (wrong.length ? 'NOT WHOLE' : 'whole'), '', entries.length + ' deployments. Head of the chain: ' + head, '',
    ...wrong.slice(0, 50).map(p => '- ' + p)].join('\n'));
  if (wrong.length > 0) process.exitCode = 1;
}

async function check() {
  const { log, sha } = await readLog();
  if (sha === undefined) return summarise('There is no log yet: it begins with the next deployment.');
  const result = verify(log);
  const since = new Date(Date.now() - DAYS * 86400000).toISOString().slice(0, 10);
  const runs = [];
  for (const file of (process.env.WORKFLOWS || '').split(',').filter(Boolean)) {
    runs.push(...await githubList('/actions/workflows/' + encodeURIComponent(file) + '/runs?created=%3E%3D' + since, 'workflow_runs', 5));
  }
  // What has just ended may not be written yet.
  report(result, gaps(result.entries, runs.filter(r => Date.parse(r.updated_at) < Date.now() - 3600000)));
}

async function main() {
  const [command, file] = process.argv.slice(2);
  if (command === 'record') await record();
  else if (command === 'check') await check();
  else if (command === 'verify' && file) report(verify(readFileSync(file, 'utf8')), []);
  else throw new Error('what is wanted: record, check, or verify <file>');
}`}

${RUN_MAIN}
`;
