import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { dotnetSays } from '../shared/dotnet-settings';
import { lintJobs } from '../shared/lint-jobs';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold } from '../shared/scaffold';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { distinct, met, ratio, unique } from '../shared/verdict';

/** Files that say that somebody wants types to be checked. */
function typed(repo: Repository): string | undefined {
  const { languages } = repoFacts(repo).stack;
  if (languages.has('javascript-typescript') && repo.has('tsconfig.json')) return 'tsconfig.json';
  return ['mypy.ini', '.mypy.ini', 'pyrightconfig.json', 'sorbet/config'].find(f => repo.has(f));
}

/** Checks of workflows, prose and titles: good to have, and not of the code. */
const ABOUT_OTHER_THINGS = /zizmor|actionlint|pinact|ghalint|typos|c?spell|markdown|yamllint|semantic-pull-request|commitlint|hadolint/;

/** Warnings of analysers or of the code's style as errors. */
const DOTNET =
  /<(?:CodeAnalysis)?TreatWarningsAsErrors>\s{0,20}true|<EnforceCodeStyleInBuild>\s{0,20}true|\bdotnet_diagnostic\.\w{2,20}\.severity\s{0,4}=\s{0,4}error\b/i;

/** A script that lies with the documentation, or is run there, and of which nothing more is known. */
function isAboutProse(s: Sighting): boolean {
  const step = s.step?.step, script = step?.run?.scalar.value.trim();
  if (script === undefined || !/^(?:“.*”|a script|.*\.sh)$/.test(s.tool)) return false;
  return /^(?:\.\/)?(?:docs?|documentation)(?:\/|$)/.test(scalarText(step?.workingDirectory?.value) ?? '')
    || /^(?:(?:ba)?sh[ \t]+)?(?:\.\/)?(?:docs?|documentation)\/(?=\S)[^\r\n]+$/.test(script);
}

function evidence(repo: Repository): Verdict {
  const config = typed(repo);
  const lint = sightings(repo, 'lint').filter(s => !ABOUT_OTHER_THINGS.test(s.tool) && !isAboutProse(s)), types = config ? sightings(repo, 'types') : [];
  const goodLint = lint.filter(s => !s.problem), goodTypes = types.filter(s => !s.problem);
  const lookedFor: string[] = [];
  if (goodLint.length === 0) lookedFor.push('a linter or formatter check (eslint, ruff, golangci-lint, clippy, pre-commit, …) that runs on pull requests and can fail');
  if (config && goodTypes.length === 0) lookedFor.push(`a type check or build for ${config} that runs on pull requests and can fail`);
  const bad = [...(goodLint.length === 0 ? lint : []), ...(goodTypes.length === 0 ? types : [])];
  lookedFor.push(...unique(bad.map(s => `${where(s)} doesn't count: ${s.problem!}`)));
  if (goodLint.length === 0 && config === undefined) {
    const { found, unread } = dotnetSays(repo, DOTNET, 'the compiler fails on what analysers find');
    if (found) return met([found]);
    if (unread !== undefined) return { result: 'unknown', evidence: [],
      lookedFor: [`analysers that fail the build in ${unread}, which could not be read`, ...lookedFor] };
  }
  const good = Number(goodLint.length > 0) + Number(config !== undefined && goodTypes.length > 0);
  return ratio(good, config ? 2 : 1, distinct([...goodLint, ...goodTypes])
    .map(s => evidenceOf(s, `${s.tool} runs on pull requests and can fail`)), lookedFor);
}

export default definePractice({
  id: 'lint-and-types',
  title: 'Linting and types',
  category: 'Quality',
  level: 2,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A linter, and a type checker where the project is set up for one, run on every pull request and can fail.',
    why: 'What a machine can find should not take a reviewer’s attention, and an unchecked type annotation is a comment that lies.',
    references: [
      'https://dsomm.owasp.org/activities/details/74938a3f-1269-49b9-9d0f-c43a79a1985a',
      'https://docs.github.com/en/actions/tutorials/build-and-test-code',
    ],
  },
  applies: repo => [...repoFacts(repo).stack.languages.keys()].some(l => l !== 'shell'),
  evidence: repo => elsewhere(repo, 'lint-and-types', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add a lint job',
    there: repo => evidence(repo).result === 1 ? 'Linters and type checks run on pull requests already.' : undefined,
    plan(repo) {
      const { jobs, todo, left } = lintJobs(repo);
      if (jobs.length === 0) return { refused: left[0] ?? 'No package manifest was found that says what could be linted here.' };
      return { jobs, explanation: `Adds ${jobs.length === 1 ? 'a job that lints' : 'jobs that lint'} on every pull request, and ${jobs.length === 1 ? 'checks' : 'check'} types where the project is set up for them.`,
        todo: [...todo, ...left] };
    },
  }),
});
