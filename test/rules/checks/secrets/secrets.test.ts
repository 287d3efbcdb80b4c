import assert from 'node:assert/strict';
import { givenSecrets, secretReads } from '../../../../rules/checks/shared/secrets';
import { expressionsIn } from '../../../../rules/workflow/expressions';

const expression = (source: string) => expressionsIn(`\${{ ${source} }}`, { bare: false })[0]!;
const given = (source: string): string[] => givenSecrets(expression(source)).map(s => s.name);

describe('secrets of an expression', () => {
  for (const [source, names] of [
    ['secrets.A', ['A']], ['secrets[\'a-b\']', ['a-b']], ['Secrets.A', ['A']], ['github.token', ['GITHUB_TOKEN']],
    ['secrets.A || secrets.B', ['A', 'B']], ['github.ref == \'x\' && secrets.A || \'none\'', ['A']], ['format(\'{0}:{1}\', vars.U, secrets.P)', ['P']],
    ['fromJSON(secrets.A).b', ['A']], ['toJSON(secrets.A)', ['A']], ['case(secrets.A == \'\', \'x\', secrets.B)', ['B']],
    ['secrets.A != \'\'', []], ['!secrets.A', []], ['secrets.A && \'yes\'', []], ['contains(secrets.A, \'x\')', []], ['\'secrets.A\'', []],
    ['env.secrets', []], ['secrets', []], ['secrets.*', []], ['secrets[env.X]', []], ['secrets.', []],
  ] as const) {
    it(`${source} gives ${names.join(', ') || 'none'}`, () => assert.deepEqual(given(source), names));
  }

  it('tells all of them from a computed one', () => {
    const kinds = (source: string) => {
      const { named, whole, computed } = secretReads(expression(source).root);
      return [named.length, whole.length, computed.length];
    };
    assert.deepEqual(kinds('toJSON(secrets)'), [0, 1, 0]);
    assert.deepEqual(kinds('join(secrets.*, secrets.A)'), [1, 1, 0]);
    assert.deepEqual(kinds('secrets[*]'), [0, 1, 0]);
    assert.deepEqual(kinds('secrets[secrets.NAME]'), [1, 0, 1]);
    assert.deepEqual(kinds('fromJSON(secrets.A)[matrix.b]'), [1, 0, 0]);
    assert.deepEqual(kinds('secrets[format(\'{0}\', matrix.a)] == secrets[\'B\']'), [1, 0, 1]);
  });

  it('knows the run\'s own token', () => {
    assert.deepEqual(givenSecrets(expression('secrets.github_token')).map(s => s.isRunToken), [true]);
    assert.deepEqual(givenSecrets(expression('github.token')).map(s => s.isRunToken), [true]);
    assert.deepEqual(givenSecrets(expression('secrets.GH_TOKEN')).map(s => s.isRunToken), [false]);
  });
});
