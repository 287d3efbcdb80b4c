/** Which steps run code of the checked-out tree: build tools, package managers, test runners, scripts, local actions. */
import { asMapping, asScalar, scalarText, type Span } from '../../workflow/nodes';
import { args, parseScript, shellOf, unwrap, type Command } from '../../workflow/scripts';
import { valueRangeSpan } from '../../workflow/scalar-map';
import type { Step } from '../../workflow/model';

export interface Execution { readonly at: Span; readonly what: string }

const any = (names: string): readonly [string, RegExp | true][] => names.trim().split(/\s+/).map(n => [n, true] as const);

/** Programs that take their orders from files of the tree; where there is a pattern, with these arguments only. */
const PROGRAMS = new Map<string, RegExp | true>([
  ...any(`make gmake cmake ninja meson gradle gradlew mvn mvnw ant sbt tox nox pytest py.test pre-commit rake rspec phpunit jest vitest mocha ava karma eslint webpack vite
    rollup gulp grunt bazel bazelisk just task mage invoke lerna nx turbo cypress playwright stylelint terragrunt skaffold tilt earthly goreleaser cibuildwheel maturin hatch
    buck2 scons waf xcodebuild pod fastlane npx bunx nix nix-build stack cabal mix rebar3 lein`),
  ['npm', /^(?:i|install|ci|run|run-script|test|t|start|rebuild|exec|x|pack|publish|version|install-.*|clean-install)$/],
  ['pnpm', /^(?!(?:config|audit|list|ls|why|store|--version|-v)$)/], ['yarn', /^(?!(?:config|cache|audit|list|why|--version|-v)$)/], ['bun', /^(?:i|install|run|test|x|build|\S+\.[jt]sx?)$/],
  ['pip', /^(?:install|wheel)$/], ['pip3', /^(?:install|wheel)$/], ['pipenv', /^(?:install|sync|run)$/], ['poetry', /^(?:install|run|build)$/], ['uv', /^(?:sync|run|build|pip)$/],
  ['pdm', /^(?:install|run|build)$/], ['cargo', /^(?:build|test|run|check|clippy|bench|doc|nextest|install|publish|package|b|t|r|c)$/], ['go', /^(?:test|run|generate|build|install|vet)$/],
  ['bundle', /^(?:install|exec|update)$/], ['gem', /^(?:build|install)$/], ['composer', /^(?:install|update|run|run-script|test)$/], ['dotnet', /^(?:build|test|run|publish|restore|pack|tool|msbuild)$/],
  ['msbuild', true], ['swift', /^(?:build|test|run|package)$/], ['flutter', /^(?:build|test|run|pub)$/], ['dart', /^(?:run|test|pub)$/], ['deno', /^(?:run|test|task|bench)$/],
  ['docker', /^(?:build|buildx|compose)$/], ['docker-compose', true], ['podman', /^(?:build|compose)$/], ['buildah', /^(?:bud|build)$/],
  ['terraform', /^(?:init|plan|apply|validate|test)$/], ['tofu', /^(?:init|plan|apply|validate|test)$/], ['pulumi', /^(?:up|preview)$/], ['cdk', /^(?:synth|deploy|diff)$/], ['zig', /^(?:build|test|run)$/],
]);
const RUNNERS = /^(?:python[\d.]*|node|ruby|perl|php|bash|sh|zsh|pwsh|powershell|tsx|ts-node|Rscript|source|\.)$/;

const ACTIONS = new Set(`azure/powershell pre-commit/action oxsecurity/megalinter bridgecrewio/checkov-action ruby/setup-ruby actions/jekyll-build-pages sonarsource/sonarcloud-github-action
  docker/build-push-action docker/bake-action cypress-io/github-action super-linter/super-linter github/super-linter bahmutov/npm-install pypa/cibuildwheel pyo3/maturin-action actions-rs/cargo
  gradle/gradle-build-action goreleaser/goreleaser-action qcastel/github-actions-maven reactivecircus/android-emulator-runner julia-actions/julia-runtest borales/actions-yarn
  ludeeus/action-shellcheck golang/govulncheck-action changesets/action cloudflare/wrangler-action trunk-io/trunk-action hynek/build-and-inspect-python-package`.split(/\s+/));
/** Inputs that some actions run as a script. */
const COMMANDS = /^(?:run|command|script|cmd|inlinescript|pre_command|post_command)$/;

/** What a step runs of the tree in `folder` (the workspace where undefined), if anything. */
export function executes(step: Step, folder: string | undefined, workflowShell: string | null): Execution | undefined {
  if (step.uses) return byAction(step, folder);
  if (!step.run) return undefined;
  const { scalar } = step.run;
  const command = firstRun(scalar.value, shellOf(step, workflowShell ?? undefined).shell, folder, inFolder(step, folder));
  return command && { at: valueRangeSpan(scalar, command.command.start, command.command.end), what: command.what };
}

function inFolder(step: Step, folder: string | undefined): boolean {
  return folder === undefined || (scalarText(step.workingDirectory?.value) ?? '').replace(/^\.\//, '').startsWith(folder);
}

function byAction(step: Step, folder: string | undefined): Execution | undefined {
  const { uses } = step;
  if (!uses) return undefined;
  if (uses.kind === 'local') return folder === undefined || uses.path?.startsWith(folder) ? { at: uses.scalar, what: uses.text } : undefined;
  if (uses.kind !== 'repository') return undefined;
  const inputs = asMapping(step.with?.value)?.entries ?? [];
  const inHere = folder === undefined || inputs.some(e => scalarText(e.value)?.includes(folder));
  if (!inHere) return undefined;
  // A site goes out as it is.
  if (uses.repo?.toLowerCase() === 'wrangler-action' && inputs.some(e => e.key.value.toLowerCase() === 'command' && /^\s*pages\s/.test(scalarText(e.value) ?? ''))) return undefined;
  if (ACTIONS.has(uses.slug)) return { at: uses.scalar, what: `${uses.owner}/${uses.repo}` };
  for (const e of inputs) {
    const scalar = asScalar(e.value);
    const found = scalar && COMMANDS.test(e.key.value.toLowerCase()) && uses.repo?.toLowerCase() !== 'github-script' && firstRun(scalar.value, 'bash', folder, folder === undefined);
    if (scalar && found) return { at: valueRangeSpan(scalar, found.command.start, found.command.end), what: found.what };
  }
  return undefined;
}

function firstRun(text: string, shell: string, folder: string | undefined, inHere: boolean): { command: Command; what: string } | undefined {
  const ast = parseScript(text, shell);
  let here = inHere;
  for (const command of ast.commands) {
    const named = !here && folder !== undefined && ast.text.slice(command.start, command.end).includes(folder);
    if (named && ENTERS.test(unwrap(command.words)[0]?.literal ?? '')) here = true;
    const what = here || named ? runs(command) : undefined;
    // `python base/check.py head/docs` runs a file of another folder.
    if (what && (here || !/^\S+ [^-]\S*[./]|^\.{1,2}[\\/]/.test(what) || what.includes(folder!))) return { command, what };
  }
  return undefined;
}

/** Goes there, or brings what is there here. */
const ENTERS = /^(?:cd|pushd|set-location|cp|mv|rsync|tar|unzip)$/i;

/** How a command that runs something of the tree is shown. */
export function runs(command: Command): string | undefined {
  const words = unwrap(command.words), first = words[0]?.literal;
  if (first === undefined) return undefined;
  const name = first.replace(/^.*[\\/]/, '').replace(/\.(?:exe|cmd|bat)$/i, '');
  const rest = words.slice(1).map(w => w.literal);
  if (rest.some(a => a === '--version' || a === '--help')) return undefined;
  const verb = rest.find(a => a !== undefined && !a.startsWith('-'));
  const pattern = PROGRAMS.get(name);
  if (pattern === true) return name;
  if (pattern) {
    if (name === 'yarn' && rest.length === 0) return 'yarn';
    if (verb === undefined || !pattern.test(verb)) return undefined;
    // A named package comes from the registry; its scripts are not the pull request's.
    if (/^(?:npm|pip3?)$/.test(name) && /^(?:i|install)$/.test(verb) && named(name, args(command))) return undefined;
    return `${name} ${verb}`;
  }
  if (/^\.{1,2}[\\/]/.test(first) && !/^\.{1,2}[\\/]$/.test(first)) return first;
  if (!RUNNERS.test(name)) return undefined;
  if (name.startsWith('python') && rest[0] === '-m') return /^(?:pip|pytest|tox|nox|build|unittest|pre_commit)$/.test(rest[1] ?? '') ? `python -m ${rest[1]}` : undefined;
  return rest[0] !== undefined && /\.\w+$|\//.test(rest[0]) && !rest[0].startsWith('-') && !/^(?:\/|~|https?:)/.test(rest[0]) ? `${name} ${rest[0]}` : undefined;
}

function named(name: string, words: readonly (string | undefined)[]): boolean {
  const packages = words.slice(1).filter(w => w === undefined || !w.startsWith('-'));
  if (packages.length === 0 || words.some(w => w === '-r' || w === '-e' || w === '--requirement' || w === '--editable')) return false;
  return packages.every(w => w !== undefined && !/^\.|\//.test(w.replace(/^@[^/]+\//, ''))) && (name !== 'npm' || words.includes('-g') || words.includes('--global'));
}
