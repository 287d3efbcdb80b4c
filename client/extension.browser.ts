import * as vscode from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import { activateWith, type ExtensionParts } from './activate';

// Node's entry loads this bundle for everything that isn't about Node: the language client, too.
export * from 'vscode-languageclient';
export { activateWith, deactivate } from './activate';

/** Of a browser, what is used here: the types are those of Node. */
interface WebWorker { terminate(): void }
declare const Worker: new (url: string) => WebWorker;
type Port = ConstructorParameters<typeof BrowserMessageReader>[0];

/** Where the extension host is a browser's worker: the server is another one. */
export function activate(context: vscode.ExtensionContext): ExtensionParts | undefined {
  const script = vscode.Uri.joinPath(context.extensionUri, 'dist/server.browser.js');
  return activateWith(context, options => {
    let worker: WebWorker | undefined;
    const connect = async () => {
      worker?.terminate();
      worker = new Worker(await addressOf(script));
      return { reader: new BrowserMessageReader(worker as Port), writer: new BrowserMessageWriter(worker as Port) };
    };
    return { client: new LanguageClient('ciHardening', 'CI Hardening', connect, options), kill: () => { worker?.terminate(); } };
  });
}

/** The extension host makes no workers from addresses of a remote server, so from there the script is read first. */
async function addressOf(script: vscode.Uri): Promise<string> {
  if (script.scheme !== 'vscode-remote') return script.toString(true);
  const source = await vscode.workspace.fs.readFile(script);
  return URL.createObjectURL(new Blob([Uint8Array.from(source)], { type: 'text/javascript' }));
}
