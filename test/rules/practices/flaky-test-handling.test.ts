import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { withTools } from '../../support/tools';
import { wellFormed, Workbench } from './run-script';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const TESTS: Files = { 'test_a.py': '', 'requirements.txt': 'pytest==8\n' };
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ ...TESTS, '.github/workflows/ci.yml': workflow(steps, extra) });

describe('flaky-test-handling', () => {
  practiceCases('flaky-test-handling', {
    met: {
      'pytest': ci('- run: pytest --reruns 2\n'),
      'settings of Playwright': { ...ci('- run: npx playwright test\n'), 'playwright.config.ts': 'export default {\n  retries: process.env.CI ? 2 : 0,\n};\n' },
      'settings of nextest': { ...ci('- run: cargo nextest run\n'), '.config/nextest.toml': '[profile.ci]\nretries = 2\n' },
      'a script of their own': { ...ci('- run: pytest\n- if: always()\n  run: ./ci/report_flakiness.sh out.json\n'), 'ci/report_flakiness.sh': 'curl x\n' },
      'a script of their own, every night': { ...ci('- run: node tools/find-flaky.mjs\n', { on: 'on:\n  schedule:\n    - cron: 3 4 * * *' }), 'tools/find-flaky.mjs': '' },
      'handed through to Playwright': { ...ci('- run: npm run browsers -- --retries=2\n'), 'playwright.config.ts': '' },
      'settings beside the tests': { ...ci('- run: npx playwright test -c tests\n'), 'tests/playwright.config.ts': 'export default {\n  retries: 2,\n};\n' },
      'a recipe that CI tests by': { ...ci('- run: make test\n'), Makefile: 'test:\n\tgotestsum --rerun-fails=2 --packages ./...\n' },
      'a service': ci('- uses: buildpulse/buildpulse-action@v0.12.0\n'),
    },
    partial: {
      'nobody is told': ci('- run: npx vitest run --retry 2\n'),
      'handed through to somebody': ci('- run: npm run browsers -- --retries=2\n'),
      'an extension of their own': { ...ci('- run: vendor/bin/phpunit\n'), 'tests/unit/extensions/RetryFailed.php': '<?php\nfinal class RetryFailed { private int $attempts = 3; }\n' },
      'a wrapper': ci('- uses: nick-fields/retry@v3\n  with:\n    max_attempts: 3\n    command: npm test\n'),
    },
    missing: {
      'nothing': ci('- run: pytest\n'),
      'no retries': { ...ci('- run: npx playwright test\n'), 'playwright.config.ts': 'export default {\n  retries: 0,\n};\n' },
      'never on a proposal': ci('- run: pytest --reruns 2\n', { on: 'on:\n  schedule:\n    - cron: 3 4 * * *' }),
      'a script that isn’t there': ci('- run: ./ci/report_flakiness.sh\n'),
      'a script that is only named': { ...ci('- run: echo ci/report_flakiness.sh\n- run: pytest --deselect flaky.py\n'), 'ci/report_flakiness.sh': '' },
      'a script in a step that never runs': { ...ci('- if: false\n  run: ci/report_flakiness.sh\n'), 'ci/report_flakiness.sh': '' },
      'a recipe that CI never runs': { ...ci('- run: pytest\n'), Makefile: 'test:\n\tgotestsum --rerun-fails=2\n' },
      'settings of an example': { ...ci('- run: npx playwright test\n'), 'examples/a/playwright.config.ts': 'export default {\n  retries: 2,\n};\n' },
      'a test of what tries again': { ...ci('- run: vendor/bin/phpunit\n'), 'tests/RetryTest.php': 'attempts', 'tests/helpers/RetryNothing.php': '<?php\n' },
      'a decoy': ci('- name: Retry flaky tests\n  run: echo --reruns 2\n'),
      'a wrapper around an install': ci('- uses: nick-fields/retry@v3\n  with:\n    command: npm ci\n- run: pytest\n'),
    },
    notApplicable: { 'no tests': { 'a.py': '' } },
  });

  it('says of a service that it finds flaky tests, and of a runner that it tries again', () => {
    const said = (steps: string) => practice('flaky-test-handling').evidence(repository(ci(steps))).evidence.map(e => e.text);
    assert.deepEqual(said('- uses: trunk-io/analytics-uploader@v1\n'), ['trunk-io/analytics-uploader finds flaky tests']);
    assert.deepEqual(said('- run: pytest --reruns 2\n'), ['pytest --reruns tries again, and tells']);
  });

  it('names the settings that tests are run by, where they can’t be read', () => {
    const files: Files = { 'create/template-vue/vite.config.ts': '', 'packages/a/vite.config.ts': '', 'vitest.config.e2e.ts': '', 'a.test.ts': '' };
    const repo = createRepository(Object.keys(files), () => undefined), v = practice('flaky-test-handling').evidence(repo);
    assert.equal(v.result, 'unknown');
    assert.match(v.lookedFor[0]!, /: vitest\.config\.e2e\.ts can't be read$/);
    const scaffold = createRepository(['create/template-vue/vite.config.ts', 'a.test.ts'], () => undefined);
    assert.equal(practice('flaky-test-handling').evidence(scaffold).result, 0);
  });

  it('doesn’t know what an extension or another CI system does that can’t be read', () => {
    const of = (...files: string[]) => practice('flaky-test-handling').evidence(createRepository(files, () => undefined));
    assert.match(of('tests/extensions/Retry.php', 'tests/ATest.php').lookedFor[0]!, /: tests\/extensions\/Retry\.php can't be read$/);
    assert.deepEqual([of('.circleci/config.yml', 'test/a_test.rb').result, of('test/a_test.rb').result], ['unknown', 0]);
    const files: Files = { ...ci('- run: pytest\n'), '.circleci/config.yml': '' };
    const both = createRepository(Object.keys(files), f => f === '.circleci/config.yml' ? undefined : files[f]);
    assert.equal(practice('flaky-test-handling').evidence(both).result, 0, 'tests are run here');
  });

  it('wraps the step that tests, which stays one', () => {
    const files = ci('- uses: actions/checkout@v4\n- name: Test\n  run: python -m pytest -x # all of them\n');
    const plan = practice('flaky-test-handling').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /run: python3 \.github\/scripts\/tests-with-retry\.py --junit junit\.xml -- python -m pytest -x --junitxml=junit\.xml # all of them\n/);
    const after = { ...files, ...Object.fromEntries(plan.changes.map(c => [c.path, c.newText])) };
    assert.equal(result('flaky-test-handling', after), 1);
    for (const id of ['unit-tests', 'coverage-gate-70']) assert.equal(result(id, after), result(id, files), id);
    assert.ok(plan.changes.some(c => c.path === '.github/flaky-tests.txt'));
  });
  it('doesn’t know what a recipe that can’t be read does', () => {
    const files = ci('- run: task test\n'), repo = createRepository([...Object.keys(files), 'Taskfile.yml'], path => files[path]);
    assert.equal(practice('flaky-test-handling').evidence(repo).result, 'unknown');
  });
  it('leaves what it can\'t wrap', () => {
    for (const steps of ['- uses: actions/checkout@v4\n- run: |\n    cd x\n    pytest\n', '- uses: actions/checkout@v4\n- run: FOO=1 pytest\n', '- run: pytest\n', '- uses: actions/checkout@v4\n- run: pytest\n  shell: pwsh\n'])
      assert.ok('refused' in practice('flaky-test-handling').scaffold!.plan(repository(ci(steps))), steps);
  });

  describe('tests-with-retry.py', () => {
    wellFormed('tests-with-retry.py');
    const test = withTools('python3');
    /** A test runner that fails as often as it is told, with a report of what failed. */
    const RUNNER = `n=$(cat n 2>/dev/null || echo 0); n=$((n + 1)); echo $n >n
IFS=, read -r -a plan <<<"$PLAN"
failed=\${plan[$((n - 1))]:-}
{ echo '<testsuites><testsuite>'; for t in a b c; do case " $failed " in *" $t "*) echo "<testcase classname='s' name='$t'><failure/></testcase>" ;; *) echo "<testcase classname='s' name='$t'/>" ;; esac; done; echo '</testsuite></testsuites>'; } >report.xml
[ -z "$failed" ] || exit 5`;
    const run = async (plan: string, args: readonly string[] = ['--junit', 'report.xml'], quarantine = '') => {
      const b = new Workbench('tests-with-retry.py');
      b.standIn('runner', RUNNER);
      b.write('.github/flaky-tests.txt', quarantine);
      try {
        const outcome = await b.script('tests-with-retry.py', [...args, '--', 'runner', '--all'], { PLAN: plan });
        return { ...outcome, runs: b.calls().length, summary: b.read('summary') };
      } finally { b.remove(); }
    };
    test('runs once what passes', async () => {
      const { code, runs, summary } = await run('');
      assert.deepEqual([code, runs, summary], [0, 1, '']);
    });
    test('names what passes only later', async () => {
      const { code, runs, summary, out } = await run('a b,b,');
      assert.deepEqual([code, runs], [0, 3]);
      assert.match(summary, /`s::a` passed at attempt 3[^]*`s::b` passed at attempt 3/);
      assert.match(out, /::warning::Flaky/);
    });
    test('fails with the command\'s own code', async () => {
      const { code, runs, summary } = await run('a,a,a');
      assert.deepEqual([code, runs], [5, 3]);
      assert.match(summary, /`s::a` failed at every attempt/);
    });
    test('lets those in quarantine fail, and no others', async () => {
      const list = '# list\ns::a # until March\n';
      assert.deepEqual(await run('a', undefined, list).then(r => [r.code, r.runs]), [0, 1]);
      assert.deepEqual(await run('a b,a b,a b', undefined, list).then(r => [r.code, r.runs]), [5, 3]);
    });
    test('works without a report, and asks for a command', async () => {
      assert.deepEqual(await run('a,', []).then(r => [r.code, r.runs, /`runner --all` passed at attempt 2/.test(r.summary)]), [0, 2, true]);
      assert.deepEqual(await run('a,a', ['--attempts', '2']).then(r => [r.code, r.runs]), [5, 2]);
      const b = new Workbench('tests-with-retry.py');
      try { assert.equal((await b.script('tests-with-retry.py', [])).code, 2); } finally { b.remove(); }
    });
  });
});
