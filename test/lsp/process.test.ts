import assert from 'node:assert/strict';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  createProtocolConnection, IPCMessageReader, IPCMessageWriter, StreamMessageReader, StreamMessageWriter, type FullDocumentDiagnosticReport,
} from 'vscode-languageserver/node';
import { built } from '../support/built';
import { TestClient } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const TEXT = 'name: CI\non: workflow_dispatch\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/setup-node@v4\n';

/** The bundles as they are shipped, in processes of their own. */
describe('language server: process', () => {
  let folder: TemporaryFolder;
  beforeEach(() => { folder = new TemporaryFolder({ [CI]: TEXT }); });
  afterEach(() => folder.dispose());

  const overStdio = async (...args: string[]): Promise<{ child: ChildProcess; client: TestClient; stderr: () => string }> => {
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => { stderr += chunk; });
    const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    const client = new TestClient(connection, () => connection.dispose());
    await client.initialize({ folders: [folder.folder] });
    return { child, client, stderr: () => stderr };
  };
  const ruleIds = async (client: TestClient): Promise<unknown[]> => {
    await client.open(folder.uri(CI), TEXT);
    return (await client.diagnostics(folder.uri(CI))).map(d => d.code);
  };

  it('talks over stdio, and ends with 0 after shutdown', async () => {
    const { child, client, stderr } = await overStdio(join(await built(), 'server.js'), '--stdio');
    assert.ok((await ruleIds(client)).includes('unpinned-action'));
    await client.request('shutdown');
    const exit = once(child, 'exit');
    await client.notify('exit', undefined);
    assert.deepEqual(await exit, [0, null]);
    assert.equal(stderr(), '');
    client.dispose();
  });

  it('is the same server as `ci-hardening lsp --stdio`', async () => {
    const { child, client } = await overStdio(join(await built(), 'cli.js'), 'lsp', '--stdio');
    assert.ok((await ruleIds(client)).includes('unpinned-action'));
    assert.equal(client.initialized.serverInfo?.name, 'CI Hardening');
    const exit = once(child, 'exit');
    await client.notify('exit', undefined);
    assert.deepEqual(await exit, [1, null], 'an exit without shutdown is an error');
    client.dispose();
  });

  it('talks over the channel that editors fork it with', async () => {
    const child = fork(join(await built(), 'server.js'), ['--node-ipc'], { stdio: 'ignore' });
    const connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const client = new TestClient(connection, () => connection.dispose());
    await client.initialize({ folders: [folder.folder] });
    assert.ok((await ruleIds(client)).includes('unpinned-action'));
    await client.request('shutdown');
    const exit = once(child, 'exit');
    await client.notify('exit', undefined);
    assert.deepEqual(await exit, [0, null]);
    client.dispose();
  });

  it('takes up where a server that was killed left off', async () => {
    const server = join(await built(), 'server.js');
    const first = await overStdio(server, '--stdio');
    await first.client.open(folder.uri(CI), TEXT);
    await first.client.request('ciHardening/scorecard', {});
    const { resultId } = await first.client.pull(folder.uri(CI)) as FullDocumentDiagnosticReport;
    const exit = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await exit;
    first.client.dispose();
    const second = await overStdio(server, '--stdio');
    await second.client.open(folder.uri(CI), TEXT);
    await second.client.request('ciHardening/scorecard', {});
    assert.deepEqual(await second.client.pull(folder.uri(CI), resultId), { kind: 'unchanged', resultId });
    await second.client.request('shutdown');
    const ended = once(second.child, 'exit');
    await second.client.notify('exit', undefined);
    await ended;
    second.client.dispose();
  });
});
