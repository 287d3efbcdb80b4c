import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { fileUri, parts } from './support';

const LOCK = '.github/workflows/actions.lock';
const CI = '.github/workflows/ci.yml';
const TEXT = `version: 'v0.0.2'\nworkflows:\n    '${CI}':\n        - 'actions/checkout@v4'\ndependencies:\n    `;

describe('actions.lock in the editor', () => {
  it('is completed and explained, whatever language it is taken for', async () => {
    const uri = fileUri(LOCK);
    await (await parts()).server.start();
    await vscode.workspace.fs.writeFile(uri, Buffer.from(TEXT));
    try {
      const document = await vscode.workspace.openTextDocument(uri);
      const editor = await vscode.window.showTextDocument(document);
      const end = document.positionAt(document.getText().length);
      const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, end);
      const item = list.items.find(i => (typeof i.label === 'string' ? i.label : i.label.label) === 'actions/checkout@v4');
      assert.ok(item, list.items.map(i => (typeof i.label === 'string' ? i.label : i.label.label)).join(', '));
      assert.equal(item.keepWhitespace, true, 'the lines of an entry keep their indentation');
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, new vscode.Position(3, 20));
      const said = hovers.flatMap(h => h.contents).map(c => (typeof c === 'string' ? c : c.value)).join('\n');
      assert.match(said, /No commit is recorded for it/);
      assert.ok(editor.document === document);
    } finally {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      await vscode.workspace.fs.delete(uri);
    }
  });
});
