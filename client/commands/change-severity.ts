import * as vscode from 'vscode';
import type { SetSeverityParams } from '../../server/protocol';
import { isCiFile } from '../files';
import type { LanguageServer } from '../server/language-server';
import { severityLabel } from '../views/labels';
import { applyServerEdit } from './apply';

type Severity = SetSeverityParams['severity'];
const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info', 'off'];

/** Asks for a rule's severity in this repository and writes it into the configuration file; `uri` and `rule` come from a lightbulb. */
export async function changeSeverity(server: LanguageServer, uri?: string, rule?: string): Promise<void> {
  const file = uri ?? activeFile();
  const id = rule ?? (file === undefined ? undefined : await pickRule(vscode.Uri.parse(file)));
  if (file === undefined || id === undefined) return;
  const items = SEVERITIES.map(severity => ({ severity, label: severityLabel(severity) }));
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Severity of {0} in this repository', id) });
  if (!picked) return;
  const result = await server.setSeverity({ uri: file, rule: id, severity: picked.severity });
  if (result.edit === undefined) {
    void vscode.window.showInformationMessage(result.refused ?? vscode.l10n.t('There is nothing to change.'));
    return;
  }
  if (!await applyServerEdit(server, result.edit) || result.file === undefined) return;
  // Chosen by name: nobody expects that it has to be saved before it counts for the command line, too.
  await (await vscode.workspace.openTextDocument(vscode.Uri.parse(result.file))).save();
}

function activeFile(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (document && isCiFile(document)) return document.uri.toString();
  void vscode.window.showInformationMessage(vscode.l10n.t('Open a workflow with a problem first.'));
  return undefined;
}

/** The rules behind the problems of a file, those at the caret first. */
async function pickRule(uri: vscode.Uri): Promise<string | undefined> {
  const caret = vscode.window.activeTextEditor?.selection.active.line ?? 0;
  const own = vscode.languages.getDiagnostics(uri).filter(diagnostic => diagnostic.source === 'ci-hardening');
  const near = [...own].sort((a, b) => Math.abs(a.range.start.line - caret) - Math.abs(b.range.start.line - caret));
  const rules = new Map<string, string>();
  for (const { code, message } of near) {
    const id = String(typeof code === 'object' ? code.value : code);
    // The nearest speaks for its rule.
    if (!rules.has(id)) rules.set(id, message.replaceAll('`', ''));
  }
  if (rules.size === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no problem in this file whose severity could be changed.'));
    return undefined;
  }
  return (await vscode.window.showQuickPick([...rules].map(([label, detail]) => ({ label, detail })), { title: vscode.l10n.t('Change Severity') }))?.label;
}
