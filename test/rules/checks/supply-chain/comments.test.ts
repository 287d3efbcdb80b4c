import assert from 'node:assert/strict';
import { commentedVersion } from '../../../../rules/checks/shared/pinning';
import { applyFixes } from '../../../../rules/engine/fix';
import { envOf } from '../../../support/check';

const COMMIT = '11d5960a326750d5838078e36cf38b85af677262';
const PATH = '.github/workflows/ci.yml';

/** What the preferred fix of pin-comment-mismatch makes of a comment behind v4.4.0. */
function corrected(comment: string): string | undefined {
  const head = `on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@${COMMIT}`;
  const text = `${head} # ${comment}\n`;
  const result = applyFixes(PATH, text, { safety: 'safe', rule: 'pin-comment-mismatch', env: envOf({ path: PATH }, text) });
  return result.applied.length === 0 ? undefined : result.text.slice(head.length).trim();
}

describe('comments behind pins', () => {
  it('are read in the forms that tools write', () => {
    assert.deepEqual(commentedVersion('v4.2.2'), { version: 'v4.2.2', at: 0 });
    assert.deepEqual(commentedVersion('4.2'), { version: '4.2', at: 0 });
    assert.deepEqual(commentedVersion('tag=v4, pinned'), { version: 'v4', at: 4 });
    assert.deepEqual(commentedVersion('pin@v4'), { version: 'v4', at: 4 });
    assert.deepEqual(commentedVersion('ratchet:actions/checkout@v4'), { version: 'v4', at: 25 });
    assert.deepEqual(commentedVersion('v4.0.0-rc.1'), { version: 'v4.0.0-rc.1', at: 0 });
  });

  it('are left alone where they begin with something else', () => {
    for (const text of ['', 'main', 'the v4 of it', 'v4x', '4th of July', 'zizmor: ignore[x]', 'login/v1.0.1']) {
      assert.equal(commentedVersion(text), undefined, text);
    }
  });

  it('keep everything but the version', () => {
    assert.equal(corrected('ratchet:actions/checkout@v3'), '# ratchet:actions/checkout@v4.4.0');
    assert.equal(corrected('tag=4.3 # zizmor: ignore[artipacked]'), '# tag=v4.4.0 # zizmor: ignore[artipacked]');
    assert.equal(corrected('v3, see below'), '# v4.4.0, see below');
    assert.equal(corrected('ratchet:actions/checkout@v4'), undefined);
    assert.equal(corrected('main'), undefined);
  });
});
