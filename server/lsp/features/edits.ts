import type { AnnotatedTextEdit, ChangeAnnotation, CreateFile, TextDocumentEdit, TextEdit as LspEdit, WorkspaceEdit } from 'vscode-languageserver';
import { lineStartsOf, type TextEdit } from '../../../rules';
import { toRange, type LinedText } from '../positions';
import type { ClientAbilities } from './context';

/** Why an edit is made, shown in the client's preview; `confirm` makes the client ask first. */
export interface Annotation { readonly label: string; readonly description?: string; readonly confirm: boolean }

/** One `WorkspaceEdit`, in the richest form that the client takes. */
export class EditBuilder {
  readonly #changes: (TextDocumentEdit | CreateFile)[] = [];
  readonly #annotations: Record<string, ChangeAnnotation> = {};

  constructor(private readonly client: ClientAbilities) {}

  get empty(): boolean { return this.#changes.length === 0; }

  /** Edits of a text that exists. `version` null for a file that isn't open. */
  change(uri: string, version: number | null, text: LinedText, edits: readonly TextEdit[], annotation?: Annotation): void {
    if (edits.length === 0) return;
    const annotationId = annotation && this.#annotate(annotation);
    const lsp = edits.map((e): LspEdit | AnnotatedTextEdit => ({
      range: toRange(text, e, this.client.encoding), newText: e.newText, ...(annotationId ? { annotationId } : {}),
    }));
    this.#changes.push({ textDocument: { uri, version }, edits: lsp });
  }

  /** A file that does not exist yet. */
  create(uri: string, text: string, annotation?: Annotation): void {
    const annotationId = annotation && this.#annotate(annotation);
    const marked = annotationId ? { annotationId } : {};
    this.#changes.push({ kind: 'create', uri, options: { ignoreIfExists: true }, ...marked });
    const start = { line: 0, character: 0 };
    this.#changes.push({ textDocument: { uri, version: null }, edits: [{ range: { start, end: start }, newText: text, ...marked }] });
  }

  build(): WorkspaceEdit {
    if (this.client.documentChanges) {
      return { documentChanges: this.#changes, ...(Object.keys(this.#annotations).length > 0 ? { changeAnnotations: this.#annotations } : {}) };
    }
    const changes: Record<string, LspEdit[]> = {};
    for (const change of this.#changes) {
      if ('kind' in change) continue;
      (changes[change.textDocument.uri] ??= []).push(...change.edits as LspEdit[]);
    }
    return { changes };
  }

  #annotate({ label, description, confirm }: Annotation): string | undefined {
    if (!this.client.annotations || !this.client.documentChanges) return undefined;
    const wanted: ChangeAnnotation = { label, needsConfirmation: confirm, ...(description ? { description } : {}) };
    const same = Object.entries(this.#annotations).find(([, a]) => JSON.stringify(a) === JSON.stringify(wanted));
    const id = same ? same[0] : `${Object.keys(this.#annotations).length + 1}`;
    this.#annotations[id] = wanted;
    return id;
  }
}

export function lined(text: string): LinedText {
  return { text, lineStarts: lineStartsOf(text) };
}
