/** What there is to choose from before anything is done. */
import type { Level, ScoreCategory } from '../practices/practice';
import type { Repository } from '../repository';
import { levelName, type Scorecard } from '../scorecard';
import type { HardenEnv } from './plan';
import { isOpen } from './select';

export interface TargetOption {
  readonly target: Level;
  /** `Managed`. */
  readonly name: string;
  /** Categories below it. */
  readonly categories: readonly ScoreCategory[];
}

export interface HardenOption {
  readonly id: string;
  /** Imperative. */
  readonly title: string;
  readonly summary: string;
  readonly category: ScoreCategory;
  readonly level: Level;
  /** Points on the overall score when it alone were met. */
  readonly gain: number;
  readonly effort: number;
  /** Why it can't be added here, a full sentence; absent where it can. */
  readonly refused?: string;
}

export interface HardenOptions {
  /** Those that some category is below, lowest first. */
  readonly targets: readonly TargetOption[];
  /** What can be added comes first, the most gain by effort first. */
  readonly practices: readonly HardenOption[];
}

const LEVELS: readonly Level[] = [2, 3, 4, 5];

/** @param card the repository's scorecard as it is now. */
export function hardenChoices(repo: Repository, card: Scorecard, env: Pick<HardenEnv, 'writer'>): HardenOptions {
  const targets = LEVELS.map(target => ({ target, name: levelName(target), categories: card.categories.filter(c => c.applicable && c.level < target).map(c => c.name) }))
    .filter(t => t.categories.length > 0);
  const actions = new Map(card.actions.map(a => [a.controlId, a]));
  const write = env.writer?.(repo);
  const practices = card.controls.flatMap(({ control, verdict }): HardenOption[] => {
    const scaffold = control.practice?.scaffold;
    if (!scaffold || !isOpen(verdict)) return [];
    const action = actions.get(control.id);
    const refused = refusal(() => scaffold.plan(repo, write ? { write } : {}));
    // What GitHub alone can answer, and nothing prepares, is no choice.
    if (verdict === 'unknown' && refused !== undefined) return [];
    return [{
      id: control.id, title: scaffold.title, summary: control.practice.docs.summary, category: control.category, level: control.level,
      gain: action?.gain ?? 0, effort: action?.effort ?? 2, ...(refused === undefined ? {} : { refused }),
    }];
  });
  const worth = (o: HardenOption): number => o.gain / o.effort;
  practices.sort((a, b) => Number(a.refused !== undefined) - Number(b.refused !== undefined) || worth(b) - worth(a) || a.level - b.level || (a.id < b.id ? -1 : 1));
  return { targets, practices };
}

function refusal(plan: () => { readonly refused: string } | object): string | undefined {
  try {
    const made = plan();
    return 'refused' in made ? made.refused : undefined;
  } catch (e) {
    return `Adding it failed: ${e instanceof Error ? e.message : String(e)}`;
  }
}
