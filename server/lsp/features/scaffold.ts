import type { WorkspaceEdit } from 'vscode-languageserver';
import { PRACTICES } from '../../../rules';
import type { AddableResult, ScaffoldResult } from '../../protocol';
import { editsBetween } from '../../workspace/diff';
import { writerOf } from '../../workspace/score';
import type { RepositoryState } from '../../workspace/repository-state';
import type { Scorecard } from '../../../rules/scorecard';
import type { ClientAbilities } from './context';
import { EditBuilder, lined } from './edits';

export interface ScaffoldPlace {
  readonly client: ClientAbilities;
  uri(path: string): string;
  /** Version of a file that is open, else null. */
  version(path: string): number | null;
}

/** What adding a practice would change, each change annotated and to be confirmed; or why it can't be added. */
export function scaffold(state: RepositoryState, practiceId: string, place: ScaffoldPlace, workflow?: string): ScaffoldResult & { edit?: WorkspaceEdit } {
  const practice = PRACTICES.find(p => p.id === practiceId);
  const { repository } = state;
  if (!practice) return { refused: `There is no practice called ${practiceId}.` };
  if (!practice.scaffold) return { refused: `${practice.title} can't be added by an edit: it needs decisions that only you can make.` };
  if (!repository) return { refused: 'The file belongs to no folder that is open, so nothing is known about its repository.' };
  const plan = practice.scaffold.plan(repository, { ...(workflow === undefined ? {} : { workflow }), write: writerOf(state)! });
  if ('refused' in plan) return { refused: plan.refused };
  const builder = new EditBuilder(place.client);
  for (const change of plan.changes) {
    const annotation = { label: practice.scaffold.title, description: change.path, confirm: true };
    const before = state.read(change.path);
    if (before === undefined) builder.create(place.uri(change.path), change.newText, annotation);
    else builder.change(place.uri(change.path), place.version(change.path), lined(before), editsBetween(before, change.newText), annotation);
  }
  const first = plan.changes[0];
  if (builder.empty || !first) return { refused: `${practice.title} is already there.` };
  return { edit: builder.build(), explanation: plan.explanation, todo: [...plan.todo], open: place.uri(first.path) };
}

/** What can be added to a repository: what it lacks or has in part, the most gain first. */
export function addable(card: Scorecard): AddableResult {
  const gains = new Map(card.actions.map(a => [a.controlId, a.gain]));
  const practices = card.controls.flatMap(({ control, verdict }) => {
    const { practice } = control;
    if (!practice?.scaffold || (verdict !== 'missing' && verdict !== 'partial')) return [];
    const gain = Math.round((gains.get(control.id) ?? 0) * 100) / 100;
    return [{ id: practice.id, title: practice.scaffold.title, category: practice.category, gain, summary: practice.docs.summary }];
  });
  const unique = practices.filter((p, i) => practices.findIndex(q => q.id === p.id) === i);
  return { practices: unique.sort((a, b) => b.gain - a.gain || (a.id < b.id ? -1 : 1)) };
}
