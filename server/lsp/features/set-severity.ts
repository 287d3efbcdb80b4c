import type { CodeAction, WorkspaceEdit } from 'vscode-languageserver';
import { ignoreEdit, RULES, SEVERITIES, severityEdit, type Severity } from '../../../rules';
import { CONFIG_FILE } from '../../workspace/config';
import type { ClientAbilities } from './context';
import { EditBuilder, lined } from './edits';
import type { RepositoryState } from '../../workspace/repository-state';

/** What the edit of a configuration file needs to know of where it stands. */
export interface ConfigPlace {
  readonly repository: RepositoryState;
  readonly client: ClientAbilities;
  uri(path: string): string;
  /** Version in the editor; null for a file that isn't open. */
  version(path: string): number | null;
}

/** The configuration file that counts for a file, or the one that would be made. */
export function configFileFor(repository: RepositoryState, path: string): string {
  return repository.configFor(path).file ?? CONFIG_FILE;
}

/** Gives a rule another severity for the repository that `path` is in; a practice can only be turned off. Undefined where it can't be written. */
export function setSeverity(place: ConfigPlace, path: string, id: string, severity: Severity | 'off'): WorkspaceEdit | undefined {
  const file = configFileFor(place.repository, path);
  const exists = place.repository.has(file);
  const text = exists ? place.repository.read(file) : undefined;
  if (exists && text === undefined) return undefined;
  const edits = RULES.some(r => r.id === id) ? severityEdit(text, id, severity) : severity === 'off' ? ignoreEdit(text, id) : undefined;
  if (!edits || edits.length === 0) return undefined;
  const builder = new EditBuilder(place.client);
  if (text !== undefined) builder.change(place.uri(file), place.version(file), lined(text), edits);
  else if (!place.client.documentChanges) return undefined;
  else builder.create(place.uri(file), edits.map(e => e.newText).join(''));
  return builder.build();
}

/** Titles and severities of what is offered for a rule, the one that it has left out. Clients with a command ask in a list of their own. */
export function severityChoices(id: string, current: Severity, commands: boolean): { readonly title: string; readonly severity: Severity | 'off' }[] {
  const off = { title: `Turn off ${id} in this repository`, severity: 'off' as const };
  if (commands || !RULES.some(r => r.id === id)) return [off];
  return [off, ...SEVERITIES.filter(s => s !== current).map(severity => ({ title: `Show ${id} as ${severity} in this repository`, severity }))];
}

/** The command of the extension that asks for a severity. */
export function severityCommand(uri: string, id: string): Pick<CodeAction, 'title' | 'command'> {
  const title = `Change severity of ${id}…`;
  return { title, command: { title, command: 'ciHardening.changeSeverity', arguments: [uri, id] } };
}
