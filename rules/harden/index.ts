/** Hardens a repository in one change: everything that a choice asks for and that can be added or fixed without a person. */
import type { FileChange } from '../practices/practice';
import type { Repository } from '../repository';
import type { HardenChoice, HardenEnv, HardenPlan, HardenProgress, HardenStep } from './plan';
import { remaining } from './remaining';
import { chosenControls, fixableRules, scaffolded } from './select';
import { stateOf, type State } from './state';
import { addPractice, fixRule, isDone, type Tried } from './steps';

export * from './plan';
export { hardenChoices, type HardenOption, type HardenOptions, type TargetOption } from './choices';

/** What one step makes possible the next round adds. Nothing known needs more than three. */
const MAX_ROUNDS = 8;

/** The whole plan at once; see `hardenSteps` for one that can be interrupted. */
export function hardenPlan(repo: Repository, env: HardenEnv, choice: HardenChoice): HardenPlan {
  const steps = hardenSteps(repo, env, choice);
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

/**
 * Makes the plan step by step: undefined is told for what was tried without changing anything. Scaffolds and fixes are applied one
 * after the other, each to what the earlier ones have left, until a whole round changes nothing; so the plan for its own result is
 * empty. A step that would lower the score of any category is not made. The order depends on nothing but the repository's contents.
 */
export function* hardenSteps(repo: Repository, env: HardenEnv, choice: HardenChoice): Generator<HardenProgress | undefined, HardenPlan> {
  let state = stateOf(repo, env);
  yield undefined;
  const { card: before } = state;
  const controls = chosenControls(before, choice, env.configFor(''));
  const fixes = fixableRules(controls), additions = scaffolded(controls);
  const last = additions.filter(c => c.practice.scaffold.last), early = additions.filter(c => !c.practice.scaffold.last);
  const steps: HardenStep[] = [];
  const whyNot = new Map<string, string>(), added = new Set<string>();

  const settle = (id: string, tried: Tried): HardenProgress | undefined => {
    whyNot.delete(id);
    if (!isDone(tried)) {
      if (tried.why !== undefined) whyNot.set(id, tried.why);
      return undefined;
    }
    const from: State = state;
    ({ state } = tried);
    steps.push(tried.step);
    if (tried.step.kind === 'add') added.add(id);
    return { step: tried.step, before: from.repo, after: state.repo };
  };

  for (let round = 0; round < MAX_ROUNDS; round++) {
    const made = steps.length;
    for (const fix of fixes) yield settle(fix.rule.id, fixRule(state, fix, choice, env));
    for (const control of early) yield settle(control.id, addPractice(state, control, env));
    // What describes the others waits until there is nothing left to describe anew.
    if (steps.length > made) continue;
    for (const control of last) yield settle(control.id, addPractice(state, control, env));
    if (steps.length === made) break;
  }
  return {
    steps: merged(steps), changes: changesBetween(repo, state.repo, steps), before, after: state.card,
    remaining: remaining(state, controls, choice, whyNot, added),
  };
}

/** One for each practice and rule: what a later round adds to it belongs to the first. */
function merged(steps: readonly HardenStep[]): HardenStep[] {
  const out: HardenStep[] = [];
  for (const step of steps) {
    const at = out.findIndex(s => s.id === step.id && s.kind === step.kind), first = out[at];
    if (!first) out.push(step);
    else out[at] = { ...first, gain: first.gain + step.gain, todo: [...new Set([...first.todo, ...step.todo])], files: [...new Set([...first.files, ...step.files])].sort() };
  }
  return out;
}

function changesBetween(before: Repository, after: Repository, steps: readonly HardenStep[]): FileChange[] {
  const paths = [...new Set(steps.flatMap(s => s.files))].sort();
  return paths.flatMap(path => {
    const newText = after.read(path);
    return newText === undefined || newText === before.read(path) ? [] : [{ path, created: !before.has(path), newText }];
  });
}
