import { applyFixes, fileKind } from '../../../rules';
import type { FixWorkspaceParams, FixWorkspaceResult } from '../../protocol';
import { editsBetween } from '../../workspace/diff';
import { turn } from '../background';
import type { Session } from '../session';
import { isShown } from './context';
import { EditBuilder } from './edits';
import { UNSAFE } from './fix-all';

/** Fixes for every CI file of the workspace as one edit. Other messages are handled between two files. */
export async function fixWorkspace(session: Session, params: FixWorkspaceParams, cancelled: () => boolean): Promise<FixWorkspaceResult> {
  const builder = new EditBuilder(session.client);
  let fixed = 0, files = 0, remaining = 0;
  for (const state of session.workspace.repositories) {
    for (const path of state.ownFiles.filter(f => fileKind(f) !== undefined)) {
      await turn();
      if (cancelled()) return { fixed: 0, files: 0, remaining: 0 };
      const file = state.analysis(path);
      if (!file) continue;
      const counts = (findings: readonly { ruleId: string }[]): number => findings.filter(f => params.rule === undefined || f.ruleId === params.rule).length;
      const before = counts(file.findings.filter(isShown));
      if (before === 0) continue;
      const { text } = file.document;
      const result = applyFixes(path, text, {
        safety: params.unsafe ? 'unsafe' : 'safe', rule: params.rule, env: { config: file.config.config, repository: file.repository },
      });
      if (result.text === text) {
        remaining += before;
        continue;
      }
      const uri = session.workspace.uri(state, path);
      const titles = [...new Set(result.applied.map(a => a.title))];
      builder.change(uri, session.documents.get(uri)?.version ?? null, file.document, editsBetween(text, result.text), params.unsafe ? UNSAFE : {
        label: 'Safe hardening', description: titles.slice(0, 3).join(', '), confirm: false,
      });
      fixed += result.applied.length;
      files++;
      remaining += counts(state.tryOut(path, result.text).findings.filter(isShown));
    }
  }
  return { ...(builder.empty ? {} : { edit: builder.build() }), fixed, files, remaining };
}
