import assert from 'node:assert/strict';
import { parseActionsLock } from '../../../rules/checks/shared/lockfile';

const COMMIT = 'd23441a48e516b6c34aea4fa41551a30e30af803';
const LOCK = `# made by a machine
version: 'v0.0.2'
workflows:
    '.github/workflows/ci.yml':
        - 'Actions/Checkout@v6'
        - "octo-org/deploy@Main"
    .github/workflows/empty.yml: []
dependencies:
    'actions/checkout@v6':
        ref: 'v6'
        commit: 'sha1-${COMMIT}'
        uses:
            - 'other/thing@v1'
    'octo-org/deploy@Main':
        commit: 'sha1-nonsense'
`;

describe('actions.lock', () => {
  it('gives the dependencies of each workflow and their commits', () => {
    const lock = parseActionsLock(LOCK);
    assert.equal(lock?.version, 'v0.0.2');
    assert.deepEqual([...lock?.workflows.get('.github/workflows/ci.yml') ?? []], ['actions/checkout@v6', 'octo-org/deploy@Main']);
    assert.deepEqual([...lock?.commits ?? []], [['actions/checkout@v6', COMMIT]]);
    assert.deepEqual([...lock?.workflows.get('.github/workflows/empty.yml') ?? ['none']], []);
    assert.deepEqual([...lock?.dependencies ?? []], [
      ['actions/checkout@v6', { commit: COMMIT, uses: new Set(['other/thing@v1']) }],
      ['octo-org/deploy@Main', { uses: new Set() }],
    ]);
    assert.deepEqual(lock?.twice, []);
  });

  it('reads other line endings alike', () => {
    assert.deepEqual(parseActionsLock(LOCK.replaceAll('\n', '\r\n')), parseActionsLock(LOCK));
  });

  it('sees what a merge leaves behind', () => {
    assert.deepEqual(parseActionsLock(`${LOCK}    'Octo-Org/deploy@Main':\n        commit: 'sha1-${COMMIT}'\n`)?.twice, ['octo-org/deploy@Main']);
    for (const mark of ['<<<<<<< HEAD', '=======', '>>>>>>> main: theirs']) assert.equal(parseActionsLock(`${LOCK}${mark}\n`), undefined, mark);
  });

  it('takes anything else for no lockfile', () => {
    for (const text of ['', 'workflows:\n', '{"version": 1}', 'just text', '\u0000\u0001', '- a\n- b\n']) assert.equal(parseActionsLock(text), undefined, text);
    assert.equal(parseActionsLock(`version: 'v1'\n${'#'.repeat(2_000_001)}`), undefined);
  });
});
