import { GITHUB_CLIENT, RUN_MAIN, SUMMARY } from '../../shared/script-parts';

/** `.github/scripts/failure-triage.mjs` */
export const FAILURE_TRIAGE = `// Groups the failures of a run, scores their risk, and keeps one issue per pattern. Called by the workflow failure-triage.
// Node 20 or later, no dependencies. RUN_ID names the run; GITHUB_TOKEN needs actions: read and issues: write.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

${GITHUB_CLIENT}

${SUMMARY}

${String.raw`const DAYS = 7;
const LABEL = 'ci-failure';
const BAD = ['failure', 'timed_out', 'startup_failure'];

/** What stays the same from run to run: the job without its matrix, the step without numbers and commits. */
export function patternOf(workflow, job, step) {
  const general = text => String(text || '').replace(/\s*\([^()]*\)\s*$/, '').replace(/\b[0-9a-f]{7,40}\b/g, '#').replace(/\d+/g, '#').trim();
  return [workflow, general(job), general(step)].map(plain).join(' / ');
}

/** Failed jobs by pattern, those that fail most first. */
export function group(workflow, jobs) {
  const groups = new Map();
  for (const job of jobs.filter(j => BAD.includes(j.conclusion))) {
    const step = (job.steps || []).find(s => BAD.includes(s.conclusion));
    const pattern = patternOf(workflow, job.name, step ? step.name : 'no step');
    const known = groups.get(pattern) || { pattern, id: createHash('sha256').update(pattern).digest('hex').slice(0, 16), jobs: [] };
    known.jobs.push(job);
    groups.set(pattern, known);
  }
  return [...groups.values()].sort((a, b) => b.jobs.length - a.jobs.length || (a.pattern < b.pattern ? -1 : 1));
}

/** Finished runs of the last days by day, oldest first. */
export function trend(runs, today) {
  const days = [];
  for (let i = DAYS - 1; i >= 0; i--) {
    const day = new Date(Date.parse(today) - i * 86400000).toISOString().slice(0, 10);
    const own = runs.filter(r => String(r.created_at).startsWith(day) && r.conclusion && r.conclusion !== 'skipped' && r.conclusion !== 'cancelled');
    days.push({ day, runs: own.length, failed: own.filter(r => BAD.includes(r.conclusion)).length });
  }
  return days;
}

/**
 * Risk from 0 to 1: where it fails (the default branch, a deployment), how often it failed within a week, how many times in a row,
 * and how much of the run is lost.
 */
export function score({ onDefaultBranch, deploys, history, jobs, failedJobs }) {
  const finished = history.filter(r => r.conclusion && r.conclusion !== 'cancelled' && r.conclusion !== 'skipped');
  const rate = finished.length ? finished.filter(r => BAD.includes(r.conclusion)).length / finished.length : 1;
  const newest = [...finished].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
  const good = newest.findIndex(r => !BAD.includes(r.conclusion));
  const streak = good < 0 ? newest.length : good;
  const parts = [
    onDefaultBranch ? 0.25 : 0,
    deploys ? 0.2 : 0,
    0.25 * rate,
    streak >= 3 ? 0.2 : streak === 2 ? 0.1 : 0,
    jobs > 0 ? 0.1 * failedJobs / jobs : 0,
  ];
  return { risk: Math.min(1, Math.round(100 * parts.reduce((a, b) => a + b, 0)) / 100), rate, streak };
}

export function priority(risk) {
  return risk > 0.7 ? 'P0' : risk > 0.4 ? 'P1' : 'P2';
}

function table(days) {
  return ['| day | runs | failed | |', '|---|---|---|---|',
    ...days.map(d => '| ' + d.day + ' | ' + d.runs + ' | ' + d.failed + ' | ' + '#'.repeat(Math.min(20, d.failed)) + ' |')].join('\n');
}

/** The issue of a pattern: the mark in its text finds it again, whatever it is called by then. */
export function issueOf(found, run, facts, days) {
  const mark = '<!-- failure-triage: ' + found.id + ' -->';
  const level = priority(facts.risk);
  return {
    mark,
    title: '[' + level + '] ' + found.pattern + ' fails',
    labels: [LABEL, level],
    body: [mark, '', '**' + level + '**, risk ' + facts.risk.toFixed(2) + '. ' + found.jobs.length + ' failed job(s) in the last run, '
      + Math.round(100 * facts.rate) + ' % of the runs of the last ' + DAYS + ' days failed, ' + facts.streak + ' in a row.', '',
      'Last seen: ' + run.html_url + ' (attempt ' + run.run_attempt + ', commit ' + plain(run.head_sha).slice(0, 12) + ')', '',
      ...found.jobs.slice(0, 20).map(j => '- [' + plain(j.name) + '](' + j.html_url + ')'), '', table(days), '',
      'Kept by the workflow failure-triage: the text is written anew with each failure. Close the issue when the cause is gone.'].join('\n'),
  };
}

async function main() {
  const run = await github('GET', '/actions/runs/' + Number(process.env.RUN_ID));
  if (!run) throw new Error('there is no run ' + process.env.RUN_ID);
  const jobs = await githubList('/actions/runs/' + run.id + '/jobs?filter=latest', 'jobs', 5);
  const since = new Date(Date.parse(run.created_at) - DAYS * 86400000).toISOString().slice(0, 10);
  const history = await githubList('/actions/workflows/' + run.workflow_id + '/runs?created=%3E%3D' + since, 'workflow_runs', 3);
  const days = trend(history, run.created_at);
  const groups = group(run.name, jobs);
  const names = jobs.map(j => j.name).join(' ') + ' ' + run.name;
  const facts = score({
    onDefaultBranch: run.head_branch === process.env.DEFAULT_BRANCH && run.event !== 'pull_request',
    deploys: /deploy|release|publish|production/i.test(names),
    // What others propose says nothing of what is there.
    history: history.filter(r => r.event !== 'pull_request' && r.event !== 'pull_request_target'),
    jobs: jobs.length,
    failedJobs: jobs.filter(j => BAD.includes(j.conclusion)).length,
  });
  summarise(['## ' + priority(facts.risk) + ': ' + plain(run.name), '', 'Risk ' + facts.risk.toFixed(2) + ', ' + groups.length + ' pattern(s).', '',
    ...groups.map(g => '- ' + g.pattern + ': ' + g.jobs.length + ' job(s)'), '', table(days)].join('\n'));
  const open = await githubList('/issues?state=open&labels=' + LABEL, '', 5);
  for (const found of groups) {
    const issue = issueOf(found, run, facts, days);
    const known = open.find(i => !i.pull_request && String(i.body || '').startsWith(issue.mark));
    if (known) await github('PATCH', '/issues/' + known.number, { title: issue.title, body: issue.body, labels: issue.labels });
    else await github('POST', '/issues', { title: issue.title, body: issue.body, labels: issue.labels });
    console.log((known ? 'Updated #' + known.number : 'Opened an issue') + ': ' + issue.title);
  }
}`}

${RUN_MAIN}
`;
