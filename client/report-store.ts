import * as vscode from 'vscode';
import type { ScorecardControl, ScorecardReport, ScorecardResult } from '../server/protocol';
import type { LanguageServer, ServerState } from './server/language-server';

/** What the views show; `idle` until something needs the server. */
export type ViewState = 'idle' | 'scanning' | 'ready' | 'no-folder' | 'error';

/** The last scorecard that the server sent: what tree, panel and status have in common. */
export class ReportStore implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];
  private result: ScorecardResult = { reports: [], state: 'scanning' };
  private currentState: ViewState = 'idle';
  private asked = 0;
  private pending: Promise<void> | undefined;

  readonly onDidChange = this.emitter.event;

  constructor(private readonly server: LanguageServer, private readonly output: vscode.LogOutputChannel) {
    this.subscriptions = [
      server.onScorecard(result => { this.accept(result); }),
      server.onDidChangeState(state => { this.follow(state); }),
    ];
  }

  get state(): ViewState { return this.currentState; }
  get reports(): readonly ScorecardReport[] { return this.result.reports; }

  report(root: string): ScorecardReport | undefined {
    return this.reports.find(report => report.root === root);
  }

  control(root: string, id: string): ScorecardControl | undefined {
    return this.report(root)?.controls.find(control => control.id === id);
  }

  /** Asks for the scorecard; with `rescan` the server looks at every file again. Resolves when it is shown. */
  refresh(rescan = false): Promise<void> {
    if (this.pending && !rescan) return this.pending;
    const request = this.request(rescan).finally(() => { if (this.pending === request) this.pending = undefined; });
    this.pending = request;
    return request;
  }

  /** Resolves when it is known what there is, or that nothing will be. */
  async loaded(): Promise<void> {
    if (this.reports.length > 0) return;
    await this.refresh();
    if (this.currentState !== 'scanning') return;
    await new Promise<void>(resolve => {
      const listener = this.onDidChange(() => {
        if (this.currentState === 'scanning') return;
        listener.dispose();
        resolve();
      });
    });
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.emitter.dispose();
  }

  private async request(rescan: boolean): Promise<void> {
    const ticket = ++this.asked;
    this.show('scanning');
    try {
      const result = await this.server.scorecard(rescan ? { refresh: true } : {});
      if (ticket === this.asked) this.accept(result);
    } catch (error) {
      if (ticket !== this.asked) return;
      this.output.error('The scorecard could not be read.', error);
      this.show('error');
    }
  }

  private accept(result: ScorecardResult): void {
    // An answer still on its way is older than what has come.
    this.asked++;
    this.result = result;
    this.show(result.state);
  }

  private follow(state: ServerState): void {
    if (state === 'running') {
      void this.refresh();
      return;
    }
    if (state === 'stopped') {
      this.asked++;
      this.pending = undefined;
    }
    this.show(state === 'failed' ? 'error' : 'scanning');
  }

  private show(state: ViewState): void {
    this.currentState = state;
    this.emitter.fire();
  }
}
