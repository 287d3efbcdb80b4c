import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { isDeploy, isRelease } from '../../checks/shared/job-kind';
import { scalarText } from '../../workflow/nodes';
import { ciJobs, type CiJob } from '../shared/ci';
import { actionOf, isStarted, jobDeeds } from '../shared/deeds';
import { jobHead } from '../shared/snippets';
import { afterRunsOf, nameList, scriptsCheckout, scriptStep, watchable, workflowScaffold } from '../shared/programme';
import { cut, missing } from '../shared/verdict';
import { SELF_HEALING } from './scripts/self-healing';

const RERUN = /\bgh run rerun\b|\/rerun(?:-failed-jobs)?\b|\breRunWorkflow(?:FailedJobs)?\b|\brerun_failed_jobs\b/i;
const RERUN_ACTION = /(?:rerun|re-run|retry)[-_](?:failed|workflow|jobs|checks|actions?|runs?)|workflow[-_]?(?:rerun|retry)/;
const BOUND = /run_attempt|runAttempt|RUN_ATTEMPT|\battempts?\b|max[-_]?(?:retries|reruns|attempts)/i;
/** Something of the failure is looked at: its log, or a list of what may be repeated. */
const LOOKS = /\/logs\b|--log(?:-failed)?\b|downloadJobLogs|downloadWorkflowRunLogs|annotations|ETIMEDOUT|ECONNRESET|ENOSPC|No space left|rate limit|timed? ?out|listJobsForWorkflowRun|\/jobs\b/i;

interface Found { readonly job: CiJob; readonly bound: boolean; readonly looks: boolean; readonly but?: string }

function found(repo: Repository): Found[] {
  return ciJobs(repo).flatMap((job): Found[] => {
    const text = jobDeeds(repo, job), action = job.steps.find(s => RERUN_ACTION.test(actionOf(s)));
    if (!RERUN.test(text) && !action) return [];
    const automatic = job.triggers.some(t => ['workflow_run', 'schedule', 'push', 'pull_request', 'check_suite', 'check_run', 'repository_dispatch'].includes(t.event));
    const conditions = [job.job.if, ...job.steps.map(s => s.step.if)].map(e => scalarText(e?.value) ?? '').join(' ');
    const inputs = action ? action.step.with ? source(action.document.text, action.document.range(action.step.with)) : '' : '';
    return [{ job, bound: BOUND.test(`${text} ${conditions} ${inputs}`), looks: LOOKS.test(text) || action !== undefined,
      but: !isStarted(job) ? 'nothing starts it' : automatic ? undefined : `it runs on ${job.triggers.map(t => t.event).join(', ')}, when somebody asks for it` }];
  });
}

const source = (text: string, r: { start: number; end: number }): string => text.slice(r.start, Math.min(r.end, r.start + 5000));

function evidence(repo: Repository): Verdict {
  const all = found(repo), good = all.filter(f => f.but === undefined);
  if (good.length === 0) {
    return missing('a workflow that runs failed jobs again where the failure is the network’s, the runner’s or a registry’s, and stops after a few attempts',
      ...cut(all.map(f => `${f.job.job.id} in ${f.job.document.path} doesn’t count: ${f.but!}`)));
  }
  const best = good.find(f => f.bound && f.looks) ?? good.find(f => f.bound) ?? good[0]!;
  const wanted = [
    ...(best.bound ? [] : ['a limit of attempts (github.run_attempt): a failure that stays would be repeated for ever']),
    ...(best.looks ? [] : ['a look at why it failed: what the change itself has broken stays broken']),
  ];
  return { result: 1 - wanted.length * 0.35, lookedFor: wanted, evidence: [{ path: best.job.document.path,
    ...best.job.document.range(best.job.job.entry.key), text: `${best.job.job.id} runs failed jobs again` }] };
}

/** What may be run again without asking: nothing that changes the world outside of the run. */
function repeatable(repo: Repository): ReturnType<typeof watchable> {
  return watchable(repo).filter(d => !d.workflow!.jobs.some(j => isDeploy(j) || isRelease(j) || j.environment));
}

export default definePractice({
  id: 'self-healing',
  title: 'Self-healing runs',
  category: 'Automation',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Failures that are none of the change are repaired and repeated, a few times at most.',
    why: 'People who press “re-run” ten times a day press it the eleventh time, when the failure is theirs.',
    references: [
      'https://docs.github.com/en/rest/actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run',
      'https://docs.github.com/en/rest/actions/cache',
    ],
  },
  applies: repo => watchable(repo).length > 0,
  evidence,
  scaffold: workflowScaffold({
    title: 'Add a self-healing workflow',
    there: repo => evidence(repo).result === 1 ? 'Failed jobs are repeated within limits already.' : undefined,
    plan(repo) {
      const names = nameList(repeatable(repo));
      if (names.length === 0) return { refused: 'There is no workflow that may be run again unasked: there is none, or each deploys, releases or uses an environment.' };
      return {
        file: 'self-healing',
        lines: [
          'name: Self-healing',
          '',
          ...afterRunsOf(names, 'None that deploys or releases: those are repeated by people.'),
          '',
          'permissions: {}',
          '',
          'concurrency:',
          '  group: self-healing-${{ github.event.workflow_run.id }}',
          '  cancel-in-progress: false',
          '',
          'jobs:',
          '  heal:',
          ...[
            ...jobHead('Self-healing', 15, ['actions: write # runs failed jobs again, deletes caches', 'contents: read']),
            '# Never for a fork’s run, and never a fourth time. The script looks at both again.',
            'if: >-',
            "  contains(fromJSON('[\"failure\", \"timed_out\"]'), github.event.workflow_run.conclusion)",
            '  && github.event.workflow_run.run_attempt < 3',
            '  && github.event.workflow_run.head_repository.full_name == github.repository',
            'steps:',
            ...scriptsCheckout(),
            ...scriptStep('Look for the cause, and repeat what is none of the change’s', 'self-healing.mjs', '', [
              'GITHUB_TOKEN: ${{ github.token }}', "MAX_PER_DAY: '10'", 'RUN_ID: ${{ github.event.workflow_run.id }}']),
          ].map(l => `    ${l}`),
        ],
        scripts: [{ name: 'self-healing.mjs', text: SELF_HEALING }],
        explanation: `Adds a workflow that follows ${names.length === 1 ? names[0]! : `${names.length} workflows`} and runs failed jobs again after cache corruption, a network timeout, a full disk, a rate limit, a dependency conflict or a flaky test: three attempts at most, ten runs a day, never for a fork, and no code of the run is executed.`,
        todo: ['It starts to work when it is on the default branch: workflow_run is read from there.',
          'Look at its summaries now and then: what is repeated each week wants to be mended.'],
      };
    },
  }),
});
