import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemporaryFolder } from '../lsp/folder';
import { run } from './run';

interface Report { readonly version: number; readonly commits: readonly { readonly commit: string; readonly date: string; readonly subject: string; readonly score: number; readonly open: Record<string, number> }[] }
const CI = '.github/workflows/ci.yml';
const BAD = 'name: CI\non: issue_comment\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo "${{ github.event.comment.body }}"\n';

describe('command line: history', () => {
  let folder: TemporaryFolder, cache: TemporaryFolder;
  const git = (...args: string[]): string => execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false', ...args], { cwd: folder.path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z', GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z', GIT_CONFIG_GLOBAL: join(cache.path, 'none'), GIT_CONFIG_NOSYSTEM: '1' } });
  const commit = (message: string): string => { git('add', '-A'); git('commit', '-q', '-m', message); return git('rev-parse', 'HEAD').trim(); };
  const ask = (...more: string[]): ReturnType<typeof run> => run(['history', folder.path, '--offline', ...more], { env: { XDG_CACHE_HOME: cache.path } });

  beforeEach(() => {
    folder = new TemporaryFolder();
    cache = new TemporaryFolder();
    git('init', '-q');
  });
  afterEach(() => { folder.dispose(); cache.dispose(); });

  it('scores each commit that touched CI as the checkout of it is scored, and keeps it', async () => {
    folder.write(CI, BAD);
    const first = commit('bad');
    folder.write('notes.txt', 'x');
    commit('not about CI');
    folder.write(CI, BAD.replace('"${{ github.event.comment.body }}"', 'hello'));
    folder.write('SECURITY.md', 'Write to security@example.org');
    const last = commit('good');
    const { out, code } = await ask('--format', 'json');
    assert.equal(code, 0);
    const { version, commits } = JSON.parse(out) as Report;
    assert.deepEqual([version, commits.map(c => c.commit), commits.map(c => c.date)], [1, [last, first], ['2026-01-02', '2026-01-02']]);
    assert.ok(commits[0]!.score > commits[1]!.score, JSON.stringify(commits));
    assert.ok(commits[1]!.open['critical']! + commits[1]!.open['high']! > 0);
    const now = JSON.parse((await run(['score', folder.path, '--format', 'json'])).out) as { score: number };
    assert.equal(commits[0]!.score, now.score, 'the newest commit has the score of its checkout');
    assert.equal((await ask('--format', 'json')).out, out);
    // What is kept is used: a number that only the cache holds comes back.
    const versions = join(cache.path, 'ci-hardening', 'history'), kept = join(versions, readdirSync(versions)[0]!, first.slice(0, 2), `${first}.json`);
    assert.ok(existsSync(kept));
    writeFileSync(kept, JSON.stringify({ ...commits[1], score: 99 }));
    assert.equal((JSON.parse((await ask('--format', 'json')).out) as Report).commits[1]!.score, 99);
    writeFileSync(kept, '{broken');
    assert.equal((await ask('--format', 'json')).out, out);
    assert.match((await ask()).out, /^Date +Commit +Score +Change +Level +Severe\n2026-01-02 {2}[0-9a-f]{10} /);
    assert.equal((JSON.parse((await ask('--format', 'json', '--limit', '1')).out) as Report).commits.length, 1);
  });

  it('counts what belongs to the pipelines outside of their folder', async () => {
    const steps: [string, string][] = [[CI, BAD], ['tools/setup/action.yml', 'name: x\n'], ['src/main.c', 'x'], ['CODEOWNERS', '* @x/y\n'], ['node_modules/x/action.yml', 'name: x\n'], ['renovate.json', '{}']];
    const made = steps.map(([file, text]) => {
      folder.write(file, text);
      return commit(file);
    });
    const { commits } = JSON.parse((await ask('--format', 'json')).out) as Report;
    assert.deepEqual(commits.map(c => c.commit), [made[5], made[3], made[1], made[0]]);
    assert.deepEqual(commits.map(c => c.subject), ['renovate.json', 'CODEOWNERS', 'tools/setup/action.yml', CI]);
  });

  it('runs nothing that the repository’s configuration names, and changes nothing', async () => {
    folder.write(CI, BAD);
    commit('one');
    const trap = join(folder.path, 'trap'), ran = join(cache.path, 'ran');
    writeFileSync(trap, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    for (const key of ['core.fsmonitor', 'core.pager', 'pager.log', 'gpg.program', 'diff.external', 'core.sshCommand', 'core.askPass', 'core.editor', 'filter.x.smudge', 'diff.x.textconv']) git('config', key, trap);
    git('config', 'log.showSignature', 'true');
    writeFileSync(join(folder.path, '.git/info/attributes'), '* filter=x diff=x\n');
    const before = readdirSync(join(folder.path, '.git')).sort();
    assert.equal((await ask('--format', 'json')).code, 0);
    assert.equal(existsSync(ran), false);
    assert.deepEqual(readdirSync(join(folder.path, '.git')).sort(), before);
  });

  it('lets files go that are too large to be read, and reads those behind them', async () => {
    folder.write(CI, BAD);
    folder.write('package.json', `{"name":"${'x'.repeat(6 * 1024 * 1024)}"}`);
    folder.write('pyproject.toml', '[project]\nname = "x"\n');
    folder.write('tests/test_x.py', '');
    commit('large');
    const { commits } = JSON.parse((await ask('--format', 'json')).out) as Report;
    const now = JSON.parse((await run(['score', folder.path, '--format', 'json'])).out) as { score: number };
    assert.deepEqual(commits.map(c => c.score), [now.score]);
  });

  it('says why there is no history', async () => {
    const nothing = await ask();
    assert.deepEqual([nothing.code, nothing.out], [2, '']);
    assert.match(nothing.err, /^ci-hardening: git gave no history: /);
    const plain = new TemporaryFolder();
    try {
      assert.match((await run(['history', plain.path])).err, /git gave no history: .*not a git repository/);
    } finally {
      plain.dispose();
    }
    assert.match((await ask('--limit', '0')).err, /--limit has to be a number from 1 to 5000/);
    folder.write('a.txt', 'x');
    commit('nothing of CI');
    assert.equal((await ask()).out, 'No commit touched the pipelines.\n');
  });
});
