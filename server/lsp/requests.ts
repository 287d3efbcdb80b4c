import type { CancellationToken, Connection } from 'vscode-languageserver';
import { explain } from '../docs';
import { EXPLAIN, type ExplainParams, type ExplainResult } from '../protocol';
import type { Session } from './session';

/** Runs the work of a request: waits for the workspace, looks at the token, and turns what goes wrong into an answer. */
export type Run = <R>(method: string, token: CancellationToken, work: () => R | Promise<R>) => Promise<R>;

/** Puts every feature on its method. */
export function listenForFeatures(connection: Connection, session: Session, run: Run): void {
  void session;
  connection.onRequest(EXPLAIN, ({ id }: ExplainParams, token: CancellationToken) => run(EXPLAIN, token, (): ExplainResult => {
    const markdown = explain(id);
    return markdown === undefined ? {} : { markdown };
  }));
}
