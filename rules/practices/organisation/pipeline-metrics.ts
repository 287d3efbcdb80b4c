import { definePractice, type Verdict } from '../practice';
import { basename, type Repository } from '../../repository';
import { ciJobs, type CiJob } from '../shared/ci';
import { actionOf, isStarted, jobDeeds } from '../shared/deeds';
import { alertLines } from '../shared/notify-job';
import { jobHead } from '../shared/snippets';
import { offHour, scriptsCheckout, scriptStep, servedJobs, watchable, workflowScaffold } from '../shared/programme';
import { cut, missing } from '../shared/verdict';
import { PIPELINE_METRICS } from './scripts/pipeline-metrics';

const READS_RUNS = /\/actions\/runs\b|\/actions\/workflows\/[^\s]{0,120}\/runs\b|\bgh run list\b|\blistWorkflowRuns(?:ForRepo)?\b|\bget_workflow_runs\b|\bget_runs\s*\(/;
const FIGURES: readonly { readonly wanted: string; readonly said: RegExp }[] = [
  { wanted: 'the share of runs that succeed', said: /success[-_ ]?(?:rate|ratio|percent)|pass[-_ ]?rate|failure[-_ ]?rate|conclusion/i },
  { wanted: 'how long runs take', said: /duration|percentile|\bp(?:50|90|95|99)\b|median|run_started_at|runStartedAt|elapsed|lead[-_ ]?time/i },
  { wanted: 'how often is deployed', said: /deploy(?:ment)?s?[-_ ]?(?:frequency|per|count)|deployments(?:PerWeek)?\b/i },
  { wanted: 'how long it takes to recover', said: /\bmttr\b|recover|time[-_ ]?to[-_ ]?(?:restore|recover)/i },
  { wanted: 'how many changes fail', said: /change[-_ ]?fail|\bcfr\b/i },
];
/** Actions and services that compute these figures from the runs. */
const ACTIONS = /^(?:developermetrics\/.*|runforesight\/.*|catchpoint\/workflow-telemetry-action|inception-health\/otel-export-trace-action|corentinmusard\/otel-cicd-action|krzko\/export-job-telemetry|cdcgov\/.*telemetry.*|datadog\/.*ci.*|honeycombio\/gha-buildevents|kunalnagarco\/.*metrics.*|.*\/.*(?:dora|deployment-frequency|lead-time|workflow-(?:metrics|telemetry)|ci-metrics|actions-metrics).*)$/;

interface Found { readonly job: CiJob; readonly open: readonly string[]; readonly but?: string }

function found(repo: Repository): Found[] {
  return ciJobs(repo).flatMap((job): Found[] => {
    const action = job.steps.find(s => ACTIONS.test(actionOf(s))), text = jobDeeds(repo, job);
    if (!action && !READS_RUNS.test(text)) return [];
    const open = action ? [] : FIGURES.filter(f => !f.said.test(text)).map(f => f.wanted);
    // Who looks for one run, to wait for it or to cancel it, reports nothing.
    const said = FIGURES.length - open.length;
    const reports = action !== undefined || (said >= 2 && /STEP_SUMMARY|core\.summary|upload|issue|comment|webhook|curl|push|METRICS/i.test(text));
    if (!reports) return [];
    const by = job.triggers.some(t => ['schedule', 'workflow_run', 'push'].includes(t.event));
    return [{ job, open, but: !isStarted(job) ? 'nothing starts it' : by ? undefined : 'it runs only when somebody asks for it' }];
  });
}

function evidence(repo: Repository): Verdict {
  const all = found(repo), good = all.filter(f => f.but === undefined).sort((a, b) => a.open.length - b.open.length);
  if (good.length === 0) {
    return missing('a scheduled workflow that reports the success rate, durations, deployment frequency, time to recovery and change-failure rate of its runs',
      ...cut(all.map(f => `${f.job.job.id} in ${f.job.document.path} doesn’t count: ${f.but!}`)));
  }
  const best = good[0]!;
  return { result: 1 - best.open.length / FIGURES.length, lookedFor: best.open, evidence: [{ path: best.job.document.path,
    ...best.job.document.range(best.job.job.entry.key), text: `${best.job.job.id} reports figures of the runs` }] };
}

export default definePractice({
  id: 'pipeline-metrics',
  title: 'Pipeline metrics',
  category: 'Organisation',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Success rate, durations, deployment frequency, time to recovery and change-failure rate are reported regularly.',
    why: 'A pipeline gets slower and less reliable by a minute and a percent a month: nobody notices without a figure from last month.',
    references: ['https://dora.dev/guides/dora-metrics-four-keys/', 'https://docs.github.com/en/rest/actions/workflow-runs'],
  },
  applies: repo => watchable(repo).length > 0,
  evidence,
  scaffold: workflowScaffold({
    title: 'Add a pipeline-metrics workflow',
    there: repo => evidence(repo).result === 1 ? 'Figures of the pipeline are reported already.' : undefined,
    plan(repo) {
      if (watchable(repo).length === 0) return { refused: 'There is no workflow yet whose runs could be counted.' };
      const { minute, hour } = offHour(repo, 'pipeline-metrics');
      const workflows = new Set(servedJobs(repo).map(j => j.workflow));
      const deploys = repo.documents.filter(d => d.workflow && workflows.has(d.workflow)).map(d => basename(d.path)).filter(f => /^[\w.-]+$/.test(f));
      return {
        file: 'pipeline-metrics',
        lines: [
          'name: Pipeline metrics',
          '',
          'on:',
          '  schedule:',
          `    - cron: '${minute} ${hour} * * 1'`,
          '  workflow_dispatch:',
          '',
          'permissions: {}',
          '',
          'concurrency:',
          '  group: pipeline-metrics',
          '  cancel-in-progress: false',
          '',
          'jobs:',
          '  metrics:',
          ...[
            ...jobHead('Pipeline metrics', 10, ['actions: read # runs', 'contents: read', 'issues: write # tells when it fails']),
            'steps:',
            ...scriptsCheckout(),
            ...scriptStep('Count the runs of the last 30 days', 'pipeline-metrics.mjs', '', ["DAYS: '30'",
              'DEFAULT_BRANCH: ${{ github.event.repository.default_branch }}', `DEPLOYS: '${deploys.join(',')}'`, 'GITHUB_TOKEN: ${{ github.token }}']),
            ...alertLines('Pipeline metrics could not be reported'),
          ].map(l => `    ${l}`),
        ],
        scripts: [{ name: 'pipeline-metrics.mjs', text: PIPELINE_METRICS }],
        explanation: 'Adds a weekly workflow whose summary shows the success rate, p50, p95 and p99 of durations, deployments a week, time to recovery and change-failure rate of the last 30 days.',
        todo: deploys.length > 0 ? [] : ['Name the workflows that deploy in DEPLOYS, once there are any: until then those figures are empty.'],
      };
    },
  }),
});
