import * as vscode from 'vscode';
import type { ReportStore } from '../report-store';
import type { LanguageServer } from '../server/language-server';

const SCHEME = 'ci-hardening-docs';

/** The documentation of rules and practices, from the server, in the built-in Markdown preview. */
export class Documentation implements vscode.TextDocumentContentProvider {
  constructor(private readonly server: LanguageServer, private readonly store: ReportStore) {}

  register(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.onDidChangeActiveTextEditor(editor => { if (editor?.document.uri.scheme === SCHEME) void this.showInstead(editor.document.uri); }),
    );
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const id = uri.path.replace(/^\//, '').replace(/\.md$/, '');
    const { markdown } = await this.server.explain({ id });
    return markdown ?? vscode.l10n.t('There is no documentation for {0}.', `\`${id}\``);
  }

  async show(given?: string): Promise<void> {
    const id = given ?? await this.pick();
    if (!id) return;
    await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.from({ scheme: SCHEME, path: `/${id}.md` }));
  }

  /** The link of a diagnostic opens a page as text; it is meant to be read. */
  private async showInstead(uri: vscode.Uri): Promise<void> {
    const text = vscode.window.tabGroups.all.flatMap(group => group.tabs)
      .filter(tab => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString());
    await vscode.commands.executeCommand('markdown.showPreview', uri);
    await vscode.window.tabGroups.close(text);
  }

  private async pick(): Promise<string | undefined> {
    if (this.store.reports.length === 0) await this.store.refresh();
    const seen = new Map(this.store.reports.flatMap(report => report.controls).map(control => [control.id, control]));
    const items = [...seen.values()]
      .map(control => ({ label: control.id, description: control.category, detail: control.title }))
      .sort((a, b) => a.label.localeCompare(b.label));
    const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Show Rule Documentation'), matchOnDetail: true, matchOnDescription: true });
    return picked?.label;
  }
}
