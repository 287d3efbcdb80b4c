import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import { activateWith, type ExtensionParts } from './activate';

// Node's entry loads this bundle for everything that isn't about Node: the language client, too.
export * from 'vscode-languageclient';
export { activateWith, deactivate } from './activate';

/** Of a worker, what is used here: the types are those of Node, which has no such thing. */
interface WebWorker { terminate(): void }
declare const Worker: new (url: string) => WebWorker;

/** Where the extension host is a browser's worker: the server is another one. */
export function activate(context: vscode.ExtensionContext): ExtensionParts | undefined {
  const script = vscode.Uri.joinPath(context.extensionUri, 'dist/server.browser.js').toString(true);
  return activateWith(context, options => {
    const worker = new Worker(script);
    const client = new LanguageClient('ciHardening', 'CI Hardening', worker as ConstructorParameters<typeof LanguageClient>[2], options);
    return { client, kill: () => { worker.terminate(); } };
  });
}
