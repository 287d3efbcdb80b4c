import assert from 'node:assert/strict';
import type { Diagnostic, FullDocumentDiagnosticReport } from 'vscode-languageserver';
import { FULL, PUSH_ONLY, TestClient, type ClientOptions } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
/** A workflow with one wrong thing in it: a suppression that names no rule. */
const BROKEN = 'on: push\n\npermissions: {}\njobs:\n  a: # ci-hardening: ignore[no-such-rule]\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n      - run: make\n';
const FINE = BROKEN.replace(' # ci-hardening: ignore[no-such-rule]', '');
const codes = (items: readonly Diagnostic[], code = 'invalid-suppression'): Diagnostic[] => items.filter(d => d.code === code);

describe('language server: diagnostics', () => {
  let folder: TemporaryFolder;
  let client: TestClient | undefined;

  const start = async (options: ClientOptions = {}): Promise<TestClient> => client = await TestClient.start({ folders: [folder.folder], ...options });

  beforeEach(() => { folder = new TemporaryFolder({ [CI]: BROKEN }); });
  afterEach(async () => {
    await client?.stop();
    client = undefined;
    folder.dispose();
  });

  it('says what it can do', async () => {
    const { initialized } = await start();
    assert.equal(initialized.capabilities.positionEncoding, 'utf-16');
    assert.deepEqual(initialized.capabilities.diagnosticProvider, { identifier: 'ci-hardening', interFileDependencies: true, workspaceDiagnostics: true });
  });

  it('gives a full report, then says that nothing has changed', async () => {
    const c = await start();
    const uri = folder.uri(CI);
    await c.open(uri, BROKEN);
    const first = await c.pull(uri) as FullDocumentDiagnosticReport;
    const [d] = codes(first.items);
    assert.ok(d);
    assert.deepEqual(d.range, { start: { line: 4, character: 28 }, end: { line: 4, character: 40 } });
    assert.equal(d.source, 'ci-hardening');
    assert.match(d.codeDescription!.href, /invalid-suppression/);
    assert.deepEqual(await c.pull(uri, first.resultId), { kind: 'unchanged', resultId: first.resultId });
  });

  it('follows what is typed', async () => {
    const c = await start();
    const uri = folder.uri(CI);
    await c.open(uri, FINE);
    assert.equal(codes(await c.diagnostics(uri)).length, 0);
    await c.change(uri, 2, { range: { start: { line: 4, character: 4 }, end: { line: 4, character: 4 } }, text: ' # ci-hardening: ignore[nope]' });
    const [d] = codes(await c.diagnostics(uri));
    assert.deepEqual(d?.range, { start: { line: 4, character: 28 }, end: { line: 4, character: 32 } });
  });

  it('reports closed files of the workspace, then holds the request until something changes', async () => {
    const c = await start();
    const uri = folder.uri(CI);
    const first = await c.pullWorkspace();
    const item = first.items.find(i => i.uri === uri);
    assert.ok(item?.kind === 'full');
    assert.equal(codes(item.items).length, 1);
    const held = c.pullWorkspace(first.items.map(i => ({ uri: i.uri, value: i.resultId! })));
    folder.write(CI, FINE);
    await c.notify('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 2 }] });
    const second = (await held).items.find(i => i.uri === uri);
    assert.ok(second?.kind === 'full');
    assert.equal(codes(second.items).length, 0);
  });

  it('tells of open files, too: an editor asks for none that it shows in no tab', async () => {
    const c = await start();
    const uri = folder.uri(CI);
    await c.open(uri, BROKEN);
    const first = await c.pullWorkspace();
    const item = first.items.find(i => i.uri === uri);
    assert.ok(item?.kind === 'full' && codes(item.items).length === 1);
    assert.equal(item.version, 1);
    const held = c.pullWorkspace(first.items.map(i => ({ uri: i.uri, value: i.resultId! })));
    await c.change(uri, 2, { text: FINE });
    const second = (await held).items.find(i => i.uri === uri);
    assert.ok(second?.kind === 'full' && codes(second.items).length === 0);
    assert.equal(second.version, 2);
  });

  it('takes back what was shown of a file that was closed and is gone before a workspace request could name it', async () => {
    const c = await start();
    const uri = folder.uri(CI);
    await c.open(uri, BROKEN);
    // As editors do: a last pull behind the closing.
    await c.close(uri);
    assert.ok(codes(await c.diagnostics(uri)).length > 0);
    folder.remove(CI);
    await c.notify('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 3 }] });
    const { items } = await c.pullWorkspace();
    const gone = items.find(i => i.uri === uri);
    assert.ok(gone?.kind === 'full' && gone.resultId);
    assert.deepEqual(gone.items, []);
    // Who has heard it is told no more of it: the next request is held.
    const held = c.pullWorkspace([{ uri, value: gone.resultId }]);
    folder.write(CI, BROKEN);
    await c.notify('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 1 }] });
    const back = (await held).items.find(i => i.uri === uri);
    assert.ok(back?.kind === 'full' && codes(back.items).length > 0);
  });

  it('pushes to clients that do not pull', async () => {
    const uri = folder.uri(CI);
    const c = TestClient.connect({ folders: [folder.folder], capabilities: PUSH_ONLY });
    client = c;
    const closed = c.published(uri, d => codes(d).length === 1);
    await c.initialize({ folders: [folder.folder], capabilities: PUSH_ONLY });
    assert.equal((await closed).version, undefined);
    const opened = c.published(uri, d => codes(d).length === 0);
    await c.open(uri, FINE, 7);
    assert.equal((await opened).version, 7);
    const again = c.published(uri, d => codes(d).length === 1);
    await c.close(uri);
    await again;
  });

  it('counts in UTF-8 where that was agreed on', async () => {
    const c = await start({ capabilities: { ...FULL, general: { positionEncodings: ['utf-8'] } } });
    const uri = folder.uri(CI);
    await c.open(uri, BROKEN.replace('a: #', 'a: # 😀ä #'));
    const [d] = codes(await c.diagnostics(uri));
    assert.deepEqual(d?.range.start, { line: 4, character: 28 + 2 + 4 + 2 + 1 });
  });

  it('keeps lines right in files with CRLF', async () => {
    const c = await start();
    const uri = folder.uri(CI);
    await c.open(uri, BROKEN.replaceAll('\n', '\r\n'));
    const [d] = codes(await c.diagnostics(uri));
    assert.deepEqual(d?.range, { start: { line: 4, character: 28 }, end: { line: 4, character: 40 } });
  });
});
