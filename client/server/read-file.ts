import * as vscode from 'vscode';
import type { ReadFileParams, ReadFileResult } from '../../server/protocol';

/**
 * Reads a file for the server, which has no file system of its own in a virtual workspace. Only files of the workspace: the
 * paths come from what a repository says, and a repository isn't trusted. `null` where there is nothing to read.
 */
export async function readWorkspaceFile({ uri }: ReadFileParams): Promise<ReadFileResult> {
  const target = vscode.Uri.parse(uri, true);
  const open = vscode.workspace.textDocuments.find(document => document.uri.toString() === target.toString());
  if (open) return { text: open.getText() };
  if (!vscode.workspace.getWorkspaceFolder(target)) return { text: null };
  try {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(target)) };
  } catch {
    return { text: null };
  }
}
