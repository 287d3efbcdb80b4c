import type { PlainCommand } from './script-commands';

const set = (names: string): ReadonlySet<string> => new Set(names.trim().split(/\s+/));

/** Programs that only move text, files or variables about. */
const TRIVIAL = set(`
  [ [[ : alias basename break case cat cd chmod chown cmp comm continue cp cut date declare diff dirname du echo envsubst eval exit export false file find
  grep gunzip gzip head hostname id install jq yq kill let ln local ls lsb_release mapfile md5sum mkdir mktemp mv nproc popd printf ps pushd pwd read
  readlink readonly realpath return rm rmdir sed seq set sha256sum sha512sum shasum shift shopt sleep sort split stat tail tar tee test time touch tr
  trap true tty type uname uniq unset unzip wait wc which whoami xargs zip awk base64 bc df env expr free command export
  write-host write-output set-location new-item remove-item copy-item get-content set-content out-file test-path join-path`);

/** Programs that run a project's own code, or whatever a file tells them to. */
const OPAQUE = set(`
  make gmake ninja cmake ctest just task rake invoke inv mage earthly dagger bazel bazelisk buck2 pants nox tox hatch pdm poetry rye pipenv uv uvx
  npx bunx pnpx bash sh zsh dash fish pwsh powershell python python3 py node deno bun ruby perl php lua java gradle gradlew mvn mvnw ant sbt lein
  dotnet msbuild source . tsx ts-node lerna nx turbo changeset semantic-release release-it pre-commit prek xvfb-run act docker-compose`);

const NPM_OWN = set('ci install i add audit pack view ls list config cache version -v --version dedupe prune outdated ping whoami bin root why import fetch store');

const baseName = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).replace(/\.exe$/i, '');

/** True for a command that can't use a token, whoever gives it one. */
export function trivialCommand({ name }: PlainCommand): boolean {
  return name !== undefined && TRIVIAL.has(baseName(name).toLowerCase());
}

/** True for a command that runs code which isn't in the workflow: a script of the repository, a task runner, an interpreter. */
export function opaqueCommand({ name, args }: PlainCommand): boolean {
  if (name === undefined) return true;
  const base = baseName(name).toLowerCase();
  if (['npm', 'pnpm', 'yarn'].includes(base)) return args.length > 0 ? !NPM_OWN.has(args[0] ?? '') : false;
  if (['python', 'python3', 'py'].includes(base)) return !(args[0] === '-m' && ['pip', 'venv', 'build', 'ensurepip'].includes(args[1] ?? '')) && args[0] !== '--version';
  if (['node', 'ruby', 'php', 'java', 'dotnet', 'deno', 'bun'].includes(base) && /^(?:-v|-version|--version|--info|install|restore)$/.test(args[0] ?? '')) return false;
  if (base === 'cmake' || base === 'ctest') return false;
  if (base === 'uv' && ['pip', 'sync', 'venv', 'lock', 'python', 'build'].includes(args[0] ?? '')) return false;
  if (base === 'poetry' && ['install', 'config', 'build', 'check', 'lock'].includes(args[0] ?? '')) return false;
  return OPAQUE.has(base) || /^(?:\.{1,2}|[\w$~{}-]+)?[/\\]/.test(name) && !/^\/(?:usr|bin|sbin|opt)\//.test(name) || /\.(?:sh|bash|py|js|mjs|rb|ps1|pl)$/i.test(name);
}
