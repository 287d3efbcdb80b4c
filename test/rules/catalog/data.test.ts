import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { catalogDate } from '../../../rules/catalog';
import { packSha, unpackSha } from '../../../rules/catalog/store';

const DATA = join(__dirname, '../../../rules/catalog/data');

describe('catalogue: data', () => {
  it('stays below 200 KB deflated', () => {
    const total = readdirSync(DATA).reduce((sum, f) => sum + deflateRawSync(readFileSync(join(DATA, f)), { level: 9 }).length, 0);
    assert.ok(total <= 200 * 1024, `${total} bytes`);
  });

  it('has a date', () => assert.match(catalogDate, /^\d{4}-\d{2}-\d{2}$/));

  it('keeps one action, advisory or label per line', () => {
    for (const file of readdirSync(DATA)) {
      const text = readFileSync(join(DATA, file), 'utf8');
      assert.ok(text.endsWith('\n') && !text.includes('\r'), file);
      assert.doesNotMatch(text, /\}\],\[?\[".*\],\["/, `${file}: two entries on one line`);
    }
  });

  it('packs commits without loss', () => {
    for (const sha of ['11d5960a326750d5838078e36cf38b85af677262', '0'.repeat(40), 'f'.repeat(40), '0123456789abcdef0123456789abcdef01234567']) {
      assert.equal(packSha(sha).length, 27);
      assert.equal(unpackSha(packSha(sha)), sha);
      assert.equal(packSha(sha), Buffer.from(sha, 'hex').toString('base64url'));
    }
  });

  it('has commits for all tags', () => {
    const { actions } = JSON.parse(readFileSync(join(DATA, 'actions.json'), 'utf8')) as { actions: [string, string, string, object][] };
    const names = actions.map(a => a[0].toLowerCase());
    assert.deepEqual(names, [...names].sort());
    assert.equal(new Set(names).size, names.length);
    for (const [name, tags, commits] of actions) assert.equal(commits.length, (tags === '' ? 0 : tags.split(' ').length) * 27, name);
  });
});
