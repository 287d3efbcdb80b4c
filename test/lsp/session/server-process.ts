import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { built } from '../../support/built';
import { TestClient, type ClientOptions } from '../client';

/** The server as it is shipped, in a process of its own that tells how much memory it holds on to. */
export class ServerProcess {
  private constructor(readonly client: TestClient, private readonly child: ChildProcess, private readonly said: () => string) {}

  /** @param home a folder of its own for what the server keeps for a user. */
  static async start(options: ClientOptions, home: string): Promise<ServerProcess> {
    const child = spawn(process.execPath, ['--expose-gc', '--require', join(__dirname, 'memory-report.cjs'), join(await built(), 'server.js'), '--stdio'], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'], env: { ...process.env, XDG_CACHE_HOME: home },
    });
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => { stderr += chunk; });
    const connection = createProtocolConnection(new StreamMessageReader(child.stdout!), new StreamMessageWriter(child.stdin!));
    const client = new TestClient(connection, () => connection.dispose());
    await client.initialize(options);
    return new ServerProcess(client, child, () => stderr);
  }

  /** Bytes that nothing could collect. */
  async heapUsed(): Promise<number> {
    const answer = once(this.child, 'message');
    this.child.send('memory');
    return (await answer)[0] as number;
  }

  /** Ends it as an editor does. Resolves with its exit code and what it wrote to stderr. */
  async stop(): Promise<{ code: number | null; stderr: string }> {
    const exit = once(this.child, 'exit') as Promise<[number | null]>;
    await this.client.request('shutdown');
    await this.client.notify('exit', undefined);
    const [code] = await exit;
    this.client.dispose();
    return { code, stderr: this.said() };
  }

  kill(): void {
    this.child.kill('SIGKILL');
    this.client.dispose();
  }
}
