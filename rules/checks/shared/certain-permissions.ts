/**
 * What a step surely fails without: only what its documentation asks for, and only with inputs that can be read. What is merely
 * useful (comments, annotations, private repositories) isn't here.
 */
import { isOtherToken, isRunToken, type Access } from '../../catalog';
import type { EffectiveEnv } from '../../workflow/effective';
import type { Job, Step } from '../../workflow/model';
import { scalarText, type Span } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { args, failureIgnored, parseScript, shellOf } from '../../workflow/scripts';
import { inputsOf } from './inferred-permissions';

export interface Certain {
  readonly scope: string;
  readonly access: Access;
  /** A scope that does as well. */
  readonly or?: string;
  readonly at: Span;
  /** As it is shown: `actions/deploy-pages`, `gh release create`. */
  readonly what: string;
}

type Inputs = Readonly<Record<string, string>>;
type Want = string;
/** `scope`, or `scope|other`, separated by spaces; all of them written. Empty where the inputs say otherwise. */
type Rule = (i: Inputs, env: EffectiveEnv, job: Job) => Want;

const given = (v: string | undefined): boolean => v !== undefined && v.trim() !== '';
const on = (v: string | undefined): boolean => /^true$/i.test((v ?? '').trim());
const runToken = (i: Inputs, ...names: string[]): boolean => names.every(n => !isOtherToken(i[n]) && (!given(i[n]) || isRunToken(i[n]!)));
const always = (want: Want): Rule => () => want;
const unless = (want: Want, ...tokens: string[]): Rule => i => (runToken(i, ...tokens) ? want : '');

/** Runners of GitHub's own: others may have credentials of a cloud by themselves. */
const hosted = (job: Job): boolean => /^(?:ubuntu|windows|macos)-[\w.-]+$/.test(scalarText(job.runsOn?.value) ?? '');
const noVariable = (env: EffectiveEnv, pattern: RegExp): boolean => env.complete && !env.variables.some(v => pattern.test(v.name));

const upload: Rule = unless('security-events', 'token');

const ACTIONS: Readonly<Record<string, Rule>> = {
  'github/codeql-action/upload-sarif': upload,
  'github/codeql-action/analyze': (i, env, job) => (given(i.upload) && !/^(?:true|always)$/i.test(i.upload!.trim()) ? '' : upload(i, env, job)),
  'actions/deploy-pages': unless('pages id-token', 'token'),
  'actions/attest-build-provenance': unless('attestations id-token', 'github-token'),
  'actions/attest-sbom': unless('attestations id-token', 'github-token'),
  'actions/attest': unless('attestations id-token', 'github-token'),
  'softprops/action-gh-release': (i, env) => (runToken(i, 'token') && noOtherToken(env) ? 'contents' : ''),
  'ncipollo/release-action': unless('contents', 'token'),
  'googleapis/release-please-action': unless('contents pull-requests', 'token'),
  'peter-evans/create-pull-request': i => (runToken(i, 'token', 'branch-token') && !given(i['push-to-fork']) ? 'contents pull-requests' : ''),
  'actions/labeler': unless('pull-requests|issues', 'repo-token'),
  'dorny/test-reporter': unless('checks', 'token'),
  'marocchino/sticky-pull-request-comment': unless('pull-requests|issues', 'github_token', 'github-token'),
  'ossf/scorecard-action': i => (on(i.publish_results) ? 'id-token' : ''),
  'codecov/codecov-action': i => (on(i.use_oidc) && on(i.fail_ci_if_error) ? 'id-token' : ''),
  'pypa/gh-action-pypi-publish': i => (given(i.password) || given(i.user) ? '' : 'id-token'),
  'google-github-actions/auth': i => (given(i.workload_identity_provider) && !given(i.credentials_json) ? 'id-token' : ''),
  'aws-actions/configure-aws-credentials': (i, env, job) => (given(i['role-to-assume']) && hosted(job) && noVariable(env, /^AWS_/)
    && !['aws-access-key-id', 'web-identity-token-file', 'role-chaining', 'use-existing-credentials'].some(n => given(i[n]))
    && signsInFirst(job) ? 'id-token' : ''),
  'azure/login': (i, env) => (given(i['client-id']) && given(i['tenant-id']) && !given(i.creds) && !given(i['auth-type']) && noVariable(env, /^AZURE_/) ? 'id-token' : ''),
  'rust-lang/crates-io-auth-action': always('id-token'),
  'docker/build-push-action': (i, env, job) => (on(i.push) && /^\s*(?:type=\w+,)?["']?ghcr\.io\//im.test(i.tags ?? '') && logsIn(job) ? 'packages' : ''),
};

const noOtherToken = (env: EffectiveEnv): boolean => !env.variables.some(v => /^(?:GITHUB|GH)_TOKEN$/.test(v.name) && !isRunToken(v.value ?? ''));

/** The first step that has to do with the cloud, and the only one that signs in: no other can have left credentials. */
function signsInFirst(job: Job): boolean {
  const related = job.steps.filter(s => /aws|credential/i.test(`${s.uses?.text ?? ''} ${s.run?.scalar.value ?? ''}`));
  const logins = related.filter(s => s.uses?.repo === 'configure-aws-credentials');
  return logins.length === 1 && related[0] === logins[0];
}

/** The only login to GitHub's registry is with the run's own token. */
function logsIn(job: Job): boolean {
  const logins = job.steps.filter(s => /login/i.test(s.uses?.repo ?? '') || /\blogin\b/.test(s.run?.scalar.value ?? '')).map(s => ({ s, i: inputsOf(s) }));
  return logins.length > 0 && logins.every(l => l.s.uses) && logins.filter(l => /ghcr\.io/.test(l.i.registry ?? '')).length > 0
    && logins.filter(l => /ghcr\.io/.test(l.i.registry ?? '')).every(l => isRunToken(l.i.password ?? ''));
}

/** What subcommands of `gh` write; where two scopes do, either. */
const GH: Readonly<Record<string, Want>> = {
  'pr comment': 'pull-requests|issues', 'pr review': 'pull-requests', 'pr create': 'pull-requests', 'pr ready': 'pull-requests',
  'issue create': 'issues', 'issue close': 'issues|pull-requests', 'issue comment': 'issues|pull-requests', 'issue edit': 'issues|pull-requests',
  'label create': 'issues|pull-requests',
  'release create': 'contents', 'release upload': 'contents', 'release edit': 'contents', 'release delete': 'contents',
  'workflow run': 'actions', 'run cancel': 'actions', 'run rerun': 'actions', 'cache delete': 'actions',
};

/** What a step surely needs, in the order in which it stands there. `workflowShell`: `defaults.run.shell` of the file. */
export function certainNeeds(step: Step, job: Job, env: EffectiveEnv, workflowShell: string | null): Certain[] {
  if (tolerates(step.continueOnError) || tolerates(job.continueOnError)) return [];
  if (step.uses) {
    const { owner = '', repo = '', path, nameSpan, kind } = step.uses;
    const name = `${owner}/${repo}${path ? `/${path}` : ''}`;
    const rule = kind === 'repository' && Object.hasOwn(ACTIONS, name.toLowerCase()) ? ACTIONS[name.toLowerCase()] : undefined;
    return rule ? wants(rule(inputsOf(step), env, job), nameSpan, name) : [];
  }
  return step.run ? ghNeeds(step, env, workflowShell) : [];
}

const tolerates = (entry: Step['continueOnError']): boolean => entry !== undefined && scalarText(entry.value) !== 'false';

function ghNeeds(step: Step, env: EffectiveEnv, workflowShell: string | null): Certain[] {
  const scalar = step.run!.scalar;
  // The first one that is set counts, and only the run's own token is held to the job's permissions.
  const token = ['GH_TOKEN', 'GITHUB_TOKEN'].map(n => env.variables.find(v => v.name === n)).find(v => v);
  if (!token || !isRunToken(token.value ?? '') || /\b(?:GH_TOKEN|GITHUB_TOKEN|GH_REPO|GH_HOST)=|gh auth|set \+e/.test(scalar.value)) return [];
  if (/\|\||&&|\bsecrets\./.test((token.value ?? '').replace(/secrets\.GITHUB_TOKEN/gi, ''))) return [];
  const ast = parseScript(scalar.value, shellOf(step, workflowShell ?? undefined).shell);
  if (ast.dialect !== 'posix' || ast.errors.length > 0) return [];
  const found: Certain[] = [];
  for (const command of ast.commands) {
    if (command.name !== 'gh' || failureIgnored(command)) continue;
    const words = args(command);
    if (words.some(w => w === undefined ? false : /^(?:-R|--repo|--dry-run|--help)/.test(w))) continue;
    const key = words.slice(0, 2).join(' ');
    if (Object.hasOwn(GH, key)) found.push(...wants(GH[key]!, valueRangeSpan(scalar, command.start, command.words[2]!.end), `gh ${key}`));
  }
  return found;
}

function wants(want: Want, at: Span, what: string): Certain[] {
  return want.split(' ').filter(w => w !== '').map(w => {
    const [scope = w, or] = w.split('|');
    return { scope, access: 'write', or, at, what };
  });
}
