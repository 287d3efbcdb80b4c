/**
 * The tools that practices are recognised by: actions by their name, commands by their tool and arguments. One table, so that a new
 * tool is a line. `quiet` says why a call, as written, can't fail.
 */
import { sessionKinds } from '../../checks/shared/command-kind';

export type ToolKind = 'secrets' | 'sast' | 'dependencies' | 'container' | 'test' | 'lint' | 'types'
  | 'iac' | 'dast' | 'review' | 'sbom' | 'sign' | 'provenance' | 'vault'
  | 'e2e' | 'contract' | 'load' | 'benchmark' | 'complexity' | 'docs' | 'accessibility' | 'size';

export interface CommandTool {
  readonly kind: ToolKind;
  readonly tool: RegExp;
  /** Which calls of it count; every one where absent. */
  readonly when?: (args: readonly string[]) => boolean;
  /** `script` is what the call stands in: there the output of tools may be looked at that don't fail by themselves. */
  readonly quiet?: (args: readonly string[], script: string) => string | undefined;
}

export interface ActionTool {
  readonly kind: ToolKind;
  /** `owner/repo` or `owner/repo/path` in lower case; `*` at the end stands for anything. */
  readonly name: string;
  readonly when?: (input: (name: string) => string | undefined) => boolean;
  readonly quiet?: (input: (name: string) => string | undefined) => string | undefined;
}

/** Text of an option's value: `--exit-code 1`, `--exit-code=1`. */
export function option(args: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [i, a] of args.entries()) {
    for (const n of names) {
      if (a === n) return args[i + 1] ?? '';
      if (a.startsWith(`${n}=`)) return a.slice(n.length + 1);
    }
  }
  return undefined;
}

/** `check-format`: a check of how something is written, or of what is generated, and no test. */
const CHECKS_TEXT = /^check[-_:.](?:format|fmt|formatting|style|types?|typing|tsc|ts|lint|linter|eslint|prettier|spell|spelling|links?|docs?|headers?|licen[cs]es?|dist|deps|dependencies|imports?|exports?|generated|clean|diff|dirty|changes|changelog|versions?|schema|package|shell|markdown|yaml|json)(?:$|[-_:.])/;

/** One of these names, and nothing else; each may be a piece of a regular expression. */
export function oneOf(names: string): RegExp {
  return new RegExp(`^(?:${names.trim().split(/\s+/).join('|')})$`);
}

/** The first word that is no option is one of these. */
export const sub = (...names: string[]) => (args: readonly string[]): boolean => names.includes(args.find(a => !a.startsWith('-')) ?? '');
/** One of these options is given, with a value or without. */
export const has = (...flags: string[]) => (args: readonly string[]): boolean => flags.some(f => args.some(a => a === f || a.startsWith(`${f}=`)));
/** Lists what it finds and succeeds: somebody has to look at the list. */
const unheard = (script: string): string | undefined =>
  /\$\(|`|[|>]/.test(script) ? undefined : 'it lists what it finds and succeeds, and nothing looks at the list';
const quietFlag = (...flags: string[]) => (args: readonly string[]): string | undefined => {
  const flag = flags.find(f => args.includes(f));
  return flag ? `${flag} makes it succeed always` : undefined;
};
/** What is there already is written down as known, and nothing is held against it. */
const records = (args: readonly string[]): boolean => args.some(a => /^--(?:(?:set|update|generate|create|write)-baseline|auto-gen-config)(?:=|$)/.test(a));
const exitCode = (...names: string[]) => (args: readonly string[]): string | undefined => option(args, ...names) === '0'
  ? `${names[0]!} 0 makes it succeed always` : undefined;
/** Trivy succeeds whatever it finds unless it is told an exit code. */
const trivyQuiet = (args: readonly string[]): string | undefined => ['', undefined, '0'].includes(option(args, '--exit-code'))
  ? 'without --exit-code 1 Trivy succeeds whatever it finds' : undefined;

/** What a task runner is asked for: the first word that is neither an option nor `run`. */
function target(args: readonly string[]): string {
  return args.find(a => !a.startsWith('-') && !RUN_WORDS.has(a)) ?? '';
}
const RUN_WORDS = new Set(['run', 'run-many', 'build', 'all']);

const ANY_TEST_NAME = /^(?:run[-_]?)?(?:all[-_]?|unit[-_]?)?tests?(?:[-_.].*)?$/;

export const COMMAND_TOOLS: readonly CommandTool[] = [
  // Secrets.
  { kind: 'secrets', tool: /^gitleaks$/, when: a => !sub('version', 'help', 'completion')(a), quiet: exitCode('--exit-code') },
  { kind: 'secrets', tool: /^trufflehog$/, quiet: a => has('--fail', '--fail-on-scan-errors')(a) ? undefined
    : 'without --fail TruffleHog succeeds whatever it finds' },
  { kind: 'secrets', tool: /^ggshield$/, when: sub('secret', 'scan'), quiet: quietFlag('--exit-zero') },
  { kind: 'secrets', tool: /^(?:detect-secrets-hook|secretlint|noseyparker|whispers|kingfisher|titus)$/ },
  { kind: 'secrets', tool: /^detect-secrets$/, when: sub('audit', 'scan') },
  { kind: 'secrets', tool: /^git$/, when: a => a[0] === 'secrets' && a.includes('--scan') },
  { kind: 'secrets', tool: /^git-secrets$/, when: has('--scan', '--scan-history') },
  { kind: 'secrets', tool: /^trivy$/, when: a => (option(a, '--scanners') ?? option(a, '--security-checks')
    ?? (sub('fs', 'filesystem', 'repo', 'repository', 'rootfs')(a) ? 'secret' : '')).includes('secret'), quiet: trivyQuiet },
  // Static analysis for security.
  { kind: 'sast', tool: /^semgrep$|^opengrep$/, quiet: a => a[0] === 'ci' || has('--error')(a) ? undefined
    : 'without --error (or semgrep ci) it succeeds whatever it finds' },
  { kind: 'sast', tool: /^bandit$/, quiet: quietFlag('--exit-zero') },
  { kind: 'sast', tool: /^gosec$/, quiet: quietFlag('-no-fail', '--no-fail') },
  { kind: 'sast', tool: /^brakeman$/, quiet: quietFlag('--no-exit-on-warn') },
  { kind: 'sast', tool: /^snyk$/, when: sub('code') },
  { kind: 'sast', tool: /^(?:sonar-scanner|sonarqube-scanner|dotnet-sonarscanner|flawfinder|njsscan|bearer|horusec|devskim|cppcheck|scan-build|infer|spotbugs|qodana)$/ },
  { kind: 'sast', tool: /^codeql$/, when: sub('database') },
  { kind: 'sast', tool: /^mvnw?$/, when: a => a.some(x => /^(?:sonar:sonar|spotbugs:check|org\.sonarsource\..*:sonar)$/.test(x)) },
  { kind: 'sast', tool: /^gradlew?$/, when: a => a.some(x => /^:?(?:\w+:)?(?:sonar|sonarqube|spotbugsMain)$/.test(x)) },
  { kind: 'sast', tool: /^psalm$/, when: a => a.some(x => x.includes('taint')) },
  { kind: 'sast', tool: /^cargo$/, when: a => a[0] === 'geiger' },
  // Known vulnerabilities in dependencies.
  { kind: 'dependencies',
    tool: /^pip-audit$|^osv-scanner$|^govulncheck$|^bundle(?:r)?-audit$|^nancy$|^audit-ci$|^auditjs$|^better-npm-audit$|^retire$|^local-php-security-checker$|^cargo-audit$/ },
  { kind: 'dependencies', tool: /^safety$/, when: sub('check', 'scan') },
  { kind: 'dependencies', tool: /^(?:npm|pnpm|bun)$/, when: a => a[0] === 'audit' && a[1] !== 'signatures' && a[1] !== 'fix' },
  { kind: 'dependencies', tool: /^yarn$/, when: a => a[0] === 'audit' || (a[0] === 'npm' && a[1] === 'audit') },
  { kind: 'dependencies', tool: /^cargo$/, when: a => a[0] === 'audit'
    || (a[0] === 'deny' && a.includes('check') && (a.includes('advisories') || !a.some(x => /^(?:licenses|bans|sources)$/.test(x)))) },
  { kind: 'dependencies', tool: /^bundle$/, when: sub('audit') },
  { kind: 'dependencies', tool: /^composer$/, when: sub('audit') },
  { kind: 'dependencies', tool: /^dotnet$/, when: a => a.includes('--vulnerable') },
  { kind: 'dependencies', tool: /^mix$/, when: sub('deps.audit', 'hex.audit') },
  { kind: 'dependencies', tool: /^uv$/, when: sub('audit') },
  { kind: 'dependencies', tool: /^trivy$/, when: sub('fs', 'filesystem', 'repo', 'repository', 'rootfs', 'sbom'), quiet: trivyQuiet },
  { kind: 'dependencies', tool: /^grype$/, when: a => a.some(x => /^(?:dir|sbom):/.test(x) || x === '.'),
    quiet: a => has('--fail-on', '-f')(a) ? undefined : 'without --fail-on Grype succeeds whatever it finds' },
  { kind: 'dependencies', tool: /^snyk$/, when: sub('test') },
  { kind: 'dependencies', tool: /^mvnw?$/, when: a => a.some(x => /dependency-check(?:-maven)?(?::[\d.]+)?:(?:check|aggregate)/.test(x)) },
  { kind: 'dependencies', tool: /^gradlew?$/, when: a => a.some(x => /dependencyCheck(?:Analyze|Aggregate)$/.test(x)) },
  { kind: 'dependencies', tool: /^dependency-check(?:\.sh)?$/ },
  // Known vulnerabilities in images.
  { kind: 'container', tool: /^trivy$/, when: sub('image', 'i'), quiet: trivyQuiet },
  { kind: 'container', tool: /^grype$/, when: a => a.some(x => !x.startsWith('-') && !/^(?:dir|sbom):/.test(x) && x !== '.'),
    quiet: a => has('--fail-on', '-f')(a) ? undefined : 'without --fail-on Grype succeeds whatever it finds' },
  { kind: 'container', tool: /^docker$/, when: a => a[0] === 'scout' && (a[1] === 'cves' || a[1] === 'quickview'),
    quiet: a => has('--exit-code', '-e')(a) ? undefined : 'without --exit-code Docker Scout succeeds whatever it finds' },
  { kind: 'container', tool: /^snyk$/, when: sub('container') },
  // Tests.
  { kind: 'test', tool: oneOf(`
      pytest py\\.test unittest trial nosetests jest vitest mocha ava tape tap c8 nyc karma jasmine uvu rspec minitest
      phpunit pest simple-phpunit codecept ctest bats gotestsum ginkgo busted prove invoke-pester xctest manage\\.py web-test-runner
      wtr bazel bazelisk`) , when: a => !/^(?:build|run|--version|migrate|makemigrations|runserver|collectstatic|check|query|info|clean)$/.test(a[0] ?? '') },
  { kind: 'test', tool: /^(?:tox|nox)$/, when: a => !/^(?:l|list|c|config|d|devenv|e|exec|q|quickstart)$/.test(a[0] ?? '')
    && !has('--version', '--help', '--notest', '--list', '-l', '--listenvs', '--showconfig', '--install-only')(a) && sessionKinds(a).includes('test') },
  // What is compiled or listed is not run.
  { kind: 'test', tool: /^go$/, when: a => sub('test')(a) && !has('-c', '-list', '-n')(a) },
  { kind: 'test', tool: /^cargo$/, when: a => ['test', 't', 'nextest', 'llvm-cov', 'tarpaulin', 'hack', 'miri'].includes(a[0] ?? '')
    && (a[0] !== 'hack' || a.includes('test')) && !has('--no-run')(a) && a[1] !== 'list' },
  { kind: 'test', tool: /^cross$/, when: sub('test') },
  { kind: 'test', tool: oneOf(`
      npm pnpm yarn bun deno ng hatch swift mix flutter dart sbt stack cabal lein meson rails xcodebuild fastlane composer just task
      rake make gmake nmake mage zig moon nx turbo lerna melos dune`),
    when: a => /^(?:test|tests|check|spec|t|unit)(?:$|[-_:.])/.test(target(a)) && !CHECKS_TEXT.test(target(a)) },
  { kind: 'test', tool: /^script:(?:.*[:_-])?(?:test|tests|spec|unit)(?:$|[:_-])/ },
  { kind: 'test', tool: /^mvnw?$/, when: a => !a.some(x => /^-D(?:skipTests|maven\.test\.skip)(?:=true)?$/.test(x))
    && a.some(x => ['test', 'verify', 'install', 'package', 'deploy', 'integration-test'].includes(x)) },
  { kind: 'test', tool: /^gradlew?$/, when: a => a.some((x, i) => /^:?(?:[\w-]+:)*(?:test|check|build|\w*[tT]est|\w+Check)$/.test(x)
    && a[i - 1] !== '-x') && option(a, '-x') !== 'test' },
  { kind: 'test', tool: /^dotnet$/, when: sub('test', 'vstest') },
  { kind: 'test', tool: /^node$/, when: has('--test') },
  { kind: 'test', tool: /^(?:python[\d.]*|ruby|php|node|bash|sh|zsh|pwsh)$/,
    when: a => a.some((x, i) => ANY_TEST_NAME.test(x.slice(x.lastIndexOf('/') + 1))
    && a.slice(0, i).every(y => y.startsWith('-') || y.endsWith('setup.py') || y.endsWith('manage.py'))) },
  { kind: 'test', tool: ANY_TEST_NAME },
  { kind: 'test', tool: /^runtests?(?:[-_.].*)?$/ },
  { kind: 'test', tool: /^r$|^rscript$/, when: a => a.some(x => /^(?:check)$|testthat|devtools::(?:test|check)/i.test(x)) },
  // Linters and formatters that check.
  { kind: 'lint', tool: oneOf(`
      eslint oxlint standard xo tslint stylelint flake8 pylint pycodestyle pydocstyle golangci-lint staticcheck revive golint
      rubocop standardrb phpcs phpstan psalm ktlint detekt swiftlint clang-tidy shellcheck hadolint credo dprint yamllint
      markdownlint markdownlint-cli2 cspell codespell typos knip actionlint zizmor cpplint vulture tflint luacheck reek publint
      biome pre-commit prek tidy lintr`),
    when: a => !/^(?:install|init|--version|version|autoupdate|migrate)$/.test(a[0] ?? '') && !records(a),
      quiet: quietFlag('--exit-zero', '--no-error-on-unmatched-pattern-only') },
  { kind: 'lint', tool: /^ruff$/, when: a => a[0] !== 'format' || has('--check', '--diff')(a), quiet: quietFlag('--exit-zero', '-e') },
  { kind: 'lint', tool: /^(?:black|isort|yapf|autopep8)$/, when: has('--check', '--check-only', '-c', '--diff', '--exit-code') },
  { kind: 'lint', tool: /^prettier$/, when: has('--check', '-c', '-l', '--list-different') },
  { kind: 'lint', tool: /^go$/, when: sub('vet') },
  // That of Go; the one of Python fails.
  { kind: 'lint', tool: /^deadcode$/, quiet: (a, script) => a.some(x => /\.\.\.$|^-(?:test|filter|whylive|generated)\b/.test(x)) ? unheard(script) : undefined },
  // What newer versions do with -d is left open: some fail.
  { kind: 'lint', tool: /^gofmt$|^gofumpt$|^goimports$/, when: a => a.some(x => /^-[ld]+$/.test(x)),
    quiet: (a, script) => a.some(x => /^-\w*d/.test(x)) ? undefined : unheard(script) },
  { kind: 'lint', tool: /^cargo$/, when: a => a[0] === 'clippy' || (a[0] === 'fmt' && has('--check')(a)) },
  { kind: 'lint', tool: /^rustfmt$|^cargo-fmt$/, when: has('--check') },
  { kind: 'lint', tool: /^php-cs-fixer$/, when: has('--dry-run') },
  { kind: 'lint', tool: /^pint$/, when: has('--test') },
  { kind: 'lint', tool: /^clang-format$/, when: has('--dry-run', '-n', '--Werror', '-Werror'),
    quiet: (a, script) => has('--Werror', '-Werror')(a) ? undefined : unheard(script) },
  { kind: 'lint', tool: /^(?:dart|flutter)$/, when: sub('analyze') },
  { kind: 'lint', tool: /^deno$/, when: a => a[0] === 'lint' || (a[0] === 'fmt' && has('--check')(a)) },
  { kind: 'lint', tool: /^dotnet$/, when: a => a[0] === 'format' && has('--verify-no-changes', '--check')(a) },
  { kind: 'lint', tool: /^mix$/, when: a => a[0] === 'credo' || (a[0] === 'format' && has('--check-formatted')(a)) },
  { kind: 'lint', tool: /^terraform$|^tofu$/, when: a => a[0] === 'fmt' && has('-check', '--check')(a) },
  { kind: 'lint', tool: /^mvnw?$/, when: a => a.some(x => /^(?:checkstyle:check|spotless:check|pmd:check|ktlint:check)$/.test(x)) },
  { kind: 'lint', tool: /^gradlew?$/,
    when: a => a.some(x => /(?:^|:)(?:lint\w*|spotlessCheck|ktlintCheck|detekt|checkstyleMain|pmdMain)$/.test(x)) },
  { kind: 'lint', tool: /^(?:npm|pnpm|yarn|bun|make|gmake|just|task|mage|tox|nox|hatch|rake|composer|moon|nx|turbo|lerna)$/,
    when: a => a.some(x => /^(?:.*[:_-])?(?:lint|linter|format[:_-]check|fmt[:_-]?check|check[:_-]format|check[:_-]fmt|prettier[:_-]check|style|cs|stan|clippy|vet|eslint|format-check|biome)(?:$|[:_-])/.test(x) && !x.startsWith('-')) },
  { kind: 'lint', tool: /^script:(?:.*[:_-])?(?:lint|format[:_-]check|check[:_-]format|prettier|eslint|style)(?:$|[:_-])/ },
  // Type checkers; compilers are told by the languages.
  { kind: 'types', tool: /^(?:ncc|ng|next|nest|nuxi|astro)$/, when: sub('build', 'check', 'typecheck') },
  { kind: 'types', tool: /^(?:tsc|vue-tsc|tsd|mypy|pyright|basedpyright|pyre|ty|pyrefly|pytype|svelte-check|sorbet|srb|steep|flow|attw)$/,
    when: a => a[0] !== '--version' },
  { kind: 'types', tool: /^(?:npm|pnpm|yarn|bun|make|just|task|tox|nox|hatch)$/,
    when: a => a.some(x => /^(?:.*[:_-])?(?:types?|typecheck|type-check|check-types|tsc|mypy|pyright|compile|build|bundle|package|dist|check|validate|all|vscode:prepublish)(?:$|[:_-])/.test(x) && !x.startsWith('-')) },
];
