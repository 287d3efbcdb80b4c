import { DEFAULT_CONFIG, type Repository } from '../../rules';
import { hardenChoices, hardenSteps, type HardenChoice, type HardenEnv, type HardenOptions, type HardenPlan } from '../../rules/harden';
import { assess, documentWriter } from '../../rules/reports';
import { scorecardOf } from './score';
import type { RepositoryState } from './repository-state';

/** How a repository of the workspace is hardened: by its own configuration, with its documents written from what is there then. */
export function hardenEnv(state: RepositoryState): HardenEnv {
  const today = new Date().toISOString().slice(0, 10);
  const configFor = (path: string) => state.configFor(path).config;
  const config = { ...DEFAULT_CONFIG, ...configFor('') };
  return { configFor, today, writer: (repo: Repository) => documentWriter(repo, () => assess(repo, { config, today })) };
}

/**
 * The plan for a complete repository; undefined where it is a loose one or `cancelled` says so. `pause` is waited for between two
 * steps: nothing else is held up.
 */
export async function harden(
  state: RepositoryState, choice: HardenChoice, pause: () => Promise<void> = () => Promise.resolve(), cancelled: () => boolean = () => false,
): Promise<HardenPlan | undefined> {
  const { repository } = state;
  if (!repository) return undefined;
  const steps = hardenSteps(repository, hardenEnv(state), choice);
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
    await pause();
    if (cancelled()) return undefined;
  }
}

/** What there is to choose from; undefined for a loose repository. */
export function choicesFor(state: RepositoryState): HardenOptions | undefined {
  const { repository } = state, card = scorecardOf(state);
  return repository && card && hardenChoices(repository, card, hardenEnv(state));
}
