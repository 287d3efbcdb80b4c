/**
 * Which scopes of the run's token a job needs, read from its actions and commands. What can't be told is named, so that a person
 * can look: a scope too few breaks a run, and a scope too many is what the rules are against.
 */
import { commandPermissions, isOtherToken, isRunToken, mergeScopes, optionalScopes, tokenPermissions, type Scopes } from '../../catalog';
import { CatalogMemo } from '../../catalog/memo';
import { defineQuery, type World } from '../../engine/rule';
import type { Repository } from '../../repository/repository';
import { BlockMemo } from '../../workflow/block-memo';
import { envWithin, triggerFacts, workflowEnv, workflowShellDefault, type EffectiveEnv } from '../../workflow/effective';
import type { Job, Permissions, Step, UsesRef, Workflow } from '../../workflow/model';
import { asMapping, getValue, scalarText, type YamlNode } from '../../workflow/nodes';
import { opaqueCommand, trivialCommand } from './opaque-command';
import { plainScript, type PlainCommand } from './script-commands';

/** Plain JSON, so that it can be the answer to a query. */
export interface PermissionNeed {
  readonly scopes: Scopes;
  /** What may need more, as it is shown: `some/action`, `gh api`. Without repetitions. */
  readonly unknown: readonly string[];
  /**
   * Programs that aren't in the workflow, as they are shown. They are given no token, but could take git's from the working copy,
   * or ask for an identity of the run.
   */
  readonly code: readonly string[];
  /** Scopes that a known action writes under circumstances that the workflow doesn't tell. */
  readonly optional: readonly string[];
  /** Programs that could do more with the token that they find in their environment than the step is known for. */
  readonly handed: readonly string[];
}

/** What lies outside the job. */
export interface Surroundings {
  readonly env: EffectiveEnv;
  /** `defaults.run.shell` of the workflow. */
  readonly shell: string | null;
  /** What starts the workflow; undefined for an action, whose callers aren't seen. */
  readonly events?: readonly string[];
  /** Need of a local action or workflow by its path below the repository's root; null where it can't be read. */
  action(path: string): PermissionNeed | null;
  workflow(path: string): PermissionNeed | null;
}

const NOTHING: PermissionNeed = { scopes: {}, unknown: [], code: [], optional: [], handed: [] };
const needs = (scopes: Scopes): PermissionNeed => ({ ...NOTHING, scopes });
const unknown = (what: string): PermissionNeed => ({ ...NOTHING, unknown: [what] });
/** Local actions and workflows that call each other are followed this far. */
const MAX_DEPTH = 4;

export function mergeNeeds(given: readonly PermissionNeed[]): PermissionNeed {
  const all = given.filter(n => n !== NOTHING);
  if (all.length < 2) return all[0] ?? NOTHING;
  const names = (of: (need: PermissionNeed) => readonly string[]): readonly string[] => {
    const some = all.filter(n => of(n).length > 0);
    return some.length < 2 ? (some[0] ? of(some[0]) : []) : [...new Set(some.flatMap(of))];
  };
  return {
    scopes: mergeScopes(...all.map(n => n.scopes)), unknown: names(n => n.unknown), code: names(n => n.code),
    optional: names(n => n.optional), handed: names(n => n.handed),
  };
}

/** What a job needs of the token. */
export function inferJob(job: Job, around: Surroundings): PermissionNeed {
  if (job.uses) return calledWorkflow(job.uses, around);
  // Nothing but a local action takes more than these from outside, and several rules ask about the same job.
  const alone = job.steps.every(s => s.uses?.kind !== 'local' && s.uses?.kind !== 'self');
  const { job: before, env, shell, events } = last;
  if (alone && before === job && env === around.env && shell === around.shell && events === around.events) return last.need;
  const need = inferSteps(job, around);
  if (alone) last = { job, env: around.env, shell: around.shell, events: around.events, need };
  return need;
}

let last: { readonly job?: Job; readonly env?: EffectiveEnv; readonly shell?: string | null; readonly events?: readonly string[]; readonly need: PermissionNeed } = { need: NOTHING };

function inferSteps(job: Job, around: Surroundings): PermissionNeed {
  const ownToken = job.steps.some(checksOutWithOtherToken);
  const steps = job.steps.map(step => inferStep(step, around, ownToken));
  // Signing without a key is left to a release tool's configuration.
  const installed = job.steps.some(s => /^sigstore\/cosign-installer@/i.test(s.uses?.text ?? ''));
  const signs = installed && job.steps.some(s => /^goreleaser\/goreleaser-action@/i.test(s.uses?.text ?? ''));
  const all = mergeNeeds([imagesOf(job), ...steps, signs ? needs({ 'id-token': 'write' }) : NOTHING]);
  return all.scopes.packages === 'write' && onlyPulls(job, steps) ? { ...all, scopes: { ...all.scopes, packages: 'read' } } : all;
}

/** It signs in to the registry, and nothing in it could push there. */
function onlyPulls(job: Job, needs: readonly PermissionNeed[]): boolean {
  return needs.every(({ scopes, unknown, code }, i) => {
    const step = job.steps[i]!;
    const signsIn = /^docker\/login-action@/i.test(step.uses?.text ?? '');
    if (scopes.packages === 'write' && !signsIn) return false;
    if (unknown.length > 0 || code.some(c => PUSHING.test(c))) return false;
    if (/^docker\/(?:build-push|bake)-action@/i.test(step.uses?.text ?? '')) {
      const { push = '', outputs = '', set = '' } = inputsOf(step);
      return /^(?:false)?$/i.test(push.trim()) && !/push|registry/i.test(outputs + set);
    }
    return !step.run || !/\b(?:push|imagetools|manifest|copy|publish|bake)\b/.test(step.run.scalar.value);
  });
}
const PUSHING = /push|publish|release|deploy|image|docker|make|task|goreleaser|ko\b|helm|skaffold|bazel/i;

function calledWorkflow(uses: UsesRef, around: Surroundings): PermissionNeed {
  if ((uses.kind === 'local' || uses.kind === 'self') && uses.path) return around.workflow(uses.path) ?? unknown(uses.text);
  if (uses.kind !== 'repository' || !uses.owner || !uses.repo) return unknown(uses.text);
  const scopes = tokenPermissions({ owner: uses.owner, repo: uses.repo, path: uses.path });
  return scopes ? needs(scopes) : unknown(nameOf(uses));
}

/** Images of the job that are pulled with the token. */
function imagesOf(job: Job): PermissionNeed {
  const services = asMapping(job.services?.value)?.entries.map(e => e.value) ?? [];
  const password = (image: YamlNode | null): string => scalarText(getValue(getValue(image, 'credentials'), 'password')) ?? '';
  const pulls = [job.container?.value ?? null, ...services].some(image => isRunToken(password(image)));
  return pulls ? needs({ packages: 'read' }) : NOTHING;
}

type InputTexts = Readonly<Record<string, string>>;
const NO_INPUTS: InputTexts = {};
const inputTexts = new BlockMemo<Step, InputTexts>();

/** Inputs by lower-case name, as written. */
export function inputsOf(step: Step): InputTexts {
  return step.with ? inputTexts.get(step.node.block, step, readInputs) : NO_INPUTS;
}

function readInputs(step: Step): InputTexts {
  const inputs: Record<string, string> = {};
  for (const e of asMapping(step.with?.value)?.entries ?? []) inputs[e.key.value.toLowerCase()] = scalarText(e.value) ?? '';
  return inputs;
}

const isCheckout = (uses: UsesRef | undefined): boolean => uses?.slug === 'actions/checkout';
const nameOf = ({ text }: UsesRef): string => {
  const at = text.indexOf('@');
  return at < 0 ? text : text.slice(0, at);
};

/** They commit and push by git, with whatever token the checkout has left it. */
const PUSHES_WITH_GIT = /^(?:stefanzweifel\/git-auto-commit-action|endbug\/add-and-commit)$/i;

function checksOutWithOtherToken(step: Step): boolean {
  if (!isCheckout(step.uses)) return false;
  const inputs = inputsOf(step);
  return isOtherToken(inputs.token) || isOtherToken(inputs['ssh-key']);
}

const NO_TOKENS: EffectiveEnv['variables'] = [];

/** What one step needs. `ownToken`: git works with a token of somebody's own in this job. */
export function inferStep(step: Step, around: Surroundings, ownToken = false): PermissionNeed {
  const env = envWithin(step, step.job, around.env);
  const tokens = env.variables.length === 0 ? NO_TOKENS : env.variables.filter(v => v.value !== null && isRunToken(v.value));
  if (step.uses) {
    const need = usedAction(step.uses, step, around, { inStep: tokens.some(v => v.source === 'step'), anywhere: tokens.length > 0 });
    return ownToken && PUSHES_WITH_GIT.test(nameOf(step.uses)) ? { ...need, scopes: {} } : need;
  }
  if (!step.run) return NOTHING;
  const text = step.run.scalar.value;
  const { commands, complete } = plainScript(step, around.shell);
  const given = isRunToken(text) || tokens.some(v => v.source === 'step');
  const ghToken = ['GH_TOKEN', 'GITHUB_TOKEN'].map(n => env.variables.find(v => v.name === n)?.value).find(v => v);
  const found = commands.map(c => commandNeed(c, ownToken, ghToken ?? undefined));
  // A token that is handed to something that isn't a known command: nobody can tell what it does with it.
  const takers = commands.filter(c => (given ? !trivialCommand(c) : tokens.length > 0 && opaqueCommand(c)) && !isClient(c));
  if (takers[0] && !commands.some(isClient)) found.push(unknown(shownCommand(takers[0])));
  if (!complete && (given || tokens.length > 0)) found.push(unknown('a script with the token'));
  // What is written into the environment of all later steps is out of sight.
  if (isRunToken(text) && /GITHUB_ENV/.test(text)) found.push(unknown('a script with the token'));
  if (asksForIdentity(text) || publishesTrusted(commands, env)) found.push(needs({ 'id-token': 'write' }));
  if (tokens.some(v => v.name === 'NODE_AUTH_TOKEN') && commands.some(publishesToNpm)) found.push(needs({ packages: 'write' }));
  // A script of the project that releases: what it pushes, and as whom, is out of sight.
  for (const c of commands) if (opaqueCommand(c) && RELEASES.test([c.name, ...c.args].join(' '))) found.push(unknown(shownCommand(c)));
  const code = [...new Set(commands.filter(c => !trivialCommand(c) && !isClient(c) && !installs(c)).map(shownCommand))];
  if (!complete) code.push('a script');
  if (code.length > 0 || takers.length > 0) found.push({ ...NOTHING, code, handed: [...new Set(takers.map(shownCommand))] });
  return mergeNeeds(found);
}

const RELEASES = /(?:^|[\s/:_.-])(?:publish|release)(?:$|[\s:_.-])/i;

/** Programs whose use of the token is read from their arguments. */
const isClient = (c: PlainCommand): boolean => c.name === 'gh' || c.name === 'git' || c.name === 'docker';
const asksForIdentity = (text: string): boolean => /ACTIONS_ID_TOKEN_REQUEST|\bgetIDToken\b/.test(text);

const installs = ({ name, args }: PlainCommand): boolean =>
  /^(?:npm|pnpm|yarn|bun|pip3?|apt|apt-get|brew|choco|apk|dnf|yum|corepack|gem|rustup|nvm|conda|winget|poetry)$/.test(name ?? '')
  && (args.length === 0 ? name === 'yarn' : /^(?:ci|i|install|add|update|upgrade|config|enable|prepare|cache|toolchain|target|component)$/.test(args[0] ?? ''));

/** What another program publishes that they run (`pnpm dlx @vscode/vsce publish`) goes elsewhere. */
const publishesToNpm = ({ name, args }: PlainCommand): boolean => /^(?:npm|pnpm)$/.test(name ?? '')
  && args.includes('publish') && !args.some(a => /^(?:--dry-run|run|run-script|dlx|exec|x)$/.test(a));

/** `npm publish` without any token of its own: the registry trusts the run's identity. */
function publishesTrusted(commands: readonly PlainCommand[], env: EffectiveEnv): boolean {
  return commands.some(publishesToNpm) && env.complete && !env.variables.some(v => /TOKEN|AUTH/i.test(v.name))
    && !commands.some(c => /npmrc|_authToken|npm_?token/i.test(c.args.join(' ')));
}

const ON_PULL_REQUESTS = /^(?:gitleaks\/gitleaks-action|release-drafter\/release-drafter)$/i;

/** Actions that write to pull requests only when one has started the run, or where a variable of theirs lets them. */
function withoutPullRequests(name: string, step: Step, around: Surroundings): boolean {
  if (!ON_PULL_REQUESTS.test(name)) return false;
  const silent = step.env?.variables.some(v => v.name === 'GITLEAKS_ENABLE_COMMENTS' && /^false$/i.test(v.value?.value ?? ''));
  return silent === true || (around.events !== undefined && !around.events.some(e => e.startsWith('pull_request') || e === 'workflow_call'));
}

/** Inputs that an action runs, and actions that run the project's own code whatever their inputs. */
const COMMANDS = ['run', 'command', 'script', 'cmd', 'commands', 'build', 'start', 'publish', 'args', 'inlinescript', 'cibw_before_all'];
const RUNNERS = [
  'changesets/action', 'goreleaser/goreleaser-action', 'pypa/cibuildwheel', 'pyo3/maturin-action', 'pre-commit/action', 'cypress-io/github-action',
  'nick-fields/retry', 'gradle/', 'reactivecircus/android-emulator-runner', 'super-linter/', 'oxsecurity/',
];

/** Inputs of actions that sign in to a cloud with the run's identity, whatever the action is called. */
const SIGNS_IN = ['role-to-assume', 'workload_identity_provider'];

function codeOf(uses: UsesRef, inputs: Readonly<Record<string, string>>): readonly string[] {
  const name = nameOf(uses).toLowerCase();
  if (name === 'actions/github-script') return [];
  return RUNNERS.some(r => name.startsWith(r)) || COMMANDS.some(c => (inputs[c] ?? '').trim() !== '') ? [nameOf(uses)] : [];
}

interface TokensAround { readonly inStep: boolean; readonly anywhere: boolean }

/** Of actions that are given nothing: the need depends on the action alone then. */
const bareNeeds = new CatalogMemo<PermissionNeed>();

function usedAction(uses: UsesRef, step: Step, around: Surroundings, token: TokensAround): PermissionNeed {
  const bare = uses.kind === 'repository' && !step.with && !token.anywhere && !ON_PULL_REQUESTS.test(nameOf(uses));
  return bare ? bareNeeds.get(nameOf(uses), () => needOfAction(uses, step, around, token)) : needOfAction(uses, step, around, token);
}

function needOfAction(uses: UsesRef, step: Step, around: Surroundings, token: TokensAround): PermissionNeed {
  const inputs = inputsOf(step);
  const given = token.inStep || Object.values(inputs).some(isRunToken);
  if (uses.kind === 'docker') return given || token.anywhere ? unknown(nameOf(uses)) : { ...NOTHING, code: [nameOf(uses)] };
  if ((uses.kind === 'local' || uses.kind === 'self') && uses.path !== undefined) {
    const need = around.action(uses.path.replace(/\/+$/, ''));
    if (need === null) return unknown(uses.text);
    const asks = SIGNS_IN.some(n => (inputs[n] ?? '').trim() !== '') ? needs({ 'id-token': 'write' }) : NOTHING;
    const more = mergeNeeds([need, asks, given || token.anywhere ? { ...NOTHING, handed: need.code } : NOTHING]);
    return given && Object.keys(need.scopes).length === 0 ? mergeNeeds([more, unknown(uses.text)]) : more;
  }
  if (uses.kind !== 'repository' || !uses.owner || !uses.repo) return NOTHING;
  const told = tokenPermissions({ owner: uses.owner, repo: uses.repo, path: uses.path }, inputs);
  if (!told) return unknown(nameOf(uses));
  const scopes = withoutPullRequests(nameOf(uses), step, around) && told['pull-requests'] ? { ...told, 'pull-requests': 'read' as const } : told;
  const identity: Scopes = asksForIdentity(inputs.script ?? '') ? { 'id-token': 'write' } : {};
  const code = codeOf(uses, inputs);
  const optional = optionalScopes({ owner: uses.owner, repo: uses.repo, path: uses.path });
  return { ...needs(mergeScopes(scopes, identity)), code, optional, handed: given || token.anywhere ? code : [] };
}

function commandNeed(command: PlainCommand, ownToken: boolean, ghToken: string | undefined): PermissionNeed {
  if (command.name === undefined) return NOTHING;
  const scopes = commandPermissions(command.name, command.args);
  if (command.name === 'gh' && isOtherToken(ghToken)) return NOTHING;
  if (command.name === 'git') {
    // Another token, in the address or from the checkout, is used instead of the run's.
    const other = command.args.some(a => /\$\{\{[^}]*\bsecrets\./.test(a) && !isRunToken(a));
    if (ownToken || other) return NOTHING;
  }
  return scopes ? needs(scopes) : unknown(shownCommand(command));
}

function shownCommand({ name = '', args }: PlainCommand): string {
  const first = args.find(a => !a.startsWith('-') && /^[\w./:@-]{1,40}$/.test(a));
  return first === undefined ? name : `${name} ${first}`;
}

/** Scopes that a `permissions` mapping grants, for a callee that says what it wants; null for `read-all`, `write-all` and nonsense. */
function granted(permissions: Permissions): PermissionNeed | null {
  if (permissions.shape === 'none') return NOTHING;
  if (permissions.shape !== 'map') return null;
  const scopes: Record<string, 'read' | 'write'> = {};
  for (const s of permissions.scopes) if (s.access === 'read' || s.access === 'write') scopes[s.name] = s.access;
  return needs(scopes);
}

/** The surroundings of jobs of a workflow in a checkout. */
export function surroundingsOf(workflow: Workflow | undefined, repository: Repository | undefined, depth = 0): Surroundings {
  return {
    env: workflowEnv(workflow), shell: workflowShellDefault(workflow), ...(workflow ? { events: triggerFacts(workflow).events } : {}),
    action: path => actionNeed(repository, path, depth + 1),
    workflow: path => workflowNeed(repository, path, depth + 1),
  };
}

function workflowNeed(repository: Repository | undefined, path: string, depth: number): PermissionNeed | null {
  const workflow = depth > MAX_DEPTH ? undefined : repository?.document(path)?.workflow;
  if (!workflow) return null;
  const around = surroundingsOf(workflow, repository, depth);
  const asked = (said: Permissions): PermissionNeed => granted(said) ?? unknown(path);
  // What stands at the top is held against the caller's even where every job has its own.
  const top = workflow.permissions ? [asked(workflow.permissions)] : [];
  return mergeNeeds([...top, ...workflow.jobs.map(job => {
    const said = job.permissions ?? workflow.permissions;
    return said ? asked(said) : inferJob(job, around);
  })]);
}

function actionNeed(repository: Repository | undefined, path: string, depth: number): PermissionNeed | null {
  const files = path === '' ? ['action.yml', 'action.yaml'] : [`${path}/action.yml`, `${path}/action.yaml`];
  const action = depth > MAX_DEPTH ? undefined : files.map(f => repository?.document(f)?.action).find(a => a);
  if (!action) return null;
  const around = surroundingsOf(undefined, repository, depth);
  const takesToken = action.inputs.some(i => isRunToken(scalarText(i.default) ?? ''));
  if (action.steps.length === 0) return takesToken ? unknown(`./${path}`) : { ...NOTHING, code: [`./${path}`] };
  return mergeNeeds(action.steps.map(step => inferStep(step, around)));
}

/** As `Surroundings.action` and `.workflow`, through the engine: a rule that looks at less than the checkout asks these. */
export const localActionNeed = defineQuery('permissions.local-action',
  (world: World, path: string) => actionNeed(world.repository, path, 1));
export const localWorkflowNeed = defineQuery('permissions.local-workflow',
  (world: World, path: string) => workflowNeed(world.repository, path, 1));
