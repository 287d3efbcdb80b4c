/** Pinning what the catalogue doesn't know, by the editor and by the command line, with a server on this machine in GitHub's place. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeAction } from 'vscode-languageserver';
import { clearCache } from '../../../server/github/resolve';
import { networkLookUp } from '../../../server/lsp/look-up';
import { lookUp } from '../../../server/network/look-up';
import { run, type Ran } from '../../cli/run';
import { applyTo, TestClient } from '../../lsp/client';
import { TemporaryFolder } from '../../lsp/folder';
import { FAILURES, listed, LATE_MS, repositoryRoutes } from '../../support/github';
import { json, Loopback } from '../../support/loopback';

const CI = '.github/workflows/ci.yml';
const A = 'a'.repeat(40), B = 'b'.repeat(40), T = '7'.repeat(40);
const text = (uses = 'o/r@v1'): string => `on: push\r\njobs:\r\n  a:\r\n    runs-on: ubuntu-24.04\r\n    steps:\r\n      - uses: ${uses} # the tool\r\n`;

describe('pinning by a look-up on GitHub', () => {
  const github = new Loopback();
  let folder: TemporaryFolder;
  const onDisk = (): string => readFileSync(join(folder.path, CI), 'utf8');

  beforeEach(async () => {
    clearCache();
    await github.start();
    folder = new TemporaryFolder({ [CI]: text() });
  });
  afterEach(async () => {
    await github.stop();
    folder.dispose();
  });

  /** What the editor shows after the lightbulb's first action, and what it says. */
  async function inEditor(timeoutMs = LATE_MS): Promise<{ text: string; message?: string }> {
    const uri = folder.uri(CI);
    const client = await TestClient.start({
      folders: [folder.folder], settings: { network: { githubUrl: github.url } },
      host: { lookUp: networkLookUp({ timeoutMs, gitPath: false, load: () => Promise.resolve({ lookUp }) }) },
    });
    try {
      const before = onDisk();
      await client.open(uri, before);
      const diagnostic = (await client.diagnostics(uri)).find(d => d.code === 'unpinned-action');
      assert.ok(diagnostic);
      const action = (await client.actions(uri, { diagnostics: [diagnostic] })).find((a: CodeAction) => a.isPreferred);
      assert.ok(action && action.edit === undefined);
      assert.equal(github.seen.length, 0, 'nothing is asked before the click');
      const message = client.inbox.next<{ type: number; message: string }>('window/showMessage');
      const resolved = await client.resolve(action);
      if (resolved.edit) return { text: applyTo(before, uri, resolved.edit) };
      return { text: before, message: (await message).message };
    } finally {
      await client.stop();
    }
  }

  const onCommandLine = (more: readonly string[] = [], timeoutMs = LATE_MS): Promise<Ran> => run(['fix', folder.path, '--rule', 'unpinned-action', ...more], {
    env: { GITHUB_SERVER_URL: github.url, CI_HARDENING_TIMEOUT_MS: String(timeoutMs) },
  });

  const PINNED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'a tag': { 'git/matching-refs/tags/v1': [listed('v1', A), listed('v1.2', A), listed('v1.2.3', A), listed('v1.0.0', B)] },
    'an annotated tag': {
      'git/matching-refs/tags/v1': [listed('v1', T, 'tag'), listed('v1.2.3', A), listed('v1.3.0', B)], [`git/tags/${T}`]: { object: { sha: A, type: 'commit' } },
    },
  };
  for (const [what, answers] of Object.entries(PINNED)) {
    it(`pins ${what} to its commit, with the fullest version in the comment`, async () => {
      github.handle = repositoryRoutes('o/r', answers);
      const wanted = text(`o/r@${A}`).replace('# the tool', '# v1.2.3 # the tool');
      assert.deepEqual(await inEditor(), { text: wanted });
      const { code, out, err } = await onCommandLine();
      assert.deepEqual([code, out, err], [0, 'Fixed 1 problem in 1 file.\n', '']);
      assert.equal(onDisk(), wanted);
    });
  }

  for (const [what, { handle, message, timeoutMs }] of Object.entries(FAILURES)) {
    it(`leaves the file alone and says why where GitHub ${what}`, async () => {
      github.handle = handle;
      const shown = await inEditor(timeoutMs);
      assert.equal(shown.text, text());
      assert.match(shown.message ?? '', /^o\/r@v1 was not pinned: /);
      assert.match(shown.message ?? '', message);
      clearCache();
      const { code, out, err } = await onCommandLine([], timeoutMs);
      assert.deepEqual([code, out], [0, 'Nothing to fix.\n']);
      assert.match(err, /^\.github\/workflows\/ci\.yml: o\/r@v1 was not pinned: /);
      assert.match(err, message);
      assert.equal(err.trimEnd().split('\n').length, 1, 'one line, no trace');
      assert.equal(onDisk(), text());
    });
  }

  it('says that GitHub cannot be reached', async () => {
    const { url } = github;
    await github.stop();
    const { code, err } = await run(['fix', folder.path], { env: { GITHUB_SERVER_URL: url } });
    assert.equal(code, 0);
    assert.match(err, /o\/r@v1 was not pinned: 127\.0\.0\.1:\d+ can't be reached/);
    assert.equal(onDisk(), text());
    await github.start();
  });

  it('asks a server that has had enough no further question', async () => {
    folder.write(CI, `${text()}      - uses: o/other@v1\r\n`);
    github.handle = FAILURES['is rate limited']!.handle;
    const { err } = await onCommandLine();
    assert.deepEqual(err.match(/o\/\w+@v1 was not pinned: .* too many requests/g)?.length, 2);
    assert.deepEqual([...new Set(github.seen.map(s => s.path.split('/').slice(0, 6).join('/')))].filter(p => p.includes('other')), []);
  });

  it('asks nothing with --offline, and not for the time limit that is none', async () => {
    assert.equal((await onCommandLine(['--offline'])).out, 'Nothing to fix.\n');
    assert.equal(github.seen.length, 0);
    const { code, err } = await run(['fix', folder.path], { env: { GITHUB_SERVER_URL: github.url, CI_HARDENING_TIMEOUT_MS: 'soon' } });
    assert.deepEqual([code, err], [2, 'ci-hardening: CI_HARDENING_TIMEOUT_MS has to be a number of milliseconds, not "soon"\n']);
    assert.equal(onDisk(), text());
  });

  it('asks no server but GitHub\'s own, or one on this machine, without encryption', async () => {
    github.handle = (_url, _request, response) => json(response, 200, []);
    const client = await TestClient.start({ folders: [folder.folder], settings: { network: { githubUrl: github.url.replace('127.0.0.1', 'github.example.com') } },
      host: { lookUp: (_need, url) => Promise.reject(new Error(`asked ${url}`)) } });
    try {
      const uri = folder.uri(CI);
      await client.open(uri, text());
      const diagnostic = (await client.diagnostics(uri)).find(d => d.code === 'unpinned-action')!;
      const message = client.inbox.next<{ message: string }>('window/showMessage');
      await client.resolve((await client.actions(uri, { diagnostics: [diagnostic] })).find(a => a.isPreferred)!);
      assert.match((await message).message, /asked https:\/\/github\.com/);
    } finally {
      await client.stop();
    }
  });
});
