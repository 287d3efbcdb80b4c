import {
  LSPErrorCodes, ResponseError, type CancellationToken, type CodeAction, type CodeActionParams, type CompletionItem, type CompletionParams,
  type Connection, type Hover, type HoverParams,
} from 'vscode-languageserver';
import { explain, type Pages } from '../docs';
import {
  ADDABLE, DIAGRAM, EXPLAIN, FIX_WORKSPACE, REPORT, SCAFFOLD, type AddableParams, type AddableResult, type DiagramParams, type DiagramResult, type ExplainParams,
  type ExplainResult, type FixWorkspaceParams, type FixWorkspaceResult, type ReportParams, type ReportResult, type ScaffoldParams, type ScaffoldResult,
} from '../protocol';
import { HARDEN, HARDEN_CHOICES, type HardenChoicesParams, type HardenChoicesResult, type HardenParams, type HardenResult } from '../protocol';
import { LOCKFILE_PATH } from '../../rules/checks/shared/lockfile';
import { isConfigFile } from '../workspace/config';
import { unknownRule } from '../workspace/fix-text';
import { needName } from '../workspace/need';
import type { RepositoryState } from '../workspace/repository-state';
import { keyOf } from '../workspace/uris';
import { codeActions, editOf, type ActionData } from './features/code-actions';
import { configCompletion, suppressionCompletion } from './features/completion';
import { configHover } from './features/config-hover';
import { offsetIn, type FileContext } from './features/context';
import { lined } from './features/edits';
import { fixAll } from './features/fix-all';
import { fixWorkspace, rulesOf } from './features/fix-workspace';
import { choicesResult, hardenResult } from './features/harden';
import { hover } from './features/hover';
import { workflowCompletion } from './features/workflow-completion';
import { configPlace } from './editor-requests';
import { lockCompletion } from './features/lock/completion';
import { lockHover } from './features/lock/hover';
import { metadataCompletion, metadataHover } from './features/metadata';
import { diagram, report } from './features/report';
import { addable, scaffold, type ScaffoldPlace } from './features/scaffold';
import { toOffset } from './positions';
import type { Session } from './session';

/** Runs the work of a request: waits for the workspace, looks at the token, and turns what goes wrong into an answer. */
export type Run = <R>(method: string, token: CancellationToken, work: () => R | Promise<R>) => Promise<R>;

/** Puts every feature on its method. */
export function listenForFeatures(connection: Connection, session: Session, pages: () => Pages | Promise<Pages>, run: Run): void {
  connection.onCodeAction((params, token) => run('textDocument/codeAction', token, () => actionsFor(session, params)));
  connection.onCodeActionResolve((action, token) => run('codeAction/resolve', token, () =>
    resolve(session, action, token, message => void connection.sendNotification('window/showMessage', { type: 2, message }))));
  connection.onHover((params, token) => run('textDocument/hover', token, () => hoverFor(session, params)));
  connection.onCompletion((params, token) => run('textDocument/completion', token, () => completionsFor(session, params)));
  connection.onRequest(EXPLAIN, ({ id }: ExplainParams, token: CancellationToken) => run(EXPLAIN, token, async (): Promise<ExplainResult> => {
    const markdown = explain(id, await pages());
    return markdown === undefined ? {} : { markdown };
  }));
  connection.onRequest(SCAFFOLD, (p: ScaffoldParams, token: CancellationToken) => run(SCAFFOLD, token, (): ScaffoldResult => {
    const repository = repositoryAt(session, p.root);
    const at = p.uri === undefined ? undefined : session.workspace.locate(p.uri);
    return scaffold(repository, p.practice, placeIn(session, repository), at?.repository === repository ? at.path : undefined);
  }));
  connection.onRequest(ADDABLE, ({ root }: AddableParams, token: CancellationToken) => run(ADDABLE, token, (): AddableResult => {
    const overview = session.overview(repositoryAt(session, root));
    return overview ? addable(overview.card) : { practices: [] };
  }));
  connection.onRequest(REPORT, (p: ReportParams, token: CancellationToken) => run(REPORT, token, (): ReportResult => report(repositoryAt(session, p.root), p)));
  connection.onRequest(DIAGRAM, (p: DiagramParams, token: CancellationToken) => run(DIAGRAM, token, (): DiagramResult => diagram(repositoryAt(session, p.root), p)));
  connection.onRequest(HARDEN_CHOICES, ({ root }: HardenChoicesParams, token: CancellationToken) => run(HARDEN_CHOICES, token, (): HardenChoicesResult =>
    choicesResult(repositoryAt(session, root))));
  connection.onRequest(HARDEN, (p: HardenParams, token: CancellationToken) => run(HARDEN, token, (): Promise<HardenResult> => {
    const repository = repositoryAt(session, p.root);
    return hardenResult(repository, p, placeIn(session, repository), () => token.isCancellationRequested);
  }));
  connection.onRequest(FIX_WORKSPACE, (p: FixWorkspaceParams, token: CancellationToken) => run(FIX_WORKSPACE, token, (): Promise<FixWorkspaceResult> => {
    const unknown = unknownRule(rulesOf(p) ?? []);
    if (unknown !== undefined) throw new ResponseError(LSPErrorCodes.RequestFailed, `There is no rule called ${unknown}.`);
    return fixWorkspace(session, p, repositoriesAt(session, p.uri), () => token.isCancellationRequested);
  }));
}

function actionsFor(session: Session, params: CodeActionParams): CodeAction[] {
  const file = session.file(params.textDocument.uri);
  return file ? codeActions(file, params, { missing: session.lastMissing(file.repository), networkOff: networkOff(session, file.repository), config: configPlace(session, file.repository) }) : [];
}

/** Why nothing may ask the network; undefined where it may. */
export function networkOff(session: Session, repository: RepositoryState): string | undefined {
  if (!session.client.trusted) return 'The network is not used in Restricted Mode.';
  return repository.settings.network.enabled ? undefined : 'The network is off: ciHardening.network.enabled.';
}

/** Makes the edit of the action that was chosen, against the text that it was offered for. */
async function resolve(session: Session, action: CodeAction, token: CancellationToken, warn: (message: string) => void): Promise<CodeAction> {
  const data = action.data as ActionData | undefined;
  if (typeof data?.uri !== 'string') return action;
  const file = current(session, data);
  switch (data.kind) {
    case 'fixRule': return { ...action, edit: fixAll(file, 'unsafe', data.rule)?.edit };
    case 'fixAll': return { ...action, edit: fixAll(file, 'safe')?.edit };
    case 'fixAllUnsafe': return { ...action, edit: fixAll(file, 'unsafe')?.edit };
    case 'scaffold': {
      const result = scaffold(file.repository, data.practice, placeIn(session, file.repository), file.path);
      if (result.edit) return { ...action, edit: result.edit };
      warn(result.refused ?? 'There is nothing to add.');
      return action;
    }
    case 'fix': return resolveFix(session, file, action, data, token, warn);
  }
}

async function resolveFix(
  session: Session, file: FileContext, action: CodeAction, data: ActionData & { kind: 'fix' }, token: CancellationToken, warn: (message: string) => void,
): Promise<CodeAction> {
  const fixOf = (context: FileContext) => {
    const finding = context.file.findings.find(f => f.key === data.key);
    const fix = finding?.fixes.find(f => f.title === data.title);
    return finding && fix ? { finding, fix } : undefined;
  };
  const offered = fixOf(file);
  if (!offered) throw new ResponseError(LSPErrorCodes.ContentModified, 'The file has changed since.');
  const { needs } = offered.fix;
  if (!needs) return { ...action, edit: editOf(file, offered.finding, offered.fix) };
  const off = networkOff(session, file.repository);
  if (off !== undefined) {
    warn(off);
    return action;
  }
  let resolved;
  try {
    const { githubUrl } = file.repository.settings.network;
    // A registry is told nothing of who asks.
    const signedIn = needs.kind === 'resolve-ref' ? await session.tokenOf(githubUrl) : undefined;
    resolved = await session.lookUp(needs, githubUrl, token, signedIn);
  } catch (error) {
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    const reason = error instanceof Error ? error.message : 'the look-up failed';
    warn(`${needName(needs)} was not pinned: ${reason.replace(/\.$/, '')}.`);
    return action;
  }
  // The answer took its time: what was typed meanwhile must not be overwritten.
  const now = current(session, data);
  const still = fixOf(now);
  if (!still) throw new ResponseError(LSPErrorCodes.ContentModified, 'The file has changed since.');
  const edit = editOf(now, still.finding, still.fix, resolved);
  if (!edit) warn(`${needName(needs)} can't be pinned here without breaking something.`);
  return edit ? { ...action, edit } : action;
}

/** The file of an action, or an error where it is another version now. */
function current(session: Session, data: ActionData): FileContext {
  const file = session.file(data.uri);
  if (!file || file.version !== data.version) throw new ResponseError(LSPErrorCodes.ContentModified, 'The file has changed since.');
  return file;
}

function hoverFor(session: Session, params: HoverParams): Hover | null {
  const place = session.workspace.locate(params.textDocument.uri);
  if (place?.path === LOCKFILE_PATH) {
    const text = place.repository.read(place.path);
    if (text === undefined) return null;
    const doc = lined(text);
    const uriOf = (path: string): string => session.workspace.uri(place.repository, path);
    return lockHover({ text: doc, repository: place.repository.repository, encoding: session.client.encoding, uriOf }, toOffset(doc, params.position, session.client.encoding));
  }
  const configText = place && isConfigFile(place.path) ? place.repository.read(place.path) : undefined;
  if (configText !== undefined) {
    const doc = lined(configText);
    return configHover(doc, toOffset(doc, params.position, session.client.encoding), session.client);
  }
  const file = session.file(params.textDocument.uri);
  if (!file) return null;
  const offset = offsetIn(file, params.position);
  // What is wrong with a tag says more than what the tag is for.
  return hover(file, offset) ?? metadataHover(file.file.document, offset, session.client.encoding);
}

function completionsFor(session: Session, params: CompletionParams): CompletionItem[] {
  const { encoding } = session.client;
  const place = session.workspace.locate(params.textDocument.uri);
  const text = place?.repository.read(place.path);
  if (!place || text === undefined) return [];
  const doc = lined(text);
  const offset = toOffset(doc, params.position, encoding);
  if (place.path === LOCKFILE_PATH) return lockCompletion(doc, offset, place.repository.repository, encoding);
  if (isConfigFile(place.path)) return place.repository.settings.schemaExtension ? [] : configCompletion(doc, offset, encoding);
  const ids = suppressionCompletion(doc, offset, encoding);
  const file = ids.length > 0 ? undefined : session.file(params.textDocument.uri);
  return file ? [...metadataCompletion(file.file.document, offset, place.repository.repository, encoding), ...workflowCompletion(file, offset)] : ids;
}

/** Throws where the URI is no repository's root. */
export function repositoryAt(session: Session, root: string): RepositoryState {
  const key = keyOf(root);
  const repository = session.workspace.repositories.find(r => r.root === key);
  if (!repository) throw new ResponseError(LSPErrorCodes.RequestFailed, 'There is no such repository in the workspace.');
  return repository;
}

/** The repository that a resource is in; all of the workspace where none is named. */
export function repositoriesAt(session: Session, uri: string | undefined): readonly RepositoryState[] {
  const { repositories } = session.workspace;
  if (uri === undefined) return repositories;
  const key = keyOf(uri);
  const own = repositories.find(r => r.root === key) ?? session.workspace.locate(uri)?.repository;
  if (!own || !repositories.includes(own)) throw new ResponseError(LSPErrorCodes.RequestFailed, 'There is no such repository in the workspace.');
  return [own];
}

function placeIn(session: Session, repository: RepositoryState): ScaffoldPlace {
  const uri = (path: string): string => session.workspace.uri(repository, path);
  return { client: session.client, uri, version: path => session.documents.get(uri(path))?.version ?? null };
}
