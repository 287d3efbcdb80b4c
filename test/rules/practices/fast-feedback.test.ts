import assert from 'node:assert/strict';
import { applied } from './plans';
import { practice, practiceCases, repository, verdict, type Files } from './support';

const PATH = '.github/workflows/ci.yml';
/** Two jobs on pull requests: lint, and test with what is given. */
const jobs = (test: string, lint = '    timeout-minutes: 3\n', on = 'pull_request'): Files => ({ [PATH]:
  `on: ${on}\njobs:\n  lint:\n    runs-on: x\n${lint}    steps:\n      - run: npx eslint .\n  test:\n${test}    runs-on: x\n    steps:\n      - run: npx mocha\n` });

describe('fast-feedback', () => {
  practiceCases('fast-feedback', {
    met: { 'limits leave ten minutes at most': jobs('    timeout-minutes: 10\n'), 'limits add up to ten minutes': jobs('    needs: lint\n    timeout-minutes: 7\n') },
    partial: { 'a test that waits for the linter': jobs('    needs: lint\n    timeout-minutes: 8\n'), 'no limits': jobs('    needs: [lint]\n', '') },
    missing: {
      'no workflow': { 'a.py': '' },
      'nothing runs on pull requests': { 'a.py': '', ...jobs('    timeout-minutes: 1\n', '', 'workflow_dispatch') },
      'a job that is turned off': { 'a.py': '', [PATH]: 'on: pull_request\njobs:\n  test:\n    if: false\n    runs-on: x\n    timeout-minutes: 1\n    steps: [{run: pytest}]\n' },
    },
    notApplicable: { 'there is nothing to check': jobs('', '', 'workflow_dispatch'), 'no workflow': {} },
  });
  practiceCases('fast-feedback-5', {
    met: { 'limits leave five minutes at most': jobs('    timeout-minutes: 5\n') },
    partial: { 'a test that waits for the linter': jobs('    needs: lint\n    timeout-minutes: 3\n'), 'no limits': jobs('') },
    missing: { 'nothing runs on pull requests': { 'go.mod': '', ...jobs('', '', 'schedule') } },
    notApplicable: { 'there is nothing to check': jobs('', '', 'schedule') },
  });

  it('counts what starts at once, and what takes something from the job before it', () => {
    const artifact = jobs('    needs: lint\n')[PATH]!.replace('- run: npx eslint .', '- run: npx eslint .\n      - uses: actions/upload-artifact@v4');
    for (const files of [jobs(''), jobs('    timeout-minutes: ${{ vars.LIMIT }}\n'), jobs("    needs: lint\n    if: needs.lint.result == 'success'\n"),
      jobs('    needs: lint\n', '    outputs:\n      a: b\n'), { [PATH]: artifact }]) {
      for (const [id, minutes] of [['fast-feedback', 10], ['fast-feedback-5', 5]] as const) {
        const v = verdict(id, files)!;
        assert.equal(v.result, 0.65, id);
        assert.match(v.lookedFor[1]!, new RegExp(`add up to ${minutes} minutes`));
        assert.match(v.byHand!, new RegExp(`${minutes} minutes`), 'there is nothing that the scaffold could do');
      }
    }
  });

  it('says what a job waits for, and not that it takes something from it: a cache may be shared or not', () => {
    const staged = `${jobs('    needs: stage\n')[PATH]!.replace('- run: npx eslint .', '- uses: actions/cache@v5\n      - run: npx eslint .')}  stage:\n    name: basic checks\n    needs: lint\n    runs-on: x\n    steps:\n      - run: exit 0\n`;
    const seen = verdict('fast-feedback', { [PATH]: staged })!;
    assert.equal(seen.result, 0.65);
    assert.deepEqual(seen.evidence.map(e => e.text), ['lint starts at once', 'test waits for stage', 'stage waits for lint']);
  });

  it('counts that a new push does not wait behind the run before it, and still can’t say how long runs take', () => {
    const grouped = (concurrency: string): Files => ({ [PATH]: `${concurrency}${jobs('')[PATH]!}` });
    const cancelled = verdict('fast-feedback-5', grouped('concurrency:\n  group: ${{ github.ref }}\n  cancel-in-progress: true\n'))!;
    assert.deepEqual([cancelled.result, cancelled.lookedFor], [0.8, ['limits (timeout-minutes) that add up to 5 minutes at most: so far a slow run is waited for longer']]);
    for (const queues of ['concurrency: ${{ github.ref }}\n', 'concurrency:\n  group: x\n  cancel-in-progress: false\n']) {
      const v = verdict('fast-feedback-5', grouped(queues))!;
      assert.equal(v.result, 0.65);
      assert.match(v.lookedFor[0]!, /^cancel-in-progress for pull requests in \.github\/workflows\/ci\.yml/);
    }
  });

  it('asks the workflow to cancel that a new push starts, and not the one that it calls', () => {
    const files: Files = { [PATH]: 'on: pull_request\njobs:\n  tests:\n    uses: ./.github/workflows/tests.yml\n',
      '.github/workflows/tests.yml': 'on: workflow_call\njobs:\n  test:\n    runs-on: x\n    steps:\n      - run: npx mocha\n' };
    const v = verdict('fast-feedback', files)!;
    assert.deepEqual(v.lookedFor.filter(l => l.startsWith('cancel-in-progress')).map(l => /workflows\/([\w.]+)/.exec(l)![1]), ['ci.yml']);
  });

  it('asks no workflow to cancel that only lints: it is over before the next push', () => {
    const titles = 'on: pull_request\njobs:\n  titles:\n    runs-on: x\n    steps:\n      - run: npx eslint .\n';
    const v = verdict('fast-feedback', { [PATH]: titles })!;
    assert.deepEqual([v.result, v.lookedFor.length], [0.8, 1]);
    const both = verdict('fast-feedback', { ...jobs(''), '.github/workflows/lint.yml': titles })!;
    assert.deepEqual(both.lookedFor.filter(l => l.startsWith('cancel')).map(l => l.includes('lint.yml')), [false]);
  });

  it('lets the two start together, and keeps what else is needed', () => {
    const text = `${jobs('    needs: [lint, build] # both\n')[PATH]!}  build:\n    runs-on: x\n    steps:\n      - run: npm run build\n`;
    const made = practice('fast-feedback').scaffold!.plan(repository({ [PATH]: text }));
    assert.ok(!('refused' in made));
    assert.equal(made.changes[0]!.newText, text.replace('[lint, build]', '[build]'));
    assert.ok('refused' in practice('fast-feedback').scaffold!.plan(repository(applied({ [PATH]: text }, made))));
  });

  it('ends on needs that go in a circle', () => {
    const circle = 'on: pull_request\njobs:\n  a: {needs: b, runs-on: x, timeout-minutes: 1, steps: [{run: pytest}]}\n  b: {needs: a, runs-on: x, timeout-minutes: 1, steps: [{run: pytest}]}\n';
    assert.ok(verdict('fast-feedback', { [PATH]: circle }) !== undefined);
  });
});
