/** CI systems beside GitHub Actions: what they run is not looked into, so what may be theirs is not said to be missing. */
import type { Repository } from '../../repository';
import type { Verdict } from '../practice';

/** The one file a system goes by, and folders in which every file has a purpose of its own. */
const SINGLE =
  /^(?:\.circleci\/config|\.travis|\.?azure-pipelines|\.gitlab-ci|\.?appveyor|\.cirrus|\.drone|\.woodpecker|bitbucket-pipelines)\.ya?ml$|^Jenkinsfile$/;
const FOLDER =
  /^\.(?:azure-?pipelines|azuredevops|pipelines|vsts-ci|vsts|ado|buildkite|semaphore|woodpecker)\/(?:[\w.-]+\/){0,8}[\w.-]+\.ya?ml$/;
const MAX_FILES = 60, MAX_TEXT = 100_000;

/** What each of them would say, in the words of its commands and tasks. Of a file that can't be read, its name is asked. */
const WORDS = {
  'artifact-signing': /\bcosign\b|\b(?:should)?(?:code)?sign(?:ing|ed|tool)?\b|\bgpg\b|(?:esrp|file)[-_]?(?:code)?sign/i,
  'complexity-gate': /complexity|\blizard\b|\bradon\b|\bgocyclo\b|\brubocop\b|\bdetekt\b|\bphpmd\b/i,
  'e2e-smoke': /\be2e\b|end-to-end|playwright|cypress|selenium|maestro|\bsmoke\b/i,
  'integration-tests': /integration|docker[- ]compose|\b(?:postgres|mysql|mariadb|redis|mongo)/i,
  'lint-and-types':
    /\blint|format[-_: ]?check|--check\b|\banalyz|\b(?:rubocop|flake8|ruff|mypy|tsc|eslint|prettier|clippy|phpstan|psalm|pre-commit)\b/i,
  'migration-tests': /\bmigrat|\bdb:(?:setup|create|schema)|\b(?:alembic|flyway|liquibase)\b/i,
  provenance: /provenance|attest|\bslsa\b/i,
  'release-automation': /\breleas|\bpublish|\bdeploy/i,
  sbom: /\bsbom\b|\bsyft\b|cyclonedx|ManifestGenerator/i,
  'scan-container': /\b(?:trivy|grype|anchore|clair)\b|docker scout|container[-_ ]?scan/i,
  'scan-dependencies':
    /\baudit\b|osv-scanner|govulncheck|\b(?:snyk|trivy|grype|safety)\b|dependency[-_ ]?(?:check|scan)|component[-_ ]?(?:governance|detection)/i,
  'scan-iac': /\b(?:checkov|tfsec|kics|terrascan)\b|trivy config/i,
  'scan-sast': /\b(?:codeql|semgrep|bandit|gosec|brakeman|sonar\w*|coverity|spotbugs|sast)\b|snyk code/i,
  'scan-secrets': /gitleaks|trufflehog|detect-secrets|ggshield|git-secrets|cred-?scan|secret[-_ ]?(?:scan|detection)/i,
  'unit-tests': /\btests?\b|\bspecs?\b|\b(?:pytest|jest|rspec|phpunit|ctest|xunit|pester)\b|\bcheck\b/i,
} as const;

/** What every CI system is set up for first: one file that can't be read may do these. Of the rest it would say so by its name. */
const CHECKS: ReadonlySet<string> = new Set<keyof typeof WORDS>(['unit-tests', 'lint-and-types', 'integration-tests', 'e2e-smoke',
  'migration-tests', 'scan-sast', 'scan-dependencies']);

/** Unknown in place of missing, where the settings of another CI system speak of it or can't be read. */
export function elsewhere(repo: Repository, practice: keyof typeof WORDS, verdict: Verdict): Verdict {
  if (verdict.result !== 0) return verdict;
  const words = WORDS[practice];
  const found = repo.files.filter(f => SINGLE.test(f) || FOLDER.test(f)).slice(0, MAX_FILES * 4);
  // A folder's files are named after what they do; the words of names are apart by more than hyphens.
  const path = found.find((f, i) => {
    const text = i < MAX_FILES ? repo.read(f)?.slice(0, MAX_TEXT) : undefined;
    return text !== undefined ? words.test(text.replace(/^\s*#.*$/gm, '')) 
      : (CHECKS.has(practice) && SINGLE.test(f))
        || words.test(f.replace(/[-_./]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2'));
  });
  if (path === undefined) return verdict;
  return { result: 'unknown', evidence: [{ path, text: 'another CI system is set up' }],
    lookedFor: [`whether ${path} does it: what other CI systems run is not looked into`, ...verdict.lookedFor] };
}
