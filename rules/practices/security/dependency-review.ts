import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { stepInput } from '../shared/ci';
import { jobScaffold } from '../shared/scaffold';
import { checkoutStep, jobHead, pin } from '../shared/snippets';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { distinct, met, missing, unique } from '../shared/verdict';

const PROPOSALS = ['pull_request', 'pull_request_target', 'merge_group'];

/** It compares two commits: on anything but a proposal there are none to compare, unless they are given. */
function objection(s: Sighting): string | undefined {
  if (s.problem !== undefined) return s.problem;
  const given = s.step && stepInput(s.step.step, 'base-ref') !== undefined;
  return given || s.job.onChange.some(t => PROPOSALS.includes(t.event)) ? undefined : 'it has nothing to compare with outside of pull requests';
}

/** Licences alone were asked for. */
function licencesOnly(s: Sighting): boolean {
  return s.step !== undefined && stepInput(s.step.step, 'vulnerability-check')?.trim().toLowerCase() === 'false';
}

function evidence(repo: Repository): Verdict {
  const seen = sightings(repo, 'review'), good = seen.filter(s => objection(s) === undefined), whole = good.filter(s => !licencesOnly(s));
  if (whole.length > 0) return met(distinct(whole).map(s => evidenceOf(s, 'new dependencies of a pull request are reviewed')));
  if (good.length > 0) return { result: 0.5, evidence: distinct(good).map(s => evidenceOf(s, 'licences of new dependencies are reviewed')),
    lookedFor: ['a check for known vulnerabilities: vulnerability-check is false'] };
  return missing('actions/dependency-review-action on pull requests, able to fail',
    ...unique(seen.map(s => `${where(s)} doesn't count: ${objection(s)!}`)));
}

export default definePractice({
  id: 'dependency-review',
  title: 'Dependency review',
  category: 'Security',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'What a pull request adds to the dependencies is checked before it is merged, actions included.',
    why: 'A vulnerable or malicious package is kept out most cheaply in the pull request that brings it, by whoever knows why.',
    references: [
      'https://docs.github.com/en/code-security/supply-chain-security/understanding-your-software-supply-chain/about-dependency-review',
      'https://github.com/actions/dependency-review-action#readme',
    ],
  },
  applies: repo => repoFacts(repo).stack.projects.length > 0,
  evidence,
  scaffold: jobScaffold({
    title: 'Add a dependency-review job',
    there: repo => evidence(repo).result === 1 ? 'Dependencies of pull requests are reviewed already.' : undefined,
    plan(repo) {
      if (repoFacts(repo).stack.projects.length === 0) return { refused: 'There is no package manifest in this repository: no pull request can add a dependency.' };
      return {
        jobs: [{
          id: 'dependency-review',
          proposalsOnly: true,
          yaml: [
            'name: Dependency review',
            // There is nothing to compare with on a push; a job that is skipped passes where it is required.
            "if: github.event_name == 'pull_request'",
            ...jobHead('', 10).slice(1),
            'steps:',
            ...checkoutStep(),
            '  - name: Review new dependencies',
            `    uses: ${pin('actions/dependency-review-action').text}`,
            '    with:',
            '      fail-on-severity: high',
          ],
        }],
        explanation: 'Adds a job that fails when a pull request brings a dependency or action with a known vulnerability of high or critical severity.',
        todo: [
          'Turn on the dependency graph (Settings → Code security): the review compares what it knows of both commits. Private repositories need GitHub Code Security.',
          'Make “Dependency review” a required check of the default branch.',
          'Give allow-licenses or deny-licenses if only some licences may come in.',
        ],
      };
    },
  }),
});
