/** Jobs that lint and check types: what the project is set up for, else what its language brings along. */
import { basename, dirname, repoFacts, type Project, type Repository } from '../../repository';
import { at, buildTool, recipes, type Recipe } from './recipes';
import type { GeneratedJob } from './scaffold';
import { checkoutStep, jobHead, pin, runStep } from './snippets';
import { STACK_NAMES } from './test-jobs';

interface Lint { readonly steps: readonly string[]; readonly todo?: readonly string[] }
type Refused = { readonly left: string };

export function lintJobs(repo: Repository): { jobs: GeneratedJob[]; todo: string[]; left: string[] } {
  const { chosen, others } = recipes(repo);
  const jobs: GeneratedJob[] = [], todo: string[] = [], left: string[] = [];
  for (const r of chosen) {
    const made = lint(repo, r);
    if ('left' in made) { left.push(made.left); continue; }
    const name = STACK_NAMES[r.project.manager]!, id = chosen.length === 1 ? 'lint' : `lint-${name}`;
    if (jobs.some(j => j.id === id)) continue;
    jobs.push({ id, yaml: [...jobHead(chosen.length === 1 ? 'Lint' : `Lint (${name})`, 15), 'steps:', ...checkoutStep(), ...made.steps] });
    todo.push(...made.todo ?? []);
  }
  if (jobs.length > 0 && others.length > 0) left.push(`Add jobs for the other projects, too: ${others.slice(0, 6).map(p => p.dir || '/').join(', ')}.`);
  return { jobs, todo, left };
}

const FIRST = 'If the job fails at first, let the tool repair what it can, and take the rest in small steps.';

function lint(repo: Repository, r: Recipe): Lint | Refused {
  const { project: p } = r, step = (name: string, ...commands: string[]): string[] => runStep(name, commands, p.dir);
  switch (p.manager) {
    case 'npm': case 'pnpm': case 'yarn': case 'bun': return javascript(repo, r, step);
    case 'pip': case 'poetry': case 'pipenv': case 'uv': {
      const mypy = ['mypy.ini', '.mypy.ini'].some(f => repo.has(at(p, f))), pyright = repo.has(at(p, 'pyrightconfig.json'));
      const types = mypy ? step('Check the types', `${r.add('mypy==1.18.2')!}`, r.run('mypy .'))
        : pyright ? step('Check the types', `${r.add('pyright==1.1.407')!}`, r.run('pyright')) : [];
      return { steps: [...(types.length > 0 ? r.setup : []), ...step('Lint', 'pipx run ruff==0.14.4 check .'), ...types],
        todo: [FIRST, ...(types.length > 0 ? r.todo : [])] };
    }
    case 'go': return { steps: [...r.setup, ...step('Look at the format', 'test -z "$(gofmt -l . | tee /dev/stderr)"'),
      ...step('Lint', 'go vet ./...')] };
    case 'cargo': return { steps: [...r.setup, ...step('Look at the format', 'cargo fmt --all --check'),
      ...step('Lint', `cargo clippy --workspace --all-targets${p.lockfile ? ' --locked' : ''} -- -D warnings`)], todo: [FIRST] };
    case 'maven': {
      const text = repo.read(p.manifest) ?? '', known = /spotless-maven-plugin/.test(text) ? 'spotless:check'
        : /maven-checkstyle-plugin/.test(text) ? 'checkstyle:check' : undefined;
      return { steps: [...r.setup,
        ...step('Lint', `${buildTool(p, repo)} --batch-mode ${known ?? 'compile org.apache.maven.plugins:maven-pmd-plugin:3.27.0:check'}`)], todo: [FIRST, ...r.todo] };
    }
    case 'gradle': {
      const text = repo.read(p.manifest) ?? '';
      const task = /spotless/.test(text) ? 'spotlessCheck' : /ktlint/.test(text) ? 'ktlintCheck'
        : /detekt/.test(text) ? 'detekt' : /\bcheckstyle\b/.test(text) ? 'checkstyleMain' : /\bpmd\b/.test(text) ? 'pmdMain' : undefined;
      return task === undefined
        ? { left: `No plugin that lints is applied in ${p.manifest}: add Spotless, Checkstyle, ktlint or detekt there first.` }
        : { steps: [...r.setup, ...step('Lint', `${buildTool(p, repo)} ${task}`)], todo: r.todo };
    }
    case 'dotnet': return { steps: [...r.setup, ...step('Lint', 'dotnet format --verify-no-changes')], todo: [FIRST] };
    case 'bundler': {
      const own = /\brubocop\b/.test(`${repo.read(p.manifest) ?? ''}${p.lockfile ? repo.read(p.lockfile) ?? '' : ''}`), standard = /\bstandard\b/.test(repo.read(p.manifest) ?? '');
      return { steps: [...r.setup, ...(own ? step('Lint', 'bundle exec rubocop')
        : standard ? step('Lint', 'bundle exec standardrb') : step('Lint', 'gem install rubocop --version 1.81.7', 'rubocop'))],
        todo: [FIRST] };
    }
    case 'composer': return php(repo, r, step);
    case 'swift': return { steps: step('Lint', 'swift format lint --strict --recursive Package.swift Sources'),
      todo: [FIRST, 'swift format comes with Swift 6: pin a version of the toolchain if the runner’s is older.'] };
    default: return { left: `Nothing is known about how ${p.manifest} is linted.` };
  }
}

const ESLINT = /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:json|[cm]?js|ya?ml))?)$/;
const inDir = (repo: Repository, p: Project, name: RegExp): boolean => repo.files.some(f => dirname(f) === p.dir && name.test(basename(f)));

function javascript(repo: Repository, r: Recipe, step: (name: string, ...commands: string[]) => string[]): Lint {
  const { project: p } = r, pkg = repoFacts(repo).stack.packages.get(p.dir), scripts = pkg?.scripts ?? {};
  const script = ['lint', 'lint:check', 'eslint', 'check:lint', 'format:check', 'check:format'].find(s => scripts[s] !== undefined
    && !/--(?:fix|write)\b/.test(scripts[s]!));
  const command = script !== undefined ? `${p.manager} run ${script}`
    : inDir(repo, p, ESLINT) ? r.run('eslint .') : inDir(repo, p, /^biome\.jsonc?$/) ? r.run('biome ci .')
    : 'npx --yes oxlint@1.28.0 --deny-warnings';
  const types = ['typecheck', 'type-check', 'check-types', 'types', 'tsc'].find(s => scripts[s] !== undefined);
  const typed = repo.has(at(p, 'tsconfig.json')) ? step('Check the types',
    types === undefined ? r.run('tsc --noEmit') : `${p.manager} run ${types}`) : [];
  return { steps: [...r.setup, ...step('Lint', command), ...typed], todo: [...(command.includes('oxlint') ? [FIRST] : []), ...r.todo] };
}

function php(repo: Repository, r: Recipe, step: (name: string, ...commands: string[]) => string[]): Lint {
  const text = repo.read(at(r.project, 'composer.json')) ?? '';
  const own = /phpstan\/phpstan|larastan/.test(text) ? 'phpstan analyse --no-progress'
    : /laravel\/pint/.test(text) ? 'pint --test' : /php-cs-fixer/.test(text) ? 'php-cs-fixer fix --dry-run --diff'
    : /squizlabs\/php_codesniffer/.test(text) ? 'phpcs' : undefined;
  if (own) return { steps: [...r.setup, ...step('Lint', r.run(own))] };
  return { steps: ['  - name: Set up PHP', `    uses: ${pin('shivammathur/setup-php').text}`, '    with:', "      php-version: '8.4'",
    '      coverage: none', '      tools: phpstan:2.1.31',
    ...step('Install dependencies', 'composer install --no-interaction --no-progress'),
      ...step('Lint', 'phpstan analyse --no-progress --level 1 --memory-limit 1G .')],
      todo: [FIRST, 'Name your own folders in phpstan.neon, and leave out vendor.'] };
}
