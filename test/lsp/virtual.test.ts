import assert from 'node:assert/strict';
import type { ListFilesParams, ListFilesResult, ReadFileParams, ReadFileResult, ScorecardResult } from '../../server/protocol';
import { FULL, TestClient, type ClientOptions } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const TEXT = 'name: CI\non: pull_request\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/setup-node@v4\n      - run: npm test\n';
const FILES = {
  [CI]: TEXT, 'package.json': '{"name":"shop","scripts":{"test":"node --test"}}', 'package-lock.json': '{"name":"shop","lockfileVersion":3,"packages":{}}',
  'SECURITY.md': '# Security policy\n\nWrite to security@example.com.\n', 'Dockerfile': 'FROM node:20\n', 'test/a.test.js': '', '.git': 'gitdir: elsewhere\n',
};

/** A client that has files where the server has none. */
class Far {
  readonly read: string[] = [];
  readonly files = new Map<string, string>();

  constructor(readonly root: string, files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.files.set(path, text);
  }

  uri(path = ''): string { return path === '' ? this.root : `${this.root}/${path}`; }

  list({ uri, skip }: ListFilesParams): ListFilesResult {
    const prefix = uri === this.root ? '' : `${uri.slice(this.root.length + 1)}/`;
    const files = [...this.files.keys()].filter(path => path.startsWith(prefix) && !path.split('/').slice(0, -1).some(folder => skip.includes(folder))).map(path => path.slice(prefix.length));
    return { listing: files.length === 0 ? null : { files, skipped: [], errors: [] } };
  }

  async start(options: ClientOptions = {}): Promise<TestClient> {
    // As in a browser: there is no disk.
    const client = TestClient.connect({ host: { disk: undefined } });
    client.connection.onRequest('ciHardening/listFiles', (params: ListFilesParams) => this.list(params));
    client.connection.onRequest('ciHardening/readFile', ({ uri }: ReadFileParams): ReadFileResult => {
      const path = uri.slice(this.root.length + 1);
      this.read.push(path);
      return { text: this.files.get(path) ?? null };
    });
    await client.initialize({ capabilities: FULL, folders: [{ uri: this.root, name: 'shop' }], initializationOptions: { listFiles: true }, ...options });
    return client;
  }
}

describe('language server: files that only the client has', () => {
  let client: TestClient | undefined;
  afterEach(async () => {
    await client?.stop();
    client = undefined;
  });
  const scorecard = async (c: TestClient): Promise<ScorecardResult> => c.request('ciHardening/scorecard', {});
  const verdicts = ({ reports }: ScorecardResult): unknown => reports.map(r => ({ name: r.name, score: r.score, headline: r.headline, controls: r.controls.map(c => [c.id, c.verdict]) }));

  for (const root of ['vscode-vfs://github/example/shop', 'file:///shop']) {
    it(`reads ${root} as it would a disk`, async () => {
      const folder = new TemporaryFolder(Object.fromEntries(Object.entries(FILES).map(([path, text]) => [`shop/${path}`, text])));
      const near = await TestClient.start({ folders: [{ uri: folder.uri('shop'), name: 'shop' }] });
      try {
        const far = new Far(root, FILES);
        client = await far.start();
        const [here, there] = [await scorecard(near), await scorecard(client)];
        assert.equal(there.state, 'ready');
        assert.ok(there.reports[0]!.controls.some(c => c.id === 'security-policy' && c.verdict === 'met'));
        assert.deepEqual(verdicts(there), verdicts(here));
        assert.deepEqual(far.read.length, new Set(far.read).size, 'each file is read once');
        assert.ok(!far.read.includes('test/a.test.js'), 'and only what somebody asks for');
      } finally {
        await near.stop();
        folder.dispose();
      }
    });
  }

  it('follows what changes there', async () => {
    const far = new Far('vscode-vfs://github/example/shop', FILES);
    const c = client = await far.start();
    const has = ({ reports }: ScorecardResult, id: string, verdict: string): boolean => reports[0]!.controls.some(x => x.id === id && x.verdict === verdict);
    assert.ok(has(await scorecard(c), 'codeowners', 'missing'));
    const changed = (verdict: string) => c.inbox.next<ScorecardResult>('ciHardening/scorecard', r => r.state === 'ready' && has(r, 'codeowners', verdict));

    const added = changed('met');
    far.files.set('.github/CODEOWNERS', '* @example/owners\n');
    await c.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: far.uri('.github/CODEOWNERS'), type: 1 }] });
    await added;

    const gone = changed('missing');
    far.files.delete('.github/CODEOWNERS');
    await c.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: far.uri('.github/CODEOWNERS'), type: 3 }] });
    await gone;
  });

  it('reads again what was written', async () => {
    const far = new Far('vscode-vfs://github/example/shop', FILES);
    const c = client = await far.start();
    await scorecard(c);
    const unpinned = async (): Promise<number> => (await c.pullWorkspace()).items.filter(i => i.kind === 'full' && i.uri === far.uri(CI))
      .flatMap(i => (i.kind === 'full' ? i.items : [])).filter(d => d.code === 'unpinned-action').length;
    assert.equal(await unpinned(), 1);
    const changed = c.inbox.next<ScorecardResult>('ciHardening/scorecard', r => r.state === 'ready' && r.reports[0]!.controls.some(x => x.id === 'unpinned-action' && x.verdict !== 'missing'));
    far.files.set(CI, TEXT.replace('@v4', '@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0'));
    await c.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: far.uri(CI), type: 2 }] });
    await changed;
    assert.equal(await unpinned(), 0);
  });

  it('keeps to the folder, whatever names a client sends', async () => {
    const far = new Far('vscode-vfs://github/example/shop', { ...FILES, '../secrets/.github/workflows/x.yml': TEXT, '/etc/x/.github/workflows/x.yml': TEXT });
    client = await far.start();
    const { reports } = await scorecard(client);
    assert.equal(reports.length, 1);
    assert.equal(reports[0]!.workflows, 1);
    assert.deepEqual(far.read.filter(path => path.includes('..') || path.startsWith('/')), []);
  });

  it('finds every repository below a folder that is none', async () => {
    const far = new Far('vscode-vfs://github/example', { 'shop/.github/workflows/ci.yml': TEXT, 'shop/README.md': '', 'blog/.github/workflows/ci.yml': TEXT });
    client = await far.start();
    assert.deepEqual((await scorecard(client)).reports.map(r => r.root).sort(), ['vscode-vfs://github/example/blog', 'vscode-vfs://github/example/shop']);
  });

  it('takes a byte order mark off, and says why a file is not read', async () => {
    const far = new Far('vscode-vfs://github/example/shop', { [CI]: `\ufeff${TEXT}`, '.github/workflows/binary.yml': 'on: push\0' });
    client = await far.start();
    await scorecard(client);
    const { items } = await client.pullWorkspace();
    const of = (path: string) => items.flatMap(i => (i.uri === far.uri(path) && i.kind === 'full' ? i.items : []));
    assert.match(String(of('.github/workflows/binary.yml')[0]?.message), /binary file/);
    const pin = of(CI).find(d => d.code === 'unpinned-action');
    assert.deepEqual(pin?.range, { start: { line: 7, character: 33 }, end: { line: 7, character: 35 } });
  });
});
