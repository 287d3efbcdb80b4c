/** What is left to the person, and why. */
import type { Control } from '../scorecard';
import type { HardenChoice, RemainingControl } from './plan';
import { fixableRules, isOpen, verdictOf } from './select';
import { findingsOf, type State } from './state';

/** @param whyNot why a practice wasn't added or a rule not fixed, by id. */
export function remaining(state: State, controls: readonly Control[], choice: HardenChoice, whyNot: ReadonlyMap<string, string>, added: ReadonlySet<string>): RemainingControl[] {
  return controls.flatMap((control): RemainingControl[] => {
    const verdict = verdictOf(state.card, control.id);
    if (!verdict || !isOpen(verdict.verdict)) return [];
    const { id, kind, title, category, level } = control;
    const reason = reasons(state, control, choice, whyNot, added, verdict.lookedFor);
    return [{ id, kind, title, category, level, verdict: verdict.verdict, reason }];
  });
}

function reasons(
  state: State, control: Control, choice: HardenChoice, whyNot: ReadonlyMap<string, string>, added: ReadonlySet<string>, lookedFor: readonly string[],
): string {
  const { verdict, evidence } = verdictOf(state.card, control.id)!;
  const [place] = evidence;
  const looked = control.kind === 'rule' && place ? `${place.path}: ${place.text}` : lookedFor.length > 0 ? sentence(lookedFor.slice(0, 2).join('; ')) : '';
  if (verdict === 'unknown') {
    return join(added.has(control.id) ? 'The files are there; the rest is up to GitHub.' : 'Files don\'t say, only GitHub does.', looked);
  }
  const fixes = fixReasons(state, control, choice, whyNot);
  if (control.practice?.scaffold) {
    const refused = whyNot.get(control.id);
    if (added.has(control.id)) return join('What could be added was; the rest needs you.', looked, fixes);
    return join(refused ?? 'Nothing more can be added here.', fixes, refused === undefined ? looked : '');
  }
  return join(fixes === '' ? 'It needs decisions that only you can make.' : fixes, looked);
}

/** What keeps the rules behind a control from being fixed. */
function fixReasons(state: State, control: Control, choice: HardenChoice, whyNot: ReadonlyMap<string, string>): string {
  const out = new Set<string>();
  for (const { rule } of fixableRules([control])) {
    const open = state.repo.documents.flatMap(d => findingsOf(state, d.path, rule.id));
    const first = open.flatMap(f => f.fixes.slice(0, 1));
    if (!choice.unsafe && first.some(f => f.safety === 'unsafe')) out.add(`The fix of ${rule.id} can change what a run does: it is made where unsafe fixes are asked for.`);
    if (first.some(f => f.needs && (choice.unsafe || f.safety === 'safe'))) out.add(`The fix of ${rule.id} needs a look-up on the network, which is made file by file.`);
    const why = open.length > 0 ? whyNot.get(rule.id) : undefined;
    if (why !== undefined && rule.id !== control.practice?.id) out.add(`${rule.id}: ${why}`);
  }
  return [...out].join(' ');
}

function sentence(text: string): string {
  const trimmed = text.trim().replace(/[.;,]$/, '');
  return trimmed === '' ? '' : `Still open: ${trimmed}.`;
}

function join(...parts: readonly string[]): string { return parts.filter(p => p !== '').join(' '); }
