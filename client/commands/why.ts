import * as vscode from 'vscode';
import type { WhyParams } from '../../server/protocol';
import { isCiFile } from '../files';
import type { LanguageServer } from '../server/language-server';

const SCHEME = 'ci-hardening-why';

/** Explains for the place of the caret what rules found there and why it isn't shown, as a page beside the file. */
export class Why implements vscode.TextDocumentContentProvider {
  private readonly emitter = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.emitter.event;

  constructor(private readonly server: LanguageServer) {}

  register(): vscode.Disposable {
    return vscode.Disposable.from(this.emitter, vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
  }

  /** The place is part of the address, so that the page is made anew with every look. */
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { markdown } = await this.server.why(JSON.parse(uri.query) as WhyParams);
    return markdown ?? vscode.l10n.t('This file is not checked.');
  }

  async show(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !isCiFile(editor.document)) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Put the caret into a line of a workflow or an action first.'));
      return;
    }
    const { line, character } = editor.selection.active;
    const place: WhyParams = { uri: editor.document.uri.toString(), position: { line, character } };
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${vscode.l10n.t('Why not reported: line {0}', line + 1)}.md`, query: JSON.stringify(place) });
    this.emitter.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }
}
