import * as vscode from 'vscode';
import type { AnnotatedTextEdit, TextDocumentEdit, WorkspaceEdit as LspWorkspaceEdit } from 'vscode-languageclient';
import type { LanguageServer } from '../server/language-server';

/**
 * Applies an edit of the server. One whose change annotations want it confirmed is shown in the refactor preview first. A single
 * file is left unsaved, several are saved as for any refactoring. Resolves to false where it was refused or the preview was closed.
 */
export async function applyServerEdit(server: LanguageServer, edit: unknown): Promise<boolean> {
  const prepared = withEverythingTicked(edit as LspWorkspaceEdit);
  return vscode.workspace.applyEdit(await server.toWorkspaceEdit(prepared), { isRefactoring: true });
}

/**
 * The preview comes up where an edit needs confirmation, and leaves exactly those edits unticked: Apply would then do nothing. The
 * person has asked for this change by name, so the confirmation moves to an empty edit and the change itself starts out ticked.
 */
export function withEverythingTicked(edit: LspWorkspaceEdit): LspWorkspaceEdit {
  const annotations = Object.entries(edit.changeAnnotations ?? {});
  const confirmed = annotations.find(([, annotation]) => annotation.needsConfirmation);
  const target = edit.documentChanges?.find((change): change is TextDocumentEdit => 'edits' in change);
  if (!confirmed || !target || !edit.documentChanges) return edit;
  const id = 'confirm';
  const start = { line: 0, character: 0 };
  const empty: AnnotatedTextEdit = { range: { start, end: start }, newText: '', annotationId: id };
  return {
    ...edit,
    documentChanges: edit.documentChanges.map(change => (change === target ? { ...target, edits: [...target.edits, empty] } : change)),
    changeAnnotations: {
      ...Object.fromEntries(annotations.map(([key, annotation]) => [key, { ...annotation, needsConfirmation: false }])),
      [id]: { ...confirmed[1], needsConfirmation: true },
    },
  };
}

/** Where an edit first changes a file, in the text before as after it. */
export function firstChange(edit: unknown, uri: string): vscode.Position | undefined {
  const { documentChanges = [] } = edit as LspWorkspaceEdit;
  const starts = documentChanges
    .filter((change): change is TextDocumentEdit => 'edits' in change && change.textDocument.uri === uri)
    .flatMap(({ edits }) => edits)
    .flatMap(one => ('range' in one ? [new vscode.Position(one.range.start.line, one.range.start.character)] : []));
  return starts.sort((a, b) => a.compareTo(b))[0];
}
