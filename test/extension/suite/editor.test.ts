import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { applyAction, codeActions, codeOf, diagnosticOf, eventually, fileUri, noDiagnosticOf, ours, replaceText, withFile, WORKFLOW } from './support';

const PINNED = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';

/** Takes the pin away, and gives the diagnostic that this brings: not one of the text before. */
async function unpin(editor: vscode.TextEditor, to = 'actions/checkout@v7.0.1'): Promise<vscode.Diagnostic> {
  await noDiagnosticOf(editor.document.uri, 'unpinned-action');
  await replaceText(editor, PINNED, to);
  return diagnosticOf(editor.document.uri, 'unpinned-action');
}

describe('in the editor', () => {
  it('underlines the ref of an action that is not pinned, while it is typed', () => withFile(WORKFLOW, async editor => {
    const diagnostic = await unpin(editor, 'actions/checkout@v7');
    assert.equal(editor.document.getText(diagnostic.range), 'v7');
    assert.ok(typeof diagnostic.code === 'object', 'the code links to documentation');
  }));

  it('pins the action by its preferred quick-fix', () => withFile(WORKFLOW, async (editor, original) => {
    const { uri } = editor.document;
    const diagnostic = await unpin(editor);
    const fixes = await codeActions(uri, diagnostic.range, vscode.CodeActionKind.QuickFix.value);
    const preferred = fixes.filter(fix => fix.isPreferred);
    assert.equal(preferred.length, 1, fixes.map(fix => fix.title).join('\n'));
    assert.ok(preferred[0]);
    await applyAction(preferred[0]);
    assert.equal(editor.document.getText(), original);
    await noDiagnosticOf(uri, 'unpinned-action');
  }));

  it('gives every byte back on undo', () => withFile(WORKFLOW, async editor => {
    const { document } = editor;
    const diagnostic = await unpin(editor);
    const typed = document.getText();
    const [fix] = (await codeActions(document.uri, diagnostic.range, vscode.CodeActionKind.QuickFix.value)).filter(action => action.isPreferred);
    assert.ok(fix);
    await applyAction(fix);
    assert.notEqual(document.getText(), typed);
    await vscode.commands.executeCommand('undo');
    await eventually('the undo', [vscode.workspace.onDidChangeTextDocument], () => document.getText() === typed && true);
  }));

  it('offers concurrency where runs are not superseded', () => withFile(WORKFLOW, async editor => {
    const { document } = editor;
    await diagnosticOf(document.uri, 'scan-secrets');
    const actions = await codeActions(document.uri, new vscode.Range(0, 0, document.lineCount, 0));
    const concurrency = actions.find(action => /^(add|cancel|give|limit).*(concurrency|superseded)/i.test(action.title) && action.edit);
    assert.ok(concurrency, actions.map(action => action.title).join('\n'));
    await applyAction(concurrency);
    assert.match(document.getText(), /^concurrency:\n {2}group: .*\n {2}cancel-in-progress: /m);
  }));

  it('adds a secret scan from the lightbulb on `jobs:`', () => withFile(WORKFLOW, async editor => {
    const { document } = editor;
    const jobs = document.positionAt(document.getText().indexOf('\njobs:') + 1);
    await diagnosticOf(document.uri, 'scan-secrets');
    const actions = await codeActions(document.uri, new vscode.Range(jobs, jobs.translate(0, 4)));
    const add = actions.find(action => /secret/i.test(action.title) && action.edit);
    assert.ok(add, actions.map(action => action.title).join('\n'));
    await applyAction(add);
    assert.match(document.getText(), /gitleaks/);
    await noDiagnosticOf(document.uri, 'scan-secrets');
    assert.equal(ours(document.uri).some(diagnostic => codeOf(diagnostic) === 'unpinned-action'), false, 'what is added is pinned');
  }));

  it('applies safe fixes on save, and only those', () => withFile(WORKFLOW, async editor => {
    const settings = vscode.workspace.getConfiguration('editor', editor.document.uri);
    await settings.update('codeActionsOnSave', { 'source.fixAll.ciHardening': 'explicit' }, vscode.ConfigurationTarget.Workspace);
    try {
      await replaceText(editor, '    timeout-minutes: 10\n', '');
      await unpin(editor);
      assert.ok(await editor.document.save());
      const saved = editor.document.getText();
      assert.ok(saved.includes(PINNED), saved);
      assert.equal(/timeout-minutes|concurrency/.test(saved), false, 'a time limit can fail a run that passes, so it is no safe fix');
    } finally {
      await settings.update('codeActionsOnSave', undefined, vscode.ConfigurationTarget.Workspace);
    }
  }));

  it('says nothing of a YAML file elsewhere', async () => {
    const uri = fileUri('other.yml');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode('jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v7\n'));
    await vscode.window.showTextDocument(uri);
    await withFile(WORKFLOW, async editor => {
      await unpin(editor);
    });
    assert.deepEqual(ours(uri), []);
    await vscode.workspace.fs.delete(uri);
  });
});
