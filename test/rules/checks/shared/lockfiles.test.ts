import assert from 'node:assert/strict';
import { lockfileOf } from '../../../../rules/checks/shared/lockfiles';
import { join } from '../../../../rules/checks/shared/package-commands';
import { baseImages } from '../../../../rules/checks/shared/dockerfile';
import { DEFAULT_CONFIG } from '../../../../rules/engine/rule';
import { createRepository } from '../../../../rules/repository';
import { parseSource } from '../../../../rules/workflow/parse';

function facts(files: Readonly<Record<string, string | undefined>>, manager = 'npm', folder = ''): ReturnType<typeof lockfileOf.ask> {
  const repository = createRepository(Object.keys(files), path => files[path]);
  return lockfileOf.ask({ document: parseSource('.github/workflows/a.yml', ''), repository, config: DEFAULT_CONFIG }, manager, folder);
}

const manifest = (more: object = {}): string => JSON.stringify({ dependencies: { a: '1' }, ...more });
const lock = (packages: object, root: object = { dependencies: { a: '1' } }): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': root, ...packages } });

describe('lockfiles', () => {
  it('are in step where every dependency of the manifest and of each package is there', () => {
    const inStep = (packages: object, more: object = {}): boolean | undefined =>
      facts({ 'package.json': manifest(more), 'package-lock.json': lock(packages) })?.inStep;
    assert.equal(inStep({ 'node_modules/a': {} }), true);
    assert.equal(inStep({}), false);
    assert.equal(inStep({ 'node_modules/a': { dependencies: { b: '1' } } }), false);
    assert.equal(inStep({ 'node_modules/a': { dependencies: { b: '1' } }, 'node_modules/a/node_modules/b': {} }), true);
    assert.equal(inStep({ 'node_modules/a': { dependencies: { b: '1' } }, 'node_modules/c/node_modules/b': {} }), false);
    assert.equal(inStep({ 'node_modules/a': { peerDependencies: { b: '1' } } }), false);
    assert.equal(inStep({ 'node_modules/a': { peerDependencies: { b: '1' }, peerDependenciesMeta: { b: { optional: true } } } }), true);
    assert.equal(inStep({ 'node_modules/a': {} }, { devDependencies: { b: '1' } }), false);
    assert.equal(inStep({ 'node_modules/a': {} }, { workspaces: ['b'] }), false);
    assert.equal(inStep({ 'node_modules/a': { link: true } }), false);
  });

  it('that can’t be read are there, and not known to be in step', () => {
    assert.deepEqual(facts({ 'package.json': undefined, 'package-lock.json': undefined }), { path: 'package-lock.json', inStep: false, version: 0 });
    for (const text of ['', '{', '[]', 'null', '{"packages":[]}', '{"packages":{"":1}}']) {
      assert.equal(facts({ 'package.json': text, 'package-lock.json': text })?.inStep, false);
    }
  });

  it('of Yarn 2, of projects that want none, and of other folders are none', () => {
    assert.equal(facts({ 'yarn.lock': '__metadata:\n' }, 'yarn'), null);
    assert.equal(facts({ 'yarn.lock': undefined, '.yarnrc.yml': '' }, 'yarn'), null);
    assert.equal(facts({ 'yarn.lock': undefined, 'package.json': '{"packageManager": "yarn@4.1.0"}' }, 'yarn'), null);
    assert.equal(facts({ 'yarn.lock': '# yarn lockfile v1\n' }, 'yarn')?.path, 'yarn.lock');
    assert.equal(facts({ 'package-lock.json': '{}', '.npmrc': 'package-lock=false\n' }), null);
    assert.equal(facts({ 'package-lock.json': '{}' }, 'npm', 'web'), null);
  });
});

describe('folders of commands', () => {
  it('are joined inside the workspace only', () => {
    assert.equal(join('', './a//b/'), 'a/b');
    assert.equal(join('a/b', '../c'), 'a/c');
    assert.equal(join('a', '..\\b'), 'b');
    for (const out of ['..', '/tmp', '~', '$X', 'C:\\x', '-', '${{ matrix.x }}', 'a/*']) assert.equal(join('', out), undefined, out);
  });
});

describe('base images', () => {
  const images = (text: string): string[] => baseImages(text).map(b => b.image);
  it('are those of FROM, with what ARG says', () => {
    assert.deepEqual(images('ARG V=1\r\nFROM a:${V}\r\nFROM --platform=x b AS c\r\nFROM C\r\nfrom scratch\r\n'), ['a:1', 'b']);
    assert.deepEqual(images('ARG V\nFROM a:$V\nFROM ${B:-d:2}\n# FROM e\n  FROM f'), ['d:2', 'f']);
    assert.deepEqual(images('FROM a\nRUN <<END\nFROM b\nEND\nRUN x \\\nFROM c\n\nFROM d'), ['a', 'd']);
    assert.deepEqual(images(''), []);
  });
  it('stand where they are written', () => {
    const text = '\uFEFF# x\r\nFROM   --platform=a  node:24 AS b\n', [base] = baseImages(text);
    assert.equal(text.slice(base!.start, base!.end), 'node:24');
  });
});
