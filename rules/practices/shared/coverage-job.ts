/** The job that holds the tests of a stack to a share of covered code. */
import { repoFacts, type Repository } from '../../repository';
import { SCRIPT_TEXTS } from '../quality/scripts';
import { at, buildTool, recipes, type Recipe } from './recipes';
import type { GeneratedFile, JobPlan } from './scaffold';
import { checkoutStep, jobHead, pin, runStep } from './snippets';

const SCRIPT = '.github/scripts/coverage-gate.py', GRADLE = '.github/scripts/coverage.gradle';

interface Measured { readonly steps: readonly string[]; readonly files?: readonly GeneratedFile[]; readonly todo?: readonly string[] }
type Refused = { readonly refused: string };

export function coverageJob(repo: Repository, wanted: number): JobPlan | Refused {
  const { chosen, others } = recipes(repo);
  let refused: string | undefined;
  for (const r of chosen) {
    const made = r.test === undefined ? { refused: r.noTest ?? `Nothing says how ${r.project.manifest} is tested.` }
      : measured(repo, r, wanted);
    if ('refused' in made) { refused ??= made.refused; continue; }
    const left = [...chosen.filter(c => c !== r).map(c => c.project), ...others];
    return {
      jobs: [{ id: 'coverage', yaml: [...jobHead('Coverage', 30), 'steps:', ...checkoutStep(), ...made.steps] }], files: made.files,
      explanation: `Adds a job that fails when the tests of ${r.project.manifest} cover less than ${wanted} % of the code.`,
      todo: [...made.todo ?? [], ...r.todo, 'If the job fails at first, begin with the number that it prints and raise it step by step.',
        ...(left.length > 0 ? [`Add steps for the other projects, too: ${left.slice(0, 6).map(p => p.manifest).join(', ')}.`] : [])],
    };
  }
  return { refused: refused ?? 'No package manifest was found that says how this repository is tested.' };
}

function measured(repo: Repository, r: Recipe, wanted: number): Measured | Refused {
  const { project: p } = r;
  const test = (...commands: string[]): string[] => runStep('Test and measure', commands, p.dir);
  const judged = (report: string, ...more: GeneratedFile[]): { steps: string[]; files: GeneratedFile[] } => ({
    steps: runStep('Compare with the minimum', [`python3 ${SCRIPT} --min ${wanted} ${report}`]),
      files: [{ path: SCRIPT, text: SCRIPT_TEXTS['coverage-gate.py'] }, ...more] });
  switch (p.manager) {
    case 'npm': case 'pnpm': case 'yarn': return { steps: [...r.setup, ...test(nodeCommand(repo, r, wanted))], todo: nodeTodo(repo, r) };
    case 'pip': case 'poetry': case 'pipenv': case 'uv': return pythonSteps(r, wanted, test);
    case 'go': return { steps: [...r.setup, ...test('go test -covermode=atomic -coverprofile=cover.out ./...',
      `go run github.com/vladopajic/go-test-coverage/v2@v2.18.8 --profile cover.out --threshold-total ${wanted}`)] };
    case 'cargo': return { steps: [...r.setup, '  - name: Install cargo-llvm-cov', `    uses: ${pin('taiki-e/install-action').text}`,
      '    with:',
      '      tool: cargo-llvm-cov@0.6.21',
        ...test(`cargo llvm-cov --workspace${p.lockfile ? ' --locked' : ''} --fail-under-lines ${wanted}`)] };
    case 'maven': {
      const plugin = 'org.jacoco:jacoco-maven-plugin:0.8.13', gate = judged('"**/target/site/jacoco/jacoco.xml"');
      return { ...gate, steps: [...r.setup, ...test(`${buildTool(p, repo)} --batch-mode ${plugin}:prepare-agent verify ${plugin}:report`),
        ...gate.steps] };
    }
    case 'gradle': {
      const gate = judged('"**/build/reports/jacoco/test/jacocoTestReport.xml"', { path: GRADLE, text: COVERAGE_GRADLE });
      return { ...gate, steps: [...r.setup,
        ...test(`${buildTool(p, repo)} --init-script "$GITHUB_WORKSPACE/${GRADLE}" check jacocoTestReport`), ...gate.steps] };
    }
    case 'dotnet': {
      const gate = judged('"**/coverage.cobertura.xml"');
      return { ...gate, steps: [...r.setup, ...test(`${r.test!} --collect "XPlat Code Coverage"`), ...gate.steps],
        todo: ['Test projects need the package coverlet.collector, which `dotnet new` puts there.'] };
    }
    case 'composer': {
      const setup = r.setup.map(line => line.replace('coverage: none', 'coverage: pcov'));
      if (r.test === 'vendor/bin/pest') return { steps: [...setup, ...test(`vendor/bin/pest --coverage --min=${wanted}`)] };
      const gate = judged(at(p, 'coverage.xml').includes('/') ? `"**/coverage.xml"` : 'coverage.xml');
      return { ...gate, steps: [...setup, ...test('vendor/bin/phpunit --coverage-clover coverage.xml'), ...gate.steps] };
    }
    case 'swift': {
      const gate = judged('"**/.build/**/codecov/*.json"');
      return { ...gate, steps: [...r.setup, ...test('swift test --enable-code-coverage'), ...gate.steps] };
    }
    case 'bundler': return { refused: `SimpleCov takes its threshold where the tests begin: put SimpleCov.minimum_coverage ${wanted} into spec_helper.rb or test_helper.rb.` };
    case 'bun': return { refused: `Bun takes its threshold from bunfig.toml: set coverageThreshold = ${wanted / 100} under [test] there.` };
    default: return { refused: `Nothing is known about how coverage of ${p.manifest} is measured.` };
  }
}

function runner(repo: Repository, r: Recipe): 'jest' | 'vitest' | 'other' {
  const pkg = repoFacts(repo).stack.packages.get(r.project.dir), script = pkg?.scripts.test ?? '';
  return /\bvitest\b/.test(script) ? 'vitest' : /\bjest\b/.test(script) ? 'jest' : 'other';
}

function nodeCommand(repo: Repository, r: Recipe, wanted: number): string {
  switch (runner(repo, r)) {
    case 'jest': return r.run(`jest --coverage --coverageThreshold='{"global":{"lines":${wanted},"branches":${wanted}}}'`);
    case 'vitest': return r.run(`vitest run --coverage.enabled --coverage.thresholds.lines=${wanted} --coverage.thresholds.branches=${wanted}`);
    // V8 measures whatever runs in Node.js.
    default: return `npx --yes c8@10.1.3 --check-coverage --lines ${wanted} --branches ${wanted} ${r.test!}`;
  }
}

function nodeTodo(repo: Repository, r: Recipe): string[] {
  return runner(repo, r) === 'vitest' && !repoFacts(repo).stack.packages.get(r.project.dir)?.dependencies.has('@vitest/coverage-v8')
    ? ['Add @vitest/coverage-v8, in the version of Vitest, to the development dependencies.'] : [];
}

function pythonSteps(r: Recipe, wanted: number, test: (...commands: string[]) => string[]): Measured {
  const measure = `--cov --cov-branch --cov-fail-under=${wanted}`;
  const uv = r.project.manager === 'uv';
  if (/pytest$/.test(r.test!)) {
    const call = uv ? `uv run --with pytest-cov==7.0.0 pytest ${measure}` : `${r.test!} ${measure}`;
    return { steps: [...r.setup, ...(uv ? [] : runStep('Install pytest-cov', [r.add('pytest-cov==7.0.0')!], r.project.dir)),
      ...test(call)] };
  }
  const program = r.test!.includes('manage.py') ? 'manage.py test' : '-m unittest';
  const coverage = (args: string): string => uv ? `uv run --with coverage==7.11.0 coverage ${args}` : r.run(`coverage ${args}`);
  return { steps: [...r.setup, ...(uv ? [] : runStep('Install coverage.py', [r.add('coverage==7.11.0')!], r.project.dir)),
    ...test(coverage(`run --branch ${program}`), coverage(`report --fail-under=${wanted}`))] };
}

/** Gradle measures with its own plugin; this switches it on without touching the build. */
const COVERAGE_GRADLE = `// Measures coverage in every Java project of the build, as XML, without a change to the build itself.
allprojects {
    plugins.withId('java') {
        apply plugin: 'jacoco'
        tasks.named('jacocoTestReport') {
            dependsOn tasks.named('test')
            reports { xml.required = true }
        }
    }
}
`;
