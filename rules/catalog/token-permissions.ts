/** Which scopes of the run's token an action needs, with the inputs it is given. */
import { repositoryRecord, record } from './store';
import { CatalogMemo } from './memo';
import { mergeScopes, type Access, type Scopes } from './scopes';
import { scriptPermissions } from './github-script';

/** Inputs by lower-case name, as written, expressions and all. */
export type Inputs = Readonly<Record<string, string>>;

export interface ActionName { readonly owner: string; readonly repo: string; readonly path?: string }

/** Actions that do nothing with the token, or only read public repositories with it, which needs no scope. */
const NEED_NOTHING = new Set([
  'actions/upload-pages-artifact', 'actions/upload-artifact/merge', 'actions/create-github-app-token',
  'google-github-actions/deploy-cloudrun',
  'google-github-actions/get-gke-credentials', 'aquasecurity/setup-trivy', 'anchore/sbom-action/download-syft',
  'anchore/scan-action/download-grype',
  'aquasecurity/tfsec-action', 'pypa/gh-action-pip-audit', 'pypa/cibuildwheel', 'dtolnay/rust-toolchain',
  'gradle/actions/wrapper-validation',
  'astral-sh/setup-uv', 'reviewdog/action-setup', 'sonarsource/sonarqube-scan-action', 'hadolint/hadolint-action', 'medyagh/setup-minikube',
  'oven-sh/setup-bun', 'appleboy/ssh-action', 'pre-commit/action', 'conda-incubator/setup-miniconda', 'terraform-linters/setup-tflint',
  'psf/black', 'tj-actions/branch-names', 'jdx/mise-action', 'lycheeverse/lychee-action', 'microsoft/playwright-github-action',
  'snyk/actions/setup',
  'oxc-project/setup-node', 'oxc-project/setup-rust', 'namespacelabs/nscloud-cache-action', 'samypr100/setup-dev-drive', 'nttld/setup-ndk',
  'themrmilchmann/setup-msvc-dev', 'msys2/setup-msys2', 'cygwin/cygwin-install-action', 'mymindstorm/setup-emsdk',
  'browser-actions/setup-chrome', 'goto-bus-stop/setup-zig', 'mlugg/setup-zig', 'maxim-lobanov/setup-xcode', 're-actors/alls-green',
  'coactions/setup-xvfb', 'snok/install-poetry', 'peaceiris/actions-hugo', 'appleboy/telegram-action', 'rtcamp/action-slack-notify',
  'tsickert/discord-webhook', 'peter-evans/dockerhub-description', 'nick-fields/assert-action', 'crazy-max/ghaction-upx',
  'taiki-e/setup-cross-toolchain-action', 'hashicorp/setup-copywrite', 'cue-lang/setup-cue',
  'grafana/setup-k6-action', 'jirutka/setup-alpine', 'open-policy-agent/setup-opa', 'cargo-bins/cargo-binstall',
  'codespell-project/actions-codespell', 'embarkstudios/cargo-deny-action',
]);

/** Actions whose need is plain and that the table of facts doesn't hold. */
const MORE: Readonly<Record<string, Scopes>> = {
  'taiki-e/checkout-action': { contents: 'read' },
  'golang/govulncheck-action': { contents: 'read' },
  'endbug/version-check': { contents: 'read' },
  'go-task/setup-task': {}, 'bufbuild/buf-setup-action': {},
  'streetsidesoftware/cspell-action': { 'contents': 'read', 'pull-requests': 'read' },
  'peter-evans/find-comment': { 'issues': 'read', 'pull-requests': 'read' },
  'peter-evans/close-pull': { 'pull-requests': 'write' },
  'peter-evans/enable-pull-request-automerge': { 'contents': 'write', 'pull-requests': 'write' },
  'dessant/lock-threads': { 'discussions': 'write', 'issues': 'write', 'pull-requests': 'write' },
  'anothrnick/github-tag-action': { contents: 'write' },
  'rust-lang/crates-io-auth-action': { 'id-token': 'write' },
};

/** Inputs that hold the token an action works with. */
const TOKEN_INPUTS = [
  'token', 'github-token', 'github_token', 'repo-token', 'repo_token', 'githubtoken', 'gh-token', 'gh_token',
  'personal_token', 'deploy_key', 'ssh-key',
];

const truthy = (value: string | undefined): boolean => value !== undefined && /^(?:true|yes|always|on-failure)$/i.test(value.trim());
/** So, or known only at run time. */
const maybe = (value: string | undefined): boolean => truthy(value) || (value !== undefined && value.includes('${{'));
const falsy = (value: string | undefined): boolean => value !== undefined && /^(?:false|never|off|no)$/i.test(value.trim());
const given = (value: string | undefined): boolean => value !== undefined && value.trim() !== '';

/** True for an expression that gives the run's own token. */
export function isRunToken(value: string): boolean {
  return /\b(?:secrets\.GITHUB_TOKEN|github\.token)\b/i.test(value) || /\bsecrets\[['"]GITHUB_TOKEN['"]\]/i.test(value);
}

/**
 * True for a value that is surely another token than the run's: a secret, another step's output, literal text. An input or a
 * variable may hold the run's own.
 */
export function isOtherToken(value: string | undefined): boolean {
  return value !== undefined && given(value) && !isRunToken(value) && !/\b(?:inputs|env|matrix|vars)\s*[.[]/i.test(value);
}

/** Scopes that are not the token's work: they let a job ask for an identity, whatever token the action is given. */
const IDENTITY = new Set(['id-token', 'attestations', 'artifact-metadata']);

function withoutToken(scopes: Scopes): Scopes {
  return Object.fromEntries(Object.entries(scopes).filter(([name]) => IDENTITY.has(name)));
}

type Condition = (i: Inputs, base: Scopes) => Scopes | undefined;
const plus = (scopes: Scopes, when: (i: Inputs) => boolean): Condition => (i, base) => (when(i) ? mergeScopes(base, scopes) : base);
const lowered = (base: Scopes, name: string, access?: Access): Scopes => {
  const rest = Object.fromEntries(Object.entries(base).filter(([n]) => n !== name));
  return access ? mergeScopes(rest, { [name]: access }) : rest;
};

const issues: Condition = i => (falsy(i.allow_issue_writing) ? lowered({}, 'issues') : { issues: 'write' });

/** What the inputs change, for actions whose documentation says so. */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  'actions/download-artifact': plus({ actions: 'read' }, i => given(i['run-id']) || given(i.repository)),
  'actions/stale': (i, base) => mergeScopes(base, { actions: 'write' }, maybe(i['delete-branch']) ? { contents: 'write' } : {}),
  'actions/dependency-review-action': plus({ 'pull-requests': 'write' }, i => maybe(i['comment-summary-in-pr'])),
  'actions/configure-pages': () => ({ pages: 'read' }),
  'actions/github-script': i => scriptPermissions(i.script ?? ''),
  'docker/login-action': plus({ packages: 'write' }, i => /^ghcr\.io|\.pkg\.github\.com|\$\{\{/i.test((i.registry ?? '').trim()) && isRunToken(i.password ?? '')),
  'docker/bake-action': () => ({ contents: 'read' }),
  // Private repositories need the two read scopes, and reading what anybody who can start the run may read costs nothing.
  'github/codeql-action': (_, base) => mergeScopes(base, { contents: 'read', actions: 'read' }),
  'github/codeql-action/analyze': (_, base) => mergeScopes(base, { contents: 'read', actions: 'read' }),
  'github/codeql-action/autobuild': (_, base) => mergeScopes(base, { contents: 'read', actions: 'read' }),
  'github/codeql-action/init': (_, base) => mergeScopes(base, { contents: 'read', actions: 'read' }),
  'github/codeql-action/upload-sarif': (_, base) => mergeScopes(base, { contents: 'read', actions: 'read' }),
  'aws-actions/configure-aws-credentials': plus({ 'id-token': 'write' },
    i => given(i['role-to-assume']) && !truthy(i['role-chaining'])
      && !given(i['aws-access-key-id']) && !given(i['web-identity-token-file'])),
  'google-github-actions/auth': plus({ 'id-token': 'write', contents: 'read' }, i => given(i.workload_identity_provider)),
  'azure/login': plus({ 'id-token': 'write' }, i => given(i['client-id']) && !given(i.creds) && !/^identity$/i.test(i['auth-type'] ?? '')),
  'gitleaks/gitleaks-action': (_, base) => mergeScopes(base, { 'pull-requests': 'write' }),
  'aquasecurity/trivy-action': plus({ contents: 'write' }, i => (i.format ?? '').trim() === 'github'),
  'anchore/sbom-action': (i, base) =>
    (falsy(i['upload-release-assets']) && !truthy(i['dependency-snapshot']) ? lowered(base, 'contents', 'read') : base),
  'ossf/scorecard-action': plus({ 'id-token': 'write' }, i => maybe(i.publish_results)),
  'hashicorp/vault-action': plus({ contents: 'read', 'id-token': 'write' },
    i => /^jwt$/i.test((i.method ?? '').trim()) && !given(i.jwtprivatekey)),
  'pypa/gh-action-pypi-publish': plus({ 'id-token': 'write' }, i => !given(i.password)),
  'codecov/codecov-action': plus({ 'id-token': 'write' }, i => maybe(i.use_oidc)),
  'softprops/action-gh-release': plus({ discussions: 'write' }, i => given(i.discussion_category_name)),
  'tj-actions/changed-files': (_, base) => mergeScopes(base, { 'pull-requests': 'read' }),
  'gradle/actions/setup-gradle': (i, base) => mergeScopes(base,
    /submit/.test(i['dependency-graph'] ?? '') ? { contents: 'write' } : {},
    maybe(i['add-job-summary-as-pr-comment']) ? { 'pull-requests': 'write' } : {}),
  'golangci/golangci-lint-action': plus({ 'pull-requests': 'read' }, i => maybe(i['only-new-issues'])),
  'step-security/harden-runner': plus({ 'id-token': 'write' }, i => given(i.policy)),
  'zizmorcore/zizmor-action': (i, base) => (falsy(i['advanced-security']) ? lowered(base, 'security-events') : base),
  'release-drafter/release-drafter': plus({ 'pull-requests': 'write' }, i => !truthy(i['disable-autolabeler'])),
  'amannn/action-semantic-pull-request': plus({ 'pull-requests': 'write' }, i => maybe(i.wip)),
  'cloudflare/wrangler-action': plus({ deployments: 'write' }, i => given(i.githubtoken)),
  'dawidd6/action-download-artifact': plus({ 'pull-requests': 'read' }, i => given(i.pr)),
  'mikepenz/action-junit-report': plus({ 'pull-requests': 'write' }, i => maybe(i.comment)),
  'enricomi/publish-unit-test-result-action': (i, base) => (falsy(i.comment_mode) ? lowered(base, 'pull-requests') : base),
  'dessant/lock-threads': (i, base) => {
    const only = (i['process-only'] ?? '').split(/[\s,]+/).filter(p => p !== '');
    const scopes: Readonly<Record<string, string>> = { issues: 'issues', prs: 'pull-requests', discussions: 'discussions' };
    return only.length === 0 ? base : Object.fromEntries(only.flatMap(o => (Object.hasOwn(scopes, o) ? [[scopes[o]!, 'write' as const]] : [])));
  },
  'endbug/add-and-commit': () => ({ contents: 'write' }),
  'zaproxy/action-baseline': issues,
  'zaproxy/action-full-scan': issues,
  'goreleaser/goreleaser-action': (i, base) =>
    (/--snapshot|^\s*(?:build|check|healthcheck)\b/.test(i.args ?? '') || truthy(i['install-only']) ? { contents: 'read' } : base),
};

/** The need of an action without any condition, by lower-case name; undefined where nobody wrote it down. */
function baseOf(name: string): Scopes | undefined {
  if (NEED_NOTHING.has(name)) return {};
  return (Object.hasOwn(MORE, name) ? MORE[name] : undefined) ?? record(name)?.meta.permissions as Scopes | undefined;
}

/**
 * The scopes of the run's token that an action needs with these inputs; `{}` for none, undefined where it isn't known.
 * Inputs are keyed by lower-case name. An action that is given another token needs none of the run's.
 */
export function tokenPermissions(uses: ActionName, inputs: Inputs = {}): Scopes | undefined {
  const name = `${uses.owner}/${uses.repo}${uses.path ? `/${uses.path}` : ''}`.toLowerCase();
  const condition = CONDITIONS[name];
  const base = baseOf(name) ?? (condition ? {} : undefined);
  const scopes = base === undefined ? undefined : condition ? condition(inputs, base) : base;
  const other = TOKEN_INPUTS.some(t => isOtherToken(inputs[t]));
  if (!other) return scopes;
  return scopes === undefined ? (knows(uses) || /\/github-script$/.test(name) ? {} : undefined) : withoutToken(scopes);
}

/** What actions write besides, where labels, settings or a configuration file of their own ask for it. */
const OPTIONAL: readonly (readonly [RegExp, string])[] = [
  [/^actions\/labeler$/, 'issues'],
  [/^(?:googleapis|google-github-actions)\/release-please-action$/, 'issues'],
  [/^release-drafter\/release-drafter/, 'pull-requests issues'],
  [/^peter-evans\/create-pull-request$/, 'issues workflows'],
  [/^peter-evans\/create-or-update-comment$|^marocchino\/sticky-pull-request-comment$/, 'issues pull-requests'],
  [/^softprops\/action-gh-release$|^ncipollo\/release-action$/, 'discussions'],
  [/^actions\/attest(?:-sbom|-build-provenance)?$/, 'artifact-metadata packages'],
  [/^(?:super-linter|github)\/super-linter/, 'statuses checks issues pull-requests'],
  [/^golangci\/golangci-lint-action$/, 'checks pull-requests'],
  [/^gitleaks\/gitleaks-action$/, 'pull-requests security-events'],
  [/^goreleaser\/goreleaser-action$|^changesets\/action$/, 'issues pull-requests packages attestations discussions'],
  [/^reviewdog\//, 'checks pull-requests'],
  [/^docker\/(?:build-push|bake)-action$/, 'packages'],
  [/^amannn\/action-semantic-pull-request$/, 'statuses'],
  [/^ossf\/scorecard-action$/, 'security-events'],
  [/^anthropics\/|^google-github-actions\/run-gemini-cli$/, 'contents issues pull-requests actions discussions'],
  [/^actions\/stale$/, 'actions contents'],
  [/^dorny\/test-reporter$|^mikepenz\/action-junit-report$|^enricomi\//, 'checks pull-requests issues contents actions'],
  [/^codecov\/codecov-action$|^coverallsapp\//, 'id-token'],
];

const optional = new CatalogMemo<readonly string[]>();

/** Scopes that an action may write beyond `tokenPermissions`, depending on what isn't in the workflow. */
export function optionalScopes(uses: ActionName): readonly string[] {
  const name = `${uses.owner}/${uses.repo}${uses.path ? `/${uses.path}` : ''}`.toLowerCase();
  return optional.get(name, n => OPTIONAL.find(([pattern]) => pattern.test(n))?.[1].split(' ') ?? []);
}

const knows = (uses: ActionName): boolean => repositoryRecord(uses.owner, uses.repo) !== undefined;

/**
 * Whether an action works with the run's token when nothing else is said: true where an input defaults to it or a scope is
 * needed, false where it is known to need none, undefined for an action that isn't known.
 */
export function usesGithubToken(owner: string, repo: string, path?: string): boolean | undefined {
  const name = `${owner}/${repo}${path ? `/${path}` : ''}`.toLowerCase();
  const known = record(name);
  if (known?.meta.token) return true;
  const base = tokenPermissions({ owner, repo, path });
  return base === undefined ? undefined : Object.keys(base).length > 0;
}
