import type { WorkspaceEdit } from 'vscode-languageserver';
import { applyFixes, type FixSafety } from '../../../rules';
import { editsBetween } from '../../workspace/diff';
import type { FileContext } from './context';
import { isShown } from './context';
import { EditBuilder, type Annotation } from './edits';

/** What a wide edit is told to be where it can change what a run does. */
export const UNSAFE: Annotation = {
  label: 'Hardening that can change what a run does', description: 'Look at each change before it is applied.', confirm: true,
};

export interface FixAll { readonly edit: WorkspaceEdit; readonly applied: number }

/** The edit that applies all preferred fixes of a file to a fixed point, or undefined where there is nothing to do. */
export function fixAll(context: FileContext, safety: FixSafety, rule?: string): FixAll | undefined {
  const { file, path, version, uri, client } = context;
  const { text } = file.document;
  const result = applyFixes(path, text, { safety, rule, env: { config: file.config.config, repository: file.repository } });
  if (result.text === text) return undefined;
  const builder = new EditBuilder(client);
  builder.change(uri, version, file.document, editsBetween(text, result.text), safety === 'unsafe' && rule === undefined ? UNSAFE : undefined);
  return { edit: builder.build(), applied: result.applied.length };
}

/** True where something could be fixed without asking the network. Cheap: no edit is made. */
export function hasFixes(context: FileContext, safety: FixSafety): boolean {
  return context.file.findings.some(f => isShown(f) && f.fixes[0] && !f.fixes[0].needs && (safety === 'unsafe' || f.fixes[0].safety === 'safe'));
}
