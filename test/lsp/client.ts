import { PassThrough } from 'node:stream';
import {
  createConnection, createProtocolConnection, ProposedFeatures, StreamMessageReader, StreamMessageWriter,
  type ClientCapabilities, type Diagnostic, type DocumentDiagnosticReport, type InitializeParams, type InitializeResult,
  type CodeAction, type CodeActionContext, type ProtocolConnection, type PublishDiagnosticsParams, type TextDocumentContentChangeEvent,
  type TextDocumentEdit, type TextEdit, type WorkspaceDiagnosticReport, type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { diskFileSystem } from '../../server/workspace/disk';
import { startServer, type ServerHost } from '../../server/lsp/connection';

export interface ClientOptions {
  capabilities?: ClientCapabilities;
  folders?: readonly { uri: string; name: string }[];
  settings?: unknown;
  initializationOptions?: unknown;
  host?: Partial<ServerHost>;
}

/** What a modern editor can do. */
export const FULL: ClientCapabilities = {
  general: { positionEncodings: ['utf-16'] },
  textDocument: {
    diagnostic: { dynamicRegistration: true, relatedDocumentSupport: false },
    publishDiagnostics: { relatedInformation: true },
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: [] } }, resolveSupport: { properties: ['edit'] },
      dataSupport: true, disabledSupport: true, isPreferredSupport: true,
    },
  },
  workspace: {
    configuration: true, workspaceFolders: true, diagnostics: { refreshSupport: true },
    didChangeWatchedFiles: { dynamicRegistration: true }, didChangeConfiguration: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true, changeAnnotationSupport: { groupsOnLabel: true } },
  },
  window: { workDoneProgress: true },
};

/** What a client that only knows pushed diagnostics can do. */
export const PUSH_ONLY: ClientCapabilities = { ...FULL, textDocument: { publishDiagnostics: {} }, workspace: { ...FULL.workspace, diagnostics: undefined } };

type Waiter = { test: (params: unknown) => boolean; done: (params: unknown) => void };

/** Applies a `WorkspaceEdit`'s edits of one document, as an editor would. UTF-16 positions. */
export function applyTo(text: string, uri: string, edit: WorkspaceEdit | undefined): string {
  const document = TextDocument.create(uri, 'yaml', 0, text);
  const edits = edit?.documentChanges
    ? edit.documentChanges.filter((c): c is TextDocumentEdit => 'textDocument' in c && c.textDocument.uri === uri).flatMap(c => c.edits as TextEdit[])
    : edit?.changes?.[uri] ?? [];
  return TextDocument.applyEdits(document, edits);
}

/** Everything that the server has sent, and a way to wait for what it will send. */
class Inbox {
  readonly seen: { method: string; params: unknown }[] = [];
  readonly #waiters = new Map<string, Waiter[]>();

  take(method: string, params: unknown): void {
    this.seen.push({ method, params });
    const waiters = this.#waiters.get(method) ?? [];
    this.#waiters.set(method, waiters.filter(w => {
      if (!w.test(params)) return true;
      w.done(params);
      return false;
    }));
  }

  /** The next message of this method that passes; what came before doesn't count. */
  next<T>(method: string, test: (params: T) => boolean = () => true): Promise<T> {
    return new Promise(resolve => {
      const list = this.#waiters.get(method) ?? [];
      list.push({ test: test as (p: unknown) => boolean, done: resolve as (p: unknown) => void });
      this.#waiters.set(method, list);
    });
  }
}

/** A language client on the other end of a pair of streams, or of any connection. */
export class TestClient {
  readonly inbox = new Inbox();
  settings: unknown;
  initialized!: InitializeResult;

  constructor(readonly connection: ProtocolConnection, readonly dispose: () => void) {
    const { inbox } = this;
    connection.onRequest('workspace/configuration', (p: { items: { section?: string }[] }) => p.items.map(() => this.settings ?? null));
    for (const method of ['client/registerCapability', 'client/unregisterCapability', 'window/workDoneProgress/create', 'workspace/diagnostic/refresh']) {
      connection.onRequest(method, (params: unknown) => { inbox.take(method, params); return null; });
    }
    connection.onUnhandledNotification(({ method, params }) => inbox.take(method, params));
    connection.listen();
  }

  /** A server in this process that knows its workspace: nothing but what a test does makes it say anything more. */
  static async start(options: ClientOptions = {}): Promise<TestClient> {
    const client = TestClient.connect(options);
    await client.initialize(options);
    await client.request('ciHardening/scorecard', {});
    return client;
  }

  /** A server in this process that waits for `initialize`. */
  static connect(options: ClientOptions = {}): TestClient {
    const up = new PassThrough(), down = new PassThrough();
    const server = createConnection(ProposedFeatures.all, new StreamMessageReader(up), new StreamMessageWriter(down));
    startServer(server, { disk: diskFileSystem, version: 'test', lookUp: () => Promise.reject(new Error('no network in tests')), pins: () => Promise.reject(new Error('no network in tests')), ...options.host });
    const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    return new TestClient(connection, () => { connection.dispose(); server.dispose(); up.destroy(); down.destroy(); });
  }

  async initialize(options: ClientOptions): Promise<void> {
    this.settings = options.settings;
    const params: InitializeParams = {
      processId: null, rootUri: options.folders?.[0]?.uri ?? null, capabilities: options.capabilities ?? FULL,
      workspaceFolders: options.folders ? [...options.folders] : null,
      ...(options.initializationOptions ? { initializationOptions: options.initializationOptions } : {}),
    };
    this.initialized = await this.connection.sendRequest<InitializeResult>('initialize', params);
    await this.connection.sendNotification('initialized', {});
  }

  request<R>(method: string, params?: unknown): Promise<R> { return this.connection.sendRequest<R>(method, params); }
  notify(method: string, params: unknown): Promise<void> { return this.connection.sendNotification(method, params); }

  open(uri: string, text: string, version = 1, languageId = 'yaml'): Promise<void> {
    return this.notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } });
  }

  change(uri: string, version: number, ...contentChanges: TextDocumentContentChangeEvent[]): Promise<void> {
    return this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  close(uri: string): Promise<void> { return this.notify('textDocument/didClose', { textDocument: { uri } }); }

  pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.request('textDocument/diagnostic', { textDocument: { uri }, ...(previousResultId ? { previousResultId } : {}) });
  }

  /** The diagnostics of a document, which must come in full. */
  async diagnostics(uri: string): Promise<Diagnostic[]> {
    const report = await this.pull(uri);
    if (report.kind !== 'full') throw new Error(`the report of ${uri} is ${report.kind}`);
    return report.items;
  }

  /** Actions for diagnostics, or those of a kind for the whole document. */
  actions(uri: string, context: Partial<CodeActionContext>): Promise<CodeAction[]> {
    const range = context.diagnostics?.[0]?.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    return this.request('textDocument/codeAction', { textDocument: { uri }, range, context: { diagnostics: [], ...context } });
  }

  resolve(action: CodeAction): Promise<CodeAction> { return this.request('codeAction/resolve', action); }

  pullWorkspace(previousResultIds: readonly { uri: string; value: string }[] = []): Promise<WorkspaceDiagnosticReport> {
    return this.request('workspace/diagnostic', { previousResultIds });
  }

  published(uri: string, test: (d: Diagnostic[]) => boolean = () => true): Promise<PublishDiagnosticsParams> {
    return this.inbox.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics', p => p.uri === uri && test(p.diagnostics));
  }

  async stop(): Promise<void> {
    await this.request('shutdown');
    this.dispose();
  }
}
