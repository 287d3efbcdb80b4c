import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import { TemporaryFolder } from '../lsp/folder';
import { run } from './run';

const CI = '.github/workflows/ci.yml';
const TEXT = `name: CI
on:
  pull_request:
permissions: {}
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/setup-node@v4 # the runtime
      - run: npm test
`;

describe('command line: other commands', () => {
  let folder: TemporaryFolder;
  const read = (name = CI): string => readFileSync(join(folder.path, name), 'utf8');

  beforeEach(() => { folder = new TemporaryFolder({ [CI]: TEXT, 'package.json': '{}' }); });
  afterEach(() => folder.dispose());

  it('prints its version and its help', async () => {
    assert.equal((await run(['--version'])).out, `${version}\n`);
    const help = await run(['--help']);
    assert.equal(help.code, 0);
    for (const name of ['scan', 'fix', 'score', 'add', 'rules', 'practices', 'catalog', 'explain', 'lsp']) assert.match(help.out, new RegExp(`\\b${name}\\b`));
    assert.match((await run(['fix', '--help'])).out, /--dry-run/);
  });

  it('fixes safely, only what changes no run, and nothing the second time', async () => {
    const first = await run(['fix', folder.path, '--offline']);
    assert.deepEqual([first.code, first.out], [0, 'Fixed 1 problem in 1 file.\n']);
    const fixed = read();
    assert.match(fixed, /uses: actions\/setup-node@[0-9a-f]{40} # v4\.\d+\.\d+/);
    assert.doesNotMatch(fixed, /timeout-minutes|concurrency/);
    const second = await run(['fix', folder.path, '--offline']);
    assert.deepEqual([second.code, second.out, read()], [0, 'Nothing to fix.\n', fixed]);
  });

  it('fixes one rule, unsafely where that is asked for', async () => {
    await run(['fix', folder.path, '--offline', '--unsafe', '--rule', 'timeout-missing']);
    assert.match(read(), /timeout-minutes: \d+/);
    assert.match(read(), /setup-node@v4 # the runtime/);
  });

  it('prints a diff that applies, and writes nothing', async () => {
    const { out, err, code } = await run(['fix', folder.path, '--dry-run', '--offline']);
    assert.equal(code, 0);
    assert.equal(read(), TEXT);
    assert.match(out, /^--- a\/\.github\/workflows\/ci\.yml\n\+\+\+ b\/\.github\/workflows\/ci\.yml\n@@ -6,5 \+6,5 @@\n/);
    assert.match(out, /\n- {6}- uses: actions\/setup-node@v4 # the runtime\n\+ {6}- uses: actions\/setup-node@[0-9a-f]{40}/);
    assert.match(err, /Would fix 1 problem in 1 file/);
  });

  it('keeps a byte order mark and line endings, and leaves alone what is not UTF-8', async () => {
    folder.write(CI, `\uFEFF${TEXT.replaceAll('\n', '\r\n')}`);
    const latin = Buffer.concat([Buffer.from(TEXT), Buffer.from([0x23, 0x20, 0xe4, 0x0a])]);
    folder.write('.github/workflows/latin.yml', latin);
    const { code, err } = await run(['fix', folder.path, '--offline']);
    assert.equal(code, 0);
    assert.ok(read().startsWith('\uFEFFname: CI\r\n'));
    assert.match(read(), /setup-node@[0-9a-f]{40}/);
    assert.doesNotMatch(read().replaceAll('\r\n', ''), /\n/);
    assert.deepEqual(readFileSync(join(folder.path, '.github/workflows/latin.yml')), latin);
    assert.match(err, /latin\.yml: The file is not UTF-8/);
  });

  it('scores with all six categories in their order', async () => {
    const { out, code } = await run(['score', folder.path, '--format', 'json']);
    assert.equal(code, 0);
    const score = JSON.parse(out) as {
      version: number; score: number; level: number; interval: number[];
      categories: Record<string, { score: number; level: number; interval: number[] }>;
      controls: { id: string; verdict: string }[]; actions: { controlId: string; gain: number }[];
    };
    assert.equal(score.version, 1);
    assert.deepEqual(Object.keys(score.categories), ['Security', 'Quality', 'Reliability', 'Automation', 'Developer Experience', 'Organisation']);
    assert.equal(score.interval[0], score.score);
    assert.ok(score.interval[1]! >= score.score && score.score >= 0 && score.interval[1]! <= 100);
    assert.equal(score.controls.find(c => c.id === 'unpinned-action')?.verdict, 'missing');
    assert.ok(score.actions.length > 0);
    const text = await run(['score', folder.path]);
    assert.match(text.out, new RegExp(`^\\S+ {2}${score.score}\\b.* level ${score.level} `));
    assert.match((await run(['score', folder.path, '--format', 'markdown'])).out, /^# CI Hardening/);
    assert.match((await run(['score', folder.path, '--format', 'badge'])).out, /^<svg /);
    assert.match((await run(['score', folder.path, '--format', 'html'])).out, /^<!doctype html>/);
  });

  it('adds a practice, says what is left to do, and nothing the second time', async () => {
    const before = JSON.parse((await run(['score', folder.path, '--format', 'json'])).out) as { controls: { id: string; verdict: string }[] };
    assert.equal(before.controls.find(c => c.id === 'scan-secrets')?.verdict, 'missing');
    const dry = await run(['add', 'scan-secrets', folder.path, '--dry-run']);
    assert.match(dry.out, /^--- a\//);
    assert.equal(read(), TEXT);
    const { code, out } = await run(['add', 'scan-secrets', folder.path]);
    assert.equal(code, 0);
    assert.match(out, /^Changed \.github\/workflows\/ci\.yml\n/);
    assert.ok(read().startsWith(TEXT.slice(0, TEXT.indexOf('jobs:'))));
    const after = JSON.parse((await run(['score', folder.path, '--format', 'json'])).out) as { controls: { id: string; verdict: string }[] };
    assert.equal(after.controls.find(c => c.id === 'scan-secrets')?.verdict, 'met');
    const once = read();
    assert.equal((await run(['add', 'scan-secrets', folder.path])).code, 0);
    assert.equal(read(), once);
  });

  it('creates a first workflow where there is none', async () => {
    folder.dispose();
    folder = new TemporaryFolder({ 'package.json': '{}', 'index.js': '' });
    const { code, out } = await run(['add', 'scan-secrets', folder.path]);
    assert.equal(code, 0, out);
    assert.ok(existsSync(join(folder.path, '.github/workflows/ci.yml')));
  });

  it('lists rules and practices and explains them', async () => {
    const rules = JSON.parse((await run(['rules', '--format', 'json'])).out) as { id: string; fix: string; category: string; severity: string; aliases: object }[];
    assert.deepEqual(rules.find(r => r.id === 'unpinned-action')?.aliases, { zizmor: ['unpinned-uses'], codeql: ['actions/unpinned-tag'] });
    assert.deepEqual(rules.map(r => r.id), rules.map(r => r.id).sort());
    const practices = JSON.parse((await run(['practices', '--format', 'json'])).out) as { id: string; scaffold: null | { kind: string; title: string } }[];
    assert.equal(practices.find(p => p.id === 'scan-secrets')?.scaffold?.kind, 'job');
    assert.ok((await run(['rules'])).out.split('\n').length > rules.length);
    const explained = await run(['explain', 'unpinned-action']);
    assert.equal(explained.code, 0);
    assert.match(explained.out, /^# unpinned-action\n/);
    assert.match((await run(['explain', 'unpined-action'])).err, /did you mean unpinned-action\?/);
  });
});
