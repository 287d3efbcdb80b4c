import * as vscode from 'vscode';
import type { ScorecardControl } from '../../server/protocol';
import type { ReportStore } from '../report-store';
import { filterLabel, narrows, passes, readFilter, type TreeOptions } from './filter';
import { isFailing } from './labels';
import { childNodes, rootNodes, type ScorecardNode } from './nodes';
import { treeItem } from './tree-items';

const FILTER = 'ciHardening.filter';

/** The scorecard in the side bar. */
export class ScorecardTree implements vscode.TreeDataProvider<ScorecardNode>, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<undefined>();
  private readonly subscriptions: vscode.Disposable[];
  readonly view: vscode.TreeView<ScorecardNode>;
  readonly onDidChangeTreeData = this.emitter.event;

  constructor(private readonly store: ReportStore, private readonly memory: vscode.Memento) {
    this.view = vscode.window.createTreeView('ciHardening.scorecard', { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [this.view, this.emitter, store.onDidChange(() => { this.update(); })];
    this.update();
  }

  get filter(): TreeOptions { return readFilter(this.memory.get(FILTER)); }

  /** Kept with the workspace. */
  async setFilter(filter: TreeOptions): Promise<void> {
    await this.memory.update(FILTER, filter);
    this.update();
  }

  /** Every control of the repositories in the tree. */
  get controls(): ScorecardControl[] {
    return this.store.reports.filter(report => report.workflows > 0).flatMap(report => report.controls);
  }

  /**
   * The row with the keyboard's focus. The editor only tells which are selected, and arrows don't select: the focused one is selected,
   * or let go, and put back as it was.
   */
  async focused(): Promise<ScorecardNode | undefined> {
    const toggle = () => vscode.commands.executeCommand('list.toggleSelection');
    const before = this.view.selection;
    await toggle();
    const after = this.view.selection;
    await toggle();
    return after.find(node => !before.some(({ id }) => id === node.id)) ?? before.find(node => !after.some(({ id }) => id === node.id));
  }

  getTreeItem(node: ScorecardNode): vscode.TreeItem { return treeItem(node); }

  getChildren(node?: ScorecardNode): ScorecardNode[] {
    const options = this.filter;
    if (node) return childNodes(node, options);
    // While a scan runs the last report stays: a tree that empties itself on every keystroke can't be read.
    return this.store.state === 'error' ? [] : rootNodes(this.store.reports, options);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private update(): void {
    const { controls, filter, view, store } = this;
    const setContext = (key: string, value: unknown) => { void vscode.commands.executeCommand('setContext', key, value); };
    setContext('ciHardening.state', store.state === 'idle' ? 'scanning' : store.state);
    setContext('ciHardening.filtered', narrows(filter));
    setContext('ciHardening.failingOnly', filter.failingOnly);
    const failing = controls.filter(isFailing).length;
    view.badge = failing === 0 || store.state === 'error' ? undefined : {
      value: failing,
      tooltip: failing === 1 ? vscode.l10n.t('1 control to do') : vscode.l10n.t('{0} controls to do', failing),
    };
    view.description = filterLabel(filter) || undefined;
    view.message = store.state !== 'error' && controls.length > 0 ? message(controls, filter, failing) : undefined;
    this.emitter.fire(undefined);
  }
}

/** What the rows can't say: that some are left out, or that nothing is to do. A description is hidden where the view has its container for itself. */
function message(controls: readonly ScorecardControl[], filter: TreeOptions, failing: number): string | undefined {
  if (failing === 0 && (filter.failingOnly || !narrows(filter))) return vscode.l10n.t('Every control that applies is met.');
  if (!narrows(filter)) return undefined;
  const shown = controls.filter(control => passes(filter, control)).length;
  return shown === 0
    ? vscode.l10n.t('No control passes the filter: {0}', filterLabel(filter))
    : vscode.l10n.t('{0} of {1} controls: {2}', shown, controls.length, filterLabel(filter));
}
