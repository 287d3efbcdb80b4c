import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { ciJobs, type CiJob, type CiStep } from '../shared/ci';
import { afterFailure, deedText, issues, isStarted, jobDeeds } from '../shared/deeds';
import { jobHead } from '../shared/snippets';
import { afterRunsOf, nameList, scriptsCheckout, scriptStep, watchable, workflowScaffold } from '../shared/programme';
import { cut, missing } from '../shared/verdict';
import { FAILURE_TRIAGE } from './scripts/failure-triage';

interface Found { readonly step: CiStep; readonly once: boolean; /** Looks after other workflows, and not only after its own. */ readonly others: boolean; readonly but?: string }

/** What opens an issue because a run has failed. */
function found(repo: Repository): Found[] {
  return ciJobs(repo).flatMap(job => job.steps.flatMap((step): Found[] => {
    const how = issues(repo, step);
    if (!how) return [];
    const watches = job.workflow.triggers.some(t => t.event === 'workflow_run' && (!t.types || t.types.includes('completed')));
    const conditions = [job.job.if, step.step.if, step.outer?.step.if].map(e => scalarText(e?.value) ?? '');
    const text = `${conditions.join(' ')} ${jobDeeds(repo, job)}`;
    const failed = watches ? /\bconclusion\b|\bfailure\b/i.test(text) : conditions.some(afterFailure);
    // An issue that reports a link or asks for a release is no triage.
    if (!failed && !watches) return [];
    const but = !isStarted(job) ? 'nothing starts it' : !failed ? 'it doesn’t ask whether the run has failed' : forbidden(job);
    return [{ step, once: how.once, others: watches, but }];
  }));
}

const COMMENTS = /\bissues\.createComment\s*\(|\bgh pr comment\b/;

/** Failed runs of pull requests are answered there, by a job that waits for failures. Nobody hears of those on branches. */
function answers(repo: Repository): CiStep[] {
  return ciJobs(repo).filter(j => isStarted(j) && j.workflow.triggers.some(t => t.event === 'workflow_run' && (!t.types || t.types.includes('completed'))))
    .flatMap(job => job.steps.filter(step => [job.job.if, job.caller?.job.if, step.step.if, step.outer?.step.if]
      .some(e => /(?<!!\s{0,4})\bfail(?:ed|ure|ures)?\b|_fail(?:ed|ures?)\b/i.test(scalarText(e?.value) ?? '')) && COMMENTS.test(deedText(repo, step))));
}

/** A token that is told not to write issues can't, unless another one is used. */
function forbidden(job: CiJob): string | undefined {
  const permissions = job.job.permissions ?? job.document.workflow?.permissions;
  if (!permissions || permissions.shape === 'write-all' || permissions.shape === 'invalid') return undefined;
  const text = job.job.node ? job.job.node.block.text.slice(job.job.node.start, Math.min(job.job.node.end, job.job.node.start + 50_000)) : '';
  if (/secrets\.(?!GITHUB_TOKEN)\w|app-token/.test(text)) return undefined;
  return permissions.scopes.some(s => s.name === 'issues' && s.access === 'write') ? undefined : 'its token may not write issues';
}

function evidence(repo: Repository): Verdict {
  const all = found(repo), good = all.filter(f => f.but === undefined);
  if (good.length === 0) {
    const answered = answers(repo);
    if (answered.length > 0) return { result: 0.3, evidence: answered.slice(0, 12).map(a => ({ path: a.document.path,
      ...a.document.range(a.step.uses?.scalar ?? a.step.run?.entry.key ?? a.step.item), text: 'comments on the pull request whose run has failed' })),
      lookedFor: ['an issue for failures outside of pull requests, one for each pattern'] };
    return missing('a workflow on workflow_run: completed that groups failures and opens or updates an issue for each pattern',
      ...cut(all.map(f => `${f.step.job.job.id} in ${f.step.document.path} doesn’t count: ${f.but!}`)));
  }
  const others = good.some(f => f.others), once = good.some(f => f.once);
  const wanted = [
    ...(others ? [] : ['one place that looks after all workflows (workflow_run: completed): now each looks after itself']),
    ...(once ? [] : ['a look whether there is an issue already, so that each pattern has one and no more']),
  ];
  return { result: wanted.length === 0 ? 1 : wanted.length === 1 ? 0.6 : 0.3, lookedFor: wanted, evidence: good.slice(0, 12).map(f => ({
    path: f.step.document.path, ...f.step.document.range(f.step.step.uses?.scalar ?? f.step.step.run?.entry.key ?? f.step.step.item),
    text: f.once ? 'opens an issue when a run fails, or adds to the one that is there' : 'opens an issue when a run fails' })) };
}

export default definePractice({
  id: 'failure-triage',
  title: 'Failure triage',
  category: 'Automation',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Failed runs are grouped, their risk is scored, and each pattern has one issue that is kept up to date.',
    why: 'A red run that nobody is asked to look at is looked at by nobody, and the fifth one hides the first that matters.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run',
      'https://sre.google/sre-book/monitoring-distributed-systems/',
    ],
  },
  applies: repo => watchable(repo).length > 0,
  evidence,
  scaffold: workflowScaffold({
    title: 'Add a failure-triage workflow',
    there: repo => evidence(repo).result === 1 ? 'Failures are triaged already.' : undefined,
    plan(repo) {
      const names = nameList(watchable(repo));
      if (names.length === 0) return { refused: 'There is no workflow yet whose failures could be looked at.' };
      return {
        file: 'failure-triage',
        lines: [
          'name: Failure triage',
          '',
          ...afterRunsOf(names),
          '',
          'permissions: {}',
          '',
          '# One at a time: two failures of a pattern must not open two issues.',
          'concurrency:',
          '  group: failure-triage',
          '  cancel-in-progress: false',
          '',
          'jobs:',
          '  triage:',
          ...[
            ...jobHead('Failure triage', 10, ['actions: read # runs, jobs', 'contents: read', 'issues: write # one issue per pattern']),
            '# A failed pull request is its author’s to look at.',
            'if: >-',
            "  github.event.workflow_run.event != 'pull_request' && github.event.workflow_run.event != 'pull_request_target'",
            "  && contains(fromJSON('[\"failure\", \"timed_out\", \"startup_failure\"]'), github.event.workflow_run.conclusion)",
            'steps:',
            ...scriptsCheckout(),
            ...scriptStep('Group, score and report the failures', 'failure-triage.mjs', '', [
              'DEFAULT_BRANCH: ${{ github.event.repository.default_branch }}', 'GITHUB_TOKEN: ${{ github.token }}',
              'RUN_ID: ${{ github.event.workflow_run.id }}']),
          ].map(l => `    ${l}`),
        ],
        scripts: [{ name: 'failure-triage.mjs', text: FAILURE_TRIAGE }],
        explanation: `Adds a workflow that follows ${names.length === 1 ? names[0]! : `${names.length} workflows`}: failures outside of pull requests are grouped by pattern, scored from 0 to 1 (above 0.7 P0, above 0.4 P1, else P2) and kept in one issue each, with the trend of seven days in the summary.`,
        todo: ['It starts to work when it is on the default branch: workflow_run is read from there.',
          'Add new workflows to its list: GitHub takes names, and no patterns.'],
      };
    },
  }),
});
