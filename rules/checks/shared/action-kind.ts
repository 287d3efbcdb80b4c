import type { Step, UsesRef } from '../../workflow/model';
import { asMapping, scalarText } from '../../workflow/nodes';
import type { JobKind } from './kinds';
import { nameKinds } from './name-kind';
import { unshared } from '../../workflow/unshared';

const list = (names: string): readonly string[] => names.trim().split(/\s+/);

/** Actions by what they do. `owner/repo` covers every path below it; names are lower case. */
const ACTIONS: readonly (readonly [JobKind, readonly string[]])[] = [
  ['lint', list(`
    golangci/golangci-lint-action reviewdog super-linter/super-linter github/super-linter oxsecurity/megalinter rhysd/actionlint raven-actions/actionlint pre-commit/action
    astral-sh/ruff-action psf/black hadolint/hadolint-action davidanson/markdownlint-cli2-action streetsidesoftware/cspell-action crate-ci/typos ibiqlik/action-yamllint
    karancode/yamllint-github-action ludeeus/action-shellcheck amannn/action-semantic-pull-request wagoid/commitlint-github-action codespell-project/actions-codespell
    lycheeverse/lychee-action dominikh/staticcheck-action auguwu/clippy-action actions-rs/clippy-check reactivecircus/actionlint jidicula/clang-format-action
    doozyx/clang-format-lint-action editorconfig-checker/action-editorconfig-checker bufbuild/buf-lint-action ansible/ansible-lint isort/isort-action rickstaa/action-black
    immanuwell/dockerfile-roast obi1kenobi/cargo-semver-checks-action j178/prek-action`)],
  ['scan', list(`
    github/codeql-action/analyze aquasecurity/trivy-action aquasecurity/tfsec-action snyk/actions gitleaks/gitleaks-action trufflesecurity/trufflehog ossf/scorecard-action
    actions/dependency-review-action anchore/scan-action google/osv-scanner-action google/osv-scanner zaproxy/action-baseline zaproxy/action-full-scan zaproxy/action-api-scan
    bridgecrewio/checkov-action checkmarx/kics-github-action checkmarx/kics-action semgrep/semgrep-action returntocorp/semgrep-action sonarsource/sonarcloud-github-action
    sonarsource/sonarqube-scan-action zizmorcore/zizmor-action pypa/gh-action-pip-audit rustsec/audit-check actions-rs/audit-check actions-rust-lang/audit
    embarkstudios/cargo-deny-action boostsecurityio/poutine-action securego/gosec golang/govulncheck-action docker/scout-action pyupio/safety-action projectdiscovery/nuclei-action
    microsoft/security-devops-action aboutcode-org/scancode-action fossas/fossa-action gitguardian/ggshield-action dependency-check/dependency-check_action
    dcodx/gitarmor legit-labs/legitify`)],
  ['test', list(`
    cypress-io/github-action microsoft/playwright-github-action browserstack/github-actions grafana/run-k6-action grafana/k6-action
    reactivecircus/android-emulator-runner newrelic/postman-action matt-ball/newman-action`)],
  ['build', list(`
    docker/build-push-action docker/bake-action pypa/cibuildwheel actions/jekyll-build-pages pyo3/maturin-action gradle/gradle-build-action electron-userland/electron-builder
    redhat-actions/buildah-build mr-smithers-excellent/docker-build-push hynek/build-and-inspect-python-package goreleaser/goreleaser-action`)],
  ['publish', list(`
    pypa/gh-action-pypi-publish js-devtools/npm-publish rubygems/release-gem haaleo/publish-vscode-extension katyo/publish-crates elgohr/publish-docker-github-action
    mr-smithers-excellent/docker-build-push redhat-actions/push-to-registry rohith/publish-nuget alirezanet/publish-nuget hashicorp/actions-packer-publish appany/helm-oci-chart-releaser
    docker/build-push-action docker/bake-action actions/publish-immutable-action vedantmgoyal9/winget-releaser`)],
  ['release', list(`
    softprops/action-gh-release ncipollo/release-action goreleaser/goreleaser-action googleapis/release-please-action google-github-actions/release-please-action
    actions/create-release actions/upload-release-asset cycjimmy/semantic-release-action svenstaro/upload-release-action marvinpinto/action-automatic-releases
    helm/chart-releaser-action changesets/action go-semantic-release/action taiki-e/upload-rust-binary-action taiki-e/create-gh-release-action release-plz/action
    wangyoucao577/go-release-action rymndhng/release-on-push-action actions/publish-action haya14busa/action-update-semver anothrnick/github-tag-action
    mathieudutour/github-tag-action`)],
  ['deploy', list(`
    actions/deploy-pages peaceiris/actions-gh-pages jamesives/github-pages-deploy-action cloudflare/wrangler-action cloudflare/pages-action amondnet/vercel-action
    nwtgck/actions-netlify netlify/actions azure/webapps-deploy azure/functions-action azure/static-web-apps-deploy azure/k8s-deploy azure/arm-deploy azure/bicep-deploy
    azure/container-apps-deploy-action aws-actions/amazon-ecs-deploy-task-definition aws-actions/aws-cloudformation-github-deploy aws-actions/aws-lambda-deploy
    google-github-actions/deploy-cloudrun google-github-actions/deploy-appengine google-github-actions/deploy-cloud-functions firebaseextended/action-hosting-deploy
    superfly/flyctl-actions akhileshns/heroku-deploy serverless/github-action samkirkland/ftp-deploy-action pulumi/actions dflook/terraform-apply dflook/tofu-apply
    hashicorp/tfc-workflows-github/actions/apply-run crazy-max/ghaction-github-pages burnett01/rsync-deployments easingthemes/ssh-deploy digitalocean/app_action
    einaregilsson/beanstalk-deploy deployphp/action jakejarvis/s3-sync-action bluwy/gh-pages wpengine/github-action-wpe-site-deploy`)],
  ['notify', list(`
    slackapi/slack-github-action 8398a7/action-slack rtcamp/action-slack-notify ilshidur/action-discord ilshidur/action-slack dawidd6/action-send-mail
    sarisia/actions-status-discord appleboy/telegram-action appleboy/discord-action tsickert/discord-webhook skitionek/notify-microsoft-teams act10ns/slack voxmedia/github-action-slack-notify-build`)],
  ['housekeeping', list(`
    actions/github-script
    actions/stale actions/labeler actions/first-interaction dessant/lock-threads dessant/label-actions release-drafter/release-drafter actions/add-to-project dependabot/fetch-metadata
    peter-evans/create-or-update-comment peter-evans/create-pull-request peter-evans/enable-pull-request-automerge thollander/actions-comment-pull-request
    marocchino/sticky-pull-request-comment toshimaru/auto-author-assign kentaro-m/auto-assign-action actions-cool/issues-helper hmarr/auto-approve-action
    micnncim/action-label-syncer crazy-max/ghaction-github-labeler andymckay/labeler pascalgn/automerge-action korthout/backport-action codelytv/pr-size-labeler
    pascalgn/size-label-action actions/delete-package-versions snok/container-retention-policy stefanzweifel/git-auto-commit-action endbug/add-and-commit
    ad-m/github-push-action github/ai-moderator peter-evans/slash-command-dispatch autofix-ci/action alstr/todo-to-issue-action lee-dohm/no-response`)],
];

const BY_NAME = new Map<string, JobKind[]>();
for (const [kind, names] of ACTIONS) for (const name of names) BY_NAME.set(name, [...(BY_NAME.get(name) ?? []), kind]);

const LOCAL_CLUSTERS = new Set(list(`
  helm/kind-action engineerd/setup-kind container-tools/kind-action medyagh/setup-minikube manusa/actions-setup-minikube absaoss/k3d-action nolar/setup-k3d-k3s
  jupyterhub/action-k3s-helm balchua/microk8s-actions localstack/setup-localstack`));

export function makesLocalCluster(uses: UsesRef): boolean {
  return LOCAL_CLUSTERS.has(uses.slug);
}

/** An input's text, its name without case; undefined where it is not given or no scalar. */
export function inputText(step: Step, name: string): string | undefined {
  const entry = asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name);
  return scalarText(entry?.value);
}

/** Actions that run the script in an input: on another machine, in a container, or once more. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'vmactions/freebsd-vm': 'run', 'vmactions/openbsd-vm': 'run', 'vmactions/netbsd-vm': 'run', 'vmactions/solaris-vm': 'run', 'cross-platform-actions/action': 'run',
  'uraimo/run-on-arch-action': 'run', 'addnab/docker-run-action': 'run', 'gabrielbb/xvfb-action': 'run', 'coactions/setup-xvfb': 'run', 'nick-fields/retry': 'command',
  'nick-invision/retry': 'command', 'wandalen/wretry.action': 'command',
};

/** The shell script that an action is given to run. */
export function scriptInput(step: Step): string | undefined {
  const { uses } = step;
  if (uses?.kind !== 'repository' || uses.path) return undefined;
  const repo = uses.slug;
  return Object.hasOwn(SCRIPTS, repo) ? inputText(step, SCRIPTS[repo]!) : undefined;
}

const REMOTE = new Set(list('appleboy/ssh-action appleboy/scp-action garygrossgarten/github-action-ssh fifsky/ssh-action nekiro/ssh-job cross-the-world/ssh-pipeline'));

/** Runs commands on another machine, or copies files there. */
export function reachesOut(uses: UsesRef): boolean { return REMOTE.has(uses.slug); }

/** What a step that uses an action is for. */
export function actionKinds(uses: UsesRef, step: Step): readonly JobKind[] {
  if (uses.kind === 'docker') return named(uses.image?.replace(/[:@].*$/s, ''));
  // What stands in the repository is read elsewhere; here its folder's name has to do. The repository's own action has none.
  if (uses.kind === 'local' || uses.kind === 'self') return named(uses.path);
  if (uses.kind !== 'repository' || !uses.owner || !uses.repo) return [];
  const repo = uses.slug;
  const full = uses.path ? `${repo}/${uses.path.toLowerCase()}` : repo;
  // What is done on the other machine only the step's name says. One that needs no secret is the run's own.
  if (REMOTE.has(repo)) return step.with && /\bsecrets\b/.test(step.with.block.text.slice(step.with.start, step.with.end)) ? nameKinds(scalarText(step.name?.value) ?? '') : [];
  const kinds = BY_NAME.get(full) ?? BY_NAME.get(repo) ?? BY_NAME.get(uses.owner.toLowerCase());
  return kinds ? narrow(repo, kinds, step) : ofUnknown(full, uses.path || uses.repo);
}

/** The same few actions are everywhere. */
const unknown = new Map<string, readonly JobKind[]>();
const MAX_UNKNOWN = 1000;

function ofUnknown(full: string, name: string): readonly JobKind[] {
  let kinds = unknown.get(full);
  if (!kinds) {
    if (unknown.size >= MAX_UNKNOWN) unknown.clear();
    unknown.set(unshared(full), kinds = named(name));
  }
  return kinds;
}

/**
 * What the last part of a path says, "action" left out (`notify-slack-action`, `actions/tests/run-e2e-tests`). What changes
 * something outside is never taken from such a name: `deployment-action` may only tell of a deployment.
 */
function named(path: string | undefined): readonly JobKind[] {
  const name = path?.slice(path.lastIndexOf('/') + 1).replace(/^(?:github-)?actions?-|-(?:github-)?action$/gi, '');
  return name ? nameKinds(name).filter(k => !OUTSIDE.has(k)) : [];
}

const OUTSIDE: ReadonlySet<JobKind> = new Set(['deploy', 'publish', 'release', 'migrate']);

/** Some actions do this or that, as their inputs say. */
function narrow(repo: string, kinds: readonly JobKind[], step: Step): readonly JobKind[] {
  const input = (name: string) => inputText(step, name) ?? '';
  switch (repo) {
    case 'docker/build-push-action': case 'docker/bake-action':
      return isOff(input('push')) && !/push=true|type=registry/.test(input('outputs')) && !/--push|push=true/.test(input('set')) ? ['build'] : kinds;
    case 'mr-smithers-excellent/docker-build-push':
      return input('pushimage') === 'false' ? ['build'] : kinds;
    case 'goreleaser/goreleaser-action':
      return /\brelease\b/.test(input('args')) && !/--(?:snapshot|skip[= ]\S*publish|skip-publish)/.test(input('args')) ? kinds : ['build'];
    case 'cloudflare/wrangler-action':
      return input('command') === '' || /^(?:versions )?(?:pages )?(?:deploy|publish)\b/.test(input('command')) ? kinds : [];
    case 'superfly/flyctl-actions':
      return /\bdeploy\b/.test(input('args')) ? kinds : [];
    case 'pulumi/actions':
      return /^(?:up|update|destroy)\b/.test(input('command')) ? kinds : [];
    case 'azure/static-web-apps-deploy':
      return input('action') === 'close' ? ['housekeeping'] : kinds;
    case 'changesets/action':
      return input('publish') === '' ? ['housekeeping'] : ['publish', 'release'];
    case 'cypress-io/github-action':
      return input('runtests') === 'false' ? [] : ['test', 'e2e'];
    case 'microsoft/playwright-github-action': case 'reactivecircus/android-emulator-runner':
      return ['test', 'e2e'];
    case 'peaceiris/actions-gh-pages': case 'jamesives/github-pages-deploy-action': case 'nwtgck/actions-netlify':
      return input('dry-run') === 'true' ? ['build'] : kinds;
    case 'actions/github-script':
      return scriptKinds(input('script'));
    case 'cycjimmy/semantic-release-action':
      return input('dry_run') === 'true' ? [] : kinds;
    default:
      return kinds;
  }
}

/** Calls of GitHub's API that say what a script is for. Comments don't count: any job may tell so how it went. */
const API_CALLS: readonly (readonly [JobKind, readonly string[]])[] = [
  ['release', ['repos.createRelease(', 'repos.uploadReleaseAsset(']],
  ['housekeeping', ['issues.create(', 'issues.update(', 'issues.addLabels(', 'issues.removeLabel(', 'issues.lock(', 'pulls.create(', 'pulls.update(']],
];

function scriptKinds(script: string): readonly JobKind[] {
  return API_CALLS.filter(([, calls]) => calls.some(c => script.includes(c))).map(([kind]) => kind);
}

function isOff(text: string): boolean { return text === '' || text === 'false'; }
