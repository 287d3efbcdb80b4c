import * as vscode from 'vscode';
import {
  DidChangeConfigurationNotification, ProgressType, RevealOutputChannelOn, State, type BaseLanguageClient, type LanguageClientOptions, type WorkspaceEdit as LspWorkspaceEdit,
} from 'vscode-languageclient';
import {
  ADDABLE, CHECK_PINS, EXPLAIN, FIX_WORKSPACE, GITHUB_TOKEN, LIST_FILES, READ_FILE, REPORT, SCAFFOLD, SCORECARD, type AddableParams, type AddableResult, type CheckPinsParams,
  type CheckPinsResult, type ExplainParams, type ExplainResult, type FixWorkspaceParams, type FixWorkspaceResult, type GithubTokenParams, type GithubTokenResult,
  type ListFilesParams, type ListFilesResult, type ReadFileParams, type ReadFileResult, type ReportParams, type ReportResult, type ScaffoldParams,
  type ScaffoldResult, type ScorecardParams, type ScorecardResult,
} from '../../server/protocol';
import { HARDEN, HARDEN_CHOICES, type HardenChoicesParams, type HardenChoicesResult, type HardenParams, type HardenResult } from '../../server/protocol';
import { DIAGRAM, HISTORY, type DiagramParams, type DiagramResult, type HistoryParams, type HistoryProgress, type HistoryResult } from '../../server/protocol';
import { SCAN, SET_SEVERITY, WHY, type ScanParams, type ScanResult, type SetSeverityParams, type SetSeverityResult, type WhyParams, type WhyResult } from '../../server/protocol';
import { CI_SELECTOR } from '../files';
import { githubToken } from './github-token';
import { listWorkspaceFiles } from './list-files';
import { readExtensionFile, readWorkspaceFile } from './read-file';
import { settingsOfThisEditor } from './settings';

export type ServerState = 'stopped' | 'starting' | 'running' | 'failed';

/** A language client that is made but not started, and what ends its server where it doesn't end by itself. */
export interface Launched { readonly client: BaseLanguageClient; kill(): void }
export type Launch = (options: LanguageClientOptions) => Launched;

/** The language server: started when it is first needed, restarted on request, its requests by name. */
export class LanguageServer implements vscode.Disposable {
  private readonly stateEmitter = new vscode.EventEmitter<ServerState>();
  private readonly scorecardEmitter = new vscode.EventEmitter<ScorecardResult>();
  private client: BaseLanguageClient | undefined;
  private kill: () => void = () => undefined;
  private current: ServerState = 'stopped';
  /** Starts and restarts run one after the other: two clicks on Restart must not leave two servers. */
  private queue: Promise<void> = Promise.resolve();
  private disposed = false;
  private startGivenUp: () => void = () => undefined;

  readonly onDidChangeState = this.stateEmitter.event;
  /** The server says that a report has changed. */
  readonly onScorecard = this.scorecardEmitter.event;

  /** @param pages the documentation that comes with the extension. */
  constructor(private readonly launchServer: Launch, private readonly output: vscode.LogOutputChannel, private readonly pages: vscode.Uri) {}

  get state(): ServerState { return this.current; }

  /** Resolves when the server runs or has failed; never rejects. Does nothing where it already runs. */
  start(): Promise<void> {
    return this.enqueue(async () => {
      if (this.current !== 'running') await this.launch();
    });
  }

  /** Also works after a start that failed. */
  restart(): Promise<void> {
    // A start that hangs would hold up the queue for good; without its server it fails.
    if (this.current === 'starting') this.giveUp();
    return this.enqueue(async () => {
      await this.shutDown();
      await this.launch();
    });
  }

  scorecard(params: ScorecardParams): Promise<ScorecardResult> { return this.send(SCORECARD, params); }
  scaffold(params: ScaffoldParams): Promise<ScaffoldResult> { return this.send(SCAFFOLD, params); }
  addable(params: AddableParams): Promise<AddableResult> { return this.send(ADDABLE, params); }
  fixWorkspace(params: FixWorkspaceParams): Promise<FixWorkspaceResult> { return this.send(FIX_WORKSPACE, params); }
  hardenChoices(params: HardenChoicesParams): Promise<HardenChoicesResult> { return this.send(HARDEN_CHOICES, params); }
  harden(params: HardenParams, token?: vscode.CancellationToken): Promise<HardenResult> { return this.send(HARDEN, params, token); }
  checkPins(params: CheckPinsParams, token: vscode.CancellationToken): Promise<CheckPinsResult> { return this.send(CHECK_PINS, params, token); }
  explain(params: ExplainParams): Promise<ExplainResult> { return this.send(EXPLAIN, params); }
  why(params: WhyParams): Promise<WhyResult> { return this.send(WHY, params); }
  setSeverity(params: SetSeverityParams): Promise<SetSeverityResult> { return this.send(SET_SEVERITY, params); }
  scan(params: ScanParams): Promise<ScanResult> { return this.send(SCAN, params); }
  report(params: ReportParams): Promise<ReportResult> { return this.send(REPORT, params); }

  diagram(params: DiagramParams): Promise<DiagramResult> { return this.send(DIAGRAM, params); }

  /** @param progress hears how many commits of how many were looked at. */
  async history(params: HistoryParams, token?: vscode.CancellationToken, progress?: (done: number, total: number) => void): Promise<HistoryResult> {
    await this.start();
    const progressToken = crypto.randomUUID();
    const listener = progress && this.running().onProgress(new ProgressType<HistoryProgress>(), progressToken, ({ done, total }) => { progress(done, total); });
    try {
      return await this.send(HISTORY, progress ? { ...params, progressToken } : params, token);
    } finally {
      listener?.dispose();
    }
  }

  /** Makes the server ask for its settings again. */
  settingsChanged(): void {
    if (this.current === 'running') void this.client?.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  /** The server's edit as VS Code's, with its change annotations. */
  async toWorkspaceEdit(edit: unknown): Promise<vscode.WorkspaceEdit> {
    return this.running().protocol2CodeConverter.asWorkspaceEdit(edit as LspWorkspaceEdit);
  }

  dispose(): void {
    this.disposed = true;
    void this.enqueue(() => this.shutDown());
    this.stateEmitter.dispose();
    this.scorecardEmitter.dispose();
  }

  /** Resolves when the process has ended. */
  async stop(): Promise<void> {
    await this.enqueue(() => this.shutDown());
  }

  private async send<R>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<R> {
    await this.start();
    // A token that isn't there would be sent as a second parameter.
    return token ? this.running().sendRequest<R>(method, params, token) : this.running().sendRequest<R>(method, params);
  }

  private running(): BaseLanguageClient {
    if (!this.client || this.current !== 'running') throw new Error(vscode.l10n.t('The CI Hardening language server is not running.'));
    return this.client;
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(task).catch((error: unknown) => {
      this.output.error(error instanceof Error ? error : String(error));
    });
    return this.queue;
  }

  private async launch(): Promise<void> {
    if (this.disposed) return;
    this.setState('starting');
    const { client, kill } = this.createClient();
    this.client = client;
    this.kill = kill;
    try {
      await Promise.race([client.start(), new Promise((_, reject) => { this.startGivenUp = () => { reject(new Error('The start was given up.')); }; })]);
      this.setState('running');
    } catch (error) {
      this.output.error('The language server could not be started.', error);
      this.setState('failed');
    }
  }

  private async shutDown(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.setState('stopped');
    // A client that failed to start or has crashed refuses to stop; it only needs to be let go.
    await client?.dispose().catch((error: unknown) => { this.output.debug('stop', error); });
    this.kill();
  }

  private createClient(): Launched {
    const launched = this.launchServer({
      documentSelector: CI_SELECTOR,
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticCollectionName: 'ci-hardening',
      initializationOptions: { commands: true, githubToken: true, listFiles: true, pages: this.pages.toString() },
      // Hovers link to the bundled documentation; nothing else that a hover says can be run.
      markdown: { isTrusted: { enabledCommands: ['ciHardening.showRule'] } },
      diagnosticPullOptions: { onChange: true, onTabs: true },
      initializationFailedHandler: () => false,
      middleware: { workspace: { configuration: settingsOfThisEditor } },
    });
    const { client } = launched;
    client.onRequest(READ_FILE, (params: ReadFileParams): Promise<ReadFileResult> =>
      (params.uri === this.pages.toString() ? readExtensionFile(this.pages) : readWorkspaceFile(params)));
    client.onRequest(LIST_FILES, (params: ListFilesParams): Promise<ListFilesResult> => listWorkspaceFiles(params));
    client.onRequest(GITHUB_TOKEN, (params: GithubTokenParams): Promise<GithubTokenResult> => githubToken(params));
    client.onNotification(SCORECARD, (result: ScorecardResult) => { this.scorecardEmitter.fire(result); });
    client.onDidChangeState(({ newState }) => {
      if (client !== this.client) return;
      // The client restarts a crashed server by itself a few times; what it gives up on ends as Stopped.
      if (newState === State.Running) this.setState('running');
      else if (newState === State.Starting) this.setState('starting');
      else this.setState('failed');
    });
    return launched;
  }

  private giveUp(): void {
    this.kill();
    this.startGivenUp();
  }

  private setState(state: ServerState): void {
    if (state === this.current) return;
    this.current = state;
    if (!this.disposed) this.stateEmitter.fire(state);
  }
}
