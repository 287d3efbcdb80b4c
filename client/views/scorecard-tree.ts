import * as vscode from 'vscode';
import type { ReportStore } from '../report-store';
import { isFailing } from './labels';
import { childNodes, rootNodes, type ScorecardNode } from './nodes';
import { treeItem } from './tree-items';

const FAILING_ONLY = 'ciHardening.failingOnly';

/** The scorecard in the side bar. */
export class ScorecardTree implements vscode.TreeDataProvider<ScorecardNode>, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<undefined>();
  private readonly subscriptions: vscode.Disposable[];
  readonly view: vscode.TreeView<ScorecardNode>;
  readonly onDidChangeTreeData = this.emitter.event;

  constructor(private readonly store: ReportStore, private readonly memory: vscode.Memento) {
    this.view = vscode.window.createTreeView('ciHardening.scorecard', { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [this.view, this.emitter, store.onDidChange(() => { this.update(); })];
    void vscode.commands.executeCommand('setContext', FAILING_ONLY, this.failingOnly);
    this.update();
  }

  get failingOnly(): boolean { return this.memory.get(FAILING_ONLY, false); }

  async setFailingOnly(on: boolean): Promise<void> {
    await this.memory.update(FAILING_ONLY, on);
    await vscode.commands.executeCommand('setContext', FAILING_ONLY, on);
    this.update();
  }

  getTreeItem(node: ScorecardNode): vscode.TreeItem { return treeItem(node); }

  getChildren(node?: ScorecardNode): ScorecardNode[] {
    const options = { failingOnly: this.failingOnly };
    if (node) return childNodes(node, options);
    // While a scan runs the last report stays: a tree that empties itself on every keystroke can't be read.
    return this.store.state === 'error' ? [] : rootNodes(this.store.reports, options);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private update(): void {
    void vscode.commands.executeCommand('setContext', 'ciHardening.state', this.store.state === 'idle' ? 'scanning' : this.store.state);
    const failing = this.store.reports.reduce((sum, report) => sum + (report.workflows > 0 ? report.controls.filter(isFailing).length : 0), 0);
    this.view.badge = failing === 0 ? undefined : {
      value: failing,
      tooltip: failing === 1 ? vscode.l10n.t('1 control to do') : vscode.l10n.t('{0} controls to do', failing),
    };
    this.view.message = failing === 0 && this.store.state === 'ready' && this.store.reports.some(report => report.workflows > 0)
      ? vscode.l10n.t('Every control that applies is met.') : undefined;
    this.emitter.fire(undefined);
  }
}
