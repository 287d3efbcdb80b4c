import * as vscode from 'vscode';
import type { ReportStore } from '../report-store';
import type { ScoreHistory } from '../score-history';
import { byNeed, controlTitle, resultLabel } from './labels';
import { panelHtml } from './panel-html';
import { isPanelMessage, type PanelMessage } from './panel-messages';
import { panelStrings } from './panel-strings';
import { placeLabel } from './tree-items';

const VIEW_TYPE = 'ciHardening.scorecardPanel';

/** The scorecard as a page. One page at most; it is made again from its state after a reload of the window. */
export class ScorecardPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private root: string | undefined;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly extensionUri: vscode.Uri, private readonly store: ReportStore, private readonly history: ScoreHistory) {
    this.subscriptions = [
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this),
      store.onDidChange(() => { this.send(); }),
      history.onDidChange(changed => { this.sendHistory(changed); }),
    ];
  }

  get visible(): boolean { return this.panel?.visible ?? false; }

  /** Shows the page, on the given repository where one is named. */
  open(root?: string): void {
    this.root = root ?? this.root;
    if (this.panel) {
      this.panel.reveal();
      this.send();
    } else {
      this.adopt(vscode.window.createWebviewPanel(VIEW_TYPE, vscode.l10n.t('CI Hardening Scorecard'), vscode.ViewColumn.Active));
    }
    if (this.store.state === 'idle') void this.store.refresh();
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Thenable<void> {
    if (typeof state === 'object' && state !== null && 'root' in state && typeof state.root === 'string') this.root = state.root;
    this.panel?.dispose();
    this.adopt(panel);
    if (this.store.state === 'idle') void this.store.refresh();
    return Promise.resolve();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.panel?.dispose();
  }

  private adopt(panel: vscode.WebviewPanel): void {
    const media = vscode.Uri.joinPath(this.extensionUri, 'media');
    this.panel = panel;
    panel.iconPath = { light: vscode.Uri.joinPath(media, 'tab-light.svg'), dark: vscode.Uri.joinPath(media, 'tab-dark.svg') };
    panel.webview.options = { enableScripts: true, enableForms: false, localResourceRoots: [media] };
    panel.webview.onDidReceiveMessage((message: unknown) => { if (isPanelMessage(message)) this.receive(message); });
    panel.onDidDispose(() => { if (this.panel === panel) this.panel = undefined; });
    panel.webview.html = panelHtml(panel.webview, media);
  }

  private send(): void {
    const { store } = this;
    void this.panel?.webview.postMessage({
      type: 'reports',
      state: store.state,
      root: this.root,
      strings: panelStrings(),
      reports: store.reports.map(report => ({
        ...report,
        controls: [...report.controls].sort(byNeed).map(control => ({
          ...control,
          label: controlTitle(control),
          resultLabel: resultLabel(control),
          evidence: control.evidence.map(({ uri, range, text }) => ({
            text, ...(uri ? { place: placeLabel(vscode.Uri.parse(uri), range?.start.line) } : {}),
          })),
        })),
      })),
    });
  }

  private sendHistory(root: string): void {
    void this.panel?.webview.postMessage({ type: 'history', root, history: this.history.of(root) });
  }

  /** The page names what is in the report; addresses and commands never come from it. */
  private receive(message: PanelMessage): void {
    const run = (command: string, argument?: unknown) => void vscode.commands.executeCommand(`ciHardening.${command}`, argument);
    switch (message.type) {
      case 'ready':
        this.send();
        for (const root of this.history.roots) this.sendHistory(root);
        return;
      case 'refresh':
        run('refresh');
        for (const root of this.history.roots) void this.history.lookUp(root).catch(() => { /* what is shown stays */ });
        return;
      case 'configuration': run('openConfiguration'); return;
      case 'restart': run('restartServer'); return;
      case 'create': run('createWorkflow'); return;
      case 'root': this.root = message.root; return;
      default: break;
    }
    const report = this.store.report(message.root);
    if (!report) return;
    const { root } = report;
    switch (message.type) {
      case 'harden': run('harden', { root }); return;
      case 'export': run('exportReport', { root }); return;
      case 'badge': run('exportBadge', { root }); return;
      case 'mermaid': run('copyDiagram', { root }); return;
      case 'history': run('showHistory', { root }); return;
      case 'historyStop': this.history.stop(root); return;
      case 'historyKept': void this.history.lookUp(root).catch(() => { this.sendHistory(root); }); return;
      case 'target': {
        const aim = report.targets?.[message.target];
        if (aim) run('harden', { root, target: aim.target, ...(aim.name === 'overall' ? {} : { categories: [aim.name] }) });
        return;
      }
      default: break;
    }
    if (message.type === 'job') {
      const job = report.pipeline?.[message.workflow]?.stages.flat().find(({ id }) => id === message.job);
      if (job?.uri) run('reveal', { uri: job.uri, range: job.range, text: job.id });
      return;
    }
    const control = this.store.control(message.root, message.control);
    if (!control) return;
    switch (message.type) {
      case 'add': run('addPractice', { root, practice: control.id }); return;
      case 'fix': run('fixControl', { kind: 'control', id: control.id, report, control }); return;
      case 'explain': run('showRule', control.id); return;
      case 'open': run('reveal', control.evidence[message.evidence]); return;
    }
  }
}
