import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ExtensionParts } from '../../../client/extension';
import { childNodes, rootNodes, type ScorecardNode } from '../../../client/views/nodes';
import type { ScorecardReport } from '../../../server/protocol';
import { confirmPreview, diagnosticOf, eventually, fileUri, findNode, parts, replaceText, treeLabels, withFile, WORKFLOW } from './support';

const CATEGORIES = ['Security', 'Quality', 'Reliability', 'Automation', 'Developer Experience', 'Organisation'];

describe('the scorecard', () => {
  let extension: ExtensionParts;

  const controlSays = (id: string, expected: RegExp) => eventually(`control ${id} ${String(expected)}`, [extension.store.onDidChange], () => {
    const node = findNode(extension.tree, id);
    const description = node ? String(extension.tree.getTreeItem(node).description) : undefined;
    return description !== undefined && expected.test(description) ? node : undefined;
  }, () => treeLabels(extension.tree).filter(label => !label.startsWith('    ')));

  before(async () => {
    extension = await parts();
    await vscode.commands.executeCommand('ciHardening.scorecard.focus');
    await eventually('a report', [extension.store.onDidChange], () => extension.store.state === 'ready' && extension.store.reports.length > 0);
  });

  it('shows the only repository without a row of its own, then its six categories', () => {
    const top = extension.tree.getChildren();
    assert.deepEqual(top.map(node => node.kind), ['summary', ...CATEGORIES.map(() => 'category')]);
    assert.deepEqual(top.slice(1).map(node => extension.tree.getTreeItem(node).label), CATEGORIES);
    for (const node of top) {
      const item = extension.tree.getTreeItem(node);
      assert.match(`${String(item.label)} ${String(item.description)}`, /\d+.* · Level [1-5] \w+|does not apply$/);
      assert.ok(item.accessibilityInformation?.label);
    }
  });

  it('counts what is to do in the badge', () => {
    const failing = extension.store.reports.flatMap(report => report.controls).filter(({ verdict }) => verdict === 'missing' || verdict === 'partial').length;
    assert.ok(failing > 0);
    assert.equal(extension.tree.view.badge?.value, failing);
  });

  it('gives every row an id of its own that stays', async () => {
    const ids = () => {
      const all = (node?: ScorecardNode): string[] => extension.tree.getChildren(node).flatMap(child => [child.id, ...all(child)]);
      return all();
    };
    // What earlier tests have done to the files is taken in first.
    await vscode.commands.executeCommand('ciHardening.refresh');
    const before = ids();
    assert.equal(new Set(before).size, before.length);
    await vscode.commands.executeCommand('ciHardening.refresh');
    assert.deepEqual(ids(), before);
  });

  it('can be narrowed down to what is to do', async () => {
    await vscode.commands.executeCommand('ciHardening.showFailingOnly');
    const verdicts = extension.tree.getChildren().flatMap(node => extension.tree.getChildren(node)).map(node => node.kind === 'control' && node.control.verdict);
    assert.ok(verdicts.length > 0);
    assert.deepEqual(verdicts.filter(verdict => verdict !== 'missing' && verdict !== 'partial'), []);
    await vscode.commands.executeCommand('ciHardening.showAll');
    assert.ok(extension.tree.getChildren().flatMap(node => extension.tree.getChildren(node)).length > verdicts.length);
  });

  it('follows the file as it is edited', () => withFile(WORKFLOW, async editor => {
    await controlSays('unpinned-action', /^in order/);
    await replaceText(editor, 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1', 'actions/checkout@v7');
    const node = await controlSays('unpinned-action', /^(found|\d+ % in order)/);
    const [evidence] = childNodes(node, { failingOnly: false });
    assert.ok(evidence);
    const { command } = extension.tree.getTreeItem(evidence);
    assert.ok(command);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors').then(undefined, () => undefined);
    await vscode.commands.executeCommand(command.command, ...(command.arguments as unknown[]));
    const active = vscode.window.activeTextEditor;
    assert.equal(active?.document.uri.toString(), fileUri(WORKFLOW).toString());
  }));

  it('adds a practice from the tree', () => withFile(WORKFLOW, async editor => {
    const node = await controlSays('scan-secrets', /^not met/);
    assert.match(extension.tree.getTreeItem(node).contextValue ?? '', /\badd\b/);
    const added = vscode.commands.executeCommand('ciHardening.addControl', node);
    await confirmPreview(() => /gitleaks/.test(editor.document.getText()), added);
    assert.match(editor.document.getText(), /gitleaks/);
    await controlSays('scan-secrets', /^met/);
    assert.equal(findNode(extension.tree, 'unpinned-action')?.control.verdict, 'met', 'what is added is pinned');
  }));

  it('fixes a rule from the tree', () => withFile(WORKFLOW, async (editor, original) => {
    await replaceText(editor, 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1', 'actions/checkout@v7.0.1');
    await diagnosticOf(editor.document.uri, 'unpinned-action');
    const node = await controlSays('unpinned-action', /^(found|\d+ % in order)/);
    assert.match(extension.tree.getTreeItem(node).contextValue ?? '', /\bfix\b/);
    await confirmPreview(() => editor.document.getText() === original, vscode.commands.executeCommand('ciHardening.fixControl', node));
    assert.equal(editor.document.getText(), original);
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), editor.document.uri.toString());
  }));

  it('pins all actions of the repository, after a preview', () => withFile(WORKFLOW, async (editor, original) => {
    await replaceText(editor, 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1', 'actions/checkout@v7.0.1');
    await diagnosticOf(editor.document.uri, 'unpinned-action');
    await confirmPreview(() => editor.document.getText() === original, vscode.commands.executeCommand('ciHardening.pinActions'));
    assert.equal(editor.document.getText(), original);
  }));

  it('fixes what a practice asks for by the rule behind it', () => withFile(WORKFLOW, async editor => {
    await replaceText(editor, '    timeout-minutes: 10\n', '');
    const node = await controlSays('timeouts', /^(not met|\d+ % met)/);
    assert.match(extension.tree.getTreeItem(node).contextValue ?? '', /\bfix\b/);
    const limited = () => /^ {4}timeout-minutes: \d+$/m.test(editor.document.getText());
    await confirmPreview(limited, vscode.commands.executeCommand('ciHardening.fixControl', node));
    assert.ok(limited(), editor.document.getText());
    await controlSays('timeouts', /^met/);
  }));

  it('opens as a page', async () => {
    await vscode.commands.executeCommand('ciHardening.openScorecard');
    await eventually('the page', [vscode.window.tabGroups.onDidChangeTabs], () => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'CI Hardening Scorecard');
    assert.equal(extension.panel.visible, true);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(extension.panel.visible, false);
  });

  it('shows the documentation of a rule', async () => {
    const { markdown } = await extension.server.explain({ id: 'unpinned-action' });
    assert.match(markdown ?? '', /unpinned-action/);
    await vscode.commands.executeCommand('ciHardening.showRule', 'unpinned-action');
    await eventually('the preview', [vscode.window.tabGroups.onDidChangeTabs], () => /unpinned-action/.test(vscode.window.tabGroups.activeTabGroup.activeTab?.label ?? ''));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('gives each of several repositories a row, and leaves out those without workflows', () => {
    const [report] = extension.store.reports;
    assert.ok(report);
    const named = (name: string, workflows: number): ScorecardReport => ({ ...report, root: `${report.root}/${name}`, name, workflows });
    const nodes = rootNodes([named('one', 1), named('two', 3), named('none', 0)], { failingOnly: false });
    assert.deepEqual(nodes.map(node => node.kind === 'repository' && node.report.name), ['one', 'two']);
    assert.deepEqual(rootNodes([named('none', 0)], { failingOnly: false }), []);
  });
});
