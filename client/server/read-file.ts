import * as vscode from 'vscode';
import type { ReadFileParams, ReadFileResult } from '../../server/protocol';

/**
 * Reads a file for the server, which has no file system of its own in a virtual workspace. Only files of the workspace: the
 * paths come from what a repository says, and a repository isn't trusted. `null` where there is nothing to read.
 */
export async function readWorkspaceFile({ uri, limit }: ReadFileParams): Promise<ReadFileResult> {
  const target = vscode.Uri.parse(uri, true);
  const open = vscode.workspace.textDocuments.find(document => document.uri.toString() === target.toString());
  if (open) return { text: open.getText() };
  if (!vscode.workspace.getWorkspaceFolder(target)) return { text: null };
  let stat: vscode.FileStat;
  try {
    stat = await vscode.workspace.fs.stat(target);
  } catch {
    return { text: null };
  }
  // Nothing outside of the workspace is read, and here nobody can tell where a link leads.
  if (stat.type & vscode.FileType.SymbolicLink) return { text: null, error: 'is a link' };
  if (!(stat.type & vscode.FileType.File)) return { text: null, error: 'is not a file' };
  if (limit !== undefined && stat.size > limit) return { text: null, error: `is larger than ${Math.floor(limit / 1024 / 1024)} MB` };
  try {
    return { text: decode(await vscode.workspace.fs.readFile(target)) };
  } catch {
    return { text: null, error: "can't be read" };
  }
}

/** Reads a file that comes with the extension. */
export async function readExtensionFile(uri: vscode.Uri): Promise<ReadFileResult> {
  return { text: decode(await vscode.workspace.fs.readFile(uri)) };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
