import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TEST_SUMMARY } from '../../../rules/practices/shared/test-summary';
import { checkScript, exportsOf } from './github-stand-in';
import { createRepository } from '../../../rules/repository';
import { applied } from './plans';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const PATH = '.github/workflows/ci.yml';
const ci = (steps: string, extra: Parameters<typeof workflow>[1] = {}): Files => ({ [PATH]: workflow(`- uses: actions/checkout@v4\n- run: pytest\n${steps}`, extra) });

/** As pytest and Maven write them. */
const JUNIT = `<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="3">
<testcase classname="tests.test_a" name="test_one" time="0.5" />
<testcase classname="tests.test_a" name="test_two[&lt;b&gt;]" time="1.25"><failure message="assert 1 == 2&#10;`
  + `">def test_two(): ...</failure></testcase>
<testcase classname="tests.test_a" name="test_three" time="0.25"><skipped type="pytest.skip" message="later"/></testcase>
</testsuite></testsuites>`;

interface Exports { read(xml: string): { tests: number; failed: number; skipped: number; seconds: number; failures: { name: string }[] } | undefined; page(t: string, s: string, r: readonly object[]): string }

describe('job-summaries', () => {
  practiceCases('job-summaries', {
    met: {
      'a summary': ci('- run: echo "## Done" >> "$GITHUB_STEP_SUMMARY"\n'),
      'a script that writes one': { ...ci('- run: python3 tools/report.py\n'), 'tools/report.py': 'open(os.environ["GITHUB_STEP_SUMMARY"], "a")\n' },
      'a reporter': ci('- uses: dorny/test-reporter@v1\n'),
      'github-script': ci('- uses: actions/github-script@v7\n  with:\n    script: await core.summary.addHeading("x").write()\n'),
      'a script that github-script calls': { ...ci("- uses: actions/github-script@v7\n  with:\n    script: await require('./tools/report.js')({ github })\n"),
        'tools/report.js': 'module.exports = ({ github }) => github.rest.issues.createComment({});\n' },
      'a linter that annotates': ci('- uses: golangci/golangci-lint-action@v9\n'),
      'a checker that annotates': ci('- uses: codespell-project/actions-codespell@v2\n'),
      'PowerShell': ci('- shell: pwsh\n  run: Write-Output x >> $env:GITHUB_STEP_SUMMARY\n'),
    },
    partial: { 'for releases alone': { ...ci(''), '.github/workflows/r.yml': workflow('- run: echo done >> $GITHUB_STEP_SUMMARY\n', { on: 'on: release' }) } },
    missing: {
      'nothing': ci(''),
      'in a comment (decoy)': ci('- run: |\n    # echo x >> "$GITHUB_STEP_SUMMARY"\n    echo x\n'),
      'turned off': ci('- if: false\n  run: echo x >> "$GITHUB_STEP_SUMMARY"\n'),
      'a script that github-script calls for something else': { ...ci("- uses: actions/github-script@v7\n  with:\n    script: await require('./tools/label.js')({ github })\n"),
        'tools/label.js': 'module.exports = ({ github }) => github.rest.issues.addLabels({});\n' },
      'a name alone': ci('- name: Write job summary\n  run: echo summary\n'),
    },
    notApplicable: { 'there is nothing to test': { 'README.md': '', [PATH]: workflow('- run: pytest\n', { on: 'on: workflow_dispatch' }) } },
  });

  it('takes a script that can’t be read at its name, where the job may comment', () => {
    const steps = "- uses: actions/github-script@v7\n  with:\n    script: |\n      const tell = require('./tools/pr-comment.js');\n      await tell({ github });\n";
    const of = (job: string): number | 'unknown' => {
      const text = ci(steps, { job })[PATH]!;
      return practice('job-summaries').evidence(createRepository([PATH, 'tools/pr-comment.js'], f => f === PATH ? text : undefined)).result;
    };
    assert.equal(of('    permissions:\n      pull-requests: write\n'), 1);
    assert.equal(of('    permissions:\n      contents: read\n'), 0);
  });

  it('does not know what an action of another repository writes, where the job may comment', () => {
    const of = (steps: string, job: string) => practice('job-summaries').evidence(repository({ [PATH]: workflow(steps, { job }) }));
    const lint = '- uses: octo-org/shell-lint-action@v1\n', may = '    permissions:\n      pull-requests: write\n';
    assert.deepEqual([of(lint, may).result, of(lint, may).evidence.map(e => e.text)], ['unknown', ['octo-org/shell-lint-action checks, and may write to the pull request']]);
    assert.equal(of(lint, '    permissions:\n      contents: read\n').result, 0);
    assert.equal(of('- uses: octo-org/label-action@v1\n', may).result, 0);
    assert.equal(of('- uses: octo-org/lint-pr-title@v1\n', may).result, 0);
    const called = (rights: string): Files => ({ 'go.mod': '', [PATH]: `on: pull_request\njobs:\n  test:\n    uses: octo-org/shared/.github/workflows/test.yml@v1\n    permissions:\n      ${rights}\n` });
    assert.equal(practice('job-summaries').evidence(repository(called('pull-requests: write'))).result, 'unknown');
    assert.equal(practice('job-summaries').evidence(repository(called('contents: read'))).result, 0);
  });

  it('adds one last step to the job that tests', () => {
    const files = ci('');
    const made = practice('job-summaries').scaffold!.plan(repository(files));
    assert.ok(!('refused' in made));
    assert.deepEqual(made.changes.map(c => c.path), [PATH, '.github/scripts/test-summary.mjs']);
    assert.ok(made.changes[0]!.newText.startsWith(files[PATH]!));
    assert.equal(practice('job-summaries').evidence(repository(applied(files, made))).result, 1);
    const refused = practice('job-summaries').scaffold!.plan(repository({ [PATH]: workflow('- run: pytest\n') }));
    assert.ok('refused' in refused && /checks out/.test(refused.refused));
  });

  describe('its script', () => {
    it('is one that Node can read', () => checkScript(TEST_SUMMARY));

    it('reads JUnit reports, and takes nothing else for one', async () => {
      const { read, page } = await exportsOf<Exports>(TEST_SUMMARY);
      const r = read(JUNIT)!;
      assert.deepEqual([r.tests, r.failed, r.skipped, r.seconds], [3, 1, 1, 2]);
      assert.deepEqual(r.failures.map(f => f.name), ['tests.test_a: test_two[<b>]']);
      assert.equal(read('<project><dependencies/></project>'), undefined);
      assert.equal(read('<testsuite'.repeat(100_000))?.tests, undefined);
      const text = page('Test', 'failure', [r]);
      assert.match(text, /^## Test: failure\n\n\| tests [^]*\| 3 \| 1 \| 1 \| 1 \| 2 s \|/);
      assert.ok(!text.includes('<b>'));
    });

    it('finds reports below the folder, and never fails', () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'summary-')), summary = path.join(folder, 's.md');
      try {
        for (const d of ['build/reports', 'node_modules/x']) mkdirSync(path.join(folder, d), { recursive: true });
        writeFileSync(path.join(folder, 's.mjs'), TEST_SUMMARY);
        writeFileSync(path.join(folder, 'build/reports/TEST-a.xml'), JUNIT);
        writeFileSync(path.join(folder, 'node_modules/x/junit.xml'), JUNIT);
        writeFileSync(path.join(folder, 'junit.xml'), '\u0000<');
        const run = (...args: string[]) => execFileSync(process.execPath, ['s.mjs', ...args], { cwd: folder, encoding: 'utf8', env: { GITHUB_STEP_SUMMARY: summary, JOB_STATUS: 'failure' } });
        run('Test');
        assert.match(readFileSync(summary, 'utf8'), /\| 3 \| 1 \| 1 \| 1 \| 2 s \|/);
        assert.match(run('Test', path.join(folder, 'nowhere')), /::warning::no summary/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
});
