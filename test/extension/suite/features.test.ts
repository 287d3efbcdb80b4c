import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { EXPLAIN_TOOL, SCAN_TOOL } from '../../../client/tools';
import { applyAction, codeActions, diagnosticOf, eventually, fileUri, noDiagnosticOf, parts, replaceText, withFile, WORKFLOW } from './support';

const PINNED = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';
const CONFIG = '.github/ci-hardening.yml';

const exists = (uri: vscode.Uri): Promise<boolean> => Promise.resolve(vscode.workspace.fs.stat(uri)).then(() => true, () => false);

/** Takes away the configuration file that a test has made, wherever it is shown. */
async function withoutConfig(work: (uri: vscode.Uri) => Promise<void>): Promise<void> {
  const uri = fileUri(CONFIG);
  assert.equal(await exists(uri), false, 'there is none before');
  try {
    await work(uri);
  } finally {
    if (vscode.workspace.textDocuments.some(document => document.uri.toString() === uri.toString())) {
      await vscode.window.showTextDocument(uri);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
    if (await exists(uri)) await vscode.workspace.fs.delete(uri);
  }
}

describe('what the editor shows beside problems', () => {
  const everywhere = new vscode.Range(0, 0, 999, 0);

  before(async () => { await (await parts()).server.start(); });

  it('shows the version behind a commit, and hides it when the setting is turned off', () => withFile(WORKFLOW, async editor => {
    const { document } = editor;
    const hints = async () => (await vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, everywhere)).map(hint => String(hint.label));
    await replaceText(editor, `${PINNED} # v7.0.1`, PINNED);
    assert.deepEqual(await hints(), ['v7.0.1']);
    const settings = vscode.workspace.getConfiguration('ciHardening', document.uri);
    await settings.update('inlayHints.versions', false, vscode.ConfigurationTarget.Workspace);
    try {
      // A request that comes after the notification of a setting is answered with it.
      await (await parts()).server.scorecard({});
      assert.deepEqual(await hints(), []);
    } finally {
      await settings.update('inlayHints.versions', undefined, vscode.ConfigurationTarget.Workspace);
    }
  }));

  it('leads from an action to its page', () => withFile(WORKFLOW, async editor => {
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', editor.document.uri);
    assert.ok(links.some(link => link.target?.toString().startsWith(`https://github.com/${PINNED.replace('@', '/tree/')}`)), links.map(link => String(link.target)).join('\n'));
  }));

  it('completes the commit behind a version', () => withFile(WORKFLOW, async editor => {
    await replaceText(editor, `${PINNED} # v7.0.1`, 'actions/checkout@');
    const at = editor.document.positionAt(editor.document.getText().indexOf('actions/checkout@') + 'actions/checkout@'.length);
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', editor.document.uri, at, '@');
    assert.ok(items.some(item => item.label === 'v7.0.1' && item.detail?.startsWith('pin to')), items.map(item => JSON.stringify(item.label)).join(' '));
  }));

  it('turns a rule off in a configuration file that it makes, from the lightbulb', () => withoutConfig(config => withFile(WORKFLOW, async editor => {
    const { uri } = editor.document;
    await noDiagnosticOf(uri, 'unpinned-action');
    await replaceText(editor, `${PINNED} # v7.0.1`, 'actions/checkout@v7.0.1');
    const diagnostic = await diagnosticOf(uri, 'unpinned-action');
    const action = (await codeActions(uri, diagnostic.range)).find(one => one.title === 'Turn off unpinned-action in this repository');
    assert.ok(action);
    await applyAction(action);
    await noDiagnosticOf(uri, 'unpinned-action');
    const written = await vscode.workspace.openTextDocument(config);
    assert.equal(written.getText(), 'rules:\n  unpinned-action: off\n');
  })));

  it('explains on a page why nothing is reported', () => withFile(WORKFLOW, async editor => {
    await replaceText(editor, `${PINNED} # v7.0.1`, 'actions/checkout@v7.0.1 # ci-hardening: ignore[unpinned-action] mirrored');
    const line = editor.document.getText().split('\n').findIndex(one => one.includes('ignore[unpinned-action]'));
    editor.selection = new vscode.Selection(line, 12, line, 12);
    await vscode.commands.executeCommand('ciHardening.whyNotReported');
    const tab = await eventually('the page', [vscode.window.tabGroups.onDidChangeTabs], () => vscode.window.tabGroups.all.flatMap(group => group.tabs).find(one => one.label.includes(`line ${line + 1}`)));
    const text = await eventually('its text', [vscode.workspace.onDidOpenTextDocument, vscode.workspace.onDidChangeTextDocument], () =>
      vscode.workspace.textDocuments.find(document => document.uri.scheme === 'ci-hardening-why')?.getText());
    assert.match(text, /## Suppressed by a comment\n\n- \*\*unpinned-action\*\*: .*\(mirrored\)/);
    await vscode.window.tabGroups.close(tab);
  }));

  it('opens a configuration file that is not there yet', () => withoutConfig(async config => {
    await vscode.commands.executeCommand('ciHardening.openConfiguration');
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.toString(), config.toString());
    assert.match(editor?.document.getText() ?? '', /^# .*\nprofile: recommended\n$/);
  }));

  it('gives models a scan and the documentation of a rule', async () => {
    await parts();
    const tools = vscode.lm.tools.map(tool => tool.name);
    assert.ok(tools.includes(SCAN_TOOL) && tools.includes(EXPLAIN_TOOL), tools.join(' '));
    const ask = async (name: string, input: object): Promise<string> => {
      const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
      return content.map(part => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
    };
    const scan = JSON.parse(await ask(SCAN_TOOL, {})) as { findings: unknown[]; scores: { score: number }[] };
    assert.ok(Array.isArray(scan.findings));
    assert.equal(scan.scores.length, 1);
    assert.deepEqual((JSON.parse(await ask(SCAN_TOOL, { file: 'no/such.yml' })) as { findings: unknown[] }).findings, []);
    assert.match(await ask(EXPLAIN_TOOL, { rule: 'unpinned-action' }), /^# unpinned-action/);
    assert.match(await ask(EXPLAIN_TOOL, { rule: 'nothing' }), /There is no documentation/);
  });
});
