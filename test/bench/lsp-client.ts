import { spawn, type ChildProcess } from 'node:child_process';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from 'vscode-languageserver/node';

/** A minimal LSP client over stdio, for timing. */
export class BenchClient {
  private constructor(readonly process: ChildProcess, readonly connection: MessageConnection) {}

  /** Starts `node <args>` and initialises it; resolves when the server has answered. */
  static async start(args: readonly string[], rootUri: string | null = null): Promise<BenchClient> {
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    connection.onRequest('workspace/configuration', (p: { items: unknown[] }) => p.items.map(() => null));
    connection.onRequest('client/registerCapability', () => null);
    connection.onRequest('window/workDoneProgress/create', () => null);
    connection.onRequest('workspace/diagnostic/refresh', () => null);
    connection.listen();
    await connection.sendRequest('initialize', {
      processId: process.pid, rootUri, workspaceFolders: rootUri ? [{ uri: rootUri, name: 'bench' }] : null,
      capabilities: { textDocument: { diagnostic: { dynamicRegistration: false }, synchronization: {} }, workspace: { diagnostics: { refreshSupport: true }, configuration: false } },
    });
    await connection.sendNotification('initialized', {});
    return new BenchClient(child, connection);
  }

  open(uri: string, text: string): Promise<void> {
    return this.connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
  }

  /** One incremental change, then the pulled diagnostics: milliseconds between the two. */
  async keystroke(uri: string, version: number, line: number, character: number, text: string): Promise<number> {
    const start = performance.now();
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: { line, character }, end: { line, character } }, text }],
    });
    await this.connection.sendRequest('textDocument/diagnostic', { textDocument: { uri } });
    return performance.now() - start;
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest('shutdown');
    const ended = new Promise(resolve => this.process.once('exit', resolve));
    await this.connection.sendNotification('exit');
    await ended;
    this.connection.dispose();
  }
}
