import * as vscode from 'vscode';
import type { HistoryEntry, HistoryResult } from '../server/protocol';
import type { LanguageServer } from './server/language-server';

/** The history of a repository as far as it is known. `reason` says why there is none. */
export interface KnownHistory {
  readonly state: 'running' | 'ready' | 'unavailable';
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
  readonly done: number;
  readonly total: number;
  readonly reason?: string;
}

/** The score of each commit, by repository: looked at when it is asked for, with progress and a way to stop. */
export class ScoreHistory implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<string>();
  private readonly known = new Map<string, KnownHistory>();
  private readonly running = new Map<string, { readonly source: vscode.CancellationTokenSource; readonly work: Promise<void> }>();

  /** The root of the repository whose history has become different. */
  readonly onDidChange = this.emitter.event;

  constructor(private readonly server: LanguageServer) {}

  get roots(): readonly string[] { return [...this.known.keys()]; }
  of(root: string): KnownHistory | undefined { return this.known.get(root); }

  /** Scores what isn't yet. A second call while it runs waits for the first. Rejects where the server fails. */
  run(root: string, name: string): Promise<void> {
    const current = this.running.get(root);
    if (current) return current.work;
    const source = new vscode.CancellationTokenSource();
    const work = this.score(root, name, source).finally(() => {
      this.running.delete(root);
      source.dispose();
    });
    this.running.set(root, { source, work });
    return work;
  }

  /** What was scored until then is kept. */
  stop(root: string): void { this.running.get(root)?.source.cancel(); }

  /** Shows what is kept from earlier, without scoring a commit. */
  async lookUp(root: string): Promise<void> {
    if (this.running.has(root)) return;
    const result = await this.ask(root, true);
    if (!this.running.has(root)) this.accept(root, result);
  }

  dispose(): void {
    for (const { source } of this.running.values()) source.cancel();
    this.emitter.dispose();
  }

  private async score(root: string, name: string, source: vscode.CancellationTokenSource): Promise<void> {
    const before = this.known.get(root)?.entries ?? [];
    const show = (done: number, total: number) => { this.set(root, { state: 'running', entries: before, done, total }); };
    show(0, 0);
    try {
      const options = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Scoring the history of {0}', name), cancellable: true };
      this.accept(root, await vscode.window.withProgress(options, async (progress, token) => {
        const listener = token.onCancellationRequested(() => { source.cancel(); });
        let told = 0;
        try {
          return await this.ask(root, false, source.token, (done, total) => {
            progress.report({ message: vscode.l10n.t('{0} of {1} commits', done, total), increment: ((done - told) / Math.max(total, 1)) * 100 });
            told = done;
            show(done, total);
          });
        } catch (error) {
          if (!source.token.isCancellationRequested) throw error;
          return await this.ask(root, true);
        } finally {
          listener.dispose();
        }
      }));
    } catch (error) {
      this.set(root, { state: 'unavailable', entries: [], done: 0, total: 0, reason: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  /** In Restricted Mode nothing of the folder is run, and git reads what the folder says. */
  private async ask(root: string, kept: boolean, token?: vscode.CancellationToken, progress?: (done: number, total: number) => void): Promise<HistoryResult> {
    if (!vscode.workspace.isTrusted) return { entries: [], total: 0, unavailable: 'untrusted' };
    return this.server.history({ root, kept }, token, progress);
  }

  private accept(root: string, { entries, total, unavailable, message }: HistoryResult): void {
    this.set(root, unavailable
      ? { state: 'unavailable', entries: [], done: 0, total: 0, reason: reasonOf(unavailable, message) }
      : { state: 'ready', entries, done: entries.length, total });
  }

  private set(root: string, history: KnownHistory): void {
    this.known.set(root, history);
    this.emitter.fire(root);
  }
}

function reasonOf(unavailable: NonNullable<HistoryResult['unavailable']>, message: string | undefined): string {
  switch (unavailable) {
    case 'browser': return vscode.l10n.t('The history comes from git, and there is none in a browser or for a folder that is not on disk. Open a clone in a desktop editor, or run “ci-hardening history” in it.');
    case 'untrusted': return vscode.l10n.t('In Restricted Mode git is not run. Trust this folder to see its history.');
    case 'no-git': return vscode.l10n.t('The history comes from git, which was not found on this machine.');
    case 'no-repository': return vscode.l10n.t('This folder is not the root of a git repository, so it has no history.');
    case 'failed': return vscode.l10n.t('Git gave no history: {0}', message ?? '');
  }
}
