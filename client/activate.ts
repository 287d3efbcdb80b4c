import * as vscode from 'vscode';
import { registerCommands, type Parts } from './commands/register';
import { CI_FILES, hasCiFile, isCiFile } from './files';
import { ReportStore } from './report-store';
import { LanguageServer, type Launch } from './server/language-server';
import { registerTools } from './tools';
import { ScoreHistory } from './score-history';
import { ScorecardPanel } from './views/scorecard-panel';
import { ScorecardTree } from './views/scorecard-tree';
import { Status } from './views/status';

let running: LanguageServer | undefined;

/** What the tests reach; nothing else is exported. */
export type ExtensionParts = Omit<Parts, 'output'>;

/** @param launch makes the client of a server: a process on a desktop, a worker in a browser. */
export function activateWith(context: vscode.ExtensionContext, launch: Launch): ExtensionParts | undefined {
  const output = vscode.window.createOutputChannel('CI Hardening', { log: true });
  const server = new LanguageServer(launch, output, vscode.Uri.joinPath(context.extensionUri, 'dist/docs.json'));
  const store = new ReportStore(server, output);
  const tree = new ScorecardTree(store, context.workspaceState);
  const history = new ScoreHistory(server);
  const panel = new ScorecardPanel(context.extensionUri, store, history);
  const parts: Parts = { server, store, history, tree, panel, output };
  running = server;
  context.subscriptions.push(output, server, store, history, tree, panel, new Status(store), registerCommands(parts), registerTools(server));
  startWhenNeeded(context, parts);
  return context.extensionMode === vscode.ExtensionMode.Test ? parts : undefined;
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

/** A folder without CI files costs nothing: the server starts with the first such file, or when its view is looked at. */
function startWhenNeeded(context: vscode.ExtensionContext, { server, tree }: Parts): void {
  const search = new vscode.CancellationTokenSource();
  const triggers: vscode.Disposable[] = [search];
  const start = () => {
    for (const trigger of triggers.splice(0)) trigger.dispose();
    void server.start();
  };
  const watcher = vscode.workspace.createFileSystemWatcher(`{${CI_FILES.join(',')}}`, false, true, true);
  triggers.push(
    watcher,
    watcher.onDidCreate(start),
    vscode.workspace.onDidOpenTextDocument(document => { if (isCiFile(document)) start(); }),
    tree.view.onDidChangeVisibility(({ visible }) => { if (visible) start(); }),
  );
  context.subscriptions.push({ dispose: () => { for (const trigger of triggers) trigger.dispose(); } });
  if (tree.view.visible) start();
  else void hasCiFile(search.token).then(found => { if (found) start(); }, () => { /* the search was cancelled: the server runs */ });

  // The server asks for its settings again: the network may now be used, or GitHub's own extension has come or gone.
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => { server.settingsChanged(); }),
    vscode.extensions.onDidChange(() => { server.settingsChanged(); }),
  );
}
