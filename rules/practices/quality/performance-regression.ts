import { definePractice, type Evidence, type Verdict } from '../practice';
import { isVendored, repoFacts, type Repository } from '../../repository';
import { ciJobs, stepInput, whyIdle, whySoft, type CiStep } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { offHour, workflowScaffold } from '../shared/programme';
import { recipe, recipes, type Recipe } from '../shared/recipes';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { checkoutStep, jobHead, pin, runStep, shellText } from '../shared/snippets';
import { cut, distinct, met, missing, unique } from '../shared/verdict';
import { workflowLines } from '../shared/workflow-file';
import { SCRIPT_TEXTS } from './scripts';

const BENCHMARK = /(?:^|\/)(?:benches|benchmarks?|bench)\/(?:[^/]+\/)*[^/]+\.(?:rs|py|[cm]?[jt]s|go|java|kt|scala|cs|rb|cpp|cc|exs|swift)$|_bench(?:mark)?_?test\.go$|(?:^|\/)(?:test_)?bench(?:mark)?_?\w*\.(?:py|go)$|\.bench\.[cm]?[jt]sx?$|Bench(?:mark)?s?\.(?:java|kt|cs)$/;

function benchmarks(repo: Repository): readonly string[] {
  return repo.files.filter(f => BENCHMARK.test(f) && !isVendored(f) && !/(?:^|\/)(?:fixtures?|testdata|examples?|docs?)\//.test(f));
}

/** What compares, and can fail for it. Undefined: it measures, no more. */
function compares(repo: Repository, s: Sighting): boolean {
  const action = s.step?.step.uses?.slug;
  if (action === 'benchmark-action/github-action-benchmark') return stepInput(s.step!.step, 'fail-on-alert') === 'true';
  const load = loadScript(repo, s);
  if (load !== undefined && s.kind === 'load') return givenBefore(s) && /threshold|\bfail\(|throw /.test(repo.read(load) ?? '');
  if (action !== undefined) return true;
  if (s.args.some(a => /^--benchmark-compare-fail|^--baseline|^--baseline-lenient|^--err$/.test(a))) return true;
  if (s.tool === 'bencher' && s.args.includes('--threshold-measure')) return true;
  if (s.tool === 'asv' && s.args[0] === 'continuous') return true;
  // A script of the repository that keeps a history: its text says so.
  const script = s.args.find(a => /\.(?:[cm]?[jt]s|py|sh|rb)$/.test(a)), text = script === undefined ? undefined
    : repo.read(script.replace(/^\.\//, ''));
  return text !== undefined && /history|baseline|previous/i.test(text) && /exit\(|process\.exit|sys\.exit|exit 1/.test(text);
}

/** A step of the same job that holds the results to a baseline, and isn't there to write a new one. */
function comparison(repo: Repository, s: Sighting): Evidence | undefined {
  for (const x of s.job.steps) {
    if (!x.step.run || whySoft(x) !== undefined || whyIdle(x) !== undefined) continue;
    const call = toolCalls(repo, x).find(c => c.soft === undefined && c.args.some(a => /^--(?:baseline|compare|compare-to|compare-with|against|previous)(?:=|$)/.test(a))
      && /bench|perf|result|timing|measure/i.test(c.args.join(' ')) && !c.args.some(a => /^--(?:update|save|write|set|new)/.test(a)));
    if (call) return { path: x.document.path, ...x.document.range(x.step.run.entry.key), text: 'compares with a baseline' };
  }
  return undefined;
}

/** A benchmark that a load tool runs: k6 measures, too. */
function loadScript(repo: Repository, s: Sighting): string | undefined {
  const named = [...s.args, ...(s.step?.step.uses ? (stepInput(s.step.step, 'path') ?? '').split(/\s+/) : [])].map(a => a.replace(/^\.\//, ''));
  return benchmarks(repo).find(f => named.includes(f));
}

/** Is told where the results of before lie. */
function givenBefore(s: Sighting): boolean {
  return s.step?.step.env?.variables.some(v => /(?:^|_)(?:PREVIOUS|BASELINE|BEFORE|BASE)(?:_|$)/i.test(v.name)) === true;
}

/** Takes the time of a program: what a shell does with it is told by the script alone. */
const TIMES = /(?:^|[\s;&|(])(?:\/usr\/bin\/time|hyperfine|perf stat)(?=\s)/m;
/** The figure of what was there before, among variables. */
const BEFORE = /\$\{?(?:PREV(?:IOUS)?|BASE(?:LINE)?|BEFORE|OLD|MAIN|MASTER|LAST|REF(?:ERENCE)?)_\w{0,40}?(?:TIME|DURATION|SECONDS|MS|MEAN|AVG|AVERAGE|MEDIAN|SPEED)\b/i;

/** A job that times what is proposed and what was there before, and exits with an error where it got slower: without any tool for it. */
function byHand(repo: Repository): Evidence[] {
  return ciJobs(repo).filter(j => j.triggers.some(t => t.event !== 'workflow_dispatch')).flatMap((j): Evidence[] => {
    const heard = j.steps.filter(s => s.step.run && whySoft(s) === undefined && whyIdle(s) === undefined);
    const says = (s: CiStep): string => s.step.run!.scalar.value.split('\n').filter(l => !/^\s*#/.test(l)).join('\n');
    if (!heard.some(s => TIMES.test(says(s)))) return [];
    const judge = heard.find(s => BEFORE.test(says(s)) && /[<>]|\s-[gl][te]\s/.test(says(s)) && /\bexit [1-9]/.test(says(s)));
    return judge ? [{ path: judge.document.path, ...judge.document.range(judge.step.run!.entry.key), text: 'fails where it takes longer than before' }] : [];
  });
}

const COMPARERS = /^(?:benchstat|critcmp|benchcmp|cob)$/;

function evidence(repo: Repository): Verdict {
  const seen = [...sightings(repo, 'benchmark'), ...sightings(repo, 'load').filter(s => loadScript(repo, s) !== undefined)], heard = seen.filter(s => s.idle === undefined && s.soft === undefined);
  const of = (all: readonly Sighting[], text: string): Evidence[] => distinct(all).map(s => evidenceOf(s, `${s.tool} ${text}`)).slice(0,
    12);
  const good = heard.filter(s => compares(repo, s) && s.job.triggers.some(t => t.event !== 'workflow_dispatch'));
  if (good.length > 0) return met(of(good, 'compares with what was measured before'));
  const held = heard.flatMap(s => s.job.triggers.some(t => t.event !== 'workflow_dispatch') ? comparison(repo, s) ?? [] : []);
  if (held.length > 0) return met([...of(heard, 'measures'), held[0]!]);
  const own = byHand(repo);
  if (own.length > 0) return met(own);
  const dark = heard.map(s => loadScript(repo, s)).find(f => f !== undefined && repo.read(f) === undefined);
  if (dark !== undefined && heard.some(givenBefore)) return { result: 'unknown', evidence: of(heard, 'measures'),
    lookedFor: [`whether ${dark}, which could not be read, fails where it is slower than before`] };
  if (heard.length > 0) return { result: 0.5, evidence: of(heard, 'measures'), lookedFor: [
    heard.some(s => COMPARERS.test(s.tool) || s.step?.step.uses?.slug === 'benchmark-action/github-action-benchmark')
      ? 'a limit that fails the run (fail-on-alert: true, a threshold): a comparison that nobody has to read is not read'
      : 'a comparison with earlier results that can fail: a number by itself says nothing about getting slower'] };
  return missing('benchmarks that run in CI and are compared with their history: github-action-benchmark, CodSpeed, Bencher, pytest --benchmark-compare-fail, asv continuous, …',
    ...cut(unique(seen.map(s => `${where(s)} doesn't count: ${s.idle ?? s.soft!}`))));
}

interface Measure { readonly recipe: Recipe; readonly steps: readonly string[]; readonly arguments: string; readonly what: string }

/** What is measured: the benchmarks that are there, else how long the tests take. */
function measure(repo: Repository): Measure | undefined {
  const { stack } = repoFacts(repo), files = benchmarks(repo);
  for (const p of stack.projects.filter(x => !x.member)) {
    const r = recipe(p, repo), inside = files.filter(f => p.dir === '' || f.startsWith(`${p.dir}/`));
    if (!r || inside.length === 0) continue;
    const prefix = p.dir === '' ? '' : `${p.dir}/`;
    const made = (command: string, args: string, what: string): Measure => ({ recipe: r,
      steps: runStep('Run the benchmarks', [command], p.dir), arguments: args, what });
    if (p.manager === 'cargo') return made(`cargo bench --workspace${p.lockfile ? ' --locked' : ''}`, `--read ${shellText(`${prefix}target/criterion`)}`, 'the benchmarks of Criterion');
    if (p.manager === 'go') return made("go test -run '^$' -bench . -count 5 ./... > \"$RUNNER_TEMP/bench.txt\"",
      '--read "$RUNNER_TEMP/bench.txt"', 'the benchmarks of Go');
    if (/^(?:pip|poetry|uv|pipenv)$/.test(p.manager) && ['pyproject.toml', 'requirements.txt',
      'requirements-dev.txt'].some(f => /pytest-benchmark/.test(repo.read(`${prefix}${f}`) ?? '')))
      return made(`${r.run('pytest')} --benchmark-only --benchmark-json "$RUNNER_TEMP/bench.json"`, '--read "$RUNNER_TEMP/bench.json"',
        'the benchmarks of pytest-benchmark');
    if (/^(?:npm|pnpm|yarn)$/.test(p.manager) && stack.packages.get(p.dir)?.dependencies.has('vitest')
      && inside.some(f => /\.bench\./.test(f)))
      return made(`${r.run('vitest')} bench --run --outputJson "$RUNNER_TEMP/bench.json"`, '--read "$RUNNER_TEMP/bench.json"',
        'the benchmarks of Vitest');
  }
  const r = recipes(repo).chosen.find(x => x.test !== undefined);
  if (r?.test === undefined) return undefined;
  const command = r.project.dir === '' ? r.test : `cd ${shellText(r.project.dir)} && ${r.test}`;
  return { recipe: r, steps: [], arguments: `--time 'test suite' ${shellText(command)}`,
    what: 'how long the tests take, for want of benchmarks' };
}

export default definePractice({
  id: 'performance-regression',
  title: 'Performance regression',
  category: 'Quality',
  level: 5,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'Benchmarks are compared with their history, and getting slower fails.',
    why: 'Five per cent with each release is nothing, and half the speed after fourteen.',
    references: [
      'https://github.com/benchmark-action/github-action-benchmark',
      'https://pytest-benchmark.readthedocs.io/en/latest/comparing.html',
      'https://bheisler.github.io/criterion.rs/book/',
    ],
  },
  applies: repo => benchmarks(repo).length > 0 || byHand(repo).length > 0 || sightings(repo, 'benchmark')
    .some(s => !/^(?:make|npm|pnpm|yarn|task|just)$/.test(s.tool)),
  evidence,
  scaffold: workflowScaffold({
    title: 'Add a performance-regression workflow',
    there: repo => evidence(repo).result === 1 ? 'Benchmarks are compared with their history already.' : undefined,
    plan(repo) {
      const m = measure(repo);
      if (!m) return { refused: 'Nothing says how this repository is tested or what could be measured here.' };
      const { minute, hour } = offHour(repo, 'performance');
      const history = '.benchmarks/history.json';
      return {
        file: 'performance-regression',
        // A newer commit takes the place of an older one; on the main branch each is measured.
        lines: workflowLines({
          name: 'Performance regression', on: ['push:', '  branches: [main, master]', 'pull_request:',
            'schedule:', `  - cron: '${minute} ${hour} * * 3'`], cancel: false,
          jobs: [{ id: 'benchmark', yaml: [...jobHead('Benchmark', 45), 'steps:', ...checkoutStep(), ...m.recipe.setup,
            '  - name: Fetch the history', `    uses: ${pin('actions/cache/restore').text}`, '    with:', '      path: .benchmarks',
              '      key: benchmarks-${{ runner.os }}-${{ github.run_id }}',
            '      restore-keys: benchmarks-${{ runner.os }}-', ...m.steps,
            '  - name: Compare with the history', '    env:', '      COMMIT: ${{ github.event.pull_request.head.sha || github.sha }}',
              '    run: >-',
            `      node .github/scripts/benchmark-trend.mjs --history ${history} --commit "$COMMIT"`, `      --limit 20 ${m.arguments}`,
            '  - name: Keep the history',
              "    if: ${{ !cancelled() && github.event_name != 'pull_request' }}", `    uses: ${pin('actions/cache/save').text}`,
              '    with:', '      path: .benchmarks',
            '      key: benchmarks-${{ runner.os }}-${{ github.run_id }}-${{ github.run_attempt }}'] }],
        }).map(line => line === '  cancel-in-progress: false' ? "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}" : line),
        scripts: [{ name: 'benchmark-trend.mjs', text: SCRIPT_TEXTS['benchmark-trend.mjs'] }],
        explanation: `Adds a workflow that measures ${m.what}, compares with the median of the last ten runs of the main branch, fails above 20 %, and draws the trend in the job's summary.`,
        todo: ['The history is kept in the cache of the main branch: what nobody has used for seven days is deleted, which the weekly run prevents.',
          ...(m.steps.length === 0 ? ['Add a benchmark of what matters to people, and read its results with --read.'] : []),
            ...m.recipe.todo],
      };
    },
  }),
});

