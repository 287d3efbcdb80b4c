import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ExtensionParts } from '../../../client/extension';
import type { ScorecardNode } from '../../../client/views/nodes';

export const WORKFLOW = '.github/workflows/ci.yml';

export function folder(): vscode.Uri {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first, 'a folder is open');
  return first.uri;
}

export function fileUri(path: string): vscode.Uri {
  return vscode.Uri.joinPath(folder(), path);
}

export async function parts(): Promise<ExtensionParts> {
  const extension = vscode.extensions.getExtension<ExtensionParts | undefined>('ci-hardening.ci-hardening');
  assert.ok(extension, 'the extension is there');
  const exported = await extension.activate();
  assert.ok(exported, 'the extension knows that it is under test');
  return exported;
}

/**
 * Resolves with the first value other than undefined and false that `probe` gives, asked now and after each of the events. Rejects
 * with what was last seen after 20 s: nothing is timed, the limit only ends a test that would never end.
 */
export function eventually<T>(what: string, events: readonly vscode.Event<unknown>[], probe: () => T | undefined | false, seen?: () => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const subscriptions: vscode.Disposable[] = [];
    const end = () => {
      clearTimeout(limit);
      for (const subscription of subscriptions) subscription.dispose();
    };
    const look = () => {
      const value = probe();
      if (value === undefined || value === false) return false;
      end();
      resolve(value);
      return true;
    };
    const limit = setTimeout(() => {
      end();
      reject(new Error(`${what}: did not happen${seen ? `; last seen ${JSON.stringify(seen(), null, 1)}` : ''}`));
    }, 20_000);
    if (look()) return;
    for (const event of events) subscriptions.push(event(look));
  });
}

/** Resolves with the diagnostic of a rule in a file, as soon as there is one. */
export function diagnosticOf(uri: vscode.Uri, rule: string): Promise<vscode.Diagnostic> {
  const find = () => ours(uri).find(diagnostic => codeOf(diagnostic) === rule);
  return eventually(`diagnostic ${rule}`, [vscode.languages.onDidChangeDiagnostics], find, () => ours(uri).map(codeOf));
}

export function noDiagnosticOf(uri: vscode.Uri, rule: string): Promise<true> {
  return eventually(`no diagnostic ${rule}`, [vscode.languages.onDidChangeDiagnostics], () => !ours(uri).some(diagnostic => codeOf(diagnostic) === rule) && true);
}

export function ours(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(diagnostic => diagnostic.source === 'ci-hardening');
}

export function codeOf(diagnostic: vscode.Diagnostic): string {
  const { code } = diagnostic;
  return String(typeof code === 'object' ? code.value : code);
}

/** Opens a file in an editor, with its text as given where one is given, and undoes everything when the test is over. */
export async function withFile(path: string, work: (editor: vscode.TextEditor, original: string) => Promise<void>): Promise<void> {
  const uri = fileUri(path);
  const before = await vscode.workspace.fs.readFile(uri);
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document);
  try {
    await work(editor, document.getText());
  } finally {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.workspace.fs.writeFile(uri, before);
    await eventually('the file is as it was', [vscode.workspace.onDidChangeTextDocument], () => document.getText() === new TextDecoder().decode(before) && true);
  }
}

export async function replaceText(editor: vscode.TextEditor, from: string, to: string): Promise<void> {
  const at = editor.document.getText().indexOf(from);
  assert.notEqual(at, -1, `the file holds ${from}`);
  const range = new vscode.Range(editor.document.positionAt(at), editor.document.positionAt(at + from.length));
  assert.ok(await editor.edit(edit => { edit.replace(range, to); }));
}

export async function codeActions(uri: vscode.Uri, range: vscode.Range, kind?: string): Promise<vscode.CodeAction[]> {
  const ask = (): Thenable<vscode.CodeAction[]> => vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, range, kind, 100);
  // VS Code gives up a request when providers are registered anew, as they are when settings arrive: whoever opens the lightbulb asks again.
  let actions: vscode.CodeAction[];
  try {
    actions = await ask();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'Canceled') throw error;
    actions = await ask();
  }
  return actions.filter(action => action.edit ?? action.command);
}

export async function applyAction(action: vscode.CodeAction): Promise<void> {
  // Applied without the confirmation that some ask for, which only a person can give.
  if (action.edit) assert.ok(await vscode.workspace.applyEdit(action.edit));
  if (action.command) await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments as unknown[] ?? []));
}

/** Labels of the tree, depth first; two spaces per level. */
export function treeLabels(tree: ExtensionParts['tree'], node?: ScorecardNode, indent = ''): string[] {
  return tree.getChildren(node).flatMap(child => {
    const item = tree.getTreeItem(child);
    const label = typeof item.label === 'string' ? item.label : item.label?.label ?? '';
    const description = typeof item.description === 'string' ? ` | ${item.description}` : '';
    return [`${indent}${label}${description}`, ...treeLabels(tree, child, `${indent}  `)];
  });
}

export function findNode(tree: ExtensionParts['tree'], control: string, node?: ScorecardNode): Extract<ScorecardNode, { kind: 'control' }> | undefined {
  for (const child of tree.getChildren(node)) {
    if (child.kind === 'control' && child.control.id === control) return child;
    const found = findNode(tree, control, child);
    if (found) return found;
  }
  return undefined;
}

/** Confirms the refactor preview where one comes up, so that a test needs no hand. */
export async function confirmPreview(done: () => boolean, running: Thenable<unknown>): Promise<void> {
  let over = false;
  void running.then(() => { over = true; });
  const confirm = setInterval(() => { if (!over && !done()) void vscode.commands.executeCommand('refactorPreview.apply').then(undefined, () => undefined); }, 250);
  try {
    await running;
  } finally {
    clearInterval(confirm);
  }
}
