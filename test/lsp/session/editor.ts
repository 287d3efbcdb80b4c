import {
  CancellationTokenSource, LSPErrorCodes, ResponseError, type Diagnostic, type DocumentDiagnosticReport, type TextEdit, type WorkspaceDiagnosticReport, type WorkspaceEdit,
} from 'vscode-languageserver';
import { lineStartsOf } from '../../../rules';
import { toOffset, toPosition } from '../../../server/lsp/positions';
import type { TestClient } from '../client';
import { keys, type Edit } from './edits';
import type { Random } from './random';
import type { SessionRepository } from './repository';

/** One change of a text, enough to take it back. */
interface Step { readonly start: number; readonly removed: string; readonly inserted: string }
interface Undo { readonly before: string; readonly steps: readonly Step[] }
interface OpenDocument {
  text: string;
  version: number;
  /** What it was when it was opened or saved; undefined where nothing is on disk. */
  saved: string | undefined;
  undo: Undo[];
  resultId?: string;
  /** The pull that is on its way; `again` where another one is wanted. */
  pulling?: { source: CancellationTokenSource; again: boolean; done: Promise<void> };
}

/** An editor at the other end of the connection: open texts, and what is shown, kept by the protocol alone as VS Code's client does. */
export class Editor {
  readonly documents = new Map<string, OpenDocument>();
  /** What is shown, by URI. */
  readonly shown = new Map<string, readonly Diagnostic[]>();
  readonly counts = { changes: 0, pulls: 0, cancelled: 0, unchanged: 0, refreshes: 0, polls: 0 };
  readonly #workspaceIds = new Map<string, string>();
  #news: (() => void)[] = [];
  #stopped = false;
  #polling = false;

  constructor(readonly client: TestClient, readonly repository: SessionRepository, private readonly random: Random) {
    client.connection.onRequest('workspace/diagnostic/refresh', () => {
      this.counts.refreshes++;
      void this.pullAll().then(() => this.#told());
      return null;
    });
  }

  uri(path: string): string { return this.repository.uri(path); }
  get open(): { uri: string; text: string }[] { return [...this.documents].map(([path, d]) => ({ uri: this.uri(path), text: d.text })); }

  async openFile(path: string, text = this.repository.text(path)!): Promise<OpenDocument> {
    const known = this.documents.get(path);
    if (known) return known;
    const document: OpenDocument = { text, version: 1, saved: this.repository.text(path), undo: [] };
    this.documents.set(path, document);
    await this.client.open(this.uri(path), text);
    await this.pull(path);
    return document;
  }

  /** The text of the editor is lost; what is on disk counts. */
  async close(path: string): Promise<void> {
    this.documents.delete(path);
    const uri = this.uri(path);
    await this.client.close(uri);
    // As VS Code does: one last pull, and from then on what the workspace request says.
    this.#workspaceIds.delete(uri);
    const report = await this.client.pull(uri);
    if (report.kind === 'full') this.shown.set(uri, report.items);
  }

  /** Makes an edit, character by character where it is typed. `halfway` is called once in the middle of the typing. */
  async edit(path: string, edit: Edit, halfway?: () => Promise<void>): Promise<void> {
    const document = this.documents.get(path)!;
    const before = document.text, steps: Step[] = [];
    const { start, remove, insert } = edit;
    if (!edit.typed) {
      await this.#change(path, steps, start, remove, insert);
    } else {
      let end = start + remove;
      const presses = [...keys(before.slice(start, end)).reverse().map(key => ({ key, back: true })), ...keys(insert).map(key => ({ key, back: false }))];
      for (const [i, { key, back }] of presses.entries()) {
        await this.#change(path, steps, back ? end - key.length : end, back ? key.length : 0, back ? '' : key);
        end += back ? -key.length : key.length;
        if (i === presses.length >> 1) await halfway?.();
        // Now and then one is on its way while the next key comes, and is given up for the next one.
        else if (this.random.chance(0.15)) void this.pull(path);
      }
    }
    document.undo.push({ before, steps });
  }

  /** Takes the last edit of a document back. Returns false where there is none; throws where the text is not as it was before the edit. */
  async undo(path: string): Promise<boolean> {
    const document = this.documents.get(path)!;
    const last = document.undo.pop();
    if (!last) return false;
    for (const { start, removed, inserted } of [...last.steps].reverse()) await this.#change(path, [], start, inserted.length, removed);
    if (document.text !== last.before) throw new Error(`undo in ${path} gave another text`);
    return true;
  }

  async save(path: string): Promise<void> {
    const document = this.documents.get(path)!;
    document.saved = document.text;
    this.repository.write(path, document.text);
    await this.client.notify('textDocument/didSave', { textDocument: { uri: this.uri(path) } });
    await this.watched();
  }

  /** Something has happened to the files on disk: the server is told, and open texts without changes of their own follow. */
  async watched(textsFirst = this.random.chance(0.5)): Promise<void> {
    const changes = this.repository.changes();
    const tell = async (): Promise<void> => {
      if (changes.length > 0) await this.client.notify('workspace/didChangeWatchedFiles', { changes: this.random.shuffled(changes.map(c => c.event)) });
    };
    if (!textsFirst) await tell();
    for (const { path } of changes) {
      const document = this.documents.get(path);
      if (!document) continue;
      const now = this.repository.text(path), dirty = document.text !== document.saved;
      if (dirty) {
        // A changed text in the editor stays, whatever has become of the file.
        if (document.text === now) document.saved = now;
      } else if (now === undefined) {
        await this.close(path);
      } else {
        await this.#replaceAll(path, now);
        document.saved = now;
        document.undo = [];
      }
    }
    if (textsFirst) await tell();
  }

  /** Applies what a code action brings, to closed files as well: they are opened for it. */
  async apply(edit: WorkspaceEdit): Promise<void> {
    for (const change of edit.documentChanges ?? []) {
      if (!('kind' in change)) {
        const path = this.#path(change.textDocument.uri);
        const { version } = change.textDocument;
        const document = await this.openFile(path);
        if (version !== null && version !== document.version) throw new Error(`an edit for version ${version} of ${path}, which is at ${document.version}`);
        await this.#applyTo(path, change.edits as TextEdit[]);
      } else if (change.kind === 'create') {
        this.repository.write(this.#path(change.uri), '');
        await this.watched();
      } else {
        throw new Error(`an edit of the kind ${change.kind}`);
      }
    }
    if (edit.changes) throw new Error('an edit without versions for a client that takes them');
  }

  /** Asks for what an open document shows, one request at a time: one that is on its way is given up for it, as editors do. */
  pull(path: string): Promise<void> {
    const document = this.documents.get(path);
    if (!document) return Promise.resolve();
    if (document.pulling) {
      document.pulling.again = true;
      document.pulling.source.cancel();
      return document.pulling.done;
    }
    const state = document.pulling = { source: new CancellationTokenSource(), again: false, done: Promise.resolve() };
    return state.done = (async () => {
      do {
        state.again = false;
        state.source = new CancellationTokenSource();
        await this.#pull(path, document, state.source);
      } while (state.again && this.documents.get(path) === document);
      document.pulling = undefined;
    })();
  }

  async #pull(path: string, document: OpenDocument, source: CancellationTokenSource): Promise<void> {
    this.counts.pulls++;
    const uri = this.uri(path), params = { textDocument: { uri }, ...(document.resultId ? { previousResultId: document.resultId } : {}) };
    try {
      const report = await this.client.connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', params, source.token);
      if (this.documents.get(path) !== document) return;
      document.resultId = report.resultId;
      if (report.kind === 'full') this.shown.set(uri, report.items); else this.counts.unchanged++;
    } catch (error) {
      if (!source.token.isCancellationRequested || !(error instanceof ResponseError) || error.code !== LSPErrorCodes.RequestCancelled) throw error;
      this.counts.cancelled++;
    }
  }

  async pullAll(): Promise<void> { await Promise.all([...this.documents.keys()].map(path => this.pull(path))); }

  /** Keeps a workspace request held, as clients do. */
  poll(): void {
    if (this.#polling || this.#stopped) return;
    this.#polling = true;
    this.counts.polls++;
    // Of what is open, the newest that is known.
    const ids = [...this.#workspaceIds].map(([uri, value]) => ({ uri, value: this.documents.get(this.#path(uri))?.resultId ?? value }));
    void this.client.pullWorkspace(ids).then(({ items }) => {
      this.#polling = false;
      this.#take(items);
      this.#told();
      this.poll();
    });
  }

  /** Resolves when the server has said something by itself. Ask before looking. */
  news(): Promise<void> { return new Promise(resolve => { this.#news.push(resolve); }); }

  stop(): void { this.#stopped = true; }

  #take(items: WorkspaceDiagnosticReport['items']): void {
    for (const item of items) {
      if (item.kind !== 'full' || item.resultId === undefined) throw new Error(`the report of ${item.uri} is ${item.kind}`);
      const path = this.#path(item.uri);
      if (!this.documents.has(path)) this.shown.set(item.uri, item.items);
      this.#workspaceIds.set(item.uri, item.resultId);
    }
  }

  #told(): void { for (const done of this.#news.splice(0)) done(); }
  #path(uri: string): string { return decodeURIComponent(uri.slice(this.uri('').length + 1)); }

  async #replaceAll(path: string, text: string): Promise<void> {
    const before = this.documents.get(path)!.text;
    let start = 0, end = 0;
    while (start < before.length && before[start] === text[start]) start++;
    while (end < Math.min(before.length, text.length) - start && before[before.length - 1 - end] === text[text.length - 1 - end]) end++;
    // Not between the two halves of a character or of a line's end.
    start = Math.max(0, start - 1);
    if (/[\uDC00-\uDFFF\n]/.test(before[start] ?? '')) start = Math.max(0, start - 1);
    if (end > 0) end--;
    if (end > 0 && /[\uDC00-\uDFFF\n]/.test(before[before.length - end]!)) end--;
    if (before !== text) await this.#change(path, [], start, before.length - end - start, text.slice(start, text.length - end));
  }

  async #applyTo(path: string, edits: readonly TextEdit[]): Promise<void> {
    const document = this.documents.get(path)!;
    const before = document.text, steps: Step[] = [], doc = { text: before, lineStarts: lineStartsOf(before) };
    const placed = edits.map((e, i) => ({ start: toOffset(doc, e.range.start, 'utf-16'), end: toOffset(doc, e.range.end, 'utf-16'), text: e.newText, i }));
    // From the end, so that places stay true; of several insertions at one place the first comes first.
    for (const { start, end, text } of placed.sort((a, b) => b.start - a.start || b.i - a.i)) await this.#change(path, steps, start, end - start, text);
    document.undo.push({ before, steps });
  }

  async #change(path: string, steps: Step[], start: number, remove: number, insert: string): Promise<void> {
    const document = this.documents.get(path)!;
    const { text } = document;
    const doc = { text, lineStarts: lineStartsOf(text) };
    const range = { start: toPosition(doc, start, 'utf-16'), end: toPosition(doc, start + remove, 'utf-16') };
    steps.push({ start, removed: text.slice(start, start + remove), inserted: insert });
    document.text = text.slice(0, start) + insert + text.slice(start + remove);
    this.counts.changes++;
    await this.client.change(this.uri(path), ++document.version, { range, text: insert });
  }
}
