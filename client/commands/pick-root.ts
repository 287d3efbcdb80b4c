import * as vscode from 'vscode';
import type { ReportStore } from '../report-store';

/** The root of the only repository, or of the one that is chosen; undefined where nobody chose. Throws where there is none. */
export async function pickRoot(store: ReportStore, title: string): Promise<string | undefined> {
  await store.loaded();
  const { reports } = store;
  if (reports.length === 0) throw new Error(vscode.l10n.t('There is no repository with pipelines in this workspace.'));
  if (reports.length === 1) return reports[0]?.root;
  const items = reports.map(report => ({ label: report.name, description: report.headline, root: report.root }));
  return (await vscode.window.showQuickPick(items, { title }))?.root;
}
