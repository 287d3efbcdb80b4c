/** What a checkout is made of, told from file names and, where they can be read, manifests. */
import type { Repository } from './repository';
import { ancestors, basename, dirname, extension, isSample, isVendored } from './paths';

/** As dependabot.yml names them. */
export type Ecosystem =
  | 'npm' | 'bun' | 'pip' | 'uv' | 'gomod' | 'cargo' | 'maven' | 'gradle' | 'nuget' | 'bundler' | 'composer' | 'swift' | 'pub' | 'mix' | 'docker' | 'terraform';
export type Manager =
  | 'npm' | 'pnpm' | 'yarn' | 'bun' | 'pip' | 'poetry' | 'pipenv' | 'uv' | 'go' | 'cargo' | 'maven' | 'gradle' | 'dotnet' | 'bundler' | 'composer' | 'swift'
  | 'pub' | 'mix';
/** As CodeQL names them, and what it doesn't read. */
export type Language =
  | 'javascript-typescript' | 'python' | 'go' | 'java-kotlin' | 'csharp' | 'ruby' | 'swift' | 'c-cpp' | 'rust' | 'php' | 'shell' | 'dart' | 'elixir';

/** One folder in which one package manager works: a manifest, with the lockfile that counts for it. */
export interface Project {
  readonly ecosystem: Ecosystem;
  readonly manager: Manager;
  /** `''` for the root. */
  readonly dir: string;
  readonly manifest: string;
  readonly lockfile?: string;
  /** Covered by a project above it: a workspace member, a Maven module. */
  readonly member: boolean;
}

export interface PackageJson {
  readonly path: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: ReadonlySet<string>;
  readonly packageManager?: string;
  readonly workspaces: boolean;
}

export interface Stack {
  /** Outside vendored and sample folders; root first, then by path. */
  readonly projects: readonly Project[];
  /** Source files per language, samples and vendored files left out; most files first. */
  readonly languages: ReadonlyMap<Language, number>;
  /** Paths of Dockerfiles that are not samples, root first. */
  readonly dockerfiles: readonly string[];
  readonly terraform: readonly string[];
  /** Test files found by name. */
  readonly testFiles: readonly string[];
  /** Readable package.json files outside vendored and sample folders, by folder. */
  readonly packages: ReadonlyMap<string, PackageJson>;
  /** Files that say there is a web front end. */
  readonly frontend: readonly string[];
  readonly migrations: readonly string[];
  readonly openapi: readonly string[];
}

const NPM_LOCKS: readonly (readonly [string, Manager])[] = [
  ['pnpm-lock.yaml', 'pnpm'], ['yarn.lock', 'yarn'], ['bun.lock', 'bun'], ['bun.lockb', 'bun'], ['package-lock.json', 'npm'],
    ['npm-shrinkwrap.json', 'npm'],
];

const LANGUAGE_OF: Readonly<Record<string, Language>> = {
  js: 'javascript-typescript', mjs: 'javascript-typescript', cjs: 'javascript-typescript', jsx: 'javascript-typescript',
    ts: 'javascript-typescript',
  mts: 'javascript-typescript', cts: 'javascript-typescript', tsx: 'javascript-typescript', vue: 'javascript-typescript',
    svelte: 'javascript-typescript',
  py: 'python', pyi: 'python', go: 'go', java: 'java-kotlin', kt: 'java-kotlin', kts: 'java-kotlin', cs: 'csharp', rb: 'ruby',
    swift: 'swift',
  c: 'c-cpp', cc: 'c-cpp', cpp: 'c-cpp', cxx: 'c-cpp', h: 'c-cpp', hpp: 'c-cpp', rs: 'rust', php: 'php', sh: 'shell', bash: 'shell',
    dart: 'dart', ex: 'elixir',
};
const TEST_NAME =
  /^(?:test_[^/]*\.py|[^/]*_test\.(?:py|go|exs|dart|rb|cc|cpp)|[^/]*_spec\.rb|test_[^/]*\.rb|[^/]*\.(?:test|spec|cy)\.[cm]?[jt]sx?|[^/]*(?:Test|Tests|IT|Spec)\.(?:java|kt|scala|groovy|cs|php|swift)|[^/]*\.Tests?\.csproj|[^/]*\.bats|[^/]*\.[Tt]ests\.ps1)$/;
const TEST_DIRS = new Set(['test', 'tests', '__tests__', 'spec', 'specs', 'Tests', 'unittests']);

/** Names that could break out of what is generated from them: control characters, and expressions that GitHub would evaluate. */
// eslint-disable-next-line no-control-regex
const HOSTILE_NAME = /[\u0000-\u001f\u007f\u2028\u2029]|\$\{\{/;

export function detectStack(repo: Repository): Stack {
  const projects: Project[] = [];
  const counts = new Map<Language, number>();
  const dockerfiles: string[] = [], terraform: string[] = [], testFiles: string[] = [], frontend: string[] = [], migrations: string[] = [], openapi: string[] = [];
  const packages = new Map<string, PackageJson>();
  const named: string[] = [];
  for (const path of repo.files) {
    if (isVendored(path) || HOSTILE_NAME.test(path)) continue;
    const base = basename(path), language = LANGUAGE_OF[extension(path)];
    if (TEST_NAME.test(base) || (language && path.split('/').slice(0, -1).some(p => TEST_DIRS.has(p))
      && !/(?:^|\/)(?:fixtures?|testdata|__fixtures__)\//.test(path)))
      testFiles.push(path);
    if (isSample(path)) continue;
    named.push(path);
    if (language && !isConfigScript(base) && !path.startsWith('.github/')) counts.set(language, (counts.get(language) ?? 0) + 1);
    if (isDockerfile(base)) dockerfiles.push(path);
    if (base.endsWith('.tf')) terraform.push(path);
    if (/^(?:vite|next|nuxt|svelte|astro|remix|vue)\.config\.[cm]?[jt]s$|^angular\.json$|^index\.html$|\.(?:tsx|jsx|vue|svelte)$/.test(base)) frontend.push(path);
    if (/(?:^|\/)(?:migrations|alembic\/versions|db\/migrate|prisma\/migrations)\/[^/]+/.test(path)) migrations.push(path);
    if (/^(?:(?:openapi|swagger)[^/]*|[^/]+\.(?:openapi|swagger))\.(?:ya?ml|json)$/.test(base)) openapi.push(path);
    if (base === 'package.json') {
      const parsed = parsePackageJson(path, repo.read(path));
      if (parsed) packages.set(dirname(path), parsed);
    }
  }
  const files = new Set(named), seen = new Set<string>();
  const solutions = new Set(named.filter(f => /\.slnx?$/.test(f)).map(dirname));
  const dotnet = new Set(named.filter(f => DOTNET_PROJECT.test(f)).flatMap(f => ancestors(dirname(f))));
  for (const path of named) {
    if (path.startsWith('.github/')) continue;
    const project = (isSettings(path, repo) ? undefined : projectOf(path, files, packages)) ?? dotnetProject(path, solutions, dotnet);
    const key = project && `${project.ecosystem} ${project.dir}`;
    if (!project || !key || seen.has(key)) continue;
    seen.add(key);
    projects.push(project);
  }
  projects.sort((a, b) => Number(a.dir !== '') - Number(b.dir !== ''));
  dockerfiles.sort((a, b) => Number(a.includes('/')) - Number(b.includes('/')));
  return { projects, languages: new Map([...counts].sort((a, b) => b[1] - a[1])), dockerfiles, terraform, testFiles, packages, frontend,
    migrations, openapi };
}

export function isDockerfile(base: string): boolean {
  return /^(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$|^[\w-]+\.[Dd]ockerfile$/.test(base) && !base.endsWith('.dockerignore');
}

/** Settings that happen to be written in a language are not code in that language. */
function isConfigScript(base: string): boolean {
  return /(?:^|\.)(?:config|conf|rc|setup)\.[cm]?[jt]s$/.test(base)
    || /^\.?(?:gulpfile|gruntfile|karma\.conf|eslintrc|prettierrc)\b/i.test(base);
}

const PYTHON_PROJECT = /^\[(?:project|build-system|dependency-groups|tool\.(?:poetry|pdm|flit|uv|setuptools|hatch|maturin|scikit-build|rye|pixi|briefcase))\b/m;

/** A pyproject.toml that sets tools up and declares nothing. One beside documentation that can't be read is there to be copied from. */
function isSettings(path: string, repo: Repository): boolean {
  if (basename(path) !== 'pyproject.toml') return false;
  const text = repo.read(path)?.slice(0, 200_000);
  return text === undefined ? /^(?:docs?|documentation)\//.test(path) : /^\[tool\./m.test(text) && !PYTHON_PROJECT.test(text);
}

function projectOf(path: string, files: ReadonlySet<string>, packages: ReadonlyMap<string, PackageJson>): Project | undefined {
  const base = basename(path), dir = dirname(path);
  const at = (name: string, d = dir): string => d === '' ? name : `${d}/${name}`;
  const beside = (...names: string[]): string | undefined => names.map(n => at(n)).find(p => files.has(p));
  const above = (...names: string[]): string | undefined => {
    for (const d of ancestors(dir)) for (const n of names) if (files.has(at(n, d))) return at(n, d);
    return undefined;
  };
  const nested = (...names: string[]): boolean => dir !== '' && ancestors(dirname(dir)).some(d => names.some(n => files.has(at(n, d))));
  switch (base) {
    case 'package.json': {
      const lockfile = above(...NPM_LOCKS.map(([name]) => name));
      const own = lockfile !== undefined && dirname(lockfile) === dir;
      const declared = ancestors(dir).map(d => packages.get(d)?.packageManager).find(m => m !== undefined)?.split('@')[0];
      const byLock = NPM_LOCKS.find(([name]) => lockfile !== undefined && basename(lockfile) === name)?.[1];
      const manager = byLock ?? (declared === 'pnpm' || declared === 'yarn' || declared === 'bun' ? declared : 'npm');
      return { ecosystem: manager === 'bun' ? 'bun' : 'npm', manager, dir, manifest: path, lockfile,
        member: !own && nested('package.json') };
    }
    case 'pyproject.toml': case 'setup.py': case 'Pipfile': case 'requirements.txt': {
      const uv = above('uv.lock'), poetry = beside('poetry.lock'), pipenv = beside('Pipfile.lock');
      const manifest = beside('pyproject.toml', 'Pipfile', 'requirements.txt', 'setup.py') ?? path;
      const manager: Manager = uv ? 'uv' : poetry ? 'poetry' : pipenv ?? base === 'Pipfile' ? 'pipenv' : 'pip';
      return { ecosystem: uv ? 'uv' : 'pip', manager, dir, manifest, lockfile: uv ?? poetry ?? pipenv,
        member: uv !== undefined && dirname(uv) !== dir };
    }
    case 'go.mod': return { ecosystem: 'gomod', manager: 'go', dir, manifest: path, lockfile: beside('go.sum'), member: false };
    case 'Cargo.toml': {
      const lockfile = above('Cargo.lock');
      return { ecosystem: 'cargo', manager: 'cargo', dir, manifest: path, lockfile,
        member: nested('Cargo.toml') && (!lockfile || dirname(lockfile) !== dir) };
    }
    case 'pom.xml': return { ecosystem: 'maven', manager: 'maven', dir, manifest: path, member: nested('pom.xml') };
    case 'build.gradle': case 'build.gradle.kts':
      return { ecosystem: 'gradle', manager: 'gradle', dir, manifest: path, lockfile: beside('gradle.lockfile'),
        member: nested('build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts') };
    case 'Gemfile': return { ecosystem: 'bundler', manager: 'bundler', dir, manifest: path, lockfile: beside('Gemfile.lock'),
      member: false };
    case 'composer.json':
      return { ecosystem: 'composer', manager: 'composer', dir, manifest: path, lockfile: beside('composer.lock'),
        member: nested('composer.json') };
    case 'Package.swift': return { ecosystem: 'swift', manager: 'swift', dir, manifest: path, lockfile: beside('Package.resolved'),
      member: false };
    case 'pubspec.yaml': return { ecosystem: 'pub', manager: 'pub', dir, manifest: path, lockfile: above('pubspec.lock'),
      member: nested('pubspec.yaml') };
    case 'mix.exs': return { ecosystem: 'mix', manager: 'mix', dir, manifest: path, lockfile: above('mix.lock'),
      member: nested('mix.exs') };
  }
  return undefined;
}

const DOTNET_PROJECT = /\.(?:cs|fs|vb)proj$/;

/** Visual Studio solutions may hold nothing but C++: those are no .NET projects. */
function dotnetProject(path: string, solutions: ReadonlySet<string>, dotnet: ReadonlySet<string>): Project | undefined {
  const dir = dirname(path), common = { ecosystem: 'nuget', manager: 'dotnet', dir, manifest: path } as const;
  if (DOTNET_PROJECT.test(path)) return { ...common, member: ancestors(dir).some(d => d !== dir && solutions.has(d)) };
  if (/\.slnx?$/.test(path) && dotnet.has(dir)) return { ...common, member: false };
  return undefined;
}

function parsePackageJson(path: string, text: string | undefined): PackageJson | undefined {
  if (text === undefined) return undefined;
  let data: unknown;
  try { data = JSON.parse(text.replace(/^\uFEFF/, '')); } catch { return undefined; }
  if (!isRecord(data)) return undefined;
  const scripts: Record<string, string> = {};
  if (isRecord(data.scripts)) for (const [k, v] of Object.entries(data.scripts)) if (typeof v === 'string') scripts[k] = v;
  const dependencies = new Set<string>();
  for (const key of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
    const group = data[key];
    if (isRecord(group)) for (const name of Object.keys(group)) dependencies.add(name);
  }
  return { path, scripts, dependencies, packageManager: typeof data.packageManager === 'string' ? data.packageManager : undefined,
    workspaces: data.workspaces !== undefined };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
