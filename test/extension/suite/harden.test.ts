import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ExtensionParts } from '../../../client/extension';
import { confirmPreview, eventually, parts, withFile, WORKFLOW } from './support';

describe('hardening the repository', () => {
  let extension: ExtensionParts;
  const root = () => extension.store.reports[0]!.root;

  before(async () => {
    extension = await parts();
    await vscode.commands.executeCommand('ciHardening.scorecard.focus');
    await eventually('a report', [extension.store.onDidChange], () => extension.store.state === 'ready' && extension.store.reports.length > 0);
  });

  it('offers levels and practices with their worth', async () => {
    const { targets, practices } = await extension.server.hardenChoices({ root: root() });
    assert.ok(targets.length > 0 && targets.every(({ categories }) => categories.length > 0));
    assert.ok(practices.some(({ gain, refused }) => gain > 0 && refused === undefined));
  });

  it('changes all files in one go after the preview, and has nothing to do the second time', () => withFile(WORKFLOW, async editor => {
    const plan = await extension.server.harden({ root: root(), target: 3 });
    assert.ok(plan.before && plan.after && plan.after.score > plan.before.score);
    const before = extension.store.report(root())!.score;
    const created = (plan.edit as { documentChanges: { kind?: string; uri?: string }[] }).documentChanges.flatMap(({ kind, uri }) => (kind === 'create' && uri !== undefined ? [vscode.Uri.parse(uri)] : []));
    assert.ok(created.length > 0, 'files are added');
    try {
      const original = editor.document.getText();
      await confirmPreview(() => editor.document.getText() !== original, vscode.commands.executeCommand('ciHardening.harden', { root: root(), target: 3 }));
      assert.notEqual(editor.document.getText(), original);
      for (const uri of created) assert.ok((await vscode.workspace.openTextDocument(uri)).getText().length > 0, uri.path);
      // One file after the other arrives, and the score with them.
      const { score } = plan.after;
      await eventually(`a score of ${score}`, [extension.store.onDidChange], () => extension.store.report(root())?.score === score);
      assert.ok(score > before);
      const again = await extension.server.harden({ root: root(), target: 3 });
      assert.deepEqual([again.edit, again.steps], [undefined, []]);
    } finally {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      for (const uri of created) await vscode.workspace.fs.delete(uri).then(undefined, () => undefined);
    }
  }));
});
