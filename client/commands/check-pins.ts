import * as vscode from 'vscode';
import { signIn } from '../server/github-token';
import type { LanguageServer } from '../server/language-server';

/** Asks GitHub about every pin of the workspace. What is wrong with them shows as problems; what could not be asked is said here. */
export async function checkPins(server: LanguageServer): Promise<void> {
  const { known, failures } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Checking pins on GitHub'), cancellable: true },
    (_progress, token) => server.checkPins({}, token),
  );
  if (failures.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} pins were checked on GitHub.', known));
    return;
  }
  const message = vscode.l10n.t('{0} pins were checked on GitHub, others could not be: {1}', known, failures.slice(0, 3).join('; '));
  const answer = vscode.l10n.t('Sign In');
  const url = vscode.workspace.getConfiguration('ciHardening').get<string>('network.githubUrl', 'https://github.com');
  // Not awaited: a notification can stand for ever.
  void vscode.window.showWarningMessage(message, answer).then(async chosen => {
    if (chosen === answer && await signIn(url)) await vscode.commands.executeCommand('ciHardening.checkPins');
  });
}
