import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { sightings } from '../shared/sightings';
import { thresholds, unreadable } from '../shared/coverage';
import { met, missing, unique } from '../shared/verdict';

const WANTED = 70;

function evidence(repo: Repository): Verdict {
  const all = thresholds(repo), counted = all.filter(t => t.problem === undefined);
  const best = counted[0];
  const tested = sightings(repo, 'test').some(s => !s.problem);
  if (best && !tested) return missing('a test run on pull requests that the threshold could stop');
  if (best && best.value >= WANTED) return met(counted.filter(t => t.value >= WANTED).map(t => t.evidence));
  // Half-way is worth something, and never as much as being there.
  if (best) return { result: Math.min(best.value / WANTED, 0.9), evidence: [best.evidence],
    lookedFor: [`a threshold of at least ${WANTED} %`] };
  const unread = unreadable(repo);
  const problems = unique(all.map(t => `${t.evidence.text} in ${t.evidence.path}, but ${t.problem!}`));
  if (unread.length > 0 && problems.length === 0) return { result: 'unknown', evidence: [],
    lookedFor: [`a threshold in ${unread.slice(0, 3).join(', ')}, which could not be read`] };
  return missing(`a coverage threshold of at least ${WANTED} % that fails the tests (--cov-fail-under, coverageThreshold, fail_under, a target in codecov.yml, …)`, ...problems);
}

export default definePractice({
  id: 'coverage-gate-70',
  title: 'Coverage gate (70 %)',
  category: 'Quality',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Tests fail when they cover less than 70 % of the code.',
    why: 'Coverage that nobody enforces only ever goes down, a little with each change.',
    references: [
      'https://pytest-cov.readthedocs.io/en/latest/config.html',
      'https://jestjs.io/docs/configuration#coveragethreshold-object',
      'https://docs.codecov.com/docs/commit-status',
    ],
  },
  applies: repo => repoFacts(repo).stack.testFiles.length > 0,
  evidence,
  scaffold: null,
});
