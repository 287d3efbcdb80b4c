import { analyze, analyzeRepository, type Analysis, type Config, type PracticeDefinition, type RepositoryAnalysis } from '../../rules';
import { computeScorecard, type Scorecard } from '../../rules/scorecard';
import { documentWriter, ordered, type Assessment } from '../../rules/reports';
import type { GeneratedDocument } from '../../rules/practices/practice';
import type { RepositoryState } from './repository-state';

/** A practice that applies, that nothing shows, and that can be added. */
export interface MissingPractice { readonly practice: PracticeDefinition; readonly message: string }

const strictConfigs = new WeakMap<Config, Config>();
const strictAnalyses = new WeakMap<RepositoryState, Map<string, Analysis>>();

/**
 * The scorecard of a complete repository; undefined for a loose one. Every rule counts, whatever the profile shows as diagnostics:
 * two people who look at one repository must read one score. Rules that its configuration turns off don't count.
 */
export function scorecardOf(state: RepositoryState): Scorecard | undefined { return assessmentOf(state)?.card; }

/** The scorecard with every finding that it is made from; undefined for a loose repository. */
export function assessmentOf(state: RepositoryState): Assessment | undefined {
  const { repository } = state;
  if (!repository) return undefined;
  const before = strictAnalyses.get(state);
  const now = new Map<string, Analysis>();
  for (const document of repository.documents) {
    const { config } = state.configFor(document.path);
    now.set(document.path, config.profile === 'strict'
      ? state.analysis(document.path)!.analysis
      : analyze(document, { config: strict(config), repository }, before?.get(document.path)));
  }
  strictAnalyses.set(state, now);
  const { config } = state.configFor('');
  const whole: RepositoryAnalysis = config.profile === 'strict' ? state.repositoryAnalysis()! : analyzeRepository(repository, { config: strict(config), repository });
  const analyses = [...now.values()];
  const findings = [...whole.findings.values()].flat();
  const card = computeScorecard(repository, [...analyses, { findings, tallies: whole.tallies }], { targets: config.targets });
  // Most who ask want the score alone.
  return { repo: repository, card, get findings() { return ordered([...analyses.flatMap(a => a.findings), ...findings]); } };
}

/** What writes the documents that practices ask for; undefined for a loose repository. */
export function writerOf(state: RepositoryState): ((document: GeneratedDocument) => string) | undefined {
  const { repository } = state;
  return repository && documentWriter(repository, () => assessmentOf(state)!);
}

function strict(config: Config): Config {
  let made = strictConfigs.get(config);
  if (!made) strictConfigs.set(config, made = { ...config, profile: 'strict' });
  return made;
}

/** The practices that a repository lacks and that can be added to it, in the scorecard's order. */
export function missingPractices(card: Scorecard): MissingPractice[] {
  return card.controls.flatMap(({ control, verdict }) => {
    const { practice } = control;
    if (!practice?.scaffold || verdict !== 'missing') return [];
    return [{ practice, message: `${practice.title}: not found in this repository. ${practice.docs.why}` }];
  });
}
