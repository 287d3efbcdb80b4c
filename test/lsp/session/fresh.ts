import type { Diagnostic } from 'vscode-languageserver';
import { PRACTICES, RULES } from '../../../rules';
import type { ScorecardResult } from '../../../server/protocol';
import type { Abilities } from '../../../server/lsp/abilities';
import { Session } from '../../../server/lsp/session';
import { diskFileSystem } from '../../../server/workspace/disk';
import { readSettings } from '../../../server/workspace/settings';
import { Workspace } from '../../../server/workspace/workspace';

export interface FreshInput {
  readonly folder: { readonly uri: string; readonly name: string };
  readonly settings: unknown;
  readonly abilities: Abilities;
  readonly open: readonly { readonly uri: string; readonly text: string }[];
}

export interface Fresh {
  /** Of every open file, and every closed one of the workspace, by URI. */
  readonly shown: ReadonlyMap<string, readonly Diagnostic[]>;
  /** Files that are ours, open or closed. */
  readonly files: readonly string[];
  /** Undefined where the repository was not looked at as a whole. */
  readonly scorecard?: ScorecardResult;
}

const OF_PRACTICES: ReadonlySet<string> = new Set(PRACTICES.map(p => p.id).filter(id => !RULES.some(r => r.id === id)));

/** What somebody is shown who starts now: the disk is listed and everything parsed and analysed anew, nothing is kept from anywhere. */
export async function freshScan({ folder, settings, abilities, open }: FreshInput, whole: boolean): Promise<Fresh> {
  const workspace = new Workspace(() => diskFileSystem);
  const offline = () => Promise.reject(new Error('offline'));
  const session = new Session(workspace, abilities, offline, () => Promise.resolve(undefined));
  workspace.applySettings(workspace.addFolder(folder.uri, folder.name), readSettings(settings));
  await workspace.scan(workspace.folders[0]!);
  for (const { uri, text } of open) workspace.open(uri, session.documents.open(uri, 1, text).text);
  const scorecard = whole ? session.scorecards() : undefined;
  const files = session.files();
  return { shown: new Map([...open.map(o => o.uri), ...files].map(uri => [uri, session.report(uri).items])), files, scorecard };
}

/** Without what the repository lacks as a whole: that is looked for in a pause, so it may be behind the text. */
export function withoutPractices(items: readonly Diagnostic[]): Diagnostic[] {
  return items.filter(d => !OF_PRACTICES.has(String(d.code)));
}
