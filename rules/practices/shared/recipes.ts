/** How a stack is made ready and its tests are run: steps of a job for one project. */
import { repoFacts, type Language, type Manager, type Project, type Repository } from '../../repository';
import { pin, runStep, yamlText } from './snippets';

export interface Recipe {
  readonly project: Project;
  /** Steps that install the language and what the project depends on. */
  readonly setup: readonly string[];
  /** The command that runs the tests; undefined where nothing says how. */
  readonly test?: string;
  /** Why there is none. */
  readonly noTest?: string;
  /** How a program that the project depends on is called: `npx knex`, `poetry run alembic`. */
  run(program: string): string;
  /** A command that adds tools for one run; undefined where the stack has no such thing. */
  add(...packages: readonly string[]): string | undefined;
  readonly todo: readonly string[];
}
type Maker = (project: Project, repo: Repository) => Omit<Recipe, 'project'>;

/** Undefined for managers that nothing is known about. */
export function recipe(project: Project, repo: Repository): Recipe | undefined {
  const maker = MAKERS[project.manager];
  return maker && { project, ...maker(project, repo) };
}

/** Recipes of the projects at the root, or of the first below it where the root has none; then those of all others. */
export function recipes(repo: Repository): { readonly chosen: readonly Recipe[]; readonly others: readonly Project[] } {
  const candidates = repoFacts(repo).stack.projects.filter(p => !p.member && MAKERS[p.manager]);
  const root = candidates.filter(p => p.dir === '');
  const chosen = root.length > 0 ? root : candidates.slice(0, 1);
  return { chosen: chosen.map(p => recipe(p, repo)!), others: candidates.filter(p => !chosen.includes(p)) };
}

const LANGUAGE: Readonly<Partial<Record<Manager, Language>>> = { npm: 'javascript-typescript', pnpm: 'javascript-typescript',
  yarn: 'javascript-typescript',
  bun: 'javascript-typescript', pip: 'python', poetry: 'python', pipenv: 'python', uv: 'python', go: 'go', cargo: 'rust',
    maven: 'java-kotlin', gradle: 'java-kotlin',
  dotnet: 'csharp', bundler: 'ruby', composer: 'php', swift: 'swift' };
/** Of all source files. Helpers in another language are no product; scripts of shells, which are many and short, don't outweigh what lies at the root. */
const SHARE = 0.3;

/** Projects in a language that a good part of the code is written in, workspace members left out. */
export function mainProjects(repo: Repository): Project[] {
  const { projects, languages } = repoFacts(repo).stack, total = [...languages.values()].reduce((a, b) => a + b, 0);
  return projects.filter(p => {
    const language = LANGUAGE[p.manager];
    return !p.member && language !== undefined
      && (languages.get(language) ?? 0) >= SHARE * (p.dir === '' ? total - (languages.get('shell') ?? 0) : total);
  });
}

export const at = (p: Project, name: string): string => p.dir === '' ? name : `${p.dir}/${name}`;

function uses(name: string, action: string, inputs: readonly string[]): string[] {
  return [`  - name: ${name}`, `    uses: ${pin(action).text}`,
    ...(inputs.length > 0 ? ['    with:', ...inputs.map(i => `      ${i}`)] : [])];
}

/** The first of these files that is there, as an input; else a fixed version. */
function versionInput(p: Project, repo: Repository, files: readonly string[], input: string, fallback: string): string {
  const file = files.map(f => at(p, f)).find(f => repo.has(f)) ?? files.find(f => repo.has(f));
  return file ? `${input}-file: ${yamlText(file)}` : fallback;
}

const none = (): undefined => undefined;
const plain = (program: string): string => program;

const node: Maker = (p, repo) => {
  const pkg = repoFacts(repo).stack.packages.get(p.dir);
  const script = pkg?.scripts.test;
  const corepack = p.manager !== 'npm' && (p.manager === 'pnpm' || pkg?.packageManager !== undefined || repo.has(at(p, '.yarnrc.yml')));
  const berry = p.manager === 'yarn' && repo.has(at(p, '.yarnrc.yml'));
  const inputs = [versionInput(p, repo, ['.nvmrc', '.node-version'], 'node-version', 'node-version: 24')];
  if (p.lockfile) inputs.push(`cache: ${p.manager}`, ...(p.lockfile.includes('/') ? [`cache-dependency-path: ${yamlText(p.lockfile)}`]
    : []));
  const install = !p.lockfile ? `${p.manager} install` : p.manager === 'npm' ? 'npm ci'
    : p.manager === 'pnpm' ? 'pnpm install --frozen-lockfile'
    : berry ? 'yarn install --immutable' : 'yarn install --frozen-lockfile';
  return {
    setup: [
      ...(corepack ? runStep(`Enable ${p.manager}`, ['corepack enable']) : []),
      ...uses('Set up Node.js', 'actions/setup-node', inputs),
      ...runStep('Install dependencies', [install], p.dir),
    ],
    ...(pkg && (script === undefined || /no test specified/.test(script)) ? { noTest: `There is no test script in ${p.manifest}.` }
      : { test: `${p.manager} test` }),
    run: program => p.manager === 'pnpm' ? `pnpm exec ${program}` : berry ? `yarn exec ${program}` : `npx ${program}`,
    add: none,
    todo: p.lockfile ? [] : [`Commit the lockfile of ${p.manifest}: until then each run installs what is newest.`],
  };
};

const bun: Maker = p => ({
  setup: [...uses('Set up Bun', 'oven-sh/setup-bun', []), ...runStep('Install dependencies',
    [p.lockfile ? 'bun install --frozen-lockfile' : 'bun install'], p.dir)],
  test: 'bun test', run: program => `bunx ${program}`, add: none, todo: [],
});

/** Pytest where anything says so: the standard library's runner finds nothing of it. */
function pytest(p: Project, repo: Repository): boolean {
  if (repo.files.some(f => /(?:^|\/)(?:pytest\.ini|conftest\.py)$/.test(f))) return true;
  return ['pyproject.toml', 'tox.ini', 'setup.cfg', 'requirements.txt', 'requirements-dev.txt', 'dev-requirements.txt',
    'Pipfile'].some(f => /\bpytest\b/.test(repo.read(at(p, f)) ?? ''));
}

const python: Maker = (p, repo) => {
  // Django's own runner makes the database and finds tests that no other does.
  const django = repo.has(at(p, 'manage.py'));
  const withPytest = pytest(p, repo);
  const call = withPytest ? 'pytest' : django ? 'python manage.py test' : 'python -m unittest';
  const version = versionInput(p, repo, ['.python-version'], 'python-version', "python-version: '3.13'");
  const dir = p.dir;
  if (p.manager === 'uv') {
    return { setup: [...uses('Set up uv', 'astral-sh/setup-uv', ['enable-cache: true']),
      ...runStep('Install dependencies', ['uv sync --locked'], dir)], test: `uv run ${call}`, run: program => `uv run ${program}`,
      add: (...packages) => `uv pip install ${packages.join(' ')}`, todo: [] };
  }
  const cachePath = [p.lockfile, p.manifest].find(f => f?.includes('/'));
  const cache = (manager: string): string[] => [`cache: ${manager}`,
    ...(cachePath ? [`cache-dependency-path: ${yamlText(cachePath)}`] : [])];
  if (p.manager === 'poetry' && p.lockfile) {
    return {
      setup: [...runStep('Install Poetry', ['pipx install poetry==2.1.4']),
        ...uses('Set up Python', 'actions/setup-python', [version, ...cache('poetry')]),
        ...runStep('Install dependencies', ['poetry sync'], dir)],
      test: `poetry run ${call}`, run: program => `poetry run ${program}`,
      add: (...packages) => `poetry run pip install ${packages.join(' ')}`, todo: [],
    };
  }
  if (p.manager === 'pipenv' && p.lockfile) {
    const run = (program: string): string => `pipx run pipenv==2025.0.4 run ${program}`;
    return {
      setup: [...uses('Set up Python', 'actions/setup-python', [version, ...cache('pipenv')]),
        ...runStep('Install dependencies', ['pipx run pipenv==2025.0.4 sync --dev'], dir)],
      test: run(call), run, add: (...packages) => run(`pip install ${packages.join(' ')}`), todo: [],
    };
  }
  const lists = ['requirements.txt', 'requirements-dev.txt', 'dev-requirements.txt',
    'requirements-test.txt'].filter(f => repo.has(at(p, f)));
  const hashed = lists.length > 0 && lists.every(f => (repo.read(at(p, f)) ?? '').includes('--hash='));
  const what = lists.map(f => `--requirement ${f}`);
  if (lists.length === 0 || p.manifest.endsWith('pyproject.toml') || p.manifest.endsWith('setup.py')) what.push('--editable .');
  const has = lists.some(f => /\bpytest\b/.test(repo.read(at(p, f)) ?? ''));
  const install = [`python -m pip install ${hashed ? '--require-hashes ' : ''}${(hashed ? what.filter(w => w !== '--editable .') : what).join(' ')}`];
  if (withPytest && !has) install[0] += hashed ? '' : ' pytest==8.4.2';
  return {
    setup: [...uses('Set up Python', 'actions/setup-python', [version, ...cache('pip')]), ...runStep('Install dependencies', install, dir),
      ...(withPytest && !has && hashed ? runStep('Install pytest', ['python -m pip install pytest==8.4.2'], dir) : [])],
    test: withPytest ? 'python -m pytest' : call, run: plain,
    add: (...packages) => `python -m pip install ${packages.join(' ')}`,
    todo: hashed ? [] : ['Lock the Python requirements with hashes (uv lock, or pip-compile --generate-hashes): until then each run installs what is newest.'],
  };
};

const go: Maker = p => ({
  setup: uses('Set up Go', 'actions/setup-go', [`go-version-file: ${yamlText(p.manifest)}`,
    ...(p.lockfile?.includes('/') ? [`cache-dependency-path: ${yamlText(p.lockfile)}`] : [])]),
  test: 'go test ./...', run: plain, add: none, todo: [],
});

const cargo: Maker = p => ({
  setup: uses('Cache dependencies', 'Swatinem/rust-cache', p.dir === '' ? [] : [`workspaces: ${yamlText(p.dir)}`]),
  test: `cargo test --workspace${p.lockfile ? ' --locked' : ''}`, run: plain, add: none, todo: [],
});

/** `./mvnw` where the repository brings its own. */
export function buildTool(p: Project, repo: Repository): string {
  const [wrapper, tool] = p.manager === 'maven' ? ['mvnw', 'mvn'] : ['gradlew', 'gradle'];
  return repo.has(at(p, wrapper)) ? `./${wrapper}` : tool;
}

const java: Maker = (p, repo) => ({
  setup: uses('Set up Java', 'actions/setup-java', ['distribution: temurin',
    versionInput(p, repo, ['.java-version'], 'java-version', "java-version: '21'"), `cache: ${p.manager}`]),
  test: `${buildTool(p, repo)} ${p.manager === 'maven' ? '--batch-mode verify' : 'check'}`, run: plain, add: none,
  todo: [`Set the version of Java that ${p.manifest} needs.`],
});

const dotnet: Maker = (p, repo) => ({
  setup: [
    ...uses('Set up .NET', 'actions/setup-dotnet', [repo.has('global.json') ? 'global-json-file: global.json' : 'dotnet-version: 8.0.x',
      ...(p.lockfile ? ['cache: true', `cache-dependency-path: ${yamlText(p.lockfile)}`] : [])]),
    ...(p.lockfile ? runStep('Restore', ['dotnet restore --locked-mode'], p.dir) : []),
  ],
  test: p.lockfile ? 'dotnet test --no-restore' : 'dotnet test', run: plain, add: none, todo: [],
});

const ruby: Maker = (p, repo) => {
  const version = ['.ruby-version', '.tool-versions', 'mise.toml'].some(f => repo.has(at(p, f))) ? [] : ["ruby-version: '3.4'"];
  const rspec = repo.files.some(f => f.startsWith(at(p, 'spec/')));
  return {
    setup: uses('Set up Ruby', 'ruby/setup-ruby', [...version, 'bundler-cache: true',
      ...(p.dir === '' ? [] : [`working-directory: ${yamlText(p.dir)}`])]),
    test: rspec ? 'bundle exec rspec' : repo.has(at(p, 'bin/rails')) ? 'bin/rails test' : 'bundle exec rake test',
    run: program => `bundle exec ${program}`, add: none, todo: [],
  };
};

const php: Maker = (p, repo) => {
  const composer = repo.read(at(p, 'composer.json')) ?? '';
  return {
    setup: [...uses('Set up PHP', 'shivammathur/setup-php', ["php-version: '8.4'", 'coverage: none']),
      ...runStep('Install dependencies', ['composer install --no-interaction --no-progress'], p.dir)],
    test: composer.includes('"pestphp/pest"') ? 'vendor/bin/pest' : 'vendor/bin/phpunit',
    run: program => `vendor/bin/${program}`, add: none, todo: [],
  };
};

const swift: Maker = p => ({ setup: [], test: 'swift test', run: plain, add: none,
  todo: p.lockfile ? [] : ['Use a macOS runner if the package needs Apple’s frameworks.'] });

const MAKERS: Readonly<Partial<Record<Manager, Maker>>> = {
  npm: node, pnpm: node, yarn: node, bun, pip: python, poetry: python, pipenv: python, uv: python, go, cargo, maven: java,
    gradle: java, dotnet, bundler: ruby, composer: php, swift,
};
