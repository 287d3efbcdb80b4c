import * as vscode from 'vscode';
import { CI_SELECTOR } from '../files';
import type { ReportStore } from '../report-store';
import { failingControls, levelLabel, score } from './labels';

/** Score and level in the language status of a CI file. */
export class Status implements vscode.Disposable {
  private readonly item: vscode.LanguageStatusItem;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly store: ReportStore) {
    this.item = vscode.languages.createLanguageStatusItem('ciHardening.status', CI_SELECTOR);
    this.item.name = vscode.l10n.t('CI Hardening');
    this.subscriptions = [
      this.item,
      store.onDidChange(() => { this.update(); }),
      vscode.window.onDidChangeActiveTextEditor(() => { this.update(); }),
    ];
    this.update();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private update(): void {
    const { item, store } = this;
    item.busy = store.state === 'scanning';
    if (store.state === 'error') {
      item.severity = vscode.LanguageStatusSeverity.Error;
      item.text = vscode.l10n.t('CI Hardening');
      item.detail = vscode.l10n.t('the language server is not running');
      item.command = { command: 'ciHardening.restartServer', title: vscode.l10n.t('Restart Server') };
      return;
    }
    const report = this.activeReport();
    item.severity = vscode.LanguageStatusSeverity.Information;
    item.text = report ? vscode.l10n.t('CI Hardening {0}', `${score(report.score)} · ${levelLabel(report.level)}`) : vscode.l10n.t('CI Hardening');
    // Short: the editor shows it in one line, and what does not fit hides the command.
    item.detail = item.busy ? vscode.l10n.t('scanning') : report && toDo(failingControls(report).length);
    item.command = {
      command: 'ciHardening.openScorecard', title: vscode.l10n.t('Open Scorecard'), ...(report ? { arguments: [report.root] } : {}),
    };
  }

  /** The report of the repository that the active file is in: the deepest root above it. */
  private activeReport() {
    const active = vscode.window.activeTextEditor?.document.uri.toString();
    const owning = this.store.reports.filter(report => active?.startsWith(`${report.root.replace(/\/$/, '')}/`));
    return owning.sort((a, b) => b.root.length - a.root.length)[0] ?? this.store.reports[0];
  }
}

function toDo(failing: number): string {
  return failing === 0 ? vscode.l10n.t('nothing to do') : failing === 1 ? vscode.l10n.t('1 control to do') : vscode.l10n.t('{0} controls to do', failing);
}
