import assert from 'node:assert/strict';
import { commands, judged, planOf, refusalOf } from './judge';
import { applied } from './plans';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, result, verdict, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const PY: Files = { 'requirements.txt': 'flask==3\npytest==8\n', 'app.py': '', 'tests/test_app.py': '' };
const ci = (steps: string, on?: string): Files => ({ [WORKFLOW]: workflow(steps, { on }) });
const pytest = (n: number, more = ' --cov-branch'): Files => ({ ...PY, ...ci(`- run: pytest --cov${more} --cov-fail-under=${n}\n`) });

for (const wanted of [70, 80, 90]) {
  const id = `coverage-gate-${wanted}`;
  describe(id, () => {
    practiceCases(id, {
      met: {
        'a flag of pytest': pytest(wanted),
        'settings of coverage.py': { ...PY, 'pyproject.toml': `[tool.coverage.run]\nbranch = true\n[tool.coverage.report]\nfail_under = ${wanted}\n`, ...ci('- run: pytest --cov\n') },
        'Jest’s settings': { 'package.json': `{"scripts":{"test":"jest"},"jest":{"coverageThreshold":{"global":{"branches":${wanted},"lines":${wanted}}}}}`, 'a.test.js': '', ...ci('- run: npm test\n') },
        'Jest’s flag': { 'package.json': '{}', 'a.test.js': '', ...ci(`- run: npx jest --coverage --coverageThreshold='{"global":{"lines":${wanted},"branches":${wanted}}}'\n`) },
        'c8': { 'package.json': '{}', 'a.test.js': '', ...ci(`- run: npx c8 --check-coverage --lines ${wanted} --branches ${wanted} node --test\n`) },
        'Rust': { 'Cargo.toml': '', 'tests/a.rs': '', ...ci(`- run: cargo llvm-cov --fail-under-lines ${wanted}\n`) },
        'JaCoCo': { 'pom.xml': `<rule><limit><minimum>0.${wanted}</minimum></limit></rule>`, 'src/test/java/ATest.java': '', ...ci('- run: mvn verify\n') },
      },
      partial: { 'a lower one': pytest(50), 'half of it in settings': { ...PY, '.coveragerc': '[run]\nbranch = true\n[report]\nfail_under = 35\n', ...ci('- run: pytest --cov\n') } },
      missing: {
        'measured and not held to': { ...PY, ...ci('- run: pytest --cov\n- uses: codecov/codecov-action@v5\n') },
        'thrown away': { ...PY, ...ci('- run: pytest --cov-fail-under=95 || true\n') },
        'after the merge': { ...PY, ...ci('- run: pytest --cov --cov-fail-under=95\n', 'on:\n  push:\n    branches: [main]') },
        'settings that no test in CI is held to': { ...PY, '.coveragerc': '[report]\nfail_under = 95\n', ...ci('- run: ruff check\n') },
        'settings of PHPUnit, which measures and never fails': { 'composer.json': '{}', 'phpunit.xml.dist': '<phpunit/>', 'tests/ATest.php': '', ...ci('- run: vendor/bin/phpunit\n') },
        'called so': { ...PY, ...ci('- name: Coverage 95 %\n  run: echo --cov-fail-under=95\n') },
      },
      notApplicable: { 'no tests': { 'app.py': '', 'README.md': '' } },
    });
  });
}

describe('coverage gates', () => {
  it('ask first about settings at the root that can not be read, and never about what was built', () => {
    const files: Files = ci('- run: npm test\n');
    const repo = createRepository(['dist/package.json', 'web/package.json', 'package.json', 'a.test.js', WORKFLOW], f => files[f]);
    assert.deepEqual(practice('coverage-gate-70').evidence(repo), { result: 'unknown', evidence: [], lookedFor: ['a threshold in package.json, web/package.json, which could not be read'] });
  });
  it('do not know what tests are held to that a workflow of another repository runs', () => {
    const files = (path: string): Files => ({ ...PY, [WORKFLOW]: `on: pull_request\njobs:\n  test:\n    uses: ${path}\n` });
    const { result: found, lookedFor } = verdict('coverage-gate-70', files('octo-org/shared/.github/workflows/test.yml@v1'))!;
    assert.deepEqual([found, lookedFor], ['unknown', ['whether octo-org/shared/.github/workflows/test.yml holds the tests to a threshold, which lies in another repository']]);
    assert.equal(result('coverage-gate-70', files('octo-org/shared/.github/workflows/lint.yml@v1')), 0);
  });
  it('ask for branches from the second on', () => {
    const lines = pytest(95, '');
    assert.deepEqual([70, 80, 90].map(n => result(`coverage-gate-${n}`, lines)), [1, 0.9, 0.9]);
    assert.match(verdict('coverage-gate-80', lines)!.lookedFor[0]!, /branch coverage/);
  });
  it('raise what stands: one number in a script, in settings, as a fraction, several flags', () => {
    const raise = (id: string, files: Files): string => {
      const plan = planOf(id, files);
      assert.equal(result(id, applied(files, plan)), 1);
      assert.equal(plan.changes.length, 1);
      return plan.changes[0]!.newText;
    };
    assert.match(raise('coverage-gate-80', pytest(70)), /pytest --cov --cov-branch --cov-fail-under=80\n/);
    assert.match(raise('coverage-gate-90', { ...PY, '.coveragerc': '# 70 was enough\n[run]\nbranch = true\n[report]\nfail_under = 70\n', ...ci('- run: pytest --cov\n') }), /^# 70 was enough\n[^]*fail_under = 90\n$/);
    assert.match(raise('coverage-gate-80', { 'pom.xml': '<version>0.75</version><minimum>0.75</minimum>', 'src/test/java/ATest.java': '', ...ci('- run: mvn verify\n') }), /^<version>0\.75<\/version><minimum>0\.80<\/minimum>$/);
    assert.match(raise('coverage-gate-90', { 'package.json': '{}', 'a.test.js': '', ...ci('- run: npx c8 --check-coverage --lines 70 --branches 60 --functions 95 node --test\n') }), /--lines 90 --branches 90 --functions 95/);
    assert.match(raise('coverage-gate-80', { 'package.json': '{}', 'a.test.js': '', ...ci(`- run: npx jest --coverageThreshold='{"global":{"lines":70,"branches":70}}'\n`) }), /"lines":80,"branches":80/);
  });
  it('leave numbers alone that are higher, and add a job where the number stands in a script of package.json', () => {
    assert.match(refusalOf('coverage-gate-80', pytest(95)), /held to 80 % already/);
    const files: Files = { 'package.json': '{"scripts":{"test":"c8 --check-coverage --lines 60 node --test"}}', 'package-lock.json': '{}', 'a.test.js': '', ...ci('- run: npm test\n') };
    assert.match(planOf('coverage-gate-80', files).explanation, /^Adds a job/);
  });

  const last = async (files: Files): Promise<string> => commands(await judged('coverage-gate-80', files)).join('\n');
  const JS = (test: string): Files => ({ 'package.json': `{"scripts":{"test":"${test}"},"devDependencies":{}}`, 'package-lock.json': '{}', 'a.js': '', 'a.test.js': '' });
  it('measure each stack with its own tools', async () => {
    assert.match(await last(JS('node --test')), /c8@[\d.]+ --check-coverage --lines 80 --branches 80 npm test$/);
    assert.match(await last(JS('vitest run')), /--coverage\.thresholds\.lines=80/);
    assert.match(await last(JS('jest')), /--coverageThreshold='\{"global":\{"lines":80,"branches":80\}\}'/);
    assert.match(await last(PY), /pytest-cov==[\d.]+\npython -m pytest --cov --cov-branch --cov-fail-under=80$/);
    assert.match(await last({ 'pyproject.toml': '', 'uv.lock': '', 'a.py': '', 'test_a.py': '', 'conftest.py': '' }), /uv run --with pytest-cov==[\d.]+ pytest --cov/);
    assert.match(await last({ 'manage.py': '', 'requirements.txt': 'django', 'x/tests.py': '', 'tests/a.py': '' }), /coverage run --branch manage\.py test\ncoverage report --fail-under=80$/);
    assert.match(await last({ 'go.mod': '', 'a.go': '', 'a_test.go': '' }), /go-test-coverage\/v2@v[\d.]+ --profile cover\.out --threshold-total 80$/);
    assert.match(await last({ 'Cargo.toml': '', 'Cargo.lock': '', 'src/lib.rs': '', 'tests/a.rs': '' }), /cargo llvm-cov --workspace --locked --fail-under-lines 80$/);
  });
  it('measure with the script where the tools don’t judge', async () => {
    const script = '.github/scripts/coverage-gate.py';
    for (const files of [
      { 'pom.xml': '', mvnw: '', 'src/test/java/ATest.java': '' }, { 'build.gradle': '', gradlew: '', 'src/test/java/ATest.java': '' },
      { 'a.csproj': '', 'ATests.cs': '', 'tests/B.cs': '' }, { 'composer.json': '{}', 'tests/ATest.php': '' }, { 'Package.swift': '', 'Tests/ATests.swift': '' },
    ] as Files[]) {
      assert.match(await last(files), new RegExp(`python3 ${script.replaceAll('.', '\\.')} --min 80 `));
      assert.ok(planOf('coverage-gate-80', files).changes.some(c => c.path === script && c.created));
    }
    assert.match(await last({ 'composer.json': '{"require-dev":{"pestphp/pest":"3"}}', 'tests/ATest.php': '' }), /pest --coverage --min=80$/);
  });
  it('refuse where the number belongs into the tests’ own settings', () => {
    assert.match(refusalOf('coverage-gate-80', { Gemfile: '', 'spec/a_spec.rb': '' }), /SimpleCov\.minimum_coverage 80/);
    assert.match(refusalOf('coverage-gate-80', { 'package.json': '{}', 'bun.lock': '', 'a.test.ts': '' }), /no test script in|bunfig\.toml/);
  });
});
