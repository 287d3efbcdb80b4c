import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancellationTokenSource, LSPErrorCodes, ProgressType, ResponseError } from 'vscode-languageserver/node';
import type { HistoryProgress, HistoryResult, ReportResult, ScorecardReport, ScorecardResult } from '../../server/protocol';
import { history, type Entry } from '../../server/history';
import type { ScoreCommits } from '../../server/lsp/features/history';
import { TestClient, type ClientOptions } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const LONG = 150;
const workflow = (n: number): string => `name: CI\non: issue_comment\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${n % 4 === 0 ? '"${{ github.event.comment.body }}"' : n}\n`;

function git(folder: TemporaryFolder, args: readonly string[], input?: string): string {
  return execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd: folder.path, encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] });
}

/** Commits after those that there are, a day apart, each with another workflow. */
function addCommits(folder: TemporaryFolder, first: number, count: number): void {
  const lines: string[] = [];
  for (let n = first; n < first + count; n++) {
    const text = workflow(n), message = `Commit ${n}`;
    lines.push('commit refs/heads/main', `committer A <a@example.org> ${1_700_000_000 + n * 86_400} +0000`, `data ${message.length}`, message);
    if (n === first && first > 0) lines.push('from refs/heads/main^0');
    lines.push(`M 100644 inline ${CI}`, `data ${text.length}`, text);
  }
  git(folder, ['fast-import', '--quiet', '--force'], `${lines.join('\n')}\n`);
  git(folder, ['reset', '-q', '--hard', 'main']);
}

describe('language server: history', () => {
  let folder: TemporaryFolder, cache: TemporaryFolder, client: TestClient;
  /** Commits that were scored and not taken from what is kept, by call. */
  let calls: { readonly keptOnly: boolean; given: readonly Entry[]; ended: boolean }[];

  const scoreCommits: ScoreCommits = async (root, options) => {
    const call = { keptOnly: options.keptOnly === true, given: [] as readonly Entry[], ended: false };
    calls.push(call);
    try {
      return call.given = await history(root, { ...options, cache: cache.path, version: 'test' });
    } finally {
      call.ended = true;
    }
  };
  const start = async (options: ClientOptions = {}): Promise<void> => {
    client = await TestClient.start({ folders: [folder.folder], ...options, host: { history: scoreCommits, ...options.host } });
  };
  const ask = (more: object = {}): Promise<HistoryResult> => client.request('ciHardening/history', { root: folder.uri(), ...more });
  const keptFiles = (): string[] => readdirSync(cache.path, { recursive: true }).map(String).filter(name => name.endsWith('.json')).sort();

  beforeEach(() => {
    calls = [];
    folder = new TemporaryFolder();
    cache = new TemporaryFolder();
    git(folder, ['init', '-q', '-b', 'main']);
  });
  afterEach(async () => {
    await client.stop();
    folder.dispose();
    cache.dispose();
  });

  it('scores each commit and says how far it is; the next time it looks at new commits only', async () => {
    addCommits(folder, 0, 6);
    await start();
    const told: HistoryProgress[] = [];
    client.connection.onProgress(new ProgressType<HistoryProgress>(), 'mine', value => { told.push(value); });
    const { entries, total, unavailable } = await ask({ progressToken: 'mine' });
    assert.deepEqual([entries.length, total, unavailable, told.at(-1)], [6, 6, undefined, { done: 6, total: 6 }]);
    assert.deepEqual(entries.map(e => e.subject), [5, 4, 3, 2, 1, 0].map(n => `Commit ${n}`));
    assert.ok(entries[4]!.open['critical']! + entries[4]!.open['high']! < entries[5]!.open['critical']! + entries[5]!.open['high']!, 'commit 1 has mended what commit 0 had');
    const { reports } = await client.request<ScorecardResult>('ciHardening/scorecard', {});
    assert.deepEqual([entries[0]!.score, entries[0]!.level], [reports[0]!.score, reports[0]!.level], 'the newest commit is what stands in the folder');
    // A number that only the cache holds comes back: it was not scored again.
    const first = join(cache.path, keptFiles().find(name => name.includes(entries[5]!.commit))!);
    writeFileSync(first, JSON.stringify({ ...entries[5], score: 99 }));
    addCommits(folder, 6, 2);
    const later = await ask();
    assert.deepEqual([later.entries.length, later.entries.at(-1)!.score], [8, 99]);
    assert.deepEqual(later.entries.slice(2, 7), entries.slice(0, 5));
  });

  it('stops when it is cancelled, keeps what was done, and goes on from there', async () => {
    addCommits(folder, 0, LONG);
    await start();
    const source = new CancellationTokenSource();
    let seen = 0;
    client.connection.onProgress(new ProgressType<HistoryProgress>(), 'long', ({ done }) => {
      seen = done;
      if (done >= 3) source.cancel();
    });
    await assert.rejects(client.connection.sendRequest('ciHardening/history', { root: folder.uri(), progressToken: 'long' }, source.token),
      (error: unknown) => error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled);
    const [stopped] = calls;
    assert.ok(stopped?.ended, 'nothing goes on behind the answer');
    const done = stopped.given.length;
    assert.ok(done >= seen && seen >= 3 && done < LONG, `${done} of ${LONG}`);
    assert.equal(keptFiles().length, done);
    for (const name of keptFiles()) assert.ok(JSON.parse(readFileSync(join(cache.path, name), 'utf8')), name);
    const kept = await ask({ kept: true });
    assert.deepEqual([kept.entries.length, kept.total, calls[1]!.keptOnly], [done, LONG, true]);
    assert.equal(keptFiles().length, done, 'what is only looked up is not scored');
    const all = await ask();
    assert.deepEqual([all.entries.length, all.total], [LONG, LONG]);
    assert.deepEqual(all.entries.slice(0, done), kept.entries);
    const elsewhere = new TemporaryFolder();
    try {
      assert.deepEqual(all.entries, await history(folder.path, { limit: LONG, signal: new AbortController().signal, cache: elsewhere.path, version: 'test' }), 'the same as without a break');
    } finally {
      elsewhere.dispose();
    }
  });

  it('answers other questions while it works', async () => {
    addCommits(folder, 0, LONG);
    await start();
    const order: string[] = [];
    const source = new CancellationTokenSource();
    const long = client.connection.sendRequest('ciHardening/history', { root: folder.uri() }, source.token).then(() => { order.push('history'); }, () => { order.push('cancelled'); });
    await client.request('ciHardening/scorecard', {});
    order.push('scorecard');
    source.cancel();
    await long;
    assert.deepEqual(order, ['scorecard', 'cancelled']);
  });

  it('is cancelled before git has said what commits there are', async () => {
    addCommits(folder, 0, 3);
    await start();
    const source = new CancellationTokenSource();
    const asked = client.connection.sendRequest('ciHardening/history', { root: folder.uri() }, source.token);
    source.cancel();
    await assert.rejects(asked, (error: unknown) => error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled);
    assert.equal((await ask()).entries.length, 3);
  });

  it('says why there is none', async () => {
    folder.write(CI, workflow(1));
    await start();
    assert.deepEqual(await ask(), { entries: [], total: 0 }, 'no commit yet');
    await client.stop();
    await start({ host: { history: undefined } });
    assert.equal((await ask()).unavailable, 'browser');
    await client.stop();
    await start({ initializationOptions: { trusted: false } });
    assert.equal((await ask()).unavailable, 'untrusted');
    assert.deepEqual(calls.length, 1, 'git is not run in Restricted Mode');
    await client.stop();
    await start({ host: { history: () => Promise.reject(new Error('spawn git', { cause: Object.assign(new Error('spawn git'), { code: 'ENOENT' }) })) } });
    assert.equal((await ask()).unavailable, 'no-git');
    await client.stop();
    await start({ host: { history: () => Promise.reject(new Error('fatal: bad object HEAD')) } });
    assert.deepEqual(await ask(), { entries: [], total: 0, unavailable: 'failed', message: 'fatal: bad object HEAD' });
    await assert.rejects(ask({ limit: 0 }), /from 1 to 5000/);
    await assert.rejects(ask({ root: folder.uri('other') }), /no such repository/);
    const plain = new TemporaryFolder({ [CI]: workflow(1) });
    try {
      await client.stop();
      await start({ folders: [plain.folder] });
      assert.equal((await ask({ root: plain.uri() })).unavailable, 'no-repository');
    } finally {
      plain.dispose();
    }
  });
});

describe('language server: targets and the badge', () => {
  let folder: TemporaryFolder, client: TestClient;
  beforeEach(async () => {
    folder = new TemporaryFolder({ [CI]: workflow(1), '.github/ci-hardening.yml': 'targets:\n  reliability: 5\n  security: { level: 1 }\n  overall: { level: 3, by: 2027-03-01 }\n' });
    client = await TestClient.start({ folders: [folder.folder] });
  });
  afterEach(async () => {
    await client.stop();
    folder.dispose();
  });
  const report = async (): Promise<ScorecardReport> => (await client.request<ScorecardResult>('ciHardening/scorecard', {})).reports[0]!;

  it('tells targets with what is reached, overall first, from what stands in the editor', async () => {
    const { targets, level, categories } = await report();
    const levelOf = (name: string): number => categories.find(c => c.name === name)!.level;
    assert.deepEqual(targets, [
      { name: 'overall', level, target: 3, by: '2027-03-01' },
      { name: 'Security', level: levelOf('Security'), target: 1 },
      { name: 'Reliability', level: levelOf('Reliability'), target: 5 },
    ]);
    await client.open(folder.uri('.github/ci-hardening.yml'), 'profile: strict\n');
    assert.equal((await report()).targets, undefined);
  });

  it('draws the badge that the command line draws', async () => {
    const { score, levelName } = await report();
    const { text, fileName } = await client.request<ReportResult>('ciHardening/report', { root: folder.uri(), format: 'badge' });
    assert.match(text, new RegExp(`^<svg [^>]*aria-label="CI hardening: ${score} · ${levelName}"`));
    assert.equal(fileName, 'ci-hardening');
  });
});
