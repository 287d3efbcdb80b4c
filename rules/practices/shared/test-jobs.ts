/** How the tests of a stack are run: a job for each project at the root, or the first below it where the root has none. */
import { repoFacts, type Manager, type Project, type Repository } from '../../repository';
import type { GeneratedJob } from './scaffold';
import { checkoutStep, jobHead, pin, runStep, yamlText } from './snippets';

interface Recipe { readonly steps: readonly string[]; readonly todo?: readonly string[] }
interface Refusal { readonly left: string }
type Maker = (project: Project, repo: Repository) => Recipe | Refusal;

const NAMES: Readonly<Partial<Record<Manager, string>>> = {
  npm: 'node', pnpm: 'node', yarn: 'node', bun: 'bun', pip: 'python', poetry: 'python', pipenv: 'python', uv: 'python', go: 'go',
    cargo: 'rust', maven: 'java',
  gradle: 'java', dotnet: 'dotnet', bundler: 'ruby', composer: 'php', swift: 'swift',
};

export function testJobs(repo: Repository): { jobs: GeneratedJob[]; todo: string[]; left: string[] } {
  const candidates = repoFacts(repo).stack.projects.filter(p => !p.member && MAKERS[p.manager]);
  const root = candidates.filter(p => p.dir === '');
  const chosen = root.length > 0 ? root : candidates.slice(0, 1);
  const jobs: GeneratedJob[] = [], todo: string[] = [], left: string[] = [];
  for (const project of chosen) {
    const recipe = MAKERS[project.manager]!(project, repo);
    if ('left' in recipe) { left.push(recipe.left); continue; }
    const name = NAMES[project.manager]!;
    const id = chosen.length === 1 ? 'test' : `test-${name}`;
    if (jobs.some(j => j.id === id)) continue;
    jobs.push({ id, yaml: [...jobHead(chosen.length === 1 ? 'Test' : `Test (${name})`, 30), 'steps:', ...checkoutStep(),
      ...recipe.steps] });
    todo.push(...recipe.todo ?? []);
  }
  const others = candidates.filter(p => !chosen.includes(p));
  if (jobs.length > 0 && others.length > 0) left.push(`Add jobs for the other projects, too: ${others.slice(0, 6).map(p => p.dir || '/').join(', ')}.`);
  return { jobs, todo, left };
}

const at = (p: Project, name: string): string => p.dir === '' ? name : `${p.dir}/${name}`;

function uses(name: string, action: string, inputs: readonly string[]): string[] {
  return [`  - name: ${name}`, `    uses: ${pin(action).text}`,
    ...(inputs.length > 0 ? ['    with:', ...inputs.map(i => `      ${i}`)] : [])];
}

/** The first of these files that is there, as an input; else a fixed version. */
function versionInput(p: Project, repo: Repository, files: readonly string[], input: string, fallback: string): string {
  const file = files.map(f => at(p, f)).find(f => repo.has(f)) ?? files.find(f => repo.has(f));
  return file ? `${input}-file: ${yamlText(file)}` : fallback;
}

const node: Maker = (p, repo) => {
  const pkg = repoFacts(repo).stack.packages.get(p.dir);
  const script = pkg?.scripts.test;
  if (pkg && (script === undefined || /no test specified/.test(script))) return { left: `${p.manifest} has no test script.` };
  const corepack = p.manager !== 'npm' && (p.manager === 'pnpm' || pkg?.packageManager !== undefined || repo.has(at(p, '.yarnrc.yml')));
  const berry = p.manager === 'yarn' && repo.has(at(p, '.yarnrc.yml'));
  const inputs = [versionInput(p, repo, ['.nvmrc', '.node-version'], 'node-version', 'node-version: 24')];
  if (p.lockfile) inputs.push(`cache: ${p.manager}`, ...(p.lockfile.includes('/') ? [`cache-dependency-path: ${yamlText(p.lockfile)}`]
    : []));
  const install = !p.lockfile ? `${p.manager} install` : p.manager === 'npm' ? 'npm ci'
    : p.manager === 'pnpm' ? 'pnpm install --frozen-lockfile'
    : berry ? 'yarn install --immutable' : 'yarn install --frozen-lockfile';
  return {
    steps: [
      ...(corepack ? runStep(`Enable ${p.manager}`, ['corepack enable']) : []),
      ...uses('Set up Node.js', 'actions/setup-node', inputs),
      ...runStep('Install dependencies', [install], p.dir),
      ...runStep('Test', [`${p.manager} test`], p.dir),
    ],
    todo: p.lockfile ? [] : [`Commit the lockfile of ${p.manifest}: until then each run installs what is newest.`],
  };
};

const bun: Maker = p => ({
  steps: [...uses('Set up Bun', 'oven-sh/setup-bun', []), ...runStep('Install dependencies',
    [p.lockfile ? 'bun install --frozen-lockfile' : 'bun install'], p.dir), ...runStep('Test', ['bun test'], p.dir)],
});

/** Pytest where anything says so: the standard library's runner finds nothing of it. */
function pytest(p: Project, repo: Repository): boolean {
  if (repo.files.some(f => /(?:^|\/)(?:pytest\.ini|conftest\.py)$/.test(f))) return true;
  return ['pyproject.toml', 'tox.ini', 'setup.cfg', 'requirements.txt', 'requirements-dev.txt', 'dev-requirements.txt',
    'Pipfile'].some(f => /\bpytest\b/.test(repo.read(at(p, f)) ?? ''));
}

const python: Maker = (p, repo) => {
  const runner = pytest(p, repo) ? 'pytest' : 'unittest';
  const call = runner === 'pytest' ? 'pytest' : 'python -m unittest';
  const version = versionInput(p, repo, ['.python-version'], 'python-version', "python-version: '3.13'");
  const dir = p.dir;
  if (p.manager === 'uv') {
    return { steps: [...uses('Set up uv', 'astral-sh/setup-uv', ['enable-cache: true']),
      ...runStep('Install dependencies', ['uv sync --locked'], dir), ...runStep('Test', [`uv run ${call}`], dir)] };
  }
  const cachePath = [p.lockfile, p.manifest].find(f => f?.includes('/'));
  const cache = (manager: string): string[] => [`cache: ${manager}`,
    ...(cachePath ? [`cache-dependency-path: ${yamlText(cachePath)}`] : [])];
  if (p.manager === 'poetry' && p.lockfile) {
    return {
      steps: [...runStep('Install Poetry', ['pipx install poetry==2.1.4']),
        ...uses('Set up Python', 'actions/setup-python', [version, ...cache('poetry')]),
        ...runStep('Install dependencies', ['poetry sync'], dir), ...runStep('Test', [`poetry run ${call}`], dir)],
    };
  }
  if (p.manager === 'pipenv' && p.lockfile) {
    return {
      steps: [...uses('Set up Python', 'actions/setup-python', [version, ...cache('pipenv')]),
        ...runStep('Install dependencies', ['pipx run pipenv==2025.0.4 sync --dev'], dir),
        ...runStep('Test', [`pipx run pipenv==2025.0.4 run ${call}`], dir)],
    };
  }
  const lists = ['requirements.txt', 'requirements-dev.txt', 'dev-requirements.txt',
    'requirements-test.txt'].filter(f => repo.has(at(p, f)));
  const hashed = lists.length > 0 && lists.every(f => (repo.read(at(p, f)) ?? '').includes('--hash='));
  const what = lists.map(f => `--requirement ${f}`);
  if (lists.length === 0 || p.manifest.endsWith('pyproject.toml') || p.manifest.endsWith('setup.py')) what.push('--editable .');
  const has = lists.some(f => /\bpytest\b/.test(repo.read(at(p, f)) ?? ''));
  const install = [`python -m pip install ${hashed ? '--require-hashes ' : ''}${(hashed ? what.filter(w => w !== '--editable .') : what).join(' ')}`];
  if (runner === 'pytest' && !has) install[0] += ' pytest';
  return {
    steps: [...uses('Set up Python', 'actions/setup-python', [version, ...cache('pip')]), ...runStep('Install dependencies', install, dir),
      ...runStep('Test', [runner === 'pytest' ? 'python -m pytest' : call], dir)],
    todo: hashed ? [] : ['Lock the Python requirements with hashes (uv lock, or pip-compile --generate-hashes): until then each run installs what is newest.'],
  };
};

const go: Maker = p => ({
  steps: [...uses('Set up Go', 'actions/setup-go', [`go-version-file: ${yamlText(p.manifest)}`,
    ...(p.lockfile?.includes('/') ? [`cache-dependency-path: ${yamlText(p.lockfile)}`] : [])]),
    ...runStep('Test', ['go test ./...'], p.dir)],
});

const cargo: Maker = p => ({
  steps: [...uses('Cache dependencies', 'Swatinem/rust-cache', p.dir === '' ? [] : [`workspaces: ${yamlText(p.dir)}`]),
    ...runStep('Test', [`cargo test --workspace${p.lockfile ? ' --locked' : ''}`], p.dir)],
});

const java = (tool: 'maven' | 'gradle'): Maker => (p, repo) => {
  const wrapper = tool === 'maven' ? 'mvnw' : 'gradlew';
  const command = repo.has(at(p, wrapper)) ? `./${wrapper}` : tool === 'maven' ? 'mvn' : 'gradle';
  return {
    steps: [...uses('Set up Java', 'actions/setup-java', ['distribution: temurin',
      versionInput(p, repo, ['.java-version'], 'java-version', "java-version: '21'"), `cache: ${tool}`]),
      ...runStep('Test', [tool === 'maven' ? `${command} --batch-mode verify` : `${command} check`], p.dir)],
    todo: [`Set the version of Java that ${p.manifest} needs.`],
  };
};

const dotnet: Maker = (p, repo) => ({
  steps: [
    ...uses('Set up .NET', 'actions/setup-dotnet', [repo.has('global.json') ? 'global-json-file: global.json' : 'dotnet-version: 8.0.x',
      ...(p.lockfile ? ['cache: true', `cache-dependency-path: ${yamlText(p.lockfile)}`] : [])]),
    ...(p.lockfile ? runStep('Restore', ['dotnet restore --locked-mode'], p.dir) : []),
    ...runStep('Test', [p.lockfile ? 'dotnet test --no-restore' : 'dotnet test'], p.dir),
  ],
});

const ruby: Maker = (p, repo) => {
  const version = ['.ruby-version', '.tool-versions', 'mise.toml'].some(f => repo.has(at(p, f))) ? [] : ["ruby-version: '3.4'"];
  const rspec = repo.files.some(f => f.startsWith(at(p, 'spec/')));
  return {
    steps: [...uses('Set up Ruby', 'ruby/setup-ruby', [...version, 'bundler-cache: true',
      ...(p.dir === '' ? [] : [`working-directory: ${yamlText(p.dir)}`])]),
      ...runStep('Test', [rspec ? 'bundle exec rspec' : repo.has(at(p, 'bin/rails')) ? 'bin/rails test' : 'bundle exec rake test'], p.dir)],
  };
};

const php: Maker = p => ({
  steps: [...uses('Set up PHP', 'shivammathur/setup-php', ["php-version: '8.4'", 'coverage: none']),
    ...runStep('Install dependencies', ['composer install --no-interaction --no-progress'], p.dir),
    ...runStep('Test', ['vendor/bin/phpunit'], p.dir)],
});

const swift: Maker = p => ({ steps: runStep('Test', ['swift test'], p.dir) });

const MAKERS: Readonly<Partial<Record<Manager, Maker>>> = {
  npm: node, pnpm: node, yarn: node, bun, pip: python, poetry: python, pipenv: python, uv: python, go, cargo, maven: java('maven'),
    gradle: java('gradle'), dotnet, bundler: ruby, composer: php, swift,
};
