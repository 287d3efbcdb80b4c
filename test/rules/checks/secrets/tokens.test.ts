import assert from 'node:assert/strict';
import { findTokens } from '../../../../rules/checks/shared/tokens';
import { TOKENS } from '../../../support/tokens';

/** Where a token stands in a text, and what stands beside it where it needs that. */
const BESIDE: Readonly<Record<string, string>> = { 'aws-secret': 'aws-id', 'twilio-secret': 'twilio-id' };
const NONE = new Set(['github-wrong-sum', 'aws-id', 'twilio-id']);

const found = (text: string): string[] => findTokens(text).map(t => text.slice(t.start, t.end));

describe('tokens', () => {
  for (const [kind, make] of Object.entries(TOKENS)) {
    const token = make(), beside = BESIDE[kind];
    if (NONE.has(kind)) {
      it(`${kind} says nothing by itself`, () => assert.deepEqual(found(`value: ${token}\n`), []));
      continue;
    }
    const text = beside ? `a: ${TOKENS[beside]!()}\nb: ${token}\n` : `value: "${token}" # comment\n`;
    it(`${kind} is found from end to end`, () => {
      const [only, ...more] = found(text);
      assert.deepEqual(more, []);
      assert.ok(only === token || (kind === 'key' && token.startsWith(only!)), `${only} of ${token}`);
    });
    it(`${kind} is not found in a word`, () => {
      if (kind === 'key' || kind === 'telegram' || kind === 'azure') return assert.ok(found(text).length === 1);
      assert.deepEqual(found(text.replace(token, `x${token}`)), []);
    });
    it(`${kind} made of one character is none`, () => {
      const dull = text.replace(token, token.slice(0, 12) + token.slice(12).replace(/[A-Za-z0-9]/g, 'a'));
      assert.deepEqual(found(dull), []);
    });
  }

  it('never shows what is secret', () => {
    for (const make of Object.values(TOKENS)) {
      for (const t of findTokens(` ${make()} `)) assert.ok(t.prefix.length <= 30 && t.prefix.length < (t.end - t.start), t.what);
    }
  });

  it('knows the manuals\' values', () => {
    const head = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
    const jwt = (payload: object, alg = head): string => `${alg}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c`;
    assert.deepEqual(found(jwt({ sub: '1234567890', name: 'John Doe', iat: 1516239022 })), []);
    assert.deepEqual(found(jwt({ iss: 'supabase', role: 'anon', iat: 1790000321 })), []);
    assert.deepEqual(found(jwt({ sub: 'x' }, Buffer.from('{"alg":"none"}').toString('base64url'))), []);
    assert.deepEqual(found('eyJub3QganNvbg.eyJub3QganNvbg.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c'), []);
    assert.equal(found(jwt({ iss: 'supabase', role: 'service_role', iat: 1790000321 })).length, 1);
  });

  it('takes a commit beside an access key for a commit', () => {
    assert.deepEqual(found(`${TOKENS['aws-id']!()} uses: a/b@9f3b7c1e5a8d2046e7b19c4f6d0a83525e1c7f9b`), []);
  });

  it('reads hostile text once', () => {
    for (const text of ['eyJ'.repeat(100_000), '.eyJ'.repeat(100_000), 'AKIA'.repeat(80_000), ' sk-' + 'a'.repeat(300_000), '1:AA'.repeat(80_000), '-----BEGIN PRIVATE KEY-----'.repeat(10_000)]) {
      assert.deepEqual(found(text), []);
    }
  });
});
