/** One step: a scaffold, or the fixes of one rule in all files. Tried out, and taken back where it would cost points. */
import { applyFixes, type AppliedFix } from '../engine/fix';
import type { FileChange } from '../practices/practice';
import type { HardenChoice, HardenEnv, HardenStep } from './plan';
import { isOpen, verdictOf, type FixableRule, type ScaffoldedControl } from './select';
import { changed, findingsOf, loss, strict, type State } from './state';

export interface Done { readonly step: HardenStep; readonly state: State }
/** `why` is a full sentence. */
export interface NotDone { readonly why?: string }
export type Tried = Done | NotDone;

const NOTHING: NotDone = {};

export function isDone(tried: Tried): tried is Done { return 'step' in tried; }

/** Adds a practice as far as something is missing. */
export function addPractice(state: State, control: ScaffoldedControl, env: HardenEnv): Tried {
  const { practice } = control;
  const verdict = verdictOf(state.card, control.id);
  if (!verdict || !isOpen(verdict.verdict)) return NOTHING;
  let plan;
  try {
    plan = practice.scaffold.plan(state.repo, env.writer ? { write: env.writer(state.repo) } : {});
  } catch (e) {
    return { why: `Adding it failed: ${e instanceof Error ? e.message : String(e)}` };
  }
  if ('refused' in plan) return { why: plan.refused };
  return take(state, plan.changes, env, {
    kind: 'add', id: control.id, title: practice.scaffold.title, category: control.category, level: control.level,
    effort: effortOf(state, control.id, 2), explanation: plan.explanation, todo: plan.todo,
  });
}

/** Fixes what a rule finds, everywhere. Fixes that need the network are left out. */
export function fixRule(state: State, { rule, control }: FixableRule, choice: HardenChoice, env: HardenEnv): Tried {
  const safety = choice.unsafe ? 'unsafe' : 'safe';
  const changes: FileChange[] = [], applied: AppliedFix[] = [];
  let why: string | undefined;
  for (const document of state.repo.documents) {
    const { path, text } = document;
    if (document.problems.length > 0 || !findingsOf(state, path, rule.id).some(f => f.fixes.length > 0)) continue;
    const config = strict(env.configFor(path));
    const fixed = applyFixes(path, text, { safety, rule: rule.id, env: { config, repository: state.repo, rules: [rule], today: env.today } });
    why ??= fixed.refused[0]?.reason;
    if (fixed.text === text) continue;
    changes.push({ path, created: false, newText: fixed.text });
    applied.push(...fixed.applied);
  }
  if (changes.length === 0) return { why };
  const titles = [...new Set(applied.map(a => a.title))];
  return take(state, changes, env, {
    kind: 'fix', id: rule.id, title: titles.length === 1 ? titles[0]! : `Fix ${rule.id} in ${counted(applied.length, 'place')}`,
    category: control.category, level: control.level, effort: effortOf(state, control.id, choice.unsafe ? 3 : 1),
    explanation: `${rule.docs.summary.replace(/\.?$/, '.')} ${rule.docs.why.replace(/\.?$/, '.')}`, todo: [],
  });
}

function take(state: State, changes: readonly FileChange[], env: HardenEnv, about: Omit<HardenStep, 'gain' | 'files'>): Tried {
  const real = changes.filter(c => state.repo.read(c.path) !== c.newText);
  if (real.length === 0) return NOTHING;
  const unread = real.find(c => state.repo.has(c.path) && state.repo.read(c.path) === undefined);
  if (unread) return { why: `${unread.path} is there and can't be read.` };
  const next = changed(state, real, env);
  const why = loss(state.card, next.card);
  if (why !== undefined) return { why };
  return { state: next, step: { ...about, gain: next.card.score - state.card.score, files: real.map(c => c.path).sort() } };
}

function effortOf(state: State, id: string, otherwise: number): number {
  return state.card.actions.find(a => a.controlId === id)?.effort ?? otherwise;
}

export function counted(n: number, word: string): string { return `${n} ${word}${n === 1 ? '' : 's'}`; }
