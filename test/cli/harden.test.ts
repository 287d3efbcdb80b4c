import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { TemporaryFolder } from '../lsp/folder';
import { run } from './run';
import { CI, OWN } from '../support/sample-ci';

interface Json {
  version: number; written: boolean;
  before: { score: number; level: number; categories: Record<string, { score: number; level: number }> }; after: Json['before'];
  steps: { id: string; gain: number; effort: number; files: string[]; todo: string[] }[];
  changes: { file: string; created: boolean; newText: string }[]; remaining: { id: string; reason: string }[];
}

describe('command line: harden', () => {
  let folder: TemporaryFolder;
  const read = (name = CI): string => readFileSync(join(folder.path, name), 'utf8');
  const files = (): string[] => readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter(f => statSync(join(folder.path, f)).isFile()).sort();

  beforeEach(() => { folder = new TemporaryFolder({ 'package.json': '{"name":"x","version":"1.0.0","scripts":{"test":"node --test"}}', 'package-lock.json': '{}', 'a.js': '', [CI]: OWN }); });
  afterEach(() => folder.dispose());

  it('shows a diff that applies and what it is worth, and writes nothing', async () => {
    const before = files();
    const { code, out, err } = await run(['harden', folder.path, '--target', '3', '--dry-run']);
    assert.equal(code, 0, err);
    assert.deepEqual([files(), read()], [before, OWN]);
    assert.match(out, /^--- (?:a\/|\/dev\/null)/);
    assert.match(err, /: would make \d+ steps in \d+ files\.\n\nPoints {2}Effort {2}Level {2}Category +Step +Id\n/);
    assert.match(err, /^\+\d+\.\d +\S+ +\d +Security +Add .* scan-secrets$/m);
    assert.match(err, /^Overall +\d+ +\d+ +1 → \d$/m);
    folder.write('all.diff', out);
    execFileSync('git', ['apply', '--unsafe-paths', '--directory', folder.path, join(folder.path, 'all.diff')], { cwd: '/' });
    assert.match(read(), /# Started together\.\njobs:\n {2}build: # the only one so far\n/);
  });

  it('writes once, and has nothing to do the second time', async () => {
    const first = await run(['harden', folder.path, '--target', '4', '--unsafe', '--format', 'json']);
    assert.equal(first.code, 0, first.err);
    const json = JSON.parse(first.out) as Json;
    assert.deepEqual([json.version, json.written], [1, true]);
    assert.ok(json.after.score >= json.before.score + 20);
    for (const c of json.changes) assert.equal(read(c.file), c.newText);
    assert.deepEqual(files().filter(f => f.endsWith('.tmp')), []);
    for (const line of OWN.split('\n').filter(l => l.includes('#'))) assert.ok(read().includes(line.trim()), line);
    const score = JSON.parse((await run(['score', folder.path, '--format', 'json'])).out) as { score: number; level: number };
    assert.deepEqual([score.score, score.level], [json.after.score, json.after.level]);
    const now = files().map(f => [f, read(f)]);
    const second = await run(['harden', folder.path, '--target', '4', '--unsafe']);
    assert.equal(second.code, 0);
    assert.match(second.out, /: there is nothing to do\.\n/);
    assert.deepEqual(files().map(f => [f, read(f)]), now);
    assert.equal((await run(['harden', folder.path, '--target', '4', '--unsafe', '--format', 'diff'])).out, '');
  });

  it('starts from a manifest alone', async () => {
    folder.dispose();
    folder = new TemporaryFolder({ 'go.mod': 'module example.com/x\n\ngo 1.24\n' });
    const { code, out, err } = await run(['harden', folder.path, '--target', '5']);
    assert.equal(code, 0, err);
    assert.match(out, /^Security +\d+ +\d+ +2 → 5$/m);
    assert.ok(existsSync(join(folder.path, CI)) && existsSync(join(folder.path, '.github/dependabot.yml')));
    assert.equal((await run(['scan', folder.path, '--profile', 'strict'])).code, 0);
  });

  it('adds the practices that are named, and no others', async () => {
    const { code, out } = await run(['harden', folder.path, '--practice', 'scan-secrets, security-policy', '--format', 'json']);
    assert.equal(code, 0);
    assert.deepEqual((JSON.parse(out) as Json).steps.map(s => s.id).sort(), ['scan-secrets', 'security-policy']);
    assert.ok(read().startsWith(OWN));
  });

  it('stays within the categories that are named', async () => {
    const { code, out } = await run(['harden', folder.path, '--target', '3', '--dry-run', '--format', 'json', '--category', 'security,Automation']);
    assert.equal(code, 0);
    const ids = (JSON.parse(out) as { steps: { category: string }[] }).steps.map(s => s.category);
    assert.deepEqual([...new Set(ids)].sort(), ['Automation', 'Security']);
  });

  it('keeps byte order mark, line endings and mode', async () => {
    folder.write(CI, `\uFEFF${OWN.replaceAll('\n', '\r\n')}`);
    chmodSync(join(folder.path, CI), 0o640);
    assert.equal((await run(['harden', folder.path, '--practice', 'scan-secrets'])).code, 0);
    assert.ok(read().startsWith('\uFEFFname: CI\r\n'));
    assert.doesNotMatch(read().replaceAll('\r\n', ''), /\n/);
    assert.equal(statSync(join(folder.path, CI)).mode & 0o777, 0o640);
  });

  it('follows no link out of the repository, and then changes nothing at all', async () => {
    const other = new TemporaryFolder({ 'keep.txt': '' });
    try {
      symlinkSync(other.path, join(folder.path, 'scripts'));
      mkdirSync(join(folder.path, 'docs'));
      const { code, err } = await run(['harden', folder.path, '--practice', 'scan-secrets,one-command-setup']);
      assert.equal(code, 2);
      assert.match(err, /scripts\/setup\.sh: Its folder is a link that leads outside the repository\. Nothing was changed\./);
      assert.deepEqual([readdirSync(other.path), read()], [['keep.txt'], OWN]);
    } finally {
      other.dispose();
    }
  });

  it('says what is wrong with its arguments', async () => {
    for (const [args, message] of [
      [[], /--target, or what to add with --practice/], [['--target', '6'], /--target has to be one of 2, 3, 4, 5/],
      [['--target', '3', '--practice', 'sbom'], /--target, or what to add with --practice/], [['--practice', 'scan-secret'], /did you mean scan-secrets\?/],
      [['--target', '3', '--category', 'Safety'], /--category has to be one of Security,/], [['--practice', 'sbom', '--category', 'Security'], /--category goes with --target/],
      [['--target', '3', '--format', 'yaml'], /--format has to be one of text, json, diff/],
    ] as const) {
      const { code, err } = await run(['harden', folder.path, ...args]);
      assert.deepEqual([code, message.test(err)], [2, true], `${args.join(' ')}: ${err}`);
    }
    assert.equal(read(), OWN);
  });
});
