/** One cause, one finding: which of several rules stands for the others. */
import assert from 'node:assert/strict';
import { check } from '../../../support/check';

const path = '.github/workflows/ci.yml';

function of(text: string, ids: readonly string[]): string[] {
  return check({ path }, text).findings.filter(f => ids.includes(f.ruleId)).map(f => `${f.ruleId} ${f.absorbedBy ?? 'shown'}`).sort();
}

describe('rules about artifacts and caches', () => {
  it('say once that an artifact takes the token of the checkout along', () => {
    const text = `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/upload-artifact@v4
        with:
          path: .
          include-hidden-files: true
`;
    assert.deepEqual(of(text, ['artifact-leaks-workspace', 'checkout-persist-credentials']),
      ['artifact-leaks-workspace shown', 'checkout-persist-credentials artifact-leaks-workspace']);
  });

  it('leave the checkout to its own rule where nothing is uploaded', () => {
    const text = 'on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: make\n';
    assert.deepEqual(of(text, ['artifact-leaks-workspace', 'checkout-persist-credentials']), ['checkout-persist-credentials shown']);
  });

  it('give way to the rule about the code of a pull request', () => {
    const text = `on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    cache-mode: write
    steps:
      - uses: actions/checkout@v3.6.0
        with:
          ref: \${{ github.event.pull_request.head.sha }}
      - run: npm ci
`;
    assert.deepEqual(of(text, ['cache-poisonable', 'cache-write-low-trust', 'pr-target-untrusted-checkout']), [
      'cache-poisonable pr-target-untrusted-checkout', 'cache-write-low-trust pr-target-untrusted-checkout', 'pr-target-untrusted-checkout shown',
    ]);
  });
});
