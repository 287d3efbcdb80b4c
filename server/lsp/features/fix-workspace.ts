import { fileKind } from '../../../rules';
import type { FixWorkspaceParams, FixWorkspaceResult } from '../../protocol';
import { editsBetween } from '../../workspace/diff';
import { fixText } from '../../workspace/fix-text';
import type { RepositoryState } from '../../workspace/repository-state';
import { turn } from '../background';
import type { Session } from '../session';
import { isShown } from './context';
import { EditBuilder, type Annotation } from './edits';
import { UNSAFE } from './fix-all';

/** The rules that a request is about; undefined for all. */
export function rulesOf({ rule, rules }: FixWorkspaceParams): readonly string[] | undefined {
  return rules ?? (rule === undefined ? undefined : [rule]);
}

/** Fixes for every CI file of the given repositories as one edit. Other messages are handled between two files. */
export async function fixWorkspace(
  session: Session, params: FixWorkspaceParams, repositories: readonly RepositoryState[], cancelled: () => boolean,
): Promise<FixWorkspaceResult> {
  const builder = new EditBuilder(session.client);
  const rules = rulesOf(params);
  let fixed = 0, files = 0, remaining = 0;
  for (const state of repositories) {
    for (const path of state.ownFiles.filter(f => fileKind(f) !== undefined)) {
      await turn();
      if (cancelled()) return { fixed: 0, files: 0, remaining: 0 };
      const file = state.analysis(path);
      if (!file) continue;
      const counts = (findings: readonly { ruleId: string }[]): number => findings.filter(f => rules === undefined || rules.includes(f.ruleId)).length;
      const before = counts(file.findings.filter(isShown));
      if (before === 0) continue;
      const { text } = file.document;
      const result = fixText(path, text, { safety: params.unsafe ? 'unsafe' : 'safe', rules, env: { config: file.config.config, repository: file.repository } });
      if (result.text === text) {
        remaining += before;
        continue;
      }
      const uri = session.workspace.uri(state, path);
      const titles = [...new Set(result.applied.map(a => a.title))];
      builder.change(uri, session.documents.get(uri)?.version ?? null, file.document, editsBetween(text, result.text), annotationOf(params, titles));
      fixed += result.applied.length;
      files++;
      remaining += counts(state.tryOut(path, result.text).findings.filter(isShown));
    }
  }
  return { ...(builder.empty ? {} : { edit: builder.build() }), fixed, files, remaining };
}

function annotationOf({ unsafe, confirm = false }: FixWorkspaceParams, titles: readonly string[]): Annotation {
  if (unsafe) return UNSAFE;
  const more = titles.length > 3 ? ` and ${titles.length - 3} more` : '';
  return { label: 'Safe hardening', description: `${titles.slice(0, 3).join(', ')}${more}`, confirm };
}
