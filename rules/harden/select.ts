/** What belongs to a choice, and in which order it is done. */
import { RULES } from '../checks';
import type { AnyRule, Config } from '../engine/rule';
import type { PracticeDefinition, ScaffoldKind, ScoreCategory } from '../practices/practice';
import { SCORE_CATEGORIES } from '../practices/practice';
import type { Control, ControlVerdict, Scorecard } from '../scorecard';
import type { HardenChoice } from './plan';

/** What tests comes first: other jobs are added to its workflow. */
const FIRST: readonly ScoreCategory[] = ['Quality', ...SCORE_CATEGORIES.filter(c => c !== 'Quality')];
/** What describes or watches the others comes after what adds to them: workflows, then what edits all of them, then pages about them. */
const KINDS: readonly ScaffoldKind[] = ['job', 'workflow', 'edit', 'file'];

export type ScaffoldedControl = Control & { readonly practice: PracticeDefinition & { readonly scaffold: NonNullable<PracticeDefinition['scaffold']> } };

/** The controls that a choice is about, in the scorecard's order. Decided once, by the score before anything is done. */
export function chosenControls(card: Scorecard, choice: HardenChoice, config: Config): readonly Control[] {
  return card.controls.map(v => v.control).filter(control => {
    if (isOff(control, config)) return false;
    if ('practices' in choice) return control.kind === 'practice' && choice.practices.includes(control.id);
    const category = card.categories.find(c => c.name === control.category)!;
    return control.level <= choice.target && category.level < choice.target && (choice.categories?.includes(control.category) ?? true);
  });
}

function isOff({ id }: Control, config: Config): boolean {
  return config.rules[id]?.severity === 'off' || config.ignore.some(i => (i.rule === id || i.rule === '*') && i.path === undefined);
}

/** Those with a scaffold, in the order in which they are added. */
export function scaffolded(controls: readonly Control[]): readonly ScaffoldedControl[] {
  const late = (c: ScaffoldedControl): number => (c.practice.scaffold.last ? 1 + KINDS.indexOf(c.practice.scaffold.kind) : 0);
  return controls.filter((c): c is ScaffoldedControl => c.practice !== undefined && c.practice.scaffold !== null)
    .map((control, at) => ({ control, at }))
    .sort((a, b) => late(a.control) - late(b.control) || a.control.level - b.control.level
      || FIRST.indexOf(a.control.category) - FIRST.indexOf(b.control.category) || a.at - b.at)
    .map(c => c.control);
}

export interface FixableRule { readonly rule: AnyRule; readonly control: Control }

/** Rules that count as one of the controls and can be fixed, lowest level first. */
export function fixableRules(controls: readonly Control[]): readonly FixableRule[] {
  return [...controls].sort((a, b) => a.level - b.level).flatMap(control => [control.id, ...control.sameAs].flatMap(id => {
    const rule = RULES.find(r => r.id === id && r.fix !== 'none');
    return rule ? [{ rule, control }] : [];
  }));
}

export function verdictOf(card: Scorecard, id: string): ControlVerdict | undefined {
  return card.controls.find(v => v.control.id === id);
}

/** Nothing is added for what is met or doesn't apply. What only GitHub can say may still get a file from which it is set up. */
export function isOpen(verdict: ControlVerdict['verdict']): verdict is 'missing' | 'partial' | 'unknown' {
  return verdict === 'missing' || verdict === 'partial' || verdict === 'unknown';
}
