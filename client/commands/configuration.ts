import * as vscode from 'vscode';
import type { ReportStore } from '../report-store';

const FILE = '.github/ci-hardening.yml';

/** Opens the configuration file of a repository; where there is none a new one stands in an editor, written when it is saved. */
export async function openConfiguration(store: ReportStore): Promise<void> {
  const root = await pickRoot(store);
  if (!root) return;
  const uri = vscode.Uri.joinPath(root, FILE);
  try {
    await vscode.window.showTextDocument(uri);
  } catch {
    const edit = new vscode.WorkspaceEdit();
    edit.createFile(uri, { ignoreIfExists: true });
    edit.insert(uri, new vscode.Position(0, 0), [
      `# ${vscode.l10n.t('What CI Hardening checks in this repository. It counts before the settings of each editor.')}`, 'profile: recommended', '',
    ].join('\n'));
    if (await vscode.workspace.applyEdit(edit)) await vscode.window.showTextDocument(uri);
  }
}

async function pickRoot(store: ReportStore): Promise<vscode.Uri | undefined> {
  await store.loaded();
  const active = vscode.window.activeTextEditor?.document.uri.toString();
  const roots = store.reports.map(report => ({ label: report.name, root: report.root }));
  const own = roots.filter(({ root }) => active?.startsWith(`${root.replace(/\/$/, '')}/`)).sort((a, b) => b.root.length - a.root.length)[0];
  const [only] = roots;
  const picked = own ?? (roots.length <= 1 ? only : await vscode.window.showQuickPick(roots, { title: vscode.l10n.t('Configuration of which repository?') }));
  return picked ? vscode.Uri.parse(picked.root) : roots.length === 0 ? vscode.workspace.workspaceFolders?.[0]?.uri : undefined;
}
