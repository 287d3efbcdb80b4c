/** Tools that look at infrastructure, running services and dependencies of a change, and those that vouch for what is published. */
import { commandKinds } from '../../checks/shared/command-kind';
import { has, option, sub, type ActionTool, type CommandTool } from './tools';

const trivyQuiet = (exitCode: string | undefined): string | undefined =>
  exitCode === undefined || exitCode === '' || exitCode === '0' ? 'without an exit code Trivy succeeds whatever it finds' : undefined;
const told = (text: string | undefined, input: string): string | undefined => text?.trim().toLowerCase() === 'true' ? `${input} is true` : undefined;
const attests = (i: (name: string) => string | undefined): boolean => i('attestations') !== 'false' && i('password') === undefined;
const pushes = (i: (name: string) => string | undefined): boolean =>
  (i('push') !== undefined && i('push') !== 'false') || /type=registry|push=true/.test(i('outputs') ?? '');
const zap = (i: (name: string) => string | undefined): string | undefined =>
  i('fail_action') === 'true' ? undefined : 'without fail_action: true ZAP succeeds whatever it finds';

export const SECURITY_ACTIONS: readonly ActionTool[] = [
  // Infrastructure as code.
  { kind: 'iac', name: 'bridgecrewio/checkov-action', quiet: i => told(i('soft_fail'), 'soft_fail') },
  { kind: 'iac', name: 'aquasecurity/tfsec-action', quiet: i => told(i('soft_fail'), 'soft_fail') },
  { kind: 'iac', name: 'aquasecurity/tfsec-pr-commenter-action', quiet: i => told(i('soft_fail_commenter'), 'soft_fail_commenter') },
  { kind: 'iac', name: 'aquasecurity/trivy-action', when: i => i('scan-type') === 'config' || /misconfig|config/.test(i('scanners') ?? ''),
    quiet: i => trivyQuiet(i('exit-code')) },
  { kind: 'iac', name: 'checkmarx/kics-github-action', quiet: i => /^(?:all|results)$/.test(i('ignore_on_exit') ?? '') ? 'ignore_on_exit covers its results' : undefined },
  { kind: 'iac', name: 'tenable/terrascan-action', quiet: i => told(i('only_warn'), 'only_warn') },
  { kind: 'iac', name: 'snyk/actions/iac' },
  { kind: 'iac', name: 'kubescape/github-action' },
  { kind: 'iac', name: 'stackrox/kube-linter-action' },
  { kind: 'iac', name: 'stelligent/cfn_nag' },
  { kind: 'iac', name: 'scalesec/action-cfn-nag' },
  { kind: 'iac', name: 'datreeio/action-datree' },
  // Running services.
  { kind: 'dast', name: 'zaproxy/action-baseline', quiet: zap },
  { kind: 'dast', name: 'zaproxy/action-full-scan', quiet: zap },
  { kind: 'dast', name: 'zaproxy/action-api-scan', quiet: zap },
  { kind: 'dast', name: 'zaproxy/action-af' },
  { kind: 'dast', name: 'projectdiscovery/nuclei-action' },
  { kind: 'dast', name: 'stackhawk/hawkscan-action', when: i => i('dryRun') !== 'true' },
  { kind: 'dast', name: 'portswigger/dastardly-github-action' },
  // What a change brings along.
  { kind: 'review', name: 'actions/dependency-review-action', quiet: i => told(i('warn-only'), 'warn-only') },
  // Lists of what is inside.
  { kind: 'sbom', name: 'anchore/sbom-action' },
  { kind: 'sbom', name: 'anchore/sbom-action/download-syft' },
  { kind: 'sbom', name: 'docker/bake-action', when: i => i('sbom') !== undefined && i('sbom') !== 'false' },
  { kind: 'sbom', name: 'docker/build-push-action', when: i => i('sbom') !== undefined && i('sbom') !== 'false' },
  { kind: 'sbom', name: 'cyclonedx/gh-*' },
  { kind: 'sbom', name: 'advanced-security/sbom-generator-action' },
  { kind: 'sbom', name: 'psastras/sbom-rs/*' },
  { kind: 'sbom', name: 'aquasecurity/trivy-action', when: i => /^(?:cyclonedx|spdx|spdx-json|github)$/.test(i('format') ?? '') },
  // Signatures, keyless ones included.
  { kind: 'sign', name: 'sigstore/gh-action-sigstore-python' },
  { kind: 'sign', name: 'azure/trusted-signing-action' },
  { kind: 'sign', name: 'azure/artifact-signing-action' },
  { kind: 'sign', name: 'grafana/shared-workflows/actions/azure-trusted-signing' },
  { kind: 'sign', name: 'signpath/github-action-submit-signing-request' },
  { kind: 'sign', name: 'notaryproject/notation-action/sign' },
  { kind: 'sign', name: 'sigstore/cosign-installer' },
  { kind: 'sign', name: 'actions/attest' },
  { kind: 'sign', name: 'actions/attest-build-provenance' },
  { kind: 'sign', name: 'slsa-framework/slsa-github-generator*' },
  { kind: 'sign', name: 'pypa/gh-action-pypi-publish', when: attests },
  { kind: 'sign', name: 'rubygems/release-gem', when: attests },
  { kind: 'sign', name: 'actions/publish-immutable-action' },
  // Statements about how something was built.
  { kind: 'provenance', name: 'actions/attest-build-provenance' },
  { kind: 'provenance', name: 'actions/attest', when: i => i('sbom-path') === undefined && i('predicate-path') === undefined && i('predicate') === undefined },
  { kind: 'provenance', name: 'slsa-framework/slsa-github-generator*' },
  { kind: 'provenance', name: 'docker/bake-action', when: i => i('provenance') !== undefined && i('provenance') !== 'false' && pushes(i) },
  { kind: 'provenance', name: 'docker/build-push-action', when: i => i('provenance') !== undefined && i('provenance') !== 'false' && pushes(i) },
  { kind: 'provenance', name: 'pypa/gh-action-pypi-publish', when: attests },
  { kind: 'provenance', name: 'rubygems/release-gem', when: attests },
  { kind: 'provenance', name: 'actions/publish-immutable-action' },
  { kind: 'provenance', name: 'js-devtools/npm-publish', when: i => i('provenance') === 'true' },
  // Stores of secrets.
  { kind: 'vault', name: 'hashicorp/vault-action' },
  { kind: 'vault', name: 'aws-actions/aws-secretsmanager-get-secrets' },
  { kind: 'vault', name: 'dkershner6/aws-ssm-getparameters-action' },
  { kind: 'vault', name: 'google-github-actions/get-secretmanager-secrets' },
  { kind: 'vault', name: 'azure/get-keyvault-secrets' },
  { kind: 'vault', name: '1password/load-secrets-action*' },
  { kind: 'vault', name: 'dopplerhq/*' },
  { kind: 'vault', name: 'infisical/secrets-action' },
  { kind: 'vault', name: 'bitwarden/sm-action' },
  { kind: 'vault', name: 'akeyless-community/*' },
  { kind: 'vault', name: 'cyberark/conjur-action' },
  { kind: 'vault', name: 'grafana/shared-workflows/actions/get-vault-secrets' },
  { kind: 'vault', name: 'rancher-eio/read-vault-secrets' },
];

const first = (a: readonly string[], ...words: string[]): boolean => words.every((w, i) => a.filter(x => !x.startsWith('-'))[i] === w);
const grypeLike = (a: readonly string[]): boolean => /^(?:cyclonedx|spdx)/.test(option(a, '--format', '-f') ?? '');

export const SECURITY_COMMANDS: readonly CommandTool[] = [
  { kind: 'iac', tool: /^checkov$/, when: a => !has('--version', '-v', '--list', '-l', '--create-baseline')(a),
    quiet: a => has('--soft-fail', '-s')(a) ? '--soft-fail makes it succeed always' : undefined },
  { kind: 'iac', tool: /^tfsec$/, when: a => !has('--version', '-v')(a), quiet: a => has('--soft-fail', '-s')(a) ? '--soft-fail makes it succeed always' : undefined },
  { kind: 'iac', tool: /^trivy$/, when: a => sub('config', 'conf')(a) || /misconfig|config/.test(option(a, '--scanners', '--security-checks') ?? ''),
    quiet: a => trivyQuiet(option(a, '--exit-code')) },
  { kind: 'iac', tool: /^(?:kics|terrascan)$/, when: sub('scan'), quiet: a => /^(?:all|results)$/.test(option(a, '--ignore-on-exit') ?? '') ? '--ignore-on-exit covers its results' : undefined },
  { kind: 'iac', tool: /^snyk$/, when: a => first(a, 'iac', 'test') },
  { kind: 'iac', tool: /^(?:cfn_nag|cfn_nag_scan|cfn-guard|kube-score|polaris|regula|conftest|kubescape|datree|cdk-nag)$/, when: a => !sub('version', 'help', 'completion')(a) && a.length > 0 },
  { kind: 'iac', tool: /^kube-linter$/, when: sub('lint') },
  { kind: 'dast', tool: /^zap-(?:baseline|full-scan|api-scan)\.py$/, quiet: a => has('-I')(a) ? '-I keeps warnings from failing it' : undefined },
  { kind: 'dast', tool: /^(?:zaproxy|zap2docker-\w+|zap-(?:stable|weekly|bare))$/, when: a => a.some(x => /^zap(?:-[\w-]+)?\.(?:py|sh)$/.test(x)),
    quiet: a => has('-I')(a) ? '-I keeps warnings from failing it' : undefined },
  { kind: 'dast', tool: /^nuclei$/, when: a => has('-u', '-target', '-l', '-list')(a) },
  { kind: 'dast', tool: /^(?:hawk|hawkscan|dastardly|wapiti|nikto|arachni)$/, when: a => !sub('version', 'init', 'validate')(a) },
  { kind: 'sbom', tool: /^syft$/, when: a => a.length > 0 && !sub('version', 'login', 'help', 'cataloger')(a) },
  { kind: 'sbom', tool: /^(?:cdxgen|cyclonedx-\w+|sbom-tool|bom|cargo-cyclonedx|cargo-sbom|tejolote|ort)$/, when: a => !has('--version', '--help')(a) && !sub('version', 'validate', 'merge')(a) },
  { kind: 'sbom', tool: /^@cyclonedx\/(?:cyclonedx-npm|cdxgen|cyclonedx-node-\w+|yarn-plugin-cyclonedx)$/ },
  { kind: 'sbom', tool: /^(?:npm|pnpm)$/, when: sub('sbom') },
  { kind: 'sbom', tool: /^cargo$/, when: a => a[0] === 'cyclonedx' || a[0] === 'sbom' },
  { kind: 'sbom', tool: /^uv$/, when: a => a[0] === 'export' && /cyclonedx/.test(option(a, '--format') ?? '') },
  { kind: 'sbom', tool: /^trivy$/, when: grypeLike },
  { kind: 'sbom', tool: /^docker$/, when: a => a[0] === 'sbom' || (a[0] === 'scout' && a[1] === 'sbom')
    || (a.includes('build') && (has('--sbom')(a) ? !/^false$/.test(option(a, '--sbom') ?? '') : a.some(x => /^--attest=type=sbom/.test(x)))) },
  { kind: 'sbom', tool: /^mvnw?$/, when: a => a.some(x => /cyclonedx(?:-maven-plugin)?(?::[\d.]+)?:make/.test(x)) },
  { kind: 'sbom', tool: /^gradlew?$/, when: a => a.some(x => /(?:^|:)cyclonedx(?:Direct)?Bom$|spdxSbom/.test(x)) },
  // One beside each image that it pushes, unless it is told not to.
  { kind: 'sbom', tool: /^ko$/, when: a => commandKinds(['ko', ...a]).includes('publish') && option(a, '--sbom') !== 'none' },
  { kind: 'sbom', tool: /^dotnet$/, when: a => a[0]?.toLowerCase() === 'cyclonedx' || a[0] === 'dotnet-cyclonedx' },
  { kind: 'sign', tool: /^cosign$/, when: sub('sign', 'sign-blob', 'attest', 'attest-blob') },
  { kind: 'sign', tool: /^sigstore$/, when: sub('sign', 'attest') },
  { kind: 'sign', tool: /^gitsign$|^rekor-cli$/, when: sub('sign', 'upload') },
  { kind: 'sign', tool: /^gpg2?$/, when: has('--sign', '--detach-sign', '--clearsign', '--clear-sign', '-b', '-s', '-sb', '-ab', '-bs', '-abs', '-sab', '-asb', '-bas', '--detach-sig') },
  { kind: 'sign', tool: /^(?:codesign|signtool|osslsigncode|jarsigner|apksigner|debsign|dpkg-sig|rpmsign|signify|azuresigntool|codesigntool|rcodesign)$/,
    when: a => !a.some(x => /^(?:--?verify|-v|verify|-vvv?|--display|-d|-dv)$/.test(x)) && a.length > 0 },
  { kind: 'sign', tool: /^minisign$/, when: a => a.some(x => /^-S/.test(x)) },
  { kind: 'sign', tool: /^rpm$/, when: has('--addsign', '--resign') },
  { kind: 'sign', tool: /^notation$/, when: sub('sign') },
  { kind: 'sign', tool: /^helm$/, when: a => a[0] === 'package' && has('--sign')(a) },
  { kind: 'sign', tool: /^docker$/, when: a => a[0] === 'trust' && a[1] === 'sign' },
  { kind: 'sign', tool: /^gradlew?$/, when: a => a.some(x => /(?:^|:)sign\w*Publication$/.test(x)) },
  { kind: 'sign', tool: /^mvnw?$/, when: a => a.some(x => /gpg:sign|maven-gpg-plugin/.test(x)) },
  { kind: 'sign', tool: /^(?:npm|pnpm)$/, when: a => a.includes('publish') && has('--provenance')(a) && !has('--dry-run')(a) && option(a, '--provenance') !== 'false' },
  { kind: 'provenance', tool: /^(?:npm|pnpm)$/, when: a => a.includes('publish') && has('--provenance')(a) && !has('--dry-run')(a) && option(a, '--provenance') !== 'false' },
  { kind: 'provenance', tool: /^docker$/, when: a => a.includes('build') && a.includes('--push')
    && (has('--provenance')(a) ? option(a, '--provenance') !== 'false' : a.some(x => /^--attest=type=provenance/.test(x))) },
  { kind: 'provenance', tool: /^cosign$/, when: a => sub('attest', 'attest-blob')(a) && /provenance/.test(option(a, '--type') ?? '') },
  { kind: 'provenance', tool: /^tejolote$/, when: sub('attest') },
  { kind: 'vault', tool: /^(?:vault|bao)$/, when: a => first(a, 'kv', 'get') || first(a, 'read') },
  { kind: 'vault', tool: /^aws$/, when: a => first(a, 'secretsmanager') && a.some(x => /^(?:batch-)?get-secret-value$/.test(x))
    || (first(a, 'ssm') && a.some(x => /^get-parameters?(?:-by-path)?$/.test(x)) && has('--with-decryption')(a)) },
  { kind: 'vault', tool: /^gcloud$/, when: a => first(a, 'secrets', 'versions', 'access') || first(a, 'beta', 'secrets', 'versions') },
  { kind: 'vault', tool: /^az$/, when: a => first(a, 'keyvault', 'secret') && a.some(x => x === 'show' || x === 'download') },
  { kind: 'vault', tool: /^op$/, when: sub('run', 'read', 'inject') },
  { kind: 'vault', tool: /^doppler$/, when: sub('run', 'secrets') },
  { kind: 'vault', tool: /^infisical$/, when: sub('run', 'export', 'secrets') },
  { kind: 'vault', tool: /^sops$/, when: a => has('-d', '--decrypt')(a) || sub('decrypt', 'exec-env', 'exec-file')(a) },
  { kind: 'vault', tool: /^(?:chamber|teller|summon|akeyless|berglas)$/, when: a => a.length > 0 && !sub('version')(a) },
];
