import type * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { activateWith, type ExtensionParts } from './activate';

export type { ExtensionParts };
export { deactivate } from './activate';

/** Where the extension host is Node: the server is a process of its own. */
export function activate(context: vscode.ExtensionContext): ExtensionParts | undefined {
  const module = context.asAbsolutePath('dist/server.js');
  return activateWith(context, options => {
    const client = new LanguageClient('ciHardening', 'CI Hardening', { module, transport: TransportKind.ipc }, options);
    return { client, kill: () => { client.serverProcess?.kill(); } };
  });
}
