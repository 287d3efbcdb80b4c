import assert from 'node:assert/strict';
import { commands, judged, refusalOf } from './judge';
import { practiceCases, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const TS: Files = { 'package.json': '{"scripts":{"lint":"eslint ."}}', 'package-lock.json': '{}', 'tsconfig.json': '{}', 'a.ts': '' };
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [WORKFLOW]: workflow(steps, extra) });

describe('lint-and-types', () => {
  practiceCases('lint-and-types', {
    met: {
      'analysers of .NET, held to by the compiler': { 'a.sln': '', 'src/a.csproj': '', 'src/a.cs': '', 'Directory.Build.props': '<Project><PropertyGroup><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup></Project>',
        '.github/workflows/ci.yml': workflow('- run: dotnet test\n') },
      'linter and types': { ...TS, ...ci('- run: npm run lint\n- run: npx tsc --noEmit\n') },
      'a linter, where nobody asks for types': { 'a.py': '', ...ci('- run: ruff check\n') },
      'an archive of PHP': { 'a.php': '', ...ci('- run: ./vendor/bin/psalm.phar --no-progress\n') },
      'files whose format somebody minds': { 'a.go': '', ...ci('- run: |\n    test -z "$(gofmt -l .)"\n') },
      'warnings that are errors': { 'a.c': '', ...ci('- run: clang-format --dry-run --Werror a.c\n') },
      'a list that somebody looks at': { 'a.go': '', ...ci('- run: test -z "$(deadcode -test ./...)"\n') },
      'code of Python that nobody calls': { 'a.py': '', ...ci('- run: deadcode .\n') },
      'a script of the repository': { 'a.py': '', ...ci('- name: Lint\n  run: ./scripts/lint.sh src\n') },
      'swift format': { 'Package.swift': '', 'a.swift': '', ...ci('- run: swift format lint --strict --recursive Sources\n') },
      'a plugin of Maven by its coordinates': { 'pom.xml': '', 'A.java': '', ...ci('- run: mvn compile org.apache.maven.plugins:maven-pmd-plugin:3.27.0:check\n') },
    },
    partial: { 'a linter alone': { ...TS, ...ci('- run: npm run lint\n') } },
    missing: {
      'rewrites': { 'a.py': '', ...ci('- run: black .\n') },
      'writes down what is there': { 'a.php': '', ...ci('- name: Generate baseline\n  run: |\n    ./vendor/bin/psalm.phar --set-baseline=known.xml\n    vendor/bin/phpstan analyse --generate-baseline\n') },
      'of prose, by a script': { 'a.py': '', ...ci('- name: Lint\n  run: ./docs/scripts/lint.sh docs\n- name: Lint more\n  working-directory: docs\n  run: ./check.sh\n') },
      'of workflows alone': { 'a.py': '', ...ci('- run: actionlint\n') },
      'can not fail': { 'a.py': '', ...ci('- run: ruff check --exit-zero\n') },
      'files that nobody minds are badly formatted': { 'a.go': '', ...ci('- run: gofmt -l .\n') },
      'warnings that nobody minds': { 'a.c': '', ...ci('- run: clang-format --dry-run a.c\n') },
      'a list that nobody looks at': { 'a.go': '', ...ci('- run: deadcode ./cmd/...\n') },
      'after the merge': { 'a.py': '', ...ci('- run: ruff check\n', { on: 'on:\n  push:\n    branches: [main]' }) },
      'called so': { 'a.py': '', ...ci('- name: Lint\n  run: echo ruff check\n') },
    },
    notApplicable: { 'shell alone': { 'a.sh': '' } },
  });

  const last = async (files: Files): Promise<string> => commands(await judged('lint-and-types', files)).join('\n');
  it('lints with what the project is set up for', async () => {
    assert.match(await last(TS), /npm run lint\nnpx tsc --noEmit$/);
    assert.match(await last({ 'package.json': '{"scripts":{"typecheck":"tsc -b"}}', 'pnpm-lock.yaml': '', 'eslint.config.js': '', 'tsconfig.json': '{}', 'a.ts': '' }), /pnpm exec eslint \.\npnpm run typecheck$/);
    assert.match(await last({ 'package.json': '{}', 'package-lock.json': '{}', 'biome.json': '{}', 'a.js': '' }), /npx biome ci \.$/);
    assert.match(await last({ 'package.json': '{"scripts":{"lint":"eslint --fix ."}}', 'package-lock.json': '{}', 'a.js': '' }), /oxlint@[\d.]+ --deny-warnings$/);
    assert.match(await last({ Gemfile: "gem 'rubocop'", 'a.rb': '' }), /^bundle exec rubocop$/);
    assert.match(await last({ 'composer.json': '{"require-dev":{"phpstan/phpstan":"2"}}', 'a.php': '' }), /vendor\/bin\/phpstan analyse --no-progress$/);
    assert.match(await last({ 'build.gradle': "id 'com.diffplug.spotless'", gradlew: '', 'A.java': '' }), /^\.\/gradlew spotlessCheck$/);
    assert.match(await last({ 'pom.xml': '<artifactId>maven-checkstyle-plugin</artifactId>', 'A.java': '' }), /checkstyle:check$/);
  });
  it('lints with what the language brings along', async () => {
    assert.match(await last({ 'requirements.txt': 'x==1', 'a.py': '' }), /^pipx run ruff==[\d.]+ check \.$/);
    assert.match(await last({ 'requirements.txt': 'x==1', 'mypy.ini': '', 'a.py': '' }), /ruff==[\d.]+ check \.\npython -m pip install mypy==[\d.]+\nmypy \.$/);
    assert.match(await last({ 'go.mod': '', 'a.go': '' }), /gofmt -l[^\n]*\ngo vet \.\/\.\.\.$/);
    assert.match(await last({ 'Cargo.toml': '', 'src/lib.rs': '' }), /cargo fmt --all --check\ncargo clippy .*-D warnings$/);
    assert.match(await last({ 'a.csproj': '', 'a.cs': '' }), /^dotnet format --verify-no-changes$/);
    assert.match(await last({ 'pom.xml': '', 'A.java': '' }), /maven-pmd-plugin:[\d.]+:check$/);
    assert.match(await last({ Gemfile: '', 'a.rb': '' }), /^gem install rubocop --version [\d.]+\nrubocop$/);
    assert.match(await last({ 'composer.json': '{}', 'a.php': '' }), /phpstan analyse --no-progress --level 1/);
    assert.match(await last({ 'Package.swift': '', 'Sources/a.swift': '' }), /^swift format lint --strict/);
  });
  it('refuses where a plugin has to be chosen first', () => assert.match(refusalOf('lint-and-types', { 'build.gradle': '', 'A.java': '' }), /No plugin that lints is applied/));
});
