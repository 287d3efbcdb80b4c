import * as vscode from 'vscode';
import type { ListFilesParams, ListFilesResult } from '../../server/protocol';

/** Folders that are listed at a time: each can be a question to a server far away. */
const AT_ONCE = 8;

/** Names the files of a folder for the server, which has no file system of its own in a virtual workspace. Only in the workspace. */
export async function listWorkspaceFiles({ uri, skip, limit, depth, first }: ListFilesParams): Promise<ListFilesResult> {
  const root = vscode.Uri.parse(uri, true);
  const entries = vscode.workspace.getWorkspaceFolder(root) ? await entriesOf(root) : undefined;
  if (!entries) return { listing: null };
  const files: string[] = [], skipped: string[] = [], errors: { file: string; message: string }[] = [];
  const waiting: { path: string; depth: number }[] = [];
  let folders = 0, tooDeep = false, tooMany = false;
  const take = (parent: string, level: number, found: readonly [string, vscode.FileType][]): void => {
    for (const [name, type] of found) {
      const path = parent === '' ? name : `${parent}/${name}`;
      if (!(type & vscode.FileType.Directory) || type & vscode.FileType.SymbolicLink) files.push(path);
      else if (skip.includes(name)) skipped.push(path);
      // A limit then cuts off the deepest ordinary files, never the workflows.
      else if (path.split('/').includes(first)) waiting.unshift({ path, depth: level + 1 });
      else waiting.push({ path, depth: level + 1 });
    }
  };
  take('', 0, entries);
  while (waiting.length > 0 && !tooMany) {
    await Promise.all(waiting.splice(0, AT_ONCE).map(async ({ path, depth: level }) => {
      if (level > depth) {
        if (!tooDeep) errors.push({ file: path, message: `folders more than ${depth} deep are not looked into` });
        tooDeep = true;
        return;
      }
      if (files.length >= limit || ++folders > limit) {
        tooMany = true;
        return;
      }
      const found = await entriesOf(vscode.Uri.joinPath(root, path));
      if (found) take(path, level, found);
      else errors.push({ file: path, message: "can't be listed" });
    }));
  }
  if (tooMany) errors.push({ file: '', message: `more than ${limit} files or folders: the rest is not looked at` });
  return { listing: { files, skipped, errors } };
}

async function entriesOf(folder: vscode.Uri): Promise<[string, vscode.FileType][] | undefined> {
  try {
    return await vscode.workspace.fs.readDirectory(folder);
  } catch {
    return undefined;
  }
}
