import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter, type Diagnostic, type PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { knownInputs, lookupAction } from '../../rules/catalog';
import { TestClient } from '../lsp/client';

const SERVER = join(__dirname, '../../node_modules/@actions/languageserver/dist/cli.bundle.cjs');

/** GitHub's own language server, in the process that editors start, for somebody who has signed in. GitHub itself is played by this machine. */
export class Official {
  private constructor(private readonly child: ChildProcess, private readonly api: Server, readonly client: TestClient) {}

  /** @param folders URIs of checkouts. */
  static async start(folders: readonly string[]): Promise<Official> {
    const api = await playGitHub();
    const child = spawn(process.execPath, [SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const connection = createProtocolConnection(new StreamMessageReader(child.stdout!), new StreamMessageWriter(child.stdin!));
    connection.onRequest('actions/readFile', ({ path }: { path: string }) => {
      const file = fileURLToPath(path);
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    });
    const client = new TestClient(connection, () => connection.dispose());
    const official = new Official(child, api, client);
    try {
      await client.initialize({
        capabilities: { textDocument: { publishDiagnostics: {} } },
        initializationOptions: {
          sessionToken: 'nobody', gitHubApiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
          repos: folders.map((uri, id) => ({ id, owner: 'shop', name: `shop-${id}`, organizationOwned: false, workspaceUri: `${uri}/` })),
        },
      });
    } catch (error) {
      await official.stop();
      throw error;
    }
    return official;
  }

  async diagnostics(uri: string, text: string): Promise<Diagnostic[]> {
    const published = this.client.inbox.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics', p => p.uri === uri);
    await this.client.open(uri, text);
    const { diagnostics } = await published;
    await this.client.close(uri);
    return diagnostics;
  }

  async stop(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.kill();
    await exit;
    this.client.dispose();
    this.api.closeAllConnections();
    await new Promise(resolve => { this.api.close(resolve); });
  }
}

/** Files of actions, as the catalogue knows them; there are no secrets, no variables and no environments. */
async function playGitHub(): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const [, owner, repo, file] = /^\/repos\/([^/]+)\/([^/]+)\/contents\/(.*)$/.exec(decodeURIComponent(pathname)) ?? [];
    const text = owner && repo && file ? actionFile(owner, repo, file, searchParams.get('ref') ?? '') : undefined;
    response.setHeader('content-type', 'application/json');
    if (text === undefined && owner) response.statusCode = 404;
    response.end(JSON.stringify(text === undefined ? {} : { type: 'file', encoding: 'base64', content: Buffer.from(text).toString('base64') }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function actionFile(owner: string, repo: string, file: string, ref: string): string | undefined {
  if (!/(^|\/)action\.yml$/.test(file)) return undefined;
  const path = file.replace(/\/?action\.yml$/, '') || undefined;
  const action = lookupAction(owner, repo, path);
  if (action?.inputs === undefined) return undefined;
  const { required } = knownInputs(owner, repo, ref, path) ?? action;
  return JSON.stringify({ name: action.name, description: '', inputs: Object.fromEntries(action.inputs.map(name => [name, { description: '', required: required.includes(name) }])), runs: { using: 'node20', main: 'index.js' } });
}
