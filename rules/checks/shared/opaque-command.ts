import type { PlainCommand } from './script-commands';

const set = (names: string): ReadonlySet<string> => new Set(names.trim().split(/\s+/));

/** Programs that only move text, files or variables about. */
const TRIVIAL = set(`
  [ [[ : alias awk base64 basename bc break case cat cd chmod chown cmp comm command continue cp cut date declare df diff dirname du echo env
  envsubst eval exit export expr false file find free grep gunzip gzip head hostname id install jq kill let ln local ls lsb_release mapfile
  md5sum mkdir mktemp mv nproc popd printf ps pushd pwd read readlink readonly realpath return rm rmdir sed seq set sha256sum sha512sum
  shasum shift shopt sleep sort split stat tail tar tee test time touch tr trap true tty type uname uniq unset unzip wait wc which whoami
  xargs yq zip
  write-host write-output set-location new-item remove-item copy-item get-content set-content out-file test-path join-path`);

/** Programs that run a project's own code, or whatever a file tells them to. */
const OPAQUE = set(`
  make gmake ninja just task rake invoke inv mage earthly dagger bazel bazelisk buck2 pants nox tox hatch pdm poetry rye pipenv uv uvx
  npx bunx pnpx bash sh zsh dash fish pwsh powershell python python3 py node deno bun ruby perl php lua java gradle gradlew mvn mvnw ant sbt
  lein dotnet msbuild source . tsx ts-node lerna nx turbo changeset semantic-release release-it pre-commit prek xvfb-run act docker-compose`);

/** Subcommands of a program in the table above that run nothing of the project. */
const HARMLESS: Readonly<Record<string, ReadonlySet<string>>> = {
  uv: set('pip sync venv lock python build'),
  poetry: set('install config build check lock'),
  dotnet: set('--info --version restore'),
  deno: set('--version install'),
  bun: set('--version install'),
  node: set('-v --version'),
  java: set('-version --version'),
  ruby: set('-v --version'),
  php: set('-v --version'),
  python: set('-V --version'),
};

/** What package managers of JavaScript do by themselves; any other word of theirs is a script of the project. */
const PACKAGES = set(`
  ci install i add audit pack view ls list config cache version -v --version dedupe prune outdated ping whoami bin root why import fetch store`);
const MODULES = set('pip venv build ensurepip');

const baseName = (name: string): string => {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).toLowerCase();
  return base.endsWith('.exe') ? base.slice(0, -4) : base;
};

/** True for a command that can't use a token, whoever gives it one. */
export function trivialCommand({ name }: PlainCommand): boolean {
  return name !== undefined && TRIVIAL.has(baseName(name));
}

/** True for a command that runs code which isn't in the workflow: a script of the repository, a task runner, an interpreter. */
export function opaqueCommand({ name, args }: PlainCommand): boolean {
  if (name === undefined) return true;
  const base = baseName(name);
  const [first = '', second = ''] = args;
  if (base === 'npm' || base === 'pnpm' || base === 'yarn') return args.length > 0 && !PACKAGES.has(first);
  if (/^py(?:thon3?)?$/.test(base) && first === '-m' && MODULES.has(second)) return false;
  if (HARMLESS[base === 'python3' || base === 'py' ? 'python' : base]?.has(first)) return false;
  if (OPAQUE.has(base) || name.includes('.') && /\.(?:sh|bash|py|js|mjs|rb|ps1|pl)$/i.test(name)) return true;
  // A path into the working copy; programs of the system may be named by theirs.
  return /[/\\]/.test(name) && !/^\/(?:usr|bin|sbin|opt)\//.test(name);
}
