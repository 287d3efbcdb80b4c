/** The threats to a pipeline, each with what exposes it, what stands against it, and which rules look for it. One table. */
import type { RuleCategory } from '../../engine/rule';
import type { Repository } from '../../repository';
import type { Fact } from '../places';
import * as surface from './surface';

export type Stride = 'Spoofing' | 'Tampering' | 'Repudiation' | 'Information disclosure' | 'Denial of service' | 'Elevation of privilege';

export interface Threat {
  readonly id: string;
  readonly title: string;
  readonly stride: readonly Stride[];
  /** What an attacker does, and what comes of it. */
  readonly attack: string;
  /** What of this repository is exposed to it; nothing where it has no such thing. */
  exposed(repo: Repository): Fact[];
  /** What stands against it, read from the files. */
  guards(repo: Repository): Fact[];
  /** Controls of the scorecard (practices, or rules without a practice) that stand against it. */
  readonly controls: readonly string[];
  /** Those without which the risk is no low one. */
  readonly key: readonly string[];
  /** Rules whose findings belong here; those of `categories` that no threat names come along. */
  readonly rules: readonly string[];
  readonly categories: readonly RuleCategory[];
  /** What no file of a repository says. */
  readonly unseen: readonly string[];
}

const none = (): Fact[] => [];

export const THREATS: readonly Threat[] = [
  {
    id: 'workflow-injection', title: 'Workflow injection', stride: ['Tampering', 'Elevation of privilege'],
    attack: 'Somebody puts commands into a title, a branch name, a comment or the code of a pull request, and a workflow runs them with its own token and secrets.',
    exposed: surface.outsiders, guards: repo => surface.setPermissions(repo),
    controls: ['script-injection-run', 'script-injection-github-script', 'injection-step-output', 'injection-caller-input', 'pr-target-untrusted-checkout', 'checkout-guard-missing',
      'workflow-run-untrusted-artifact', 'comment-command-unauthorized', 'condition-always-true', 'self-hosted-on-untrusted', 'workflow-lint-missing'],
    key: [],
    rules: ['self-hosted-on-untrusted', 'deploy-from-pr'], categories: ['injection', 'triggers'],
    unseen: ['whether runs of first-time contributors wait for an approval (Settings → Actions)'],
  },
  {
    id: 'compromised-action', title: 'Compromised action', stride: ['Tampering', 'Elevation of privilege'],
    attack: 'An action or reusable workflow of somebody else is taken over, and its tag is moved: the next run executes the new code with this repository’s token and secrets.',
    exposed: surface.actions, guards: surface.pinnedActions,
    controls: ['unpinned-action', 'unpinned-reusable-workflow', 'action-vulnerable', 'pin-comment-mismatch', 'lockfile-incomplete', 'action-transitive-unpinned', 'update-bot', 'runner-hardening'],
    key: ['unpinned-action', 'update-bot'],
    rules: ['unpinned-action', 'unpinned-reusable-workflow', 'action-vulnerable', 'action-archived', 'action-transitive-unpinned', 'action-identity-risk', 'action-unverified-owner', 'pin-comment-mismatch',
      'pin-impostor-commit', 'pin-too-fresh', 'ref-ambiguous', 'lockfile-missing', 'lockfile-incomplete', 'lockfile-invalid', 'lockfile-stale', 'self-repository-ref', 'runner-no-egress-control'],
    categories: [],
    unseen: ['which actions the organisation allows (Settings → Actions → Policies)'],
  },
  {
    id: 'secret-exposure', title: 'Secret exposure', stride: ['Information disclosure'],
    attack: 'A secret gets into a log, an artifact, a cache or the environment of code that doesn’t need it, and is read there.',
    exposed: surface.secrets, guards: repo => [...surface.bareCheckouts(repo), ...surface.setPermissions(repo)],
    controls: ['scan-secrets', 'secrets-manager', 'secret-hardcoded', 'secret-broad-env', 'secret-in-script', 'secrets-inherit', 'secrets-all-exposed', 'artifact-leaks-workspace', 'checkout-persist-credentials', 'runner-hardening'],
    key: ['scan-secrets'],
    rules: ['artifact-leaks-workspace', 'artifact-secret-files', 'checkout-persist-credentials', 'permissions-read-all', 'runner-no-egress-control'], categories: ['secrets'],
    unseen: ['whether secret scanning and push protection are on (Settings → Code security)', 'when secrets were last replaced'],
  },
  {
    id: 'dependency-injection', title: 'Dependency injection', stride: ['Tampering'],
    attack: 'A package that is installed or downloaded during the build is replaced by another: a new release, a look-alike name, or a file behind the same address.',
    exposed: surface.dependencies, guards: surface.lockfiles,
    controls: ['scan-dependencies', 'dependency-review', 'update-bot', 'install-unlocked', 'package-lockfile-missing', 'download-execute-unverified', 'sbom'],
    key: ['scan-dependencies', 'update-bot'],
    rules: ['install-unlocked', 'install-adhoc-unpinned', 'package-lockfile-missing', 'download-execute-unverified', 'dependency-source-ambiguous', 'binary-in-repo'], categories: ['dependencies'],
    unseen: ['whether Dependabot alerts are on (Settings → Code security)'],
  },
  {
    id: 'container-tampering', title: 'Container tampering', stride: ['Tampering', 'Spoofing'],
    attack: 'The image that a job runs in, that a Dockerfile starts from or that is released isn’t the one that was looked at: its tag has moved, or somebody pushed over it.',
    exposed: surface.containers, guards: surface.pinnedImages,
    controls: ['scan-container', 'unpinned-image', 'artifact-signing', 'provenance', 'artifact-immutability', 'sbom'],
    key: ['scan-container'],
    rules: ['unpinned-image', 'dockerfile-base-unpinned', 'container-privileged', 'container-credentials-hardcoded', 'rebuild-per-environment'], categories: [],
    unseen: ['who may push to the registry'],
  },
  {
    id: 'oidc-token-theft', title: 'OIDC token theft', stride: ['Spoofing', 'Elevation of privilege'],
    attack: 'Code in a job that may ask for an identity token asks for one, and uses it at the cloud or registry that trusts this repository.',
    exposed: surface.idTokens, guards: surface.idTokensInEnvironments,
    controls: ['oidc-token-broad', 'permissions-write-all', 'runner-hardening', 'environment-approval'],
    key: ['environment-approval'],
    rules: ['oidc-token-broad', 'permissions-write-all', 'app-token-unscoped'], categories: [],
    unseen: ['what the cloud’s trust policy asks of the token (branch, environment, workflow)'],
  },
  {
    id: 'cache-poisoning', title: 'Cache poisoning', stride: ['Tampering', 'Elevation of privilege'],
    attack: 'A run that outsiders influence writes a cache, and a later run with more rights restores and executes it.',
    exposed: surface.caches, guards: surface.cacheModes,
    controls: ['cache-write-low-trust', 'cache-in-release'],
    key: [],
    rules: ['cache-in-release', 'cache-poisonable', 'cache-write-low-trust', 'cache-key-unscoped'], categories: [],
    unseen: [],
  },
  {
    id: 'denial-of-service', title: 'Denial of service', stride: ['Denial of service'],
    attack: 'Runs are started again and again, hang, or wait for each other until no runner or minute is left and nothing can be tested or deployed.',
    exposed: surface.running, guards: none,
    controls: ['timeouts', 'concurrency-control', 'runner-label-unknown', 'runner-image-retired', 'concurrency-deadlock'],
    key: ['timeouts', 'concurrency-control'],
    rules: ['timeout-missing', 'concurrency-missing', 'concurrency-deadlock', 'concurrency-queue-invalid', 'background-step-unjoined', 'runner-label-unknown', 'runner-image-retired', 'service-health-missing'], categories: [],
    unseen: ['limits of minutes and of spending (Settings → Billing)'],
  },
  {
    id: 'insider-change', title: 'Insider change', stride: ['Tampering', 'Repudiation', 'Elevation of privilege'],
    attack: 'Somebody with write access, or with a stolen session of such a person, changes a workflow, skips a check or deploys by himself, and it can’t be told afterwards who decided it.',
    exposed: surface.releases, guards: surface.environments,
    controls: ['branch-protection', 'codeowners', 'environment-approval', 'deploy-gated', 'no-soft-failures', 'deploy-on-any-branch', 'permissions-missing', 'permissions-workflow-write', 'audit-trail', 'governance', 'decision-records', 'deploy-metadata'],
    key: ['branch-protection', 'codeowners'],
    rules: ['deploy-on-any-branch', 'deploy-without-gate', 'deploy-no-environment', 'apply-unattended', 'always-on-deploy', 'concurrency-cancels-deploy', 'automerge-confused-deputy', 'soft-fail-gate', 'soft-fail-shell', 'scan-non-blocking',
      'permissions-missing', 'permissions-workflow-write', 'permissions-unused-scope', 'workflow-run-unchecked-result', 'expired-suppression'], categories: ['environments'],
    unseen: ['who has write access, and who may bypass the rules of the default branch'],
  },
  {
    id: 'credential-stuffing', title: 'Credential stuffing', stride: ['Spoofing'],
    attack: 'Passwords and tokens from elsewhere are tried on accounts of maintainers, or a long-lived credential that was once copied is used from outside.',
    exposed: surface.lastingSecrets, guards: none,
    controls: ['oidc-cloud-auth', 'secrets-manager', 'publish-token-over-oidc', 'scan-secrets'],
    key: ['oidc-cloud-auth'],
    rules: ['cloud-static-credentials', 'publish-token-over-oidc', 'pat-over-github-token', 'secret-hardcoded', 'container-credentials-hardcoded', 'app-token-unscoped'], categories: [],
    unseen: ['whether members use two-factor authentication (organisation → Authentication security)', 'how old personal access tokens and deploy keys are'],
  },
];

const named = new Set(THREATS.flatMap(t => t.rules));

/** True where a rule's findings tell of a threat. A rule that no threat names goes by its category, so that a new one is not forgotten. */
export function tellsOf(threat: Threat, ruleId: string, category: RuleCategory | undefined): boolean {
  return threat.rules.includes(ruleId) || (!named.has(ruleId) && category !== undefined && threat.categories.includes(category));
}
