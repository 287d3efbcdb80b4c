/** Tools of quality beyond tests and linters: end to end, contracts, load, benchmarks, complexity, documentation, accessibility, size. */
import { scriptName } from './commands';
import { oneOf, option, type ActionTool, type CommandTool } from './tools';

type Args = readonly string[];
const first = (args: Args): string => args.find(a => !a.startsWith('-')) ?? '';
const has = (args: Args, ...flags: string[]): boolean => flags.some(f => args.some(a => a === f || a.startsWith(`${f}=`)));

const RUNNERS = oneOf('make gmake just task mage rake nx turbo ng lerna composer tox nox hatch moon mix mise');
const SCRIPTS = oneOf('python[\\d.]* node bash sh ruby php pwsh tsx ts-node deno');

/** Tools by name, and whatever runners, interpreters and scripts call by these words: `make e2e`, `npm run test:e2e`, `python load_test.py`. */
function byName(kind: CommandTool['kind'], words: string): CommandTool[] {
  const name = new RegExp(`(?:^|[-_:.])(?:${words})(?:$|[-_:.])`, 'i');
  const named = (word: string | undefined): boolean => word !== undefined && name.test(word.slice(word.lastIndexOf('/') + 1));
  return [
    // Scripts of packages that can't be read; the others are followed.
    ...['npm', 'pnpm', 'yarn', 'bun'].map(tool => ({ kind, tool: new RegExp(`^${tool}$`),
      when: (a: Args) => named(scriptName(tool, a)) && !a.includes('install') })),
    // What is asked for: no option, no assignment.
    { kind, tool: RUNNERS, when: a => a.some(x => !/^-|=|^\$$/.test(x) && named(x)) },
    { kind, tool: SCRIPTS, when: a => /\.\w+$/.test(first(a)) && named(first(a)) },
    // A script of the repository that is called by its path.
    { kind, tool: new RegExp(`^(?:[\\w.-]{0,60}[-_.])?(?:${words})(?:[-_.][\\w.-]{0,60})?\\.(?:sh|bash|py)$`) },
    { kind, tool: new RegExp(`^script:(?:.*[:_-])?(?:${words})(?:$|[:_-])`) },
  ];
}

const E2E = 'e2e|smoke|smoke-?tests?|end-?to-?end|playwright|cypress|browser-tests?|acceptance';
const inFolder = (...names: string[]) => (args: Args): boolean => args.some(a => a.split(/[/:]/).some(p => names.includes(p.toLowerCase()))
  || names.some(n => a === n && args.includes('-m')));

const e2eFolder = inFolder('e2e', 'smoke', 'smoke_tests', 'acceptance', 'end_to_end', 'end-to-end', 'system');

export const QUALITY_COMMANDS: readonly CommandTool[] = [
  { kind: 'test', tool: /^coverage$/, when: a => a[0] === 'run'
    && a.some(x => /^(?:pytest|unittest|nose2?|test|trial)$|manage\.py$|runtests/.test(x)) },
  { kind: 'lint', tool: /^swift$|^swift-format$/, when: a => a.includes('lint') || a.includes('--lint') },
  { kind: 'lint', tool: /^mvnw?$/,
    when: a => a.some(x => /:maven-(?:pmd|checkstyle)-plugin:[\d.]+:check$|:spotless-maven-plugin:[\d.]+:check$/.test(x)) },
  { kind: 'test', tool: /^vitest$/, when: a => a[0] === 'run' },
  { kind: 'test', tool: /^(?:npm|pnpm|yarn|bun)$/, when: a => (a[0] === 'run' || a[0] === 'run-script')
    && /^(?:ci|all|run)[-_:]tests?$/.test(a[1] ?? '') },
  // End to end.
  { kind: 'e2e', tool: /^playwright$/, when: a => first(a) === 'test' && !has(a, '--list') },
  { kind: 'e2e', tool: /^cypress$/, when: a => first(a) === 'run' },
  { kind: 'e2e', tool: /^maestro$/, when: a => ['test', 'cloud'].includes(first(a)) },
  { kind: 'e2e', tool: /^detox$/, when: a => first(a) === 'test' },
  { kind: 'e2e', tool: oneOf('wdio testcafe nightwatch protractor selenium-side-runner codeceptjs behave cucumber cucumber-js'),
    when: a => !['install', 'init', '--version'].includes(a[0] ?? '') },
  { kind: 'e2e', tool: oneOf('pytest jest vitest mocha rspec test phpunit paratest pest codecept'),
    when: a => e2eFolder(a)
      // Settings of their own: `--config vitest.config.e2e.ts`, `--config=test/jest-e2e.json`.
      || a.some(x => /(?:^|[/._=-])e2e(?:[._-][\w.-]{0,100})?\.(?:[cm]?[jt]s|json)$/.test(x)) },
  { kind: 'e2e', tool: /^(?:go|gotestsum)$/, when: a => !has(a, '-c', '-list')
    && (e2eFolder(a) || /(?:^|[,\s])(?:e2e|smoke|acceptance)(?:$|[,\s])/.test(option(a, '-tags', '--tags') ?? '')) },
  { kind: 'e2e', tool: /^rails$/, when: a => a[0] === 'test:system' || a[0] === 'test:all' },
  ...byName('e2e', E2E),
  // Contracts.
  { kind: 'contract', tool: /^(?:schemathesis|st)$/, when: a => first(a) === 'run' },
  { kind: 'contract', tool: oneOf('dredd pact-provider-verifier pact_verifier_cli openapi-diff portman') },
  { kind: 'contract', tool: /^pact-broker$/, when: a => a[0] === 'can-i-deploy' },
  { kind: 'contract', tool: /^specmatic$/, when: a => ['test', 'backward-compatibility-check'].includes(first(a)) },
  { kind: 'contract', tool: /^oasdiff$/, when: a => ['breaking', 'changelog'].includes(first(a)),
    quiet: a => has(a, '--fail-on', '-o') ? undefined : 'without --fail-on oasdiff succeeds whatever it finds' },
  { kind: 'contract', tool: /^buf$/, when: a => first(a) === 'breaking' },
  { kind: 'contract', tool: /^(?:graphql-inspector)$/, when: a => first(a) === 'diff' || first(a) === 'validate' },
  { kind: 'contract', tool: /^rover$/, when: a => a[1] === 'check' },
  { kind: 'contract', tool: /^optic$/, when: a => first(a) === 'diff' || first(a) === 'diff-all',
    quiet: a => has(a, '--check') ? undefined : 'without --check Optic succeeds whatever it finds' },
  { kind: 'contract', tool: /^mvnw?$/, when: a => a.some(x => /^(?:pact:verify|spring-cloud-contract:)/.test(x)) },
  { kind: 'contract', tool: /^gradlew?$/, when: a => a.some(x => /(?:^|:)(?:pactVerify|contractTest|canIDeploy)$/.test(x)) },
  { kind: 'contract', tool: /^pytest$/, when: a => inFolder('contract', 'contracts', 'contract_tests', 'pact')(a)
    || has(a, '--schemathesis-io-token') },
  ...byName('contract', 'contract|contracts|contract-?tests?|pact|schemathesis|buf-?breaking|oasdiff'),
  // Load.
  { kind: 'load', tool: /^k6$/, when: a => ['run', 'cloud'].includes(first(a)) },
  { kind: 'load', tool: /^artillery$/, when: a => ['run', 'quick', 'run-fargate', 'run-lambda'].includes(first(a)) },
  { kind: 'load', tool: oneOf('locust jmeter bzt gatling vegeta hey wrk wrk2 ab autocannon oha drill fortio siege h2load') },
  { kind: 'load', tool: /^mvnw?$/, when: a => a.some(x => /^gatling:test$|jmeter:jmeter$/.test(x)) },
  { kind: 'load', tool: /^gradlew?$/, when: a => a.some(x => /(?:^|:)gatlingRun/.test(x)) },
  ...byName('load', 'load|load-?tests?|stress|stress-?tests?|soak|k6|locust|artillery'),
  // Benchmarks.
  { kind: 'benchmark', tool: /^pytest$/, when: a => a.some(x => x.startsWith('--benchmark') && x !== '--benchmark-skip'
    && x !== '--benchmark-disable')
    || inFolder('benchmarks', 'benchmark', 'bench')(a) },
  { kind: 'benchmark', tool: /^cargo$/, when: a => a[0] === 'bench' || a[0] === 'criterion' || a[0] === 'codspeed' },
  { kind: 'benchmark', tool: /^go$/, when: a => a[0] === 'test' && a.some(x => /^-+(?:test\.)?bench(?:$|=)/.test(x)) },
  { kind: 'benchmark', tool: /^(?:hyperfine|benchstat|critcmp|bencher|mitata|cob|benchcmp)$/ },
  { kind: 'benchmark', tool: /^asv$/, when: a => ['run', 'continuous', 'compare'].includes(first(a)) },
  { kind: 'benchmark', tool: /^vitest$/, when: a => first(a) === 'bench' },
  { kind: 'benchmark', tool: /^gradlew?$/, when: a => a.some(x => /(?:^|:)(?:jmh|benchmark)$/.test(x)) },
  ...byName('benchmark', 'bench|benches|benchmarks?|benchmark-trend|perf|perf-?tests?'),
  // Complexity; what linters are set up for is told from their settings.
  { kind: 'complexity', tool: /^(?:lizard|complexipy|phpmd)$/, quiet: a => {
    const ignored = option(a, '-i', '--ignore_warnings');
    return ignored === '-1' ? '-i -1 makes it succeed always' : undefined;
  } },
  { kind: 'complexity', tool: /^xenon$/ },
  { kind: 'complexity', tool: /^(?:gocyclo|gocognit)$/, quiet: a => has(a, '-over', '--over') ? undefined
    : 'without -over it succeeds whatever it finds' },
  { kind: 'complexity', tool: /^radon$/, quiet: () => 'radon prints and never fails (xenon does)' },
  { kind: 'complexity', tool: /^flake8$/, when: a => has(a, '--max-complexity') },
  { kind: 'complexity', tool: /^ruff$/, when: a => a.some(x => /(?:^|[=,])(?:C90|C901|ALL|PLR)/.test(x)) },
  { kind: 'complexity', tool: /^eslint$/, when: a => a.some(x => /complexity/.test(x)) },
  { kind: 'complexity', tool: /^(?:swiftlint|detekt|reek|flog|rubycritic)$/,
    when: a => !['version', '--version', 'rules'].includes(a[0] ?? '') },
  { kind: 'complexity', tool: /^rubocop$/, when: a => !has(a, '--only') || /Metrics/.test(option(a, '--only') ?? '') },
  { kind: 'complexity', tool: /^gradlew?$/, when: a => a.some(x => /(?:^|:)detekt\w*$/.test(x)) },
  ...byName('complexity', 'complexity|lizard|xenon'),
  // Documentation.
  { kind: 'docs', tool: /^interrogate$/ },
  { kind: 'docs', tool: /^docstr-coverage$/ },
  { kind: 'docs', tool: /^(?:pydocstyle|darglint|pydoclint|jazzy|yardstick|yard-lint)$/ },
  { kind: 'docs', tool: /^flake8$/, when: a => a.some(x => /(?:^|[=,])D\d?/.test(x)) },
  { kind: 'docs', tool: /^ruff$/, when: a => a.some(x => /(?:^--(?:extend-)?select=|,|^)D(?:$|,|1)/.test(x)) },
  { kind: 'docs', tool: /^mix$/, when: a => a[0] === 'doctor' },
  ...byName('docs', 'docs-?coverage|doc-?coverage|docstring-?coverage|interrogate|docstr-coverage|doctor'),
  // Accessibility.
  { kind: 'accessibility', tool: /^(?:axe|@axe-core\/cli)$/, quiet: a => has(a, '--exit', '-e') ? undefined
    : 'without --exit axe succeeds whatever it finds' },
  { kind: 'accessibility', tool: /^(?:pa11y|pa11y-ci|accessibility-checker|achecker)$/ },
  { kind: 'accessibility', tool: /^lhci$|^@lhci\/cli$/, when: a => ['autorun', 'assert'].includes(first(a)) },
  ...byName('accessibility', 'a11y|accessibility|pa11y|axe|lighthouse|lhci'),
  // Size.
  { kind: 'size', tool: /^(?:size-limit|bundlesize2?|bundlewatch)$/ },
  ...byName('size', 'size|size-?limit|bundle-?size|bundlewatch|build-?budget|bundle-?budget|check-?size'),
];

const off = (value: string | undefined): boolean => value === 'false';

export const QUALITY_ACTIONS: readonly ActionTool[] = [
  { kind: 'e2e', name: 'cypress-io/github-action', when: i => !off(i('runTests')) },
  { kind: 'e2e', name: 'mobile-dev-inc/action-maestro-cloud' },
  { kind: 'e2e', name: 'wallabyjs/*' },
  { kind: 'contract', name: 'oasdiff/oasdiff-action/breaking', quiet: i => i('fail-on') === '' ? 'fail-on is empty' : undefined },
  { kind: 'contract', name: 'bufbuild/buf-breaking-action' },
  { kind: 'contract', name: 'bufbuild/buf-action', when: i => !off(i('breaking')) && i('setup_only') !== 'true' },
  { kind: 'contract', name: 'schemathesis/action' },
  { kind: 'contract', name: 'pactflow/actions/can-i-deploy' },
  { kind: 'contract', name: 'kamilkisiela/graphql-inspector',
    quiet: i => off(i('fail-on-breaking')) ? 'fail-on-breaking is false' : undefined },
  { kind: 'load', name: 'grafana/k6-action' },
  { kind: 'load', name: 'grafana/run-k6-action' },
  { kind: 'load', name: 'artilleryio/action-cli' },
  { kind: 'load', name: 'rbhadti94/apache-jmeter-action' },
  { kind: 'benchmark', name: 'benchmark-action/github-action-benchmark' },
  { kind: 'benchmark', name: 'codspeedhq/action' },
  { kind: 'benchmark', name: 'bencherdev/bencher' },
  { kind: 'benchmark', name: 'boa-dev/criterion-compare-action' },
  { kind: 'complexity', name: 'terryyin/lizard*' },
  { kind: 'accessibility', name: 'treosh/lighthouse-ci-action', quiet: i =>
    i('budgetPath') === undefined && i('configPath') === undefined
      ? 'without a budget or assertions Lighthouse succeeds whatever it finds' : undefined },
  { kind: 'accessibility', name: 'pa11y/*' },
  { kind: 'size', name: 'andresz1/size-limit-action' },
  { kind: 'size', name: 'jackyef/bundlewatch-gh-action' },
  { kind: 'size', name: 'preactjs/compressed-size-action', quiet: () => 'it comments and never fails' },
];
