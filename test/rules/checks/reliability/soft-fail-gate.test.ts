import assert from 'node:assert/strict';
import { analyze, DEFAULT_CONFIG, parseSource } from '../../../../rules';
import rule from '../../../../rules/checks/reliability/soft-fail-gate';

const severity = (step: string): string | undefined => {
  const document = parseSource('.github/workflows/ci.yml', `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n${step}`);
  return analyze(document, { config: DEFAULT_CONFIG, rules: [rule] }).findings[0]?.severity;
};

describe('a failure that is ignored', () => {
  const key = '        continue-on-error: true';

  it('weighs less where a comment beside it says why', () => {
    assert.equal(severity(`${key}\n`), 'high');
    assert.equal(severity(`${key} # the service is down at night\n`), 'medium');
    assert.equal(severity(`        # the service is down at night\n${key}\n`), 'medium');
    assert.equal(severity(`        # the service is down at night\r\n${key}\r\n`), 'medium');
  });

  it('weighs the same where the comment is about something else', () => {
    assert.equal(severity(`        # the timeout is short\n        timeout-minutes: 5\n${key}\n`), 'high');
    assert.equal(severity(`${key}\n        # the timeout is short\n        timeout-minutes: 5\n`), 'high');
    assert.equal(severity(`        timeout-minutes: 5 # is short\n${key}\n`), 'high');
  });
});
