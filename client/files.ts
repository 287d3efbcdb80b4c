import * as vscode from 'vscode';

/** The files that are checked, by path alone: whatever language id another extension gives them, and whatever scheme they come from. */
export const CI_FILES = [
  '**/.github/workflows/*.{yml,yaml}',
  '**/action.{yml,yaml}',
  '**/.github/dependabot.{yml,yaml}',
  '**/.github/ci-hardening.yml',
  '**/.github/workflows/actions.lock',
] as const;

export const CI_SELECTOR: { pattern: string }[] = CI_FILES.map(pattern => ({ pattern }));

export function isCiFile(document: vscode.TextDocument): boolean {
  return vscode.languages.match(CI_SELECTOR, document) > 0;
}

/** Whether the workspace holds at least one such file, open or not. */
export async function hasCiFile(token: vscode.CancellationToken): Promise<boolean> {
  if (vscode.workspace.textDocuments.some(isCiFile)) return true;
  const found = await vscode.workspace.findFiles(`{${CI_FILES.join(',')}}`, '**/node_modules/**', 1, token);
  return found.length > 0;
}
