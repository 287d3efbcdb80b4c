import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { elsewhere } from '../shared/other-ci';
import { isAction, ownActionRuns } from '../shared/own-action';
import { jobScaffold } from '../shared/scaffold';
import { evidenceOf, sightings, type Sighting } from '../shared/sightings';
import { testJobs } from '../shared/test-jobs';
import { met, toolVerdict } from '../shared/verdict';

/** Scripts and targets by name: `npm run test:benchmark` measures. What a test runner is told to measure beside its tests still tests. */
const BY_NAME = /^(?:npm|pnpm|yarn|bun|make|gmake|just|task)$/;

function measures(repo: Repository, s: Sighting): boolean {
  return BY_NAME.test(s.tool) && (['benchmark', 'load'] as const).some(kind => sightings(repo, kind)
    .some(b => b.step?.step === s.step?.step && b.tool === s.tool && b.span.start === s.span.start && b.span.end === s.span.end));
}

function evidence(repo: Repository): Verdict {
  const verdict = toolVerdict(repo, 'test',
    'a test command (npm test, pytest, go test, cargo test, mvn verify, …) that runs on pull requests and can fail',
    s => s.problem ?? (measures(repo, s) ? 'it measures' : undefined));
  if (verdict.result === 1) return verdict;
  const runs = ownActionRuns(repo).filter(s => s.problem === undefined);
  return runs.length === 0 ? verdict : met(runs.map(s => evidenceOf(s, 'the action itself runs on pull requests')));
}

export default definePractice({
  id: 'unit-tests',
  title: 'Tests',
  category: 'Quality',
  level: 2,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Tests run on every pull request.',
    why: 'What is only tested on somebody’s machine breaks for everybody else, and a review can’t see it.',
    references: [
      'https://docs.github.com/en/actions/tutorials/build-and-test-code',
      'https://github.com/ossf/scorecard/blob/main/docs/checks.md#ci-tests',
      'https://baseline.openssf.org/versions/2025-02-25#osps-qa-06---the-project-must-enforce-testing-in-order-to-accept-changes',
    ],
  },
  applies(repo) {
    const { stack } = repoFacts(repo);
    return stack.testFiles.length > 0 || stack.projects.length > 0 || [...stack.languages.keys()].some(l => l !== 'shell')
      || isAction(repo);
  },
  evidence: repo => elsewhere(repo, 'unit-tests', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add a test job',
    there: repo => sightings(repo, 'test').some(s => !s.problem) ? 'Tests run on pull requests already.' : undefined,
    plan(repo) {
      const { jobs, todo, left } = testJobs(repo);
      if (jobs.length === 0) return { refused: left[0] ?? 'No package manifest was found that says how this repository is tested.' };
      return { jobs, explanation: `Adds ${jobs.length === 1 ? 'a job that runs' : 'jobs that run'} the tests on every pull request.`,
        todo: [...todo, ...left] };
    },
  }),
});
