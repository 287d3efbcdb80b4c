import {
  DidChangeConfigurationNotification, DidChangeWatchedFilesNotification, FileChangeType, LSPErrorCodes, ErrorCodes, ResponseError, TextDocumentSyncKind,
  type CancellationToken, type Connection, type InitializeParams, type InitializeResult, type Registration, type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import type { Pages } from '../docs';
import type { FileSystem } from '../workspace/files';
import { readSettings, SECTION } from '../workspace/settings';
import { Workspace, type WorkspaceFolder } from '../workspace/workspace';
import { abilitiesOf } from './abilities';
import { Background, type Piece } from './background';
import { DiagnosticsChannel } from './diagnostics-channel';
import { Session, type LookUp } from './session';
import { VirtualFileSystem } from './virtual-files';
import { isOnDisk } from '../workspace/uris';
import { KINDS } from './features/code-actions';
import { historyOf, type ScoreCommits } from './features/history';
import { PinCheck, type PinsOfServer } from './pin-check';
import { EDITOR_CAPABILITIES, EditorFeatures } from './editor-requests';
import { listenForFeatures, networkOff, repositoriesAt, repositoryAt } from './requests';
import {
  CHECK_PINS, GITHUB_TOKEN, HISTORY, LIST_FILES, SCORECARD, READ_FILE, type CheckPinsParams, type CheckPinsResult, type GithubTokenParams, type GithubTokenResult,
  type HistoryParams, type HistoryResult, type ListFilesParams, type ListFilesResult, type ReadFileParams, type ReadFileResult, type ScorecardParams, type ScorecardResult,
} from '../protocol';

/** What the server has from whoever starts it. */
export interface ServerHost {
  /** Absent in a browser: the client reads every file. */
  readonly disk?: FileSystem;
  readonly version: string;
  /** Makes the look-up of a fix. */
  readonly lookUp: LookUp;
  /** What GitHub says about pins. */
  readonly pins: PinsOfServer;
  /** Asks git; absent in a browser. */
  readonly history?: ScoreCommits;
  /** The documentation; where it is left out the client reads the file that `initializationOptions.pages` names. */
  readonly pages?: () => Pages;
}

/** Longer scans show that they are under way. */
const PROGRESS_AFTER_MS = 500;

/** Listens on a connection that was created but does not listen yet. */
export function startServer(connection: Connection, host: ServerHost): void {
  connection.onInitialize((params): InitializeResult => {
    const server = new Server(connection, host, params);
    return server.listen(params);
  });
  connection.listen();
}

/** One client, from `initialize` to `exit`. The only class that knows the connection. */
class Server {
  readonly #session: Session;
  readonly #background: Background;
  readonly #diagnostics: DiagnosticsChannel;
  readonly #virtual: VirtualFileSystem;
  readonly #pins: PinCheck;
  readonly #editor: EditorFeatures;
  /** Settings of client without `workspace/configuration`. */
  #pushedSettings: unknown;
  readonly #pagesUri: string | undefined;
  /** Settles when settings are known and all folders are scanned. */
  #ready: Promise<void>;
  #markReady!: () => void;
  #lastScorecard = '';

  constructor(private readonly connection: Connection, private readonly host: ServerHost, params: InitializeParams) {
    const client = abilitiesOf(params);
    this.#ready = new Promise(resolve => { this.#markReady = resolve; });
    this.#virtual = new VirtualFileSystem({
      ...(client.listsFiles ? { list: (p: ListFilesParams) => connection.sendRequest<ListFilesResult>(LIST_FILES, p) } : {}),
      read: p => connection.sendRequest<ReadFileResult>(READ_FILE, p),
      arrived: files => { if (this.#session.workspace.filesArrived(files)) this.#background.request(); },
    });
    const workspace = new Workspace(key => (host.disk && isOnDisk(key) ? host.disk : this.#virtual));
    this.#session = new Session(workspace, client, host.lookUp, url => this.#tokenOf(url));
    this.#background = new Background(() => this.#pieces(), () => this.#session.revision, () => this.#settled(), e => this.#log('the background pass', e));
    this.#editor = new EditorFeatures(connection, this.#session, params);
    this.#diagnostics = new DiagnosticsChannel(this.#session, {
      publish: report => void connection.sendDiagnostics({ uri: report.uri, diagnostics: report.items, ...(report.version === null ? {} : { version: report.version }) }),
      refresh: () => { connection.languages.diagnostics.refresh().catch((e: unknown) => this.#log('a refresh', e)); },
    });
    this.#pins = new PinCheck(host.pins, url => this.#tokenOf(url), repository => networkOff(this.#session, repository) === undefined, () => this.#background.request());
    const given = params.initializationOptions as { settings?: unknown; pages?: unknown } | undefined;
    this.#pushedSettings = given?.settings;
    this.#pagesUri = typeof given?.pages === 'string' ? given.pages : undefined;
    const folders = params.workspaceFolders ?? (params.rootUri ? [{ uri: params.rootUri, name: '' }] : []);
    for (const folder of folders) workspace.addFolder(folder.uri, folder.name);
  }

  listen(params: InitializeParams): InitializeResult {
    const { connection } = this;
    const { client, documents, workspace } = this.#session;
    connection.onInitialized(() => void this.#guard('initialized', () => this.#initialized()));
    connection.onDidOpenTextDocument(({ textDocument: d }) => this.#guard('didOpen', () => {
      workspace.open(d.uri, documents.open(d.uri, d.version, d.text).text);
      this.#background.request();
    }));
    connection.onDidChangeTextDocument(({ textDocument, contentChanges }) => this.#guard('didChange', () => {
      const document = documents.change(textDocument.uri, textDocument.version, contentChanges);
      if (!document) return;
      workspace.open(document.uri, document.text);
      this.#background.request();
    }));
    connection.onDidCloseTextDocument(({ textDocument }) => this.#guard('didClose', () => {
      documents.close(textDocument.uri);
      workspace.close(textDocument.uri);
      this.#background.request();
    }));
    connection.onDidChangeWatchedFiles(({ changes }) => this.#guard('didChangeWatchedFiles', () => this.#filesChanged(changes.map(c => ({
      uri: c.uri, kind: c.type === FileChangeType.Created ? 'created' as const : c.type === FileChangeType.Deleted ? 'deleted' as const : 'changed' as const,
    })))));
    connection.onDidChangeConfiguration(({ settings }) => this.#guard('didChangeConfiguration', async () => {
      const given = (settings as Record<string, unknown> | null | undefined)?.[SECTION];
      if (given !== undefined) this.#pushedSettings = given;
      await this.#loadSettings(workspace.folders);
      this.#background.request();
    }));
    if (client.pull) {
      connection.languages.diagnostics.on((p, token) => this.#request('diagnostic', token, () => this.#diagnostics.pull(p.textDocument.uri, p.previousResultId)));
      connection.languages.diagnostics.onWorkspace((p, token) => this.#request('workspace/diagnostic', token, async () => ({
        items: await this.#diagnostics.pullWorkspace(p.previousResultIds, token) as WorkspaceDocumentDiagnosticReport[],
      })));
    }
    connection.onRequest(SCORECARD, (p: ScorecardParams | undefined, token: CancellationToken) => this.#request(SCORECARD, token, async (): Promise<ScorecardResult> => {
      if (p?.refresh) {
        await Promise.all(workspace.folders.map(f => this.#scan(f)));
        this.#background.request();
      }
      return this.#scorecards(token);
    }));
    connection.onRequest(CHECK_PINS, (p: CheckPinsParams | undefined, token: CancellationToken) => this.#request(CHECK_PINS, token, (): Promise<CheckPinsResult> => {
      const repositories = p?.uri === undefined ? [...workspace.repositories, ...workspace.looseRepositories] : repositoriesAt(this.#session, p.uri);
      const [first] = repositories;
      const off = first && networkOff(this.#session, first);
      if (off !== undefined) throw new ResponseError(LSPErrorCodes.RequestFailed, off);
      return this.#pins.check(repositories, () => token.isCancellationRequested);
    }));
    connection.onRequest(HISTORY, (p: HistoryParams, token: CancellationToken) => this.#request(HISTORY, token, (): Promise<HistoryResult> =>
      historyOf(connection, repositoryAt(this.#session, p.root), p, token, client.trusted, this.host.history)));
    listenForFeatures(connection, this.#session, () => this.#pages(), (method, token, work) => this.#request(method, token, work));
    this.#editor.listen((method, token, work) => this.#request(method, token, work));
    connection.onShutdown(() => {
      this.#background.stop();
      this.#diagnostics.stop();
    });
    return {
      serverInfo: { name: 'CI Hardening', version: this.host.version },
      capabilities: {
        positionEncoding: client.encoding,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        codeActionProvider: { codeActionKinds: KINDS, resolveProvider: client.resolveEdit },
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['[', ',', ':', '-', '@'] },
        ...EDITOR_CAPABILITIES,
        ...(client.pull ? { diagnosticProvider: { identifier: 'ci-hardening', interFileDependencies: true, workspaceDiagnostics: true } } : {}),
        ...(params.capabilities.workspace?.workspaceFolders ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } } : {}),
      },
    };
  }

  async #initialized(): Promise<void> {
    const { client, workspace } = this.#session;
    const registrations: Registration[] = [];
    if (client.watch) {
      registrations.push({
        id: 'files', method: DidChangeWatchedFilesNotification.method,
        // Everything: that a Dockerfile, a manifest or a test folder has come changes what the repository lacks.
        registerOptions: { watchers: [{ globPattern: '**/*' }] },
      });
    }
    if (client.configurationEvents) registrations.push({ id: 'settings', method: DidChangeConfigurationNotification.method, registerOptions: { section: SECTION } });
    if (registrations.length > 0) {
      this.connection.sendRequest('client/registerCapability', { registrations }).catch((e: unknown) => this.#log('registering for events', e));
    }
    if (client.folders) {
      this.connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => this.#guard('didChangeWorkspaceFolders', async () => {
        for (const folder of removed) workspace.removeFolder(folder.uri);
        await this.#load(added.map(f => workspace.addFolder(f.uri, f.name)));
      }));
    }
    try {
      await this.#load(workspace.folders);
    } finally {
      this.#markReady();
    }
  }

  async #load(folders: readonly WorkspaceFolder[]): Promise<void> {
    await this.#loadSettings(folders);
    let progress: { done(): void } | undefined;
    const timer = this.#session.client.progress ? setTimeout(() => {
      this.connection.window.createWorkDoneProgress().then(p => {
        if (finished) return;
        p.begin('CI Hardening', undefined, 'Looking for pipelines');
        progress = p;
      }, (e: unknown) => this.#log('showing progress', e));
    }, PROGRESS_AFTER_MS) : undefined;
    let finished = false;
    try {
      await Promise.all(folders.map(f => this.#scan(f)));
    } finally {
      finished = true;
      clearTimeout(timer);
      progress?.done();
      this.#background.request();
    }
  }

  async #scan(folder: WorkspaceFolder): Promise<void> {
    await this.#session.workspace.scan(folder);
    for (const error of folder.errors) this.connection.console.warn(`${folder.name}/${error.file}: ${error.message}`);
  }

  /** Asks for the settings of folders, and of what is in none. */
  async #loadSettings(folders: readonly WorkspaceFolder[]): Promise<void> {
    const { client, workspace } = this.#session;
    let values: unknown[] = [this.#pushedSettings, ...folders.map(() => this.#pushedSettings)];
    if (client.configuration) {
      const items = [{ section: SECTION }, ...folders.map(f => ({ scopeUri: f.uri, section: SECTION }))];
      try {
        const answer: unknown = await this.connection.sendRequest('workspace/configuration', { items });
        if (Array.isArray(answer)) values = answer as unknown[];
      } catch (error) {
        this.#log('asking for settings', error);
      }
    }
    workspace.applySettings(undefined, readSettings(values[0]));
    folders.forEach((folder, i) => workspace.applySettings(folder, readSettings(values[i + 1])));
  }

  async #filesChanged(events: Parameters<Workspace['filesChanged']>[0]): Promise<void> {
    const { workspace } = this.#session;
    const { rescan, changed, arrived } = workspace.filesChanged(events);
    let altered = changed.size > 0 || rescan.size > 0;
    for (const folder of rescan) await this.#scan(folder);
    for (const place of arrived) if (await workspace.folderArrived(place)) altered = true;
    if (altered) this.#background.request();
  }

  *#pieces(): Generator<Piece> {
    yield* this.#diagnostics.pushOpen();
    yield* this.#session.pieces();
    yield* this.#diagnostics.pushClosed();
  }

  /** Each look can ask for files that no look before has asked for. */
  async #scorecards(token: CancellationToken): Promise<ScorecardResult> {
    for (;;) {
      const result = this.#session.scorecards();
      if (!this.#virtual.busy || token.isCancellationRequested) return result;
      await this.#virtual.idle();
    }
  }

  async #pages(): Promise<Pages> {
    if (this.host.pages) return this.host.pages();
    if (this.#pagesUri === undefined) return {};
    const { text } = await this.connection.sendRequest<ReadFileResult>(READ_FILE, { uri: this.#pagesUri } satisfies ReadFileParams);
    return text === null ? {} : JSON.parse(text) as Pages;
  }

  /** Everything was looked at and nothing has changed since. */
  #settled(): void {
    this.#diagnostics.settled();
    this.#editor.settled();
    // What has been asked for comes next, and everything is looked at again.
    if (this.#virtual.busy) return;
    void this.#guard('checking pins', () => this.#watchPins());
    const result = this.#session.scorecards();
    const text = JSON.stringify(result);
    if (text === this.#lastScorecard) return;
    this.#lastScorecard = text;
    void this.connection.sendNotification(SCORECARD, result);
  }

  /** Of whoever is signed in; a client that doesn't know, or says something else, costs nothing but a lower limit. */
  async #tokenOf(githubUrl: string): Promise<string | undefined> {
    if (!this.#session.client.signsIn) return undefined;
    try {
      const { token } = await this.connection.sendRequest<GithubTokenResult>(GITHUB_TOKEN, { githubUrl } satisfies GithubTokenParams);
      return typeof token === 'string' && /^[\x21-\x7e]{1,500}$/.test(token) ? token : undefined;
    } catch (error) {
      this.#log('asking who is signed in', error);
      return undefined;
    }
  }

  /** Where the setting says so, GitHub is asked about pins that have come. */
  async #watchPins(): Promise<void> {
    const { repositories, looseRepositories } = this.#session.workspace;
    const failed = await this.#pins.watch([...repositories, ...looseRepositories]);
    if (failed > 0) this.connection.console.warn(`GitHub gave no answer about ${failed} pin${failed === 1 ? '' : 's'}: Check Pins Online says why.`);
  }

  /** Runs a request when the workspace is known, unless it was cancelled meanwhile. */
  async #request<R>(method: string, token: CancellationToken, work: () => R | Promise<R>): Promise<R> {
    await this.#ready;
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    try {
      const result = await work();
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      return result;
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      this.#log(method, error);
      throw new ResponseError(ErrorCodes.InternalError, `${method} failed`);
    }
  }

  async #guard(what: string, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#log(what, error);
    }
  }

  /** Where it failed, never what the file said. */
  #log(what: string, error: unknown): void {
    const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter(l => /^\s+at /.test(l)).slice(0, 6).join('\n') : '';
    this.connection.console.error(`${what} failed: ${error instanceof Error ? error.name : typeof error}\n${frames}`);
  }
}
