import {
  LSPErrorCodes, ResponseError, type CancellationToken, type DocumentDiagnosticReport, type PreviousResultId, type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { keyOf } from '../workspace/uris';
import { turn, type Piece } from './background';
import type { Report, Session } from './session';

export interface DiagnosticsOutput {
  publish(report: Report): void;
  /** Makes the client pull again. */
  refresh(): void;
}

interface Poll {
  readonly ids: readonly PreviousResultId[];
  readonly previous: ReadonlyMap<string, string>;
  readonly answer: (items: WorkspaceDocumentDiagnosticReport[]) => void;
}

/**
 * Diagnostics on their way to the client: pulled by those who can, pushed to the others. A workspace request is answered at once
 * the first time; later ones are held until something is different, because clients ask again as soon as they have an answer.
 */
export class DiagnosticsChannel {
  /** What each open document was last told, by its version. */
  readonly #pulled = new Map<string, Report>();
  readonly #published = new Map<string, Report>();
  /**
   * Files that a client has been told something of by a pull of their own, as editors make one for each that is closed. The workspace request
   * behind that doesn't name them: where one is gone before it is answered, nobody else would know that something is shown for it.
   */
  readonly #lastWords = new Set<string>();
  readonly #polls = new Set<Poll>();
  #answered = false;
  #stopped = false;

  constructor(private readonly session: Session, private readonly output: DiagnosticsOutput) {}

  pull(uri: string, previousResultId: string | undefined): DocumentDiagnosticReport {
    const report = this.session.report(uri);
    if (this.session.documents.get(uri)) this.#pulled.set(uri, { ...report, items: [] });
    else this.#pulled.delete(uri);
    if (report.items.length > 0) this.#lastWords.add(uri); else this.#lastWords.delete(uri);
    if (report.resultId === previousResultId) return { kind: 'unchanged', resultId: report.resultId };
    return { kind: 'full', resultId: report.resultId, items: report.items };
  }

  async pullWorkspace(previousResultIds: readonly PreviousResultId[], token: CancellationToken): Promise<WorkspaceDocumentDiagnosticReport[]> {
    const previous = new Map(previousResultIds.map(p => [keyOf(p.uri), p.value]));
    for (const uri of this.#lastWords) if (previous.has(keyOf(uri))) this.#lastWords.delete(uri);
    const items: WorkspaceDocumentDiagnosticReport[] = [];
    for (const uri of this.#uris(previousResultIds)) {
      await turn();
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      const item = this.#item(uri, previous);
      if (item) items.push(item);
    }
    if (items.length > 0 || !this.#answered || this.#stopped) {
      this.#answered = true;
      return items;
    }
    return new Promise((resolve, reject) => {
      const poll: Poll = { ids: previousResultIds, previous, answer: resolve };
      this.#polls.add(poll);
      token.onCancellationRequested(() => {
        if (this.#polls.delete(poll)) reject(new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled'));
      });
    });
  }

  /** Tells what has become different to whoever waits for it. Called when everything is up to date. */
  settled(): void {
    if (!this.session.client.pull) return;
    for (const poll of [...this.#polls]) {
      const items = this.#uris(poll.ids).flatMap(uri => this.#item(uri, poll.previous) ?? []);
      if (items.length > 0 && this.#polls.delete(poll)) poll.answer(items);
    }
    let differs = false;
    for (const [uri, told] of this.#pulled) {
      const document = this.session.documents.get(uri);
      if (!document) this.#pulled.delete(uri);
      // What was typed since is pulled by the client anyway.
      else if (document.version === told.version && this.session.report(uri).resultId !== told.resultId) differs = true;
    }
    if (differs && this.session.client.refresh) this.output.refresh();
  }

  /** For clients that don't pull: the open documents, newest state. */
  *pushOpen(): Generator<Piece> {
    if (this.session.client.pull) return;
    for (const { uri } of this.session.documents.all()) {
      this.#publish(uri);
      yield 'done';
    }
  }

  /** For clients that don't pull: everything again, since the whole workspace is known now. */
  *pushClosed(): Generator<Piece> {
    if (this.session.client.pull) return;
    const known = new Set([...[...this.session.documents.all()].map(d => d.uri), ...this.session.closedFiles()]);
    for (const uri of known) {
      this.#publish(uri);
      yield 'done';
    }
    for (const uri of this.#published.keys()) if (!known.has(uri)) this.#publish(uri);
  }

  stop(): void {
    this.#stopped = true;
    for (const poll of this.#polls) poll.answer([]);
    this.#polls.clear();
  }

  #publish(uri: string): void {
    const report = this.session.report(uri);
    const last = this.#published.get(uri);
    if (last ? last.resultId === report.resultId && last.version === report.version : report.items.length === 0 && report.version === null) return;
    this.output.publish(report);
    if (report.version === null && report.items.length === 0) this.#published.delete(uri);
    else this.#published.set(uri, { ...report, items: [] });
  }

  /**
   * All files, and those that the client has something about although they are gone. Open ones are among them: an editor pulls those alone
   * that it shows in a tab, and is told of the others (edited by a command, or just closed and not yet let go) by nothing else.
   */
  #uris(previous: readonly PreviousResultId[]): string[] {
    const files = this.session.files();
    const keys = new Set(files.map(keyOf));
    const known = new Map([...this.#lastWords, ...previous.map(p => p.uri)].map(uri => [keyOf(uri), uri]));
    return [...files, ...[...known].filter(([key]) => !keys.has(key)).map(([, uri]) => uri)];
  }

  #item(uri: string, previous: ReadonlyMap<string, string>): WorkspaceDocumentDiagnosticReport | undefined {
    const report = this.session.report(uri);
    if (previous.get(keyOf(uri)) === report.resultId) return undefined;
    return { kind: 'full', uri, version: report.version, resultId: report.resultId, items: report.items };
  }
}
