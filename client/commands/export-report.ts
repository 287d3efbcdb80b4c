import * as vscode from 'vscode';
import type { ReportParams } from '../../server/protocol';
import type { ReportStore } from '../report-store';
import type { LanguageServer } from '../server/language-server';

/** What `ciHardening.exportReport` takes; what is left out is asked for. */
export interface ExportArguments { root?: string; format?: ReportParams['format'] }

/** The audit report of a repository: Markdown and JSON in an editor that isn't saved yet, HTML in a file of the user's choice. */
export async function exportReport(server: LanguageServer, store: ReportStore, given: ExportArguments = {}): Promise<void> {
  if (store.reports.length === 0) await store.refresh();
  const root = given.root ?? await pickRoot(store);
  if (!root) return;
  const format = given.format ?? await pickFormat();
  if (!format) return;
  const { text, fileName } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Writing the audit report') },
    () => server.report({ root, format, date: today() }),
  );
  if (format === 'html') await save(vscode.Uri.joinPath(vscode.Uri.parse(root), `${fileName}.html`), text);
  else await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: format, content: text }), { preview: false });
}

/** A page is read in a browser, so it needs a file. Nothing is written before a place was chosen. */
async function save(proposed: vscode.Uri, text: string): Promise<void> {
  const target = await vscode.window.showSaveDialog({ defaultUri: proposed, filters: { HTML: ['html'] }, title: vscode.l10n.t('Save Audit Report') });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  const open = vscode.l10n.t('Open in Browser');
  if (await vscode.window.showInformationMessage(vscode.l10n.t('The audit report was saved as {0}.', vscode.workspace.asRelativePath(target)), open) === open) await vscode.env.openExternal(target);
}

async function pickRoot(store: ReportStore): Promise<string | undefined> {
  const { reports } = store;
  if (reports.length === 0) throw new Error(vscode.l10n.t('There is no repository with pipelines in this workspace.'));
  if (reports.length === 1) return reports[0]?.root;
  const items = reports.map(report => ({ label: report.name, description: report.headline, root: report.root }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Report about which repository?') }))?.root;
}

async function pickFormat(): Promise<ReportParams['format'] | undefined> {
  const formats: (vscode.QuickPickItem & { format: ReportParams['format'] })[] = [
    { format: 'markdown', label: 'Markdown', detail: vscode.l10n.t('Opens in an editor, not saved yet.') },
    { format: 'html', label: 'HTML', detail: vscode.l10n.t('One file without scripts, to be read in a browser or printed.') },
    { format: 'json', label: 'JSON', detail: vscode.l10n.t('For a later report to be compared with: ci-hardening report --baseline.') },
  ];
  return (await vscode.window.showQuickPick(formats, { title: vscode.l10n.t('Export Audit Report') }))?.format;
}

/** The date on the user's calendar. */
function today(): string {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(n => String(n).padStart(2, '0')).join('-');
}
