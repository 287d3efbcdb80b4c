import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFileSystem } from '../../../server/workspace/disk';
import { LIMITS } from '../../../server/workspace/files';
import { RepositoryState } from '../../../server/workspace/repository-state';
import { findRepositories, rootByName } from '../../../server/workspace/roots';
import { readSettings } from '../../../server/workspace/settings';
import { keyOf, relativeTo, uriOf } from '../../../server/workspace/uris';
import { TemporaryFolder } from '../../lsp/folder';

describe('files', () => {
  let folder: TemporaryFolder;
  beforeEach(() => { folder = new TemporaryFolder(); });
  afterEach(() => folder.dispose());

  it('lists names, sorted, without what nobody here maintains, and does not walk into links', async () => {
    for (const name of ['b.txt', '.github/workflows/ci.yml', 'node_modules/x/action.yml', 'src/vendor/y.yml', '.git/config', 'a/action.yml']) folder.write(name, '');
    symlinkSync('/', join(folder.path, 'outside'));
    symlinkSync('.', join(folder.path, 'loop'));
    const { files, markers, errors } = await diskFileSystem.list(folder.path);
    assert.deepEqual(files, ['.github/workflows/ci.yml', 'a/action.yml', 'b.txt', 'loop', 'outside']);
    assert.deepEqual([...markers].sort((a, b) => (a.name < b.name ? -1 : 1)), [{ folder: '', name: '.git' }, { folder: '', name: '.github' }]);
    assert.deepEqual(errors, []);
  });

  it('stops at its limits with a message, and has the workflows all the same', async () => {
    mkdirSync(join(folder.path, 'many'));
    for (let i = 0; i <= LIMITS.files; i++) writeFileSync(join(folder.path, 'many', `${i}`), '');
    folder.write('many/more/deep/file', '');
    folder.write('.github/workflows/ci.yml', '');
    const crowded = await diskFileSystem.list(folder.path);
    assert.ok(crowded.files.includes('.github/workflows/ci.yml'));
    assert.ok(!crowded.files.includes('many/more/deep/file'));
    assert.match(crowded.errors[0]?.message ?? '', /more than 20000 files/);
    const deep = new TemporaryFolder({ [`${'d/'.repeat(LIMITS.depth + 2)}x`]: '' });
    try {
      assert.match((await diskFileSystem.list(deep.path)).errors[0]?.message ?? '', /more than 32 deep/);
    } finally {
      deep.dispose();
    }
  });

  it('reads text inside the root only', () => {
    folder.write('in/a.txt', '\uFEFFä');
    folder.write('out.txt', 'secret');
    folder.write('in/binary', new Uint8Array([1, 0, 2]));
    folder.write('in/latin', new Uint8Array([0xe4]));
    const root = join(folder.path, 'in');
    symlinkSync('../out.txt', join(root, 'link'));
    symlinkSync('a.txt', join(root, 'inner'));
    execFileSync('mkfifo', [join(root, 'fifo')]);
    assert.deepEqual(diskFileSystem.read(root, 'a.txt'), { text: 'ä', bom: true, sound: true });
    assert.deepEqual(diskFileSystem.read(root, 'inner'), { text: 'ä', bom: true, sound: true });
    assert.deepEqual(diskFileSystem.read(root, 'link'), { error: 'is a link that leads outside the repository' });
    assert.deepEqual(diskFileSystem.read(root, '../out.txt'), { error: 'is a link that leads outside the repository' });
    assert.deepEqual(diskFileSystem.read(root, 'binary'), { error: 'is a binary file' });
    assert.deepEqual(diskFileSystem.read(root, 'fifo'), { error: 'is not a file' });
    assert.deepEqual(diskFileSystem.read(root, 'latin'), { text: '\uFFFD', bom: false, sound: false });
    assert.deepEqual(diskFileSystem.read(root, 'none'), { error: "can't be read (ENOENT)" });
  });

  it('finds repositories as a scan is defined', () => {
    const listing = (files: string[], markers: [string, '.git' | '.github'][]) => ({ files, markers: markers.map(([f, name]) => ({ folder: f, name })), errors: [] });
    assert.deepEqual(findRepositories(listing(['a'], [['', '.git'], ['b', '.github']])).map(r => r.folder), ['']);
    assert.deepEqual(findRepositories(listing(['b/x', 'c/d/y'], [['b', '.github'], ['b/in', '.github'], ['c/d', '.github'], ['e', '.git']])),
      [{ folder: 'b', files: ['x'] }, { folder: 'c/d', files: ['y'] }]);
    assert.deepEqual(findRepositories(listing(['x'], [])), [{ folder: '', files: ['x'] }]);
    assert.equal(rootByName('/r/.github/workflows/ci.yml'), '/r');
    assert.equal(rootByName('/r/src'), undefined);
  });

  it('knows one resource under every way to write its URI', () => {
    assert.equal(keyOf('file:///a%20b/%C3%A4.yml'), '/a b/ä.yml');
    assert.equal(keyOf('file:///a b/ä.yml/'), '/a b/ä.yml');
    for (const uri of ['file:///a%20b/%C3%A4.yml', 'vscode-vfs://github/o/r/x%23.yml']) assert.equal(keyOf(uriOf(keyOf(uri))), keyOf(uri));
    assert.equal(relativeTo('/a', '/ab/c'), undefined);
    assert.equal(relativeTo('/', '/ab/c'), 'ab/c');
  });

  it('takes from settings what is of its kind, and the default for the rest', () => {
    assert.deepEqual(readSettings({ profile: 'strict', rules: { a: 'off', b: 'loud', c: 3 }, trustedOwners: ['x', 1, ''], network: { enabled: 'no', githubUrl: 'http://x' }, missingPractices: false }), {
      profile: 'strict', rules: { a: 'off' }, trustedOwners: ['x'], network: { enabled: true, githubUrl: 'https://github.com', checkPins: false }, missingPractices: false,
      inlayHints: { versions: true, permissions: false },
    });
    const url = (githubUrl: string): string => readSettings({ network: { githubUrl } }).network.githubUrl;
    for (const own of ['https://github.example.com/x', 'http://127.0.0.1:8080', 'http://localhost/', 'http://[::1]:1/x']) assert.equal(url(own), own);
    for (const other of ['http://github.example.com', 'http://127.0.0.1.example.com', 'http://localhost.example.com', 'http://localhost@example.com', 'file:///x']) assert.equal(url(other), 'https://github.com');
    assert.equal(readSettings({ network: { checkPins: true } }).network.checkPins, true);
    assert.equal(readSettings(null).profile, 'recommended');
  });

  it('computes again only what an event can have altered', () => {
    folder.write('.github/workflows/ci.yml', 'on: push\njobs: {}\n');
    folder.write('big.bin', 'x');
    const state = new RepositoryState(folder.path, diskFileSystem, { complete: true, files: ['.github/workflows/ci.yml', 'big.bin'] });
    const before = state.analysis('.github/workflows/ci.yml');
    assert.equal(state.fileChanged('big.bin', true), false, 'nobody has read it');
    assert.equal(state.fileChanged('node_modules/x', true), false);
    assert.equal(state.analysis('.github/workflows/ci.yml'), before);
    assert.equal(state.fileChanged('Dockerfile', true), true);
    assert.ok(state.repository?.has('Dockerfile'));
    const after = state.analysis('.github/workflows/ci.yml');
    assert.notEqual(after, before);
    assert.equal(after?.document, before?.document, 'what did not change is not parsed again');
  });
});
