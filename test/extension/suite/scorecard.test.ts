import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ExtensionParts } from '../../../client/extension';
import { readFilter, SEVERITIES } from '../../../client/views/filter';
import { childNodes, rootNodes, type ScorecardNode } from '../../../client/views/nodes';
import type { ScorecardControl, ScorecardReport } from '../../../server/protocol';
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

  // A filter that a failed test leaves behind would fail those that come after it.
  afterEach(() => extension.tree.setFilter({ failingOnly: false }));

  const controlsShown = () => extension.tree.getChildren().flatMap(node => extension.tree.getChildren(node)).flatMap(node => (node.kind === 'control' ? [node.control] : []));

  it('can be narrowed down to severities and levels, says so, and can be cleared', async () => {
    const { tree } = extension;
    const all = controlsShown().length;
    const [one] = controlsShown().filter(({ verdict }) => verdict === 'missing');
    assert.ok(one);
    const severity = SEVERITIES.find(name => name === one.severity);
    assert.ok(severity);
    await tree.setFilter({ failingOnly: true, severities: [severity], levels: [one.level] });
    const shown = controlsShown();
    assert.ok(shown.length > 0 && shown.length < all);
    assert.ok(shown.includes(one));
    assert.deepEqual(shown.filter(control => control.severity !== severity || control.level !== one.level || !/^(?:missing|partial)$/.test(control.verdict)), []);
    const name = severity.charAt(0).toUpperCase() + severity.slice(1);
    assert.equal(tree.view.description, `to do · ${name} · level ${one.level}`);
    assert.equal(tree.view.message, `${shown.length} of ${all} controls: to do · ${name} · level ${one.level}`);
    assert.equal(tree.view.badge?.value, tree.controls.filter(({ verdict }) => verdict === 'missing' || verdict === 'partial').length, 'the badge tells what is to do, filtered or not');
    await tree.setFilter({ failingOnly: false, severities: ['info'], levels: [5] });
    if (controlsShown().length === 0) assert.equal(tree.view.message, 'No control passes the filter: Info · level 5');
    await vscode.commands.executeCommand('ciHardening.clearFilter');
    assert.equal(controlsShown().length, all);
    assert.equal(tree.view.description, undefined);
    assert.equal(tree.view.message, undefined);
  });

  it('forgets what it can not read of a filter', () => {
    assert.deepEqual(readFilter({ failingOnly: 'yes', severities: ['high', 'fatal', 3], levels: [9, 2, '1'] }), { failingOnly: false, severities: ['high'], levels: [2] });
    for (const kept of [undefined, null, 7, 'high', { severities: 'high' }]) assert.deepEqual(readFilter(kept), { failingOnly: false, severities: [], levels: [] });
  });

  it('copies rows as text, as Markdown and by id', async () => {
    const { tree } = extension;
    const node = findNode(tree, 'permissions-missing') ?? findNode(tree, 'unpinned-action');
    assert.ok(node);
    const copied = async (command: string, row: ScorecardNode) => {
      await vscode.commands.executeCommand(`ciHardening.${command}`, row);
      return vscode.env.clipboard.readText();
    };
    assert.equal(await copied('copyId', node), node.control.id);
    const item = tree.getTreeItem(node);
    assert.equal(await copied('copyItem', node), `${String(item.label)}: ${String(item.description)}`);
    assert.match(await copied('copyMarkdown', node), new RegExp(`^- \\[[ x]\\] \\*\\*${String(item.label)}\\*\\* \\(\`${node.control.id}\`\\): `));
    const category = tree.getChildren().find(one => one.kind === 'category');
    assert.ok(category);
    const lines = (await copied('copyMarkdown', category)).split('\n');
    assert.match(lines[0] ?? '', /^### Security: \d/);
    assert.equal(lines.filter(line => line.startsWith('- [')).length, tree.getChildren(category).length);
  });

  it('keeps the id of a row when others come in before it', () => {
    const [report] = extension.store.reports;
    const control = report?.controls[0];
    assert.ok(report && control);
    const place = (uri: string, text: string, line: number) => ({ uri, text, range: { start: { line, character: 0 }, end: { line, character: 1 } } });
    const ids = (...evidence: ScorecardControl['evidence'][number][]) => childNodes({ kind: 'control', id: 'c', report, control: { ...control, evidence, lookedFor: [] } }, { failingOnly: false }).map(({ id }) => id);
    const [first] = ids(place('file:///b.yml', 'no limit', 3));
    assert.equal(ids(place('file:///a.yml', 'no limit', 1), place('file:///b.yml', 'no limit', 9))[1], first);
    const twice = ids(place('file:///b.yml', 'no limit', 3), place('file:///b.yml', 'no limit', 5));
    assert.equal(new Set(twice).size, 2);
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
