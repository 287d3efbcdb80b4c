import type { Finding, OffsetRange, World } from '../../../rules';
import { lineStartsOf } from '../../../rules';
import type { Location, Range } from 'vscode-languageserver';
import type { FileAnalysis, RepositoryState } from '../../workspace/repository-state';
import { toOffset, toRange, type Encoding, type LinedText } from '../positions';
import type { Position } from 'vscode-languageserver';
import { docsUrl } from '../../docs';

/** What the client said it can do, as far as answers depend on it. */
export interface ClientAbilities {
  readonly encoding: Encoding;
  readonly documentChanges: boolean;
  readonly annotations: boolean;
  readonly disabled: boolean;
  readonly resolveEdit: boolean;
  /** The client has the extension's own commands. */
  readonly commands: boolean;
}

/**
 * Where a client finds the documentation: where it has the extension's commands, in the copy that the extension brings along, else on
 * the web. A diagnostic's link can't be a command, so it names a document that the extension provides.
 */
export function docsLink(client: ClientAbilities, id: string, place: 'diagnostic' | 'hover'): string {
  if (!client.commands) return docsUrl(id);
  return place === 'hover' ? `command:ciHardening.showRule?${encodeURIComponent(JSON.stringify([id]))}` : `ci-hardening-docs:/${id}.md`;
}

/** One CI file of one moment, and who asks. */
export interface FileContext {
  readonly uri: string;
  /** Version in the editor; null for a file that isn't open. */
  readonly version: number | null;
  readonly repository: RepositoryState;
  readonly path: string;
  readonly file: FileAnalysis;
  readonly client: ClientAbilities;
  /** The URI that the client knows another file of the repository by. */
  uriOf(path: string): string;
}

export function worldOf(file: FileAnalysis): World {
  return { document: file.document, repository: file.repository, config: file.config.config };
}

export function rangeIn(context: FileContext, range: OffsetRange): Range {
  return toRange(context.file.document, range, context.client.encoding);
}

export function offsetIn(context: FileContext, position: Position): number {
  return toOffset(context.file.document, position, context.client.encoding);
}

/** A place in any file of the repository, or undefined where its text isn't known. */
export function locationOf(context: FileContext, path: string, range: OffsetRange): Location | undefined {
  const text = textOf(context, path);
  return text && { uri: context.uriOf(path), range: toRange(text, range, context.client.encoding) };
}

function textOf({ path: own, file, repository }: FileContext, path: string): LinedText | undefined {
  if (path === own) return file.document;
  const document = repository.document(path);
  if (document) return document;
  const text = repository.read(path);
  return text === undefined ? undefined : { text, lineStarts: lineStartsOf(text) };
}

/** True for what GitHub's own extension shows in the same editor. Its fixes are still ours alone. */
export function isSaidElsewhere({ repository }: FileContext, finding: Finding): boolean {
  return finding.official === true && repository.settings.officialExtension === true;
}

/** True for what a user is shown: a suppressed finding was answered, an absorbed one is told by a stronger one. */
export function isShown(finding: Finding): boolean {
  return !finding.suppressed && finding.absorbedBy === undefined;
}
