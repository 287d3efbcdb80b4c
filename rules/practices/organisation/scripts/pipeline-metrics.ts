import { GITHUB_CLIENT, RUN_MAIN, SUMMARY } from '../../shared/script-parts';

/** `.github/scripts/pipeline-metrics.mjs` */
export const PIPELINE_METRICS = `// Success rate, durations, deployment frequency, time to recovery and change-failure rate of the last days, as a summary.
// Node 20 or later, no dependencies. GITHUB_TOKEN needs actions: read. DEPLOYS names the files of workflows that deploy.
import { appendFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

${GITHUB_CLIENT}

${SUMMARY}

${String.raw`const DAYS = Number(process.env.DAYS || 30);
const TARGET = 95;
const BAD = ['failure', 'timed_out', 'startup_failure'];
const PROPOSALS = ['pull_request', 'pull_request_target', 'merge_group'];

const finished = run => run.status === 'completed' && (run.conclusion === 'success' || BAD.includes(run.conclusion));
const minutes = run => (Date.parse(run.updated_at) - Date.parse(run.run_started_at || run.created_at)) / 60000;

/** Nearest rank; undefined for nothing. */
export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? undefined : sorted[Math.max(0, Math.ceil(p / 100 * sorted.length) - 1)];
}

/** Minutes from a first failure to the next success of the same workflow on the default branch, for each outage that has ended. */
export function recoveries(runs, defaultBranch) {
  const byWorkflow = new Map();
  for (const r of runs.filter(x => finished(x) && x.head_branch === defaultBranch && !PROPOSALS.includes(x.event))) {
    byWorkflow.set(r.workflow_id, [...(byWorkflow.get(r.workflow_id) || []), r]);
  }
  const times = [];
  for (const own of byWorkflow.values()) {
    let since;
    for (const r of own.sort((a, b) => Date.parse(a.updated_at) - Date.parse(b.updated_at))) {
      if (r.conclusion === 'success') {
        if (since !== undefined) times.push((Date.parse(r.updated_at) - since) / 60000);
        since = undefined;
      } else since ??= Date.parse(r.updated_at);
    }
  }
  return times;
}

/** The figures of a list of runs. Rates are percentages, times minutes; undefined where there is nothing to tell them from. */
export function metrics(runs, { days, deploys, defaultBranch }) {
  const done = runs.filter(finished), good = done.filter(r => r.conclusion === 'success');
  const isDeploy = r => deploys.some(file => String(r.path || '').split('@')[0].endsWith('/' + file));
  const deployments = done.filter(r => isDeploy(r) && !PROPOSALS.includes(r.event));
  const shipped = deployments.filter(r => r.conclusion === 'success');
  const back = recoveries(runs, defaultBranch);
  const share = (part, all) => all === 0 ? undefined : 100 * part / all;
  const byName = new Map();
  for (const r of done) byName.set(r.name, [...(byName.get(r.name) || []), r]);
  const figures = own => ({ runs: own.length, success: share(own.filter(r => r.conclusion === 'success').length, own.length),
    p50: percentile(own.map(minutes), 50), p95: percentile(own.map(minutes), 95), p99: percentile(own.map(minutes), 99) });
  return {
    ...figures(done), good: good.length,
    deploymentsPerWeek: deploys.length === 0 ? undefined : shipped.length / days * 7,
    changeFailureRate: share(deployments.length - shipped.length, deployments.length),
    timeToRecovery: back.length === 0 ? undefined : back.reduce((a, b) => a + b, 0) / back.length,
    workflows: [...byName].map(([name, own]) => ({ name, ...figures(own) })).sort((a, b) => b.runs - a.runs),
  };
}

const show = (value, unit) => value === undefined ? 'nothing yet' : (Math.round(10 * value) / 10) + unit;

export function page(m, days) {
  return ['## Pipeline, last ' + days + ' days', '', '| figure | value | target |', '|---|---|---|',
    '| success rate | ' + show(m.success, ' %') + ' | ' + TARGET + ' % |',
    '| duration p50 / p95 / p99 | ' + [m.p50, m.p95, m.p99].map(v => show(v, ' min')).join(' / ') + ' | p50 under 10 min |',
    '| deployments a week | ' + show(m.deploymentsPerWeek, '') + ' | |',
    '| time to recovery (mean) | ' + show(m.timeToRecovery, ' min') + ' | 30 min |',
    '| change-failure rate | ' + show(m.changeFailureRate, ' %') + ' | under 15 % |', '',
    '| workflow | runs | success | p50 | p95 |', '|---|---|---|---|---|',
    ...m.workflows.slice(0, 50).map(w => '| ' + plain(w.name) + ' | ' + w.runs + ' | ' + show(w.success, ' %') + ' | ' + show(w.p50, ' min') + ' | ' + show(w.p95, ' min') + ' |'),
  ].join('\n');
}

async function main() {
  const since = new Date(Date.now() - DAYS * 86400000).toISOString().slice(0, 10);
  const runs = await githubList('/actions/runs?created=%3E%3D' + since, 'workflow_runs', 10);
  const found = metrics(runs, { days: DAYS, deploys: (process.env.DEPLOYS || '').split(',').filter(Boolean), defaultBranch: process.env.DEFAULT_BRANCH || 'main' });
  summarise(page(found, DAYS) + (runs.length >= 1000 ? '\n\nThe newest 1000 runs were read: GitHub lists no more.' : ''));
  if (process.env.METRICS_FILE) writeFileSync(process.env.METRICS_FILE, JSON.stringify(found, null, 2) + '\n');
}`}

${RUN_MAIN}
`;
