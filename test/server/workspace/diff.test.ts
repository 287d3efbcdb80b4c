import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits } from '../../../rules/workflow/document';
import { diffLines, editsBetween, unifiedDiff } from '../../../server/workspace/diff';

describe('diff', () => {
  const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n'), { maxLength: 30 }).map(l => l.join(''));

  it('gives edits that turn one text into the other', () => {
    fc.assert(fc.property(text, text, fc.boolean(), (a, b, cut) => {
      const to = cut ? b.replace(/\n$/, '') : b;
      assert.equal(applyEdits(a, editsBetween(a, to)), to);
    }), { numRuns: 500 });
  });

  it('finds the shortest set of changed lines', () => {
    const changes = diffLines(['a', 'b', 'c', 'd', 'e'], ['a', 'x', 'c', 'e', 'f']);
    assert.deepEqual(changes, [
      { aStart: 1, aEnd: 2, bStart: 1, bEnd: 2 }, { aStart: 3, aEnd: 4, bStart: 3, bEnd: 3 }, { aStart: 5, aEnd: 5, bStart: 4, bEnd: 5 },
    ]);
  });

  it('writes hunks that patch tools read', () => {
    const before = 'one\ntwo\nthree\nfour\nfive\nsix\n';
    assert.equal(unifiedDiff('a.yml', before, before.replace('five', 'FIVE')),
      '--- a/a.yml\n+++ b/a.yml\n@@ -2,5 +2,5 @@\n two\n three\n four\n-five\n+FIVE\n six\n');
    assert.equal(unifiedDiff('n.yml', undefined, 'x: 1'), '--- /dev/null\n+++ b/n.yml\n@@ -0,0 +1 @@\n+x: 1\n\\ No newline at end of file\n');
    assert.equal(unifiedDiff('a.yml', before, before), '');
  });
});
