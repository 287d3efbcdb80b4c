import type { WorkspaceEdit } from 'vscode-languageserver';
import { PRACTICES } from '../../../rules';
import type { HardenChoice, HardenPlan } from '../../../rules/harden';
import { SCORE_CATEGORIES, type Level, type ScoreCategory } from '../../../rules/practices/practice';
import { shownPoints, type Scorecard } from '../../../rules/scorecard';
import type { HardenChoicesResult, HardenedScore, HardenParams, HardenResult } from '../../protocol';
import { editsBetween } from '../../workspace/diff';
import { choicesFor, harden } from '../../workspace/harden';
import type { RepositoryState } from '../../workspace/repository-state';
import { scorecardOf } from '../../workspace/score';
import { turn } from '../background';
import { EditBuilder, lined, type Annotation } from './edits';
import type { ScaffoldPlace } from './scaffold';

const LOOSE = 'The file belongs to no folder that is open, so nothing is known about its repository.';
const NOTHING = { steps: [], files: 0, remaining: [] };

/** How far the repository can be hardened, and with what. */
export function choicesResult(state: RepositoryState): HardenChoicesResult {
  const options = choicesFor(state), card = scorecardOf(state);
  if (!options || !card) return { score: 0, level: 1, targets: [], practices: [] };
  return {
    score: shownPoints(card.score), level: card.level,
    targets: options.targets.map(t => ({ ...t, categories: [...t.categories] })),
    practices: options.practices.map(p => ({ ...p, gain: hundredths(p.gain) })),
  };
}

/** Everything that the choice asks for as one edit whose changes are to be confirmed. Other messages are handled between two steps. */
export async function hardenResult(
  state: RepositoryState, params: HardenParams, place: ScaffoldPlace, cancelled: () => boolean,
): Promise<HardenResult & { edit?: WorkspaceEdit }> {
  const choice = choiceOf(params);
  if ('refused' in choice) return { ...NOTHING, ...choice };
  const { revision } = state;
  const plan = await harden(state, choice, turn, cancelled);
  if (!plan) return { ...NOTHING, ...(cancelled() ? {} : { refused: LOOSE }) };
  if (state.revision !== revision) return { ...NOTHING, refused: 'The repository has changed in the meantime: try again.' };
  const builder = new EditBuilder(place.client);
  for (const change of plan.changes) {
    const annotation = annotationOf(plan, change.path);
    const before = change.created ? undefined : state.read(change.path);
    if (before === undefined) builder.create(place.uri(change.path), change.newText, annotation);
    else builder.change(place.uri(change.path), place.version(change.path), lined(before), editsBetween(before, change.newText), annotation);
  }
  return {
    ...(builder.empty ? {} : { edit: builder.build() }),
    before: scoreOf(plan.before), after: scoreOf(plan.after), files: plan.changes.length,
    steps: plan.steps.map(s => ({ ...s, gain: hundredths(s.gain), todo: [...s.todo], files: s.files.map(f => place.uri(f)) })),
    remaining: plan.remaining.map(({ id, title, category, level, verdict, reason }) => ({ id, title, category, level, verdict, reason })),
  };
}

function choiceOf({ target, practices, categories, unsafe = false }: HardenParams): HardenChoice | { readonly refused: string } {
  if (practices) {
    const unknown = practices.find(id => !PRACTICES.some(p => p.id === id));
    return unknown === undefined ? { practices, unsafe } : { refused: `There is no practice called ${unknown}.` };
  }
  if (!isLevel(target)) return { refused: 'A repository is hardened up to level 2, 3, 4 or 5.' };
  if (!categories) return { target, unsafe };
  const known = categories.filter((c): c is ScoreCategory => (SCORE_CATEGORIES as readonly string[]).includes(c));
  return known.length === categories.length ? { target, unsafe, categories: known } : { refused: `There are the categories ${SCORE_CATEGORIES.join(', ')}.` };
}

function isLevel(target: number | undefined): target is Level {
  return target === 2 || target === 3 || target === 4 || target === 5;
}

/** What is done to one file, as the preview says it. */
function annotationOf(plan: HardenPlan, path: string): Annotation {
  const own = plan.steps.filter(s => s.files.includes(path)).map(s => s.title);
  const more = own.length > 4 ? ` and ${own.length - 4} more` : '';
  return { label: 'Harden this repository', description: `${own.slice(0, 4).join(', ')}${more}`, confirm: true };
}

function scoreOf(card: Scorecard): HardenedScore {
  return {
    score: shownPoints(card.score), level: card.level, levelName: card.levelName,
    categories: card.categories.map(c => ({ name: c.name, score: shownPoints(c.score), level: c.level, interval: [shownPoints(c.interval[0]), shownPoints(c.interval[1])], applicable: c.applicable })),
  };
}

function hundredths(points: number): number { return Math.round(points * 100) / 100; }
