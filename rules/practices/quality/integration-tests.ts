import { definePractice, type Evidence, type Verdict } from '../practice';
import { isVendored, repoFacts, type Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import type { CiJob } from '../shared/ci';
import { scriptName, toolCalls } from '../shared/commands';
import { databaseEnv, databaseFile, databases, serviceLines, startedBy } from '../shared/databases';
import { elsewhere } from '../shared/other-ci';
import { recipes } from '../shared/recipes';
import { jobScaffold } from '../shared/scaffold';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { checkoutStep, jobHead, runStep } from '../shared/snippets';
import { cut, distinct, met, missing, unique } from '../shared/verdict';
import { manifestTexts } from '../shared/web';

const WORD = /(?:^|[\s./:_=-])(?:integration|integrations|integ|integrationtests?|itest|it)(?:$|[\s./:_=-])/i;
const TEST_FILE = /(?:^|\/)(?:integration|integration[-_]?tests?|integ|it|IntegrationTests)\/(?:[^/]+\/)*[^/]+\.(?:py|[cm]?[jt]sx?|go|rs|java|kt|cs|rb|php|tcl|exs|scala|swift|lua|t|bats)$|(?:IT|IntegrationTests?)\.(?:java|kt|cs)$|[._-](?:integration|int)[._-](?:test|spec)\.[cm]?[jt]sx?$|_integration_test\.(?:go|py)$|test_integration\w*\.py$/;

function integrationFile(repo: Repository): string | undefined {
  return repo.files.find(f => TEST_FILE.test(f) && !isVendored(f)
    && /(?:^|\/)(?:tests?|spec|src|it|__tests__|Tests)\/|^integration|_test\.go$/i.test(f)
    && !/(?:^|\/)(?:fixtures?|testdata|examples?)\//.test(f));
}

/** `--ignore tests/integration`, `-m "not integration"`, `--testPathIgnorePatterns=…` */
function leavesOut(arg: string, before = ''): boolean {
  const option = /^--?(?:ignore|exclude|skip|deselect|omit|testPathIgnorePatterns|no)[\w-]*/;
  return option.test(arg) || (option.test(before) && !before.includes('=')) || /^!|\bnot\b/.test(arg);
}

/** `a/b` and `../c` are `a/c`; undefined for what lies outside, or is known only at run time. */
function joined(folder: string, path: string): string | undefined {
  if (/^[/~]|\$/.test(path)) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.join('/');
}

/** Where the command stands when it is called: the step's folder, and where its script has gone since. */
function folderOf(repo: Repository, s: Sighting): string | undefined {
  if (!s.step) return '';
  let at = joined('', scalarText(s.step.step.workingDirectory?.value) ?? '');
  for (const call of toolCalls(repo, s.step)) {
    if (call.args === s.args) return at;
    if (call.tool === 'cd' && at !== undefined) at = joined(at, call.args[0] ?? '$');
  }
  return at;
}

/** Runs whatever tests there are: nothing is named, nothing is left out. */
function runsAll(repo: Repository, s: Sighting, file: string): boolean {
  const folder = folderOf(repo, s), go = /^(?:go|gotestsum)$/.test(s.tool);
  const within = (dir: string | undefined): boolean => dir === undefined || dir === '' || file.startsWith(`${dir}/`);
  if (!go && !within(folder)) return false;
  if (s.args.some((a, i) => leavesOut(a, s.args[i - 1])) || s.args.some(a => a === '-short' || a === '-k' || a === '-run' || a === '--lib'
    || UNIT.test(a)) || UNIT.test(s.tool)) return false;
  const words = s.args.filter((a, i) => !a.startsWith('-') && !/^-[a-zA-Z]$/.test(s.args[i - 1] ?? ''));
  const is = (tools: RegExp, files: RegExp): boolean => tools.test(s.tool) && files.test(file);
  return (is(/^(?:jest|vitest|mocha|ava|node)$/, /\.(?:test|spec)\.[cm]?[jt]sx?$/)
    && words.every(w => w === 'run' || file.startsWith(w.replace(/^\.\//, ''))))
    || (is(/^(?:npm|pnpm|yarn|bun)$/, /\.(?:test|spec)\.[cm]?[jt]sx?$/)
      && /^(?:ci[-:_])?tests?(?:[-:_](?:all|ci))?$/.test(scriptName(s.tool, s.args) ?? ''))
    || (is(/^pytest$/, /\.py$/) && words.every(w => file.startsWith(w.replace(/^\.\//, ''))))
    || is(/^(?:tox|nox|hatch)$/, /\.py$/) || is(/^cargo$/, /\.rs$/) || is(/^rails$/, /\.rb$/)
      || (go && file.endsWith('.go') && s.args.some(a => a.endsWith('./...') && within(folder === undefined ? undefined : joined(folder, a.slice(0, -3)))))
    || is(/^dotnet$/, /\.cs$/);
}

/** What it runs stands somewhere else, and might be these: a script of the repository, say. */
function isOpaque(repo: Repository, s: Sighting): boolean {
  const own = (): boolean => s.args.every(a => !/\.(?:py|[cm]?[jt]sx?|go)$/.test(a)) && repo.files.some(f => f.toLowerCase() === s.tool || f.toLowerCase().endsWith(`/${s.tool}`));
  // Go lists what it tests, and what is listed may be computed.
  return (own() || (/^(?:go|gotestsum)$/.test(s.tool) && s.args.includes('$')) || /^(?:make|gmake|just|task|mage|rake|npm|pnpm|yarn|bun|bash|sh|a script|“.*”|.*\.sh)$/.test(s.tool))
    && ![s.tool, ...s.args].some(w => UNIT.test(w) || /bench|lint/i.test(w));
}

/** JUnit is how reports are written, whatever was tested. */
const UNIT = /(?<!j)unit/i;

/** Go leaves out files that ask for a tag. Undefined where that can't be read. */
function tagged(repo: Repository, file: string): boolean | undefined {
  return file.endsWith('.go') ? repo.read(file)?.slice(0, 4000).includes('//go:build') : false;
}

/** Told to run the tests that need more than the code. */
function isAsked(s: Sighting): boolean {
  return WORD.test(s.tool) || WORD.test(scalarText(s.step?.step.workingDirectory?.value) ?? '') || s.args.some((a, i) => WORD.test(a) && !leavesOut(a, s.args[i - 1]))
    || s.args.some(a => /^-(?:Pintegration|Pit|DskipITs=false)/.test(a))
    || (/^mvnw?$/.test(s.tool) && s.args.some(a => a === 'integration-test' || a.startsWith('failsafe:')));
}

/** A workflow says so: tests that are asked for by this name, or that run beside containers. */
function isSetUp(repo: Repository): boolean {
  return sightings(repo, 'test').some(s => isAsked(s) || startedBy(repo, s.job).length > 0);
}

function evidence(repo: Repository): Verdict {
  const tests = sightings(repo, 'test'), good = tests.filter(s => !s.problem);
  const asked = good.filter(isAsked);
  const containers = manifestTexts(repo).some(m => /testcontainers/i.test(m.text)) && good.length > 0;
  const jobs = new Map<CiJob, Sighting>();
  for (const s of good) if (!jobs.has(s.job)) jobs.set(s.job, s);
  const whole: Evidence[] = asked.map(s => evidenceOf(s, `${s.tool} runs integration tests on pull requests`)), weak: Evidence[] = [];
  for (const [job, s] of jobs) {
    const beside = startedBy(repo, job);
    if (beside.length === 0) continue;
    const open = beside.filter(b => !b.healthy);
    const found = evidenceOf(s, `${s.tool} runs with ${beside[0]!.name.split('@')[0]!} on pull requests`);
    if (open.length === 0) whole.push(found); else weak.push(found);
  }
  if (whole.length > 0) return met(whole);
  if (containers) return met(distinct(good).map(s => evidenceOf(s, `${s.tool} runs tests that start containers`)));
  if (weak.length > 0) return { result: 0.5, evidence: weak.slice(0, 12),
    lookedFor: ['health checks (options: --health-cmd …) of the service containers: tests that start before a service answers fail now and then'] };
  // Where nothing has to be started, running all tests is running these.
  const file = integrationFile(repo), all = file === undefined || databaseFile(repo) !== undefined ? []
    : good.filter(s => runsAll(repo, s, file));
  if (file !== undefined && all.length > 0 && tagged(repo, file) !== true) {
    const evidence = distinct(all).map(s => evidenceOf(s, `${s.tool} runs all tests on pull requests, ${file} among them`));
    return tagged(repo, file) === false ? met(evidence) : { result: 'unknown', evidence,
      lookedFor: [`whether ${file}, which could not be read, is part of the tests that run`] };
  }
  // What is a test by nothing but the name of its step comes last.
  const opaque = distinct(good.filter(s => isOpaque(repo, s))).sort((a, b) => Number(a.tool.startsWith('“')) - Number(b.tool.startsWith('“')));
  if (file !== undefined && opaque.length > 0 && databaseFile(repo) === undefined) return { result: 'unknown',
    evidence: opaque.map(s => evidenceOf(s, `${s.tool} runs tests on pull requests`)).slice(0, 12),
    lookedFor: [`whether ${file} is part of what ${opaque[0]!.tool} runs, which could not be told`] };
  const bad = tests.filter(s => s.problem && isAsked(s));
  return missing('integration tests on pull requests: tests beside service containers with health checks, docker compose, Testcontainers, or a command for them',
    ...cut(unique(bad.map(s => `${where(s)} doesn't count: ${s.problem!}`))));
}

export default definePractice({
  id: 'integration-tests',
  title: 'Integration tests',
  category: 'Quality',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Tests run against the databases and queues that the code talks to, on every pull request.',
    why: 'A database that is replaced by a stand-in accepts queries that the real one refuses.',
    references: [
      'https://docs.github.com/en/actions/tutorials/use-containerized-services/create-postgresql-service-containers',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idservices',
    ],
  },
  applies: repo => integrationFile(repo) !== undefined || databaseFile(repo) !== undefined || isSetUp(repo),
  evidence: repo => elsewhere(repo, 'integration-tests', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add an integration-tests job',
    there: repo => evidence(repo).result === 1 ? 'Integration tests run on pull requests already.' : undefined,
    plan(repo) {
      const needed = databases(repo);
      if (needed.length === 0) return { refused: 'Nothing that could be read here names PostgreSQL, MySQL or Redis, so there is no service to start for the tests.' };
      const { chosen } = recipes(repo), r = chosen.find(c => c.test !== undefined);
      if (r?.test === undefined) return { refused: chosen[0]?.noTest
        ?? 'No package manifest was found that says how this repository is tested.' };
      const wanted = needed.filter(d => d !== 'mysql' || !needed.includes('postgres'));
      const pkg = repoFacts(repo).stack.packages.get(r.project.dir);
      const own = ['test:integration', 'test:int', 'integration', 'test:it'].find(s => pkg?.scripts[s] !== undefined);
      const folder = ['tests/integration', 'test/integration',
        'tests/integration_tests'].find(f => repo.files.some(x => x.startsWith(`${f}/`)));
      const test = own ? `${r.project.manager} run ${own}` : /pytest$/.test(r.test) && folder && r.project.dir === ''
        ? `${r.test} ${folder}` : r.test;
      return {
        jobs: [{ id: 'integration-tests', yaml: [...jobHead('Integration tests', 30), ...serviceLines(wanted),
          'env:', ...databaseEnv(wanted).map(l => `  ${l}`), 'steps:', ...checkoutStep(), ...r.setup,
          ...runStep('Run the integration tests', [test], r.project.dir)] }],
        explanation: `Adds a job that runs ${test} beside ${wanted.map(d => NAMES[d]).join(' and ')}, and waits until ${wanted.length === 1 ? 'it answers' : 'they answer'}.`,
        todo: [...r.todo, `Check that the tests read ${wanted.map(d => d === 'redis' ? 'REDIS_URL' : 'DATABASE_URL').join(' and ')}, or give them the variables that they read.`,
          ...(needed.length > wanted.length ? ['MySQL is named as well: add a service for it if the tests need one.'] : []),
          'Use the versions of the services that you run in production.'],
      };
    },
  }),
});

const NAMES = { postgres: 'PostgreSQL', mysql: 'MySQL', redis: 'Redis' } as const;
