import assert from 'node:assert/strict';
import { allUses, localDocument, reachedUses } from '../../../../rules/checks/shared/local-actions';
import { createRepository } from '../../../../rules/repository';

const composite = (...uses: readonly string[]): string =>
  `name: a\ndescription: b\nruns:\n  using: composite\n  steps:\n${uses.map(u => `    - uses: ${u}\n`).join('')}`;
const workflow = (...uses: readonly string[]): string =>
  `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n${uses.map(u => `      - uses: ${u}\n`).join('')}`;
const CI = '.github/workflows/ci.yml';

function checkout(files: Readonly<Record<string, string>>) {
  const repository = createRepository(Object.keys(files), path => files[path]);
  const ci = repository.document(CI);
  assert.ok(ci);
  return { repository, ci };
}

describe('actions of the checkout', () => {
  it('are found by their folder, with either ending, and by both forms', () => {
    const { repository } = checkout({ [CI]: workflow(), 'action.yml': composite(), 'a/b/action.yaml': composite() });
    const at = (path: string, kind: 'local' | 'self' = 'local') => localDocument(repository, { kind, path })?.path;
    assert.equal(at(''), 'action.yml');
    assert.equal(at('a/b'), 'a/b/action.yaml');
    assert.equal(at('a/b/', 'self'), 'a/b/action.yaml');
    assert.equal(at('a/./x/../b'), 'a/b/action.yaml');
    assert.equal(at('.github/workflows/ci.yml'), CI);
    for (const path of ['..', '../a/b', 'a', 'c']) assert.equal(at(path), undefined, path);
  });

  it('are followed once, in circles too', () => {
    const { repository, ci } = checkout({
      [CI]: workflow('x/own@v1', './a', '$/b'),
      'a/action.yml': composite('./b', './a', 'x/a@v1'),
      'b/action.yml': composite('$/a', 'x/b@v1', 'docker://alpine'),
    });
    const { uses, whole } = reachedUses(repository, ci);
    assert.deepEqual(uses.map(u => u.uses.text).sort(), ['x/a@v1', 'x/b@v1', 'x/own@v1']);
    assert.equal(whole, true);
    assert.equal(uses.find(u => u.uses.text === 'x/own@v1')?.through, undefined);
    assert.deepEqual(allUses(ci).map(u => u.kind), ['repository', 'local', 'self']);
  });

  it('say where something on the way is not in the checkout', () => {
    const { repository, ci } = checkout({ [CI]: workflow('./a'), 'a/action.yml': composite('./made/in/the/run') });
    assert.equal(reachedUses(repository, ci).whole, false);
  });
});
