/**
 * The one table of controls: which rules and practices count, in which category, at which level. It names controls whose rule or
 * practice may not be written yet: those are passed over until the registry has them, so the table grows by data only.
 *
 * A rule that says the same thing as a practice is no control of its own: the practice is (under its id, at its level). Such a
 * rule still reports in files; it only isn't counted twice.
 */
import type { AnyRule, Severity } from '../engine/rule';
import type { Level, PracticeDefinition, ScoreCategory } from '../practices/practice';

export interface Control {
  readonly id: string;
  readonly kind: 'rule' | 'practice';
  readonly title: string;
  readonly category: ScoreCategory;
  readonly level: Level;
  readonly severity: Severity;
  readonly rule?: AnyRule;
  readonly practice?: PracticeDefinition;
  /** Rules that say the same and are not counted themselves. Their findings lead to this control. */
  readonly sameAs: readonly string[];
  /** Needs GitHub's settings: unknown without them, or as far as the practice can't tell from the files. */
  readonly settings?: SettingsControl;
}

export interface SettingsControl {
  readonly id: string;
  readonly title: string;
  readonly category: ScoreCategory;
  readonly level: Level;
  readonly severity: Severity;
  /** What has to be looked at by hand or with a token. */
  readonly lookedFor: string;
  /** `deploys`: only where a job deploys. */
  readonly applies: 'always' | 'deploys';
}

type Row = Readonly<Partial<Record<Level, string>>>;

/** Rules by category and level; severity is the rule's own. */
export const RULE_CONTROLS: Readonly<Record<ScoreCategory, Row>> = {
  Security: {
    2: `script-injection-run script-injection-github-script injection-step-output injection-action-code-input pr-target-untrusted-checkout
        checkout-unsafe-opt-in insecure-commands secret-hardcoded
        container-credentials-hardcoded permissions-write-all condition-always-true self-hosted-on-untrusted deploy-from-pr action-vulnerable`,
    3: `permissions-missing permissions-workflow-write unpinned-action unpinned-reusable-workflow checkout-guard-missing comment-command-unauthorized
        workflow-run-untrusted-artifact workflow-run-unchecked-result pr-target-trigger deploy-on-any-branch condition-unsound env-file-injection path-file-injection injection-caller-input prompt-injection
        secrets-inherit secrets-all-exposed artifact-leaks-workspace cache-write-low-trust
        scan-sast-missing scan-sca-missing scan-secrets-missing`,
    4: `checkout-persist-credentials oidc-token-broad cloud-static-credentials publish-token-over-oidc secret-broad-env secret-in-script unpinned-image
        lockfile-incomplete pin-comment-mismatch cache-in-release scan-container-missing scan-iac-missing scan-non-blocking workflow-lint-missing
        sbom-missing label-gate-toctou spoofable-actor-check download-execute-unverified`,
    5: `provenance-missing signing-missing attestation-unverified lockfile-missing runner-no-egress-control scan-dast-missing permissions-unused-scope
        action-transitive-unpinned fuzzing-missing`,
  },
  Quality: {
    2: 'tests-missing-on-pr lint-missing graph-invalid',
    3: 'typecheck-missing scan-not-on-pr soft-fail-gate',
    4: 'coverage-gate-missing e2e-missing soft-fail-shell migration-check-missing',
    5: 'contract-test-missing load-test-missing matrix-single-runtime license-scan-missing',
  },
  Reliability: {
    2: 'timeout-missing runner-label-unknown runner-image-retired local-action-before-checkout',
    3: 'concurrency-missing concurrency-cancels-deploy deploy-without-gate always-on-deploy install-unlocked package-lockfile-missing',
    4: 'health-check-missing smoke-test-missing pipefail-missing service-health-missing action-runtime-outdated concurrency-deadlock',
    5: 'rollback-missing drift-detection-missing rebuild-per-environment network-step-no-retry',
  },
  Automation: {
    2: 'update-bot-missing',
    3: 'actions-ecosystem-missing ecosystem-uncovered dependency-review-missing',
    4: 'cooldown-missing deploy-no-environment updates-unmanaged apply-unattended',
    5: 'automerge-confused-deputy lockfile-stale deploy-notification-missing',
  },
  'Developer Experience': {
    2: 'workflow-unnamed',
    3: 'cache-missing schedule-hotspot',
    4: 'job-summary-missing test-results-unpublished deprecated-commands',
    5: 'self-repository-ref permissions-insufficient',
  },
  Organisation: {
    2: 'license-missing security-policy-missing branch-unprotected',
    3: `codeowners-missing review-policy-weak required-checks-missing default-token-write code-security-settings-off alerts-off environment-unprotected`,
    4: 'workflows-unowned environment-open-branches actions-policy-open fork-approval-weak',
    5: 'release-mutable environment-self-approval execution-protection-missing log-retention-short',
  },
};

/** Practices by category and level; where the two tables differ about one thing, this one wins. */
export const PRACTICE_CONTROLS: Readonly<Record<ScoreCategory, Row>> = {
  Security: {
    3: 'scan-secrets scan-sast scan-dependencies dependency-review',
    4: 'scan-container scan-iac scan-blocking scan-results-published oidc-cloud-auth sbom',
    5: 'scan-dast artifact-signing provenance secrets-manager runner-hardening threat-model compliance-map',
  },
  Quality: {
    2: 'unit-tests lint-and-types',
    3: 'no-soft-failures coverage-gate-70 integration-tests',
    4: 'coverage-gate-80 e2e-smoke migration-tests contract-tests complexity-gate',
    5: 'coverage-gate-90 load-tests performance-regression documentation-gate accessibility-checks build-budget slo-documented',
  },
  Reliability: {
    2: 'timeouts',
    3: 'concurrency-control deploy-gated',
    4: 'deploy-health-check rollback preflight pre-deploy-backup artifact-immutability flaky-test-handling',
    5: 'progressive-delivery drift-detection chaos-tests breaking-change-check deploy-metadata',
  },
  Automation: {
    2: 'update-bot',
    3: 'scheduled-scans release-automation',
    4: 'failure-triage notifications',
    5: 'auto-remediation self-healing',
  },
  'Developer Experience': {
    2: 'dependency-cache',
    3: 'fast-feedback job-summaries one-command-setup',
    4: 'local-hooks workflow-metadata',
    5: 'fast-feedback-5 pipeline-diagram',
  },
  Organisation: {
    // One policy may stand for the whole organisation, and only GitHub knows: what files alone don’t tell is here.
    2: 'branch-protection security-policy',
    3: 'codeowners environment-approval',
    4: 'runbook decision-records',
    5: 'governance audit-trail pipeline-metrics',
  },
};

/** Rule → the practice that is the same thing. */
export const SAME_AS_PRACTICE: Readonly<Record<string, string>> = {
  'scan-secrets-missing': 'scan-secrets',
  'scan-sast-missing': 'scan-sast',
  'scan-sca-missing': 'scan-dependencies',
  'dependency-review-missing': 'dependency-review',
  'scan-container-missing': 'scan-container',
  'scan-iac-missing': 'scan-iac',
  'scan-dast-missing': 'scan-dast',
  'scan-non-blocking': 'scan-blocking',
  'sbom-missing': 'sbom',
  'provenance-missing': 'provenance',
  'signing-missing': 'artifact-signing',
  'cloud-static-credentials': 'oidc-cloud-auth',
  'runner-no-egress-control': 'runner-hardening',
  'security-policy-missing': 'security-policy',
  'tests-missing-on-pr': 'unit-tests',
  'lint-missing': 'lint-and-types',
  'typecheck-missing': 'lint-and-types',
  'soft-fail-gate': 'no-soft-failures',
  'soft-fail-shell': 'no-soft-failures',
  'coverage-gate-missing': 'coverage-gate-70',
  'e2e-missing': 'e2e-smoke',
  'migration-check-missing': 'migration-tests',
  'contract-test-missing': 'contract-tests',
  'load-test-missing': 'load-tests',
  'timeout-missing': 'timeouts',
  'concurrency-missing': 'concurrency-control',
  'deploy-without-gate': 'deploy-gated',
  'health-check-missing': 'deploy-health-check',
  'smoke-test-missing': 'deploy-health-check',
  'rollback-missing': 'rollback',
  'drift-detection-missing': 'drift-detection',
  'rebuild-per-environment': 'artifact-immutability',
  'update-bot-missing': 'update-bot',
  'actions-ecosystem-missing': 'update-bot',
  'ecosystem-uncovered': 'update-bot',
  'cooldown-missing': 'update-bot',
  'deploy-notification-missing': 'notifications',
  'cache-missing': 'dependency-cache',
  'job-summary-missing': 'job-summaries',
  'codeowners-missing': 'codeowners',
  'workflows-unowned': 'codeowners',
  'branch-unprotected': 'branch-protection',
  'review-policy-weak': 'branch-protection',
  'required-checks-missing': 'branch-protection',
  'environment-unprotected': 'environment-approval',
};

/** Controls that only GitHub's settings can answer. Each stands in Organisation, so that every other category is exact offline. */
export const SETTINGS_CONTROLS: readonly SettingsControl[] = [
  {
    id: 'branch-protection', title: 'Branch protection', category: 'Organisation', level: 2, severity: 'medium', applies: 'always',
    lookedFor: 'a ruleset or protection on the default branch with reviews and required checks: needs a GitHub token',
  },
  {
    id: 'environment-approval', title: 'Environment approval', category: 'Organisation', level: 3, severity: 'medium', applies: 'deploys',
    lookedFor: 'required reviewers on the environments that jobs deploy to: needs a GitHub token',
  },
];

interface Place { readonly category: ScoreCategory; readonly level: Level }

function placesOf(table: Readonly<Record<ScoreCategory, Row>>): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [category, row] of Object.entries(table) as [ScoreCategory, Row][])
    for (const [level, ids] of Object.entries(row)) for (const id of ids.trim().split(/\s+/)) places.set(id,
      { category, level: Number(level) as Level });
  return places;
}

const RULE_PLACES = placesOf(RULE_CONTROLS);
const PRACTICE_PLACES = placesOf(PRACTICE_CONTROLS);

/** Where the scorecard puts a rule or practice; undefined for what isn't scored. */
export function controlPlace(kind: 'rule' | 'practice', id: string): Place | undefined {
  return (kind === 'rule' ? RULE_PLACES : PRACTICE_PLACES).get(id);
}

/**
 * The controls of a registry, in the table's order. Each id stands once. A rule whose practice is in the registry (or needs
 * settings) gives way to it; as long as the practice isn't written, the rule counts.
 */
export function controlsOf(rules: readonly AnyRule[], practices: readonly PracticeDefinition[]): Control[] {
  const byRule = new Map(rules.map(r => [r.id, r])), byPractice = new Map(practices.map(p => [p.id, p]));
  const settings = new Map(SETTINGS_CONTROLS.map(s => [s.id, s]));
  const controls: Control[] = [];
  const same = (id: string): string[] => Object.keys(SAME_AS_PRACTICE).filter(rule => SAME_AS_PRACTICE[rule] === id);
  for (const [id, place] of PRACTICE_PLACES) {
    const practice = byPractice.get(id), setting = settings.get(id);
    if (practice) controls.push({ id, kind: 'practice', title: practice.title, ...place, severity: practice.severity, practice,
      sameAs: same(id), ...(setting ? { settings: setting } : {}) });
    else if (setting) controls.push({ id, kind: 'practice', title: setting.title, ...place, severity: setting.severity, settings: setting,
      sameAs: same(id) });
  }
  for (const [id, place] of RULE_PLACES) {
    const rule = byRule.get(id), practice = SAME_AS_PRACTICE[id];
    if (!rule || (practice !== undefined && (byPractice.has(practice) || settings.has(practice)))) continue;
    controls.push({ id, kind: 'rule', title: rule.docs.summary, ...place, severity: rule.severity, rule, sameAs: [] });
  }
  return controls;
}
