import type { PracticeDefinition } from '../../rules';
import { computeScorecard, type Scorecard } from '../../rules/scorecard';
import type { RepositoryState } from './repository-state';

/** A practice that applies, that nothing shows, and that can be added. */
export interface MissingPractice { readonly practice: PracticeDefinition; readonly message: string }

/** The scorecard of a complete repository; undefined for a loose one. */
export function scorecardOf(state: RepositoryState): Scorecard | undefined {
  const { repository } = state;
  if (!repository) return undefined;
  const whole = state.repositoryAnalysis()!;
  const analyses = repository.documents.map(d => state.analysis(d.path)!.analysis);
  const findings = [...whole.findings.values()].flat();
  return computeScorecard(repository, [...analyses, { findings, tallies: whole.tallies }], { targets: state.configFor('').config.targets });
}

/** The practices that a repository lacks and that can be added to it, in the scorecard's order. */
export function missingPractices(card: Scorecard): MissingPractice[] {
  return card.controls.flatMap(({ control, verdict }) => {
    const { practice } = control;
    if (!practice?.scaffold || verdict !== 'missing') return [];
    return [{ practice, message: `${practice.title}: not found in this repository. ${practice.docs.why}` }];
  });
}
