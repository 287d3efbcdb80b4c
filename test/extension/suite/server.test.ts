import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { githubToken, providerOf } from '../../../client/server/github-token';
import { readWorkspaceFile } from '../../../client/server/read-file';
import { eventually, fileUri, ours, parts, withFile, WORKFLOW } from './support';

describe('the language server', () => {
  it('comes back after two restarts at once, as one', async () => {
    const { server } = await parts();
    await Promise.all([vscode.commands.executeCommand('ciHardening.restartServer'), vscode.commands.executeCommand('ciHardening.restartServer')]);
    assert.equal(server.state, 'running');
    await withFile(WORKFLOW, async editor => {
      await eventually('diagnostics after the restart', [vscode.languages.onDidChangeDiagnostics], () => ours(editor.document.uri).length > 0 && true);
    });
  });

  it('is given files of the workspace and no others', async () => {
    const inside = await readWorkspaceFile({ uri: fileUri('package.json').toString() });
    assert.match(inside.text ?? '', /"name": "project"/);
    assert.deepEqual(await readWorkspaceFile({ uri: fileUri('absent.json').toString() }), { text: null });
    assert.deepEqual(await readWorkspaceFile({ uri: vscode.Uri.file('/etc/hostname').toString() }), { text: null });
    assert.deepEqual(await readWorkspaceFile({ uri: `${fileUri('').toString()}/../../etc/hostname` }), { text: null });
  });

  it('is given a token for the server that the sign-in is for, and for no other', async () => {
    assert.equal(providerOf('https://github.com', undefined), 'github');
    assert.equal(providerOf('https://git.example.com/x', 'https://git.example.com'), 'github-enterprise');
    for (const other of ['http://github.com', 'https://github.com.example.com', 'https://github.com:444', 'https://git.example.com', 'http://127.0.0.1:1', 'nonsense']) {
      assert.equal(providerOf(other, 'https://ghe.example.com'), undefined, other);
      assert.deepEqual(await githubToken({ githubUrl: other }), {});
    }
    assert.equal(providerOf('http://ghe.example.com', 'http://ghe.example.com'), undefined, 'never without encryption');
  });

  it('registers every command of the manifest, and hides those that need a row of the tree', async () => {
    const { contributes } = vscode.extensions.getExtension('ci-hardening.ci-hardening')?.packageJSON as {
      contributes: { commands: { command: string; title: string; category?: string }[]; menus: { commandPalette: { command: string; when: string }[] } };
    };
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const { command, title, category } of contributes.commands) {
      assert.ok(registered.has(command), command);
      assert.ok(title && !title.startsWith('%'), `${command} has a title`);
      assert.equal(category, 'CI Hardening');
    }
    const hidden = contributes.menus.commandPalette.filter(({ when }) => when === 'false').map(({ command }) => command);
    assert.ok(hidden.includes('ciHardening.addControl') && hidden.includes('ciHardening.reveal'));
  });
});
