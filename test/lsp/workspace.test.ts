import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancellationTokenSource, LSPErrorCodes, type Diagnostic, type ResponseError } from 'vscode-languageserver';
import type { AddableResult, FixWorkspaceResult, ScaffoldResult, ScorecardResult } from '../../server/protocol';
import { applyTo, FULL, TestClient, type ClientOptions } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const CONFIG = '.github/ci-hardening.yml';
const TEXT = `name: CI
on: workflow_dispatch
permissions: {}
concurrency: ci
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/setup-node@v4
      - run: npm test
`;
const unpinned = (items: readonly Diagnostic[]): Diagnostic[] => items.filter(d => d.code === 'unpinned-action');

describe('language server: workspace', () => {
  let folder: TemporaryFolder;
  let client: TestClient | undefined;
  let uri: string;

  const start = async (options: ClientOptions = {}): Promise<TestClient> => client = await TestClient.start({ folders: [folder.folder], ...options });
  const changed = (c: TestClient, ...names: [string, 1 | 2 | 3][]): Promise<void> =>
    c.notify('workspace/didChangeWatchedFiles', { changes: names.map(([name, type]) => ({ uri: folder.uri(name), type })) });

  beforeEach(() => {
    folder = new TemporaryFolder({ [CI]: TEXT, 'package.json': '{}' });
    uri = folder.uri(CI);
  });
  afterEach(async () => {
    await client?.stop();
    client = undefined;
    folder.dispose();
  });

  it('registers for file events and settings', async () => {
    const c = TestClient.connect();
    client = c;
    const registered = c.inbox.next<{ registrations: { method: string }[] }>('client/registerCapability');
    await c.initialize({ folders: [folder.folder] });
    assert.deepEqual((await registered).registrations.map(r => r.method), ['workspace/didChangeWatchedFiles', 'workspace/didChangeConfiguration']);
  });

  it('looks again when the configuration file changes, saved or not', async () => {
    const c = await start();
    await c.open(uri, TEXT);
    assert.equal(unpinned(await c.diagnostics(uri)).length, 1);
    let refresh = c.inbox.next('workspace/diagnostic/refresh');
    folder.write(CONFIG, 'rules:\n  unpinned-action: high\n');
    await changed(c, [CONFIG, 1]);
    await refresh;
    assert.deepEqual(unpinned(await c.diagnostics(uri)).map(d => d.severity), [1]);
    refresh = c.inbox.next('workspace/diagnostic/refresh');
    await c.open(folder.uri(CONFIG), 'rules:\n  unpinned-action: off\n');
    await refresh;
    assert.deepEqual(unpinned(await c.diagnostics(uri)), []);
    refresh = c.inbox.next('workspace/diagnostic/refresh');
    await c.close(folder.uri(CONFIG));
    await refresh;
    assert.equal(unpinned(await c.diagnostics(uri)).length, 1);
  });

  it('takes the nearest configuration file', async () => {
    const action = 'name: x\ndescription: x\nruns:\n  using: composite\n  steps:\n    - uses: actions/setup-node@v4\n';
    folder.write(CONFIG, 'rules:\n  unpinned-action: off\n');
    folder.write(`sub/${CONFIG}`, 'rules:\n  unpinned-action: critical\n');
    folder.write('sub/thing/action.yml', action);
    folder.write('other/action.yml', action);
    const c = await start();
    const { items } = await c.pullWorkspace();
    const of = (name: string): (number | undefined)[] => {
      const item = items.find(i => i.uri === folder.uri(name));
      assert.ok(item?.kind === 'full', name);
      return unpinned(item.items).map(d => d.severity);
    };
    assert.deepEqual([of(CI), of('sub/thing/action.yml'), of('other/action.yml')], [[], [1], []]);
  });

  it('reports what is wrong in the configuration file, and completes it', async () => {
    const c = await start();
    const config = folder.uri(CONFIG);
    await c.open(config, 'profile: strickt\n');
    const [d] = await c.diagnostics(config);
    assert.deepEqual(d?.range, { start: { line: 0, character: 9 }, end: { line: 0, character: 16 } });
    assert.equal(d?.severity, 1);
    await c.change(config, 2, { text: 'profile: ' });
    const items = await c.request<{ label: string }[]>('textDocument/completion', { textDocument: { uri: config }, position: { line: 0, character: 9 } });
    assert.deepEqual(items.map(i => i.label).sort(), ['recommended', 'strict']);
  });

  it('follows settings', async () => {
    const c = await start({ settings: { rules: { 'unpinned-action': 'off' } } });
    await c.open(uri, TEXT);
    assert.equal(unpinned(await c.diagnostics(uri)).length, 0);
    c.settings = { rules: { 'unpinned-action': 'low' } };
    const refresh = c.inbox.next('workspace/diagnostic/refresh');
    await c.notify('workspace/didChangeConfiguration', { settings: null });
    await refresh;
    assert.deepEqual(unpinned(await c.diagnostics(uri)).map(d => d.severity), [3]);
  });

  it('takes settings from clients that cannot be asked', async () => {
    const capabilities = { ...FULL, workspace: { ...FULL.workspace, configuration: false } };
    const c = await start({ capabilities, initializationOptions: { settings: { rules: { 'unpinned-action': 'off' } } } });
    await c.open(uri, TEXT);
    assert.equal(unpinned(await c.diagnostics(uri)).length, 0);
    const refresh = c.inbox.next('workspace/diagnostic/refresh');
    await c.notify('workspace/didChangeConfiguration', { settings: { ciHardening: {} } });
    await refresh;
    assert.equal(unpinned(await c.diagnostics(uri)).length, 1);
  });

  it('keeps closed files and the scorecard true by events', async () => {
    const c = await start();
    const first = await c.pullWorkspace();
    const card = await c.request<ScorecardResult>('ciHardening/scorecard', {});
    assert.equal(card.state, 'ready');
    const verdict = (r: ScorecardResult, id: string): string | undefined => r.reports[0]?.controls.find(x => x.id === id)?.verdict;
    assert.equal(verdict(card, 'unpinned-action'), 'missing');
    const evidence = card.reports[0]?.controls.find(x => x.id === 'unpinned-action')?.evidence[0];
    assert.deepEqual([evidence?.uri, evidence?.range?.start.line], [uri, 9]);
    const held = c.pullWorkspace(first.items.map(i => ({ uri: i.uri, value: i.resultId! })));
    const notified = c.inbox.next<ScorecardResult>('ciHardening/scorecard', r => verdict(r, 'unpinned-action') !== 'missing');
    folder.write(CI, TEXT.replace('@v4', '@48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e # v6.4.0'));
    await changed(c, [CI, 2]);
    const item = (await held).items.find(i => i.uri === uri);
    assert.ok(item?.kind === 'full' && unpinned(item.items).length === 0);
    assert.equal(verdict(await notified, 'unpinned-action'), 'met');
  });

  it('empties what it said about files that have gone, with their folder too', async () => {
    const c = await start();
    const ids = (await c.pullWorkspace()).items.map(i => ({ uri: i.uri, value: i.resultId! }));
    const held = c.pullWorkspace(ids);
    rmSync(join(folder.path, '.github'), { recursive: true });
    await changed(c, ['.github', 3]);
    const item = (await held).items.find(i => i.uri === uri);
    assert.ok(item?.kind === 'full' && item.items.length === 0);
  });

  it('takes in a folder that is moved into the workspace', async () => {
    rmSync(join(folder.path, '.github'), { recursive: true });
    const c = await start();
    assert.deepEqual((await c.pullWorkspace()).items, []);
    const held = c.pullWorkspace();
    mkdirSync(join(folder.path, '.github/workflows'), { recursive: true });
    writeFileSync(join(folder.path, CI), TEXT);
    await changed(c, ['.github', 1]);
    assert.deepEqual((await held).items.map(i => i.uri), [uri]);
  });

  it('takes in a folder without one event for each file in it', async () => {
    const c = await start();
    const ids = (await c.pullWorkspace()).items.map(i => ({ uri: i.uri, value: i.resultId! }));
    const held = c.pullWorkspace(ids);
    folder.write('sub/deep/action.yml', 'name: x\ndescription: x\nruns:\n  using: composite\n  steps:\n    - uses: actions/setup-node@v4\n');
    await changed(c, ['sub', 1]);
    const [item] = (await held).items;
    assert.ok(item?.kind === 'full' && item.uri === folder.uri('sub/deep/action.yml') && unpinned(item.items).length === 1);
  });

  it('lets open buffers win over the disk', async () => {
    const c = await start();
    await c.open(uri, TEXT);
    folder.write(CI, 'name: other\n');
    await changed(c, [CI, 2]);
    assert.equal(unpinned(await c.diagnostics(uri)).length, 1);
    const { items } = await c.pullWorkspace();
    const item = items.find(i => i.uri === uri);
    assert.ok(item?.kind === 'full' && item.version === 1 && unpinned(item.items).length === 1, 'what is open is what the workspace request tells of');
    await c.close(uri);
    assert.equal(unpinned(await c.diagnostics(uri)).length, 0);
  });

  it('gives back a held request that is cancelled, and all of them at shutdown', async () => {
    const c = await start();
    const ids = (await c.pullWorkspace()).items.map(i => ({ uri: i.uri, value: i.resultId! }));
    const source = new CancellationTokenSource();
    const cancelled = c.connection.sendRequest('workspace/diagnostic', { previousResultIds: ids }, source.token);
    const held = c.pullWorkspace(ids);
    await c.pull(uri);
    source.cancel();
    await assert.rejects(cancelled, (e: ResponseError<unknown>) => e.code === LSPErrorCodes.RequestCancelled);
    await c.request('shutdown');
    assert.deepEqual((await held).items, []);
    c.dispose();
    client = undefined;
  });

  it('watches folders that are added and forgets those that are removed', async () => {
    const other = new TemporaryFolder({ [CI]: TEXT });
    try {
      const c = await start();
      const both = c.inbox.next<ScorecardResult>('ciHardening/scorecard', r => r.reports.length === 2);
      await c.notify('workspace/didChangeWorkspaceFolders', { event: { added: [other.folder], removed: [] } });
      assert.deepEqual((await both).reports.map(r => r.root), [folder.uri(), other.uri()]);
      const one = c.inbox.next<ScorecardResult>('ciHardening/scorecard', r => r.reports.length === 1);
      await c.notify('workspace/didChangeWorkspaceFolders', { event: { added: [], removed: [folder.folder] } });
      assert.deepEqual((await one).reports.map(r => r.root), [other.uri()]);
    } finally {
      other.dispose();
    }
  });

  it('serves files that are in no folder, and says that there is none', async () => {
    const c = await start({ folders: [] });
    await c.open(uri, TEXT);
    assert.equal(unpinned(await c.diagnostics(uri)).length, 1);
    assert.deepEqual(await c.request('ciHardening/scorecard', {}), { reports: [], state: 'no-folder' });
  });

  it('asks the client for the configuration of a virtual workspace', async () => {
    const capabilities = FULL;
    const c = TestClient.connect();
    client = c;
    const asked: string[] = [];
    c.connection.onRequest('ciHardening/readFile', (p: { uri: string }) => { asked.push(p.uri); return { text: 'rules:\n  unpinned-action: off\n' }; });
    await c.initialize({ capabilities, folders: [{ uri: 'vscode-vfs://github/o/r', name: 'r' }] });
    const virtual = 'vscode-vfs://github/o/r/.github/workflows/ci.yml';
    await c.open(virtual, TEXT);
    const refresh = c.inbox.next('workspace/diagnostic/refresh');
    assert.equal(unpinned(await c.diagnostics(virtual)).length, 1);
    await refresh;
    assert.equal(unpinned(await c.diagnostics(virtual)).length, 0);
    assert.deepEqual(asked, ['vscode-vfs://github/o/r/.github/ci-hardening.yml']);
  });

  it('plans scaffolds and lists what can be added', async () => {
    const c = await start();
    const root = folder.uri();
    const { practices } = await c.request<AddableResult>('ciHardening/addable', { root });
    assert.ok(practices.some(p => p.id === 'scan-secrets'));
    assert.deepEqual(practices.map(p => p.gain), practices.map(p => p.gain).sort((a, b) => b - a));
    const plan = await c.request<ScaffoldResult>('ciHardening/scaffold', { root, practice: 'security-policy' });
    assert.equal(plan.open, folder.uri('SECURITY.md'));
    const edit = plan.edit as { documentChanges: { kind?: string; uri?: string }[] };
    assert.deepEqual(edit.documentChanges[0]?.kind, 'create');
    assert.match((await c.request<ScaffoldResult>('ciHardening/scaffold', { root, practice: 'nope' })).refused ?? '', /no practice called nope/);
    await assert.rejects(c.request('ciHardening/scaffold', { root: 'file:///nowhere', practice: 'security-policy' }), /no such repository/);
  });

  it('fixes the whole workspace in one edit', async () => {
    folder.write('.github/workflows/b.yml', TEXT.replace('actions/setup-node@v4', 'actions/cache@v4'));
    const c = await start();
    const safe = await c.request<FixWorkspaceResult>('ciHardening/fixWorkspace', { unsafe: false });
    assert.deepEqual([safe.fixed, safe.files], [2, 2]);
    assert.match(applyTo(TEXT, uri, safe.edit as object), /setup-node@[0-9a-f]{40} # v4/);
    assert.deepEqual(await c.request('ciHardening/fixWorkspace', { unsafe: false, rule: 'timeout-missing' }), { fixed: 0, files: 0, remaining: 0 });
    await assert.rejects(c.request('ciHardening/fixWorkspace', { unsafe: false, rule: 'nope' }), /no rule called nope/);
  });

  it('explains, hovers and completes', async () => {
    const c = await start();
    await c.open(uri, TEXT);
    assert.match((await c.request<{ markdown: string }>('ciHardening/explain', { id: 'unpinned-action' })).markdown, /^# unpinned-action\n/);
    assert.deepEqual(await c.request('ciHardening/explain', { id: 'nope' }), {});
    const at = (line: number, character: number): object => ({ textDocument: { uri }, position: { line, character } });
    const over = await c.request<{ contents: { value: string } }>('textDocument/hover', at(9, 34));
    assert.match(over.contents.value, /\*\*unpinned-action\*\*/);
    assert.match(over.contents.value, /Newest known: `v\d+/);
    assert.equal(await c.request('textDocument/hover', at(0, 1)), null);
    await c.change(uri, 2, { text: `# ci-hardening: ignore-file[unpinned-action, timeout]\n${TEXT}` });
    const items = await c.request<{ label: string; textEdit: { range: object } }[]>('textDocument/completion', at(0, 52));
    assert.ok(!items.some(i => i.label === 'unpinned-action'));
    assert.deepEqual(items.find(i => i.label === 'timeout-missing')?.textEdit.range, { start: { line: 0, character: 45 }, end: { line: 0, character: 52 } });
    assert.deepEqual(await c.request('textDocument/completion', at(3, 3)), []);
  });

  it('goes on after nonsense', async () => {
    const c = await start();
    await c.notify('textDocument/didChange', { textDocument: { uri: 'file:///never/opened.yml', version: 2 }, contentChanges: [{ text: 'x' }] });
    await c.notify('textDocument/didClose', { textDocument: { uri: 'file:///never/opened.yml' } });
    await assert.rejects(c.request('textDocument/hover', { position: 7 }));
    await assert.rejects(c.request('ciHardening/noSuchMethod', {}));
    assert.deepEqual(await c.pull('untitled:Untitled-1').then(r => r.kind === 'full' && r.items), []);
    await c.open(uri, '\u0000\uFFFF: [[[\n\t- {a: *b, <<: *c}\n');
    assert.ok(Array.isArray(await c.diagnostics(uri)));
  });
});
