import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withTools } from './tools';

const ROOT = join(__dirname, '../..');
const VSIX = join(ROOT, 'ci-hardening.vsix');

interface Packed { readonly name: string; readonly packed: number }
interface Contents { readonly LIMIT: number; faultsOf(files: readonly Packed[], bytes: number): string[] }
interface Zip { contentsOf(file: string): Packed[] }

const script = async <T>(name: string): Promise<T> => await import(pathToFileURL(join(ROOT, 'scripts', name)).href) as T;

describe('the package', () => {
  let contents: Contents;
  let files: Packed[];

  before(async () => {
    contents = await script<Contents>('package-contents.mjs');
    assert.ok(existsSync(VSIX), 'npm run package');
    files = (await script<Zip>('zip.mjs')).contentsOf(VSIX).filter(f => f.name.startsWith('extension/')).map(f => ({ ...f, name: f.name.slice('extension/'.length) }));
  });

  it('is below a million bytes and holds what is needed, nothing else', () => {
    assert.ok(files.length > 20);
    assert.deepEqual(contents.faultsOf(files, statSync(VSIX).size), []);
  });

  it('is refused with a file that is not known, without one that is needed, and above the limit', () => {
    const faults = (changed: readonly Packed[], bytes = 1) => contents.faultsOf(changed, bytes);
    for (const name of ['dist/server.js.map', 'dist/cli.js', 'src/secret.ts', '.env', 'media/draft.psd', 'l10n/bundle.l10n.json', 'node_modules/yaml/index.js', 'docs/server.md']) {
      assert.deepEqual(faults([...files, { name, packed: 1 }]), [`${name} has no business in the package`]);
    }
    assert.deepEqual(faults(files.filter(f => f.name !== 'dist/server.browser.js')), ['dist/server.browser.js is missing']);
    assert.deepEqual(faults(files, contents.LIMIT - 1), []);
    assert.equal(faults(files, contents.LIMIT).length, 1);
    // Grammars of shells stand apart.
    assert.deepEqual(faults([...files, { name: 'dist/bash.wasm', packed: 500_000 }], 1_400_000), []);
    assert.equal(faults([...files, { name: 'dist/bash.wasm', packed: 300_000 }], 1_400_000).length, 1);
  });

  it('holds every file that the manifest names', () => {
    const manifest = readFileSync(join(ROOT, 'package.json'), 'utf8');
    const named = [...manifest.matchAll(/"(?:\.\/)?((?:media|syntaxes|dist|docs)\/[\w./-]+\.\w+)"/g)].map(m => m[1]!).filter(name => name !== 'dist/cli.js');
    assert.ok(named.length > 8);
    assert.deepEqual(named.filter(name => !files.some(f => f.name === name)), []);
  });

  it('is woken by CI files, by YAML that may be one, and by nothing else', () => {
    const { activationEvents } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { activationEvents: string[] };
    assert.deepEqual(activationEvents, [
      'workspaceContains:**/.github/workflows/*.{yml,yaml}', 'workspaceContains:**/.github/dependabot.{yml,yaml}', 'workspaceContains:**/.github/ci-hardening.yml',
      'workspaceContains:action.{yml,yaml}', 'onLanguage:yaml', 'onLanguage:github-actions-workflow', 'onWebviewPanel:ciHardening.scorecardPanel',
    ]);
  });

  // By a program of its own, so that the archive isn't judged by what wrote it.
  withTools('python3')('can be read by other programs', () => {
    const list = execFileSync('python3', ['-c', 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))', VSIX], { encoding: 'utf8' });
    assert.match(list, /^None \d+/);
  });
});
