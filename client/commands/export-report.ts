import * as vscode from 'vscode';
import type { ReportParams } from '../../server/protocol';
import type { ReportStore } from '../report-store';
import type { LanguageServer } from '../server/language-server';
import { pickRoot } from './pick-root';

/** What `ciHardening.exportReport` takes; what is left out is asked for. */
export interface ExportArguments { root?: string; format?: ReportParams['format'] }

/** The audit report of a repository: Markdown and JSON in an editor that isn't saved yet, HTML in a file of the user's choice. */
export async function exportReport(server: LanguageServer, store: ReportStore, given: ExportArguments = {}): Promise<void> {
  const root = given.root ?? await pickRoot(store, vscode.l10n.t('Report about which repository?'));
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

/** The score as an SVG for a README, in a file of the user's choice. */
export async function exportBadge(server: LanguageServer, store: ReportStore, given: ExportArguments = {}): Promise<void> {
  const root = given.root ?? await pickRoot(store, vscode.l10n.t('Badge of which repository?'));
  if (!root) return;
  const { text, fileName } = await server.report({ root, format: 'badge' });
  const folder = vscode.Uri.parse(root);
  const target = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(folder, `${fileName}.svg`), filters: { SVG: ['svg'] }, title: vscode.l10n.t('Save Badge') });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  const copy = vscode.l10n.t('Copy Markdown');
  const path = target.path.startsWith(`${folder.path}/`) ? target.path.slice(folder.path.length + 1) : vscode.workspace.asRelativePath(target);
  if (await vscode.window.showInformationMessage(vscode.l10n.t('The badge was saved as {0}.', path), copy) === copy) await vscode.env.clipboard.writeText(`![CI hardening](${encodeURI(path)})`);
}

/** The pipelines as text that GitHub draws where it stands in a Markdown file. */
export async function copyDiagram(server: LanguageServer, store: ReportStore, given: ExportArguments = {}): Promise<void> {
  const root = given.root ?? await pickRoot(store, vscode.l10n.t('Pipelines of which repository?'));
  if (!root) return;
  const { mermaid } = await server.diagram({ root });
  await vscode.env.clipboard.writeText(`\`\`\`mermaid\n${mermaid.trimEnd()}\n\`\`\`\n`);
  vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('The diagram was copied: it can be pasted into a Markdown file.')}`, 5000);
}

/** A page is read in a browser, so it needs a file. Nothing is written before a place was chosen. */
async function save(proposed: vscode.Uri, text: string): Promise<void> {
  const target = await vscode.window.showSaveDialog({ defaultUri: proposed, filters: { HTML: ['html'] }, title: vscode.l10n.t('Save Audit Report') });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  const open = vscode.l10n.t('Open in Browser');
  if (await vscode.window.showInformationMessage(vscode.l10n.t('The audit report was saved as {0}.', vscode.workspace.asRelativePath(target)), open) === open) await vscode.env.openExternal(target);
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
