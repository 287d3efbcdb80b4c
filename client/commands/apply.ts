import * as vscode from 'vscode';
import type { LanguageServer } from '../server/language-server';

/**
 * Applies an edit of the server. What its change annotations want confirmed is shown in the refactor preview first. Files are
 * saved as for any refactoring (`files.refactoring.autoSave`). Resolves to false where it was refused or the preview closed.
 */
export async function applyServerEdit(server: LanguageServer, edit: unknown): Promise<boolean> {
  return vscode.workspace.applyEdit(await server.toWorkspaceEdit(edit), { isRefactoring: true });
}
