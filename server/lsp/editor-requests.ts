import {
  LSPErrorCodes, ResponseError, type CancellationToken, type Connection, type DocumentLink, type InitializeParams, type InlayHint, type ServerCapabilities,
} from 'vscode-languageserver';
import { RULES, SEVERITIES } from '../../rules';
import {
  SCAN, SET_SEVERITY, WHY, type ScanParams, type ScanResult, type SetSeverityParams, type SetSeverityResult, type WhyParams, type WhyResult,
} from '../protocol';
import { offsetIn } from './features/context';
import { inlayHints } from './features/inlay-hints';
import { documentLinks } from './features/links';
import { scan } from './features/scan';
import { configFileFor, setSeverity, type ConfigPlace } from './features/set-severity';
import { why } from './features/why';
import type { Run } from './requests';
import type { Session } from './session';

/** What `initialize` says of these. */
export const EDITOR_CAPABILITIES: ServerCapabilities = { inlayHintProvider: { resolveProvider: false }, documentLinkProvider: { resolveProvider: false } };

/** What is read in the editor beside diagnostics: hints, links, explanations. */
export class EditorFeatures {
  /** Hints by document, as they were last told. */
  readonly #told = new Map<string, { readonly version: number | null; readonly hints: string }>();
  readonly #refreshes: boolean;

  constructor(private readonly connection: Connection, private readonly session: Session, params: InitializeParams) {
    this.#refreshes = params.capabilities.workspace?.inlayHint?.refreshSupport === true;
  }

  listen(run: Run): void {
    const { connection, session } = this;
    connection.languages.inlayHint.on((p, token) => run('textDocument/inlayHint', token, (): InlayHint[] => {
      const file = session.file(p.textDocument.uri);
      if (!file) return [];
      this.#told.set(p.textDocument.uri, { version: file.version, hints: JSON.stringify(inlayHints(file)) });
      return inlayHints(file, { start: offsetIn(file, p.range.start), end: offsetIn(file, p.range.end) });
    }));
    connection.onDocumentLinks((p, token) => run('textDocument/documentLink', token, (): DocumentLink[] => {
      const file = session.file(p.textDocument.uri);
      return file ? documentLinks(file) : [];
    }));
    connection.onRequest(WHY, (p: WhyParams, token: CancellationToken) => run(WHY, token, (): WhyResult => {
      const file = session.file(p.uri);
      return file ? why(file, offsetIn(file, p.position)) : { entries: [] };
    }));
    connection.onRequest(SET_SEVERITY, (p: SetSeverityParams, token: CancellationToken) => run(SET_SEVERITY, token, () => changeSeverity(session, p)));
    connection.onRequest(SCAN, (p: ScanParams | undefined, token: CancellationToken) => run(SCAN, token, (): ScanResult => scan(session, p?.uri)));
  }

  /** Makes the client ask again where hints of an open document have become different without it. */
  settled(): void {
    if (!this.#refreshes) return;
    let differs = false;
    for (const [uri, told] of this.#told) {
      const file = this.session.documents.get(uri) ? this.session.file(uri) : undefined;
      if (!file) this.#told.delete(uri);
      else if (file.version === told.version && JSON.stringify(inlayHints(file)) !== told.hints) differs = true;
    }
    if (differs) void this.connection.languages.inlayHint.refresh().catch(() => { /* it will ask with the next change */ });
  }
}

/** Where the configuration of a repository stands. */
export function configPlace(session: Session, repository: ConfigPlace['repository']): ConfigPlace {
  const uri = (path: string): string => session.workspace.uri(repository, path);
  return { repository, client: session.client, uri, version: path => session.documents.get(uri(path))?.version ?? null };
}

function changeSeverity(session: Session, { uri, rule, severity }: SetSeverityParams): SetSeverityResult {
  const at = session.workspace.locate(uri);
  if (!at) throw new ResponseError(LSPErrorCodes.RequestFailed, 'There is no such repository in the workspace.');
  if (!RULES.some(r => r.id === rule)) throw new ResponseError(LSPErrorCodes.RequestFailed, `There is no rule called ${rule}.`);
  if (severity !== 'off' && !SEVERITIES.includes(severity)) throw new ResponseError(LSPErrorCodes.RequestFailed, `There is no severity called ${String(severity)}.`);
  const place = configPlace(session, at.repository);
  const path = configFileFor(at.repository, at.path);
  const file = place.uri(path);
  const edit = setSeverity(place, at.path, rule, severity);
  if (edit) return { edit, file };
  const said = at.repository.configFor(at.path).config.rules[rule]?.severity === severity;
  return { file, refused: said ? `${path} says so already.` : `${path} can't be read, or is written so that nothing can be added to it.` };
}
