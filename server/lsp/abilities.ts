import type { InitializeParams } from 'vscode-languageserver';
import type { ClientAbilities } from './features/context';

/** What the client said about itself, as far as the server acts on it. */
export interface Abilities extends ClientAbilities {
  readonly pull: boolean;
  readonly refresh: boolean;
  readonly configuration: boolean;
  readonly watch: boolean;
  readonly configurationEvents: boolean;
  readonly folders: boolean;
  readonly progress: boolean;
  /** Restricted Mode: nothing asks the network, whatever the settings say. */
  readonly trusted: boolean;
  /** The client knows who is signed in at GitHub (`ciHardening/githubToken`). */
  readonly signsIn: boolean;
  /** The client lists folders that the server can't (`ciHardening/listFiles`). */
  readonly listsFiles: boolean;
}

export function abilitiesOf(params: InitializeParams): Abilities {
  const { capabilities: c } = params;
  const options = record(params.initializationOptions);
  const encodings = c.general?.positionEncodings ?? ['utf-16'];
  return {
    encoding: encodings.includes('utf-16') || !encodings.includes('utf-8') ? 'utf-16' : 'utf-8',
    documentChanges: c.workspace?.workspaceEdit?.documentChanges === true,
    annotations: c.workspace?.workspaceEdit?.changeAnnotationSupport !== undefined,
    disabled: c.textDocument?.codeAction?.disabledSupport === true,
    resolveEdit: c.textDocument?.codeAction?.resolveSupport?.properties.includes('edit') === true && c.textDocument.codeAction.dataSupport === true,
    commands: options.commands === true,
    pull: c.textDocument?.diagnostic !== undefined,
    refresh: c.workspace?.diagnostics?.refreshSupport === true,
    configuration: c.workspace?.configuration === true,
    watch: c.workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    configurationEvents: c.workspace?.didChangeConfiguration?.dynamicRegistration === true,
    folders: c.workspace?.workspaceFolders === true,
    progress: c.window?.workDoneProgress === true,
    trusted: options.trusted !== false,
    signsIn: options.githubToken === true,
    listsFiles: options.listFiles === true,
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
}
