/**
 * Which scopes of the run's token a job needs, read from its actions and commands. What can't be told is named, so that a person
 * can look: a scope too few breaks a run, and a scope too many is what the rules are against.
 */
import { commandPermissions, isOtherToken, isRunToken, mergeScopes, tokenPermissions, type Scopes } from '../../catalog';
import { defineQuery, type World } from '../../engine/rule';
import type { Repository } from '../../repository/repository';
import { envWithin, workflowEnv, workflowShellDefault, type EffectiveEnv } from '../../workflow/effective';
import type { Job, Permissions, Step, UsesRef, Workflow } from '../../workflow/model';
import { asMapping, getValue, scalarText, type YamlNode } from '../../workflow/nodes';
import { opaqueCommand, trivialCommand } from './opaque-command';
import { plainScript, type PlainCommand } from './script-commands';

/** Plain JSON, so that it can be the answer to a query. */
export interface PermissionNeed {
  readonly scopes: Scopes;
  /** What may need more, as it is shown: `some/action`, `gh api`. Without repetitions. */
  readonly unknown: readonly string[];
}

/** What lies outside the job. */
export interface Surroundings {
  readonly env: EffectiveEnv;
  /** `defaults.run.shell` of the workflow. */
  readonly shell: string | null;
  /** Need of a local action or workflow by its path below the repository's root; null where it can't be read. */
  action(path: string): PermissionNeed | null;
  workflow(path: string): PermissionNeed | null;
}

const NOTHING: PermissionNeed = { scopes: {}, unknown: [] };
const unknown = (what: string): PermissionNeed => ({ scopes: {}, unknown: [what] });
/** Local actions and workflows that call each other are followed this far. */
const MAX_DEPTH = 4;

export function mergeNeeds(needs: readonly PermissionNeed[]): PermissionNeed {
  return { scopes: mergeScopes(...needs.map(n => n.scopes)), unknown: [...new Set(needs.flatMap(n => n.unknown))] };
}

/** What a job needs of the token. */
export function inferJob(job: Job, around: Surroundings): PermissionNeed {
  if (job.uses) return calledWorkflow(job.uses, around);
  const ownToken = job.steps.some(checksOutWithOtherToken);
  return mergeNeeds([imagesOf(job), ...job.steps.map(step => inferStep(step, around, ownToken))]);
}

function calledWorkflow(uses: UsesRef, around: Surroundings): PermissionNeed {
  if ((uses.kind === 'local' || uses.kind === 'self') && uses.path) return around.workflow(uses.path) ?? unknown(uses.text);
  if (uses.kind !== 'repository' || !uses.owner || !uses.repo) return unknown(uses.text);
  const scopes = tokenPermissions({ owner: uses.owner, repo: uses.repo, path: uses.path });
  return scopes ? { scopes, unknown: [] } : unknown(nameOf(uses));
}

/** Images of the job that are pulled with the token. */
function imagesOf(job: Job): PermissionNeed {
  const services = asMapping(job.services?.value)?.entries.map(e => e.value) ?? [];
  const password = (image: YamlNode | null): string => scalarText(getValue(getValue(image, 'credentials'), 'password')) ?? '';
  const pulls = [job.container?.value ?? null, ...services].some(image => isRunToken(password(image)));
  return pulls ? { scopes: { packages: 'read' }, unknown: [] } : NOTHING;
}

/** Inputs by lower-case name, as written. */
export function inputsOf(step: Step): Readonly<Record<string, string>> {
  const inputs: Record<string, string> = {};
  for (const e of asMapping(step.with?.value)?.entries ?? []) inputs[e.key.value.toLowerCase()] = scalarText(e.value) ?? '';
  return inputs;
}

const isCheckout = (uses: UsesRef | undefined): boolean => `${uses?.owner}/${uses?.repo}`.toLowerCase() === 'actions/checkout';
const nameOf = (uses: UsesRef): string => uses.text.split('@')[0] ?? uses.text;

function checksOutWithOtherToken(step: Step): boolean {
  if (!isCheckout(step.uses)) return false;
  const inputs = inputsOf(step);
  return isOtherToken(inputs.token) || isOtherToken(inputs['ssh-key']);
}

/** What one step needs. `ownToken`: git works with a token of somebody's own in this job. */
export function inferStep(step: Step, around: Surroundings, ownToken = false): PermissionNeed {
  const env = envWithin(step, step.job, around.env);
  const tokens = env.variables.filter(v => v.value !== null && isRunToken(v.value));
  if (step.uses) return usedAction(step.uses, step, around, tokens.some(v => v.source === 'step'));
  if (!step.run) return NOTHING;
  const { commands, complete } = plainScript(step, around.shell);
  const inline = isRunToken(step.run.scalar.value);
  const given = inline || tokens.some(v => v.source === 'step');
  const ghToken = ['GH_TOKEN', 'GITHUB_TOKEN'].map(n => env.variables.find(v => v.name === n)?.value).find(v => v);
  const needs = commands.map(c => commandNeed(c, ownToken, ghToken ?? undefined));
  // A token that is handed to something that isn't a known command: nobody can tell what it does with it.
  const taker = commands.some(c => c.name === 'gh' || c.name === 'git' || c.name === 'docker') ? undefined
    : commands.find(c => (given ? !trivialCommand(c) : tokens.length > 0 && opaqueCommand(c)));
  if (taker) needs.push(unknown(shownCommand(taker)));
  if (!complete && (given || tokens.length > 0)) needs.push(unknown('a script with the token'));
  return mergeNeeds(needs);
}

function usedAction(uses: UsesRef, step: Step, around: Surroundings, tokenInEnv: boolean): PermissionNeed {
  const inputs = inputsOf(step);
  const given = tokenInEnv || Object.values(inputs).some(isRunToken);
  if (uses.kind === 'docker') return given ? unknown(uses.text.split('@')[0] ?? uses.text) : NOTHING;
  if ((uses.kind === 'local' || uses.kind === 'self') && uses.path !== undefined) {
    const need = around.action(uses.path.replace(/\/+$/, ''));
    if (need === null) return unknown(uses.text);
    return given && Object.keys(need.scopes).length === 0 ? mergeNeeds([need, unknown(uses.text)]) : need;
  }
  if (uses.kind !== 'repository' || !uses.owner || !uses.repo) return NOTHING;
  const scopes = tokenPermissions({ owner: uses.owner, repo: uses.repo, path: uses.path }, inputs);
  return scopes ? { scopes, unknown: [] } : unknown(nameOf(uses));
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
  return scopes ? { scopes, unknown: [] } : unknown(shownCommand(command));
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
  return { scopes, unknown: [] };
}

/** The surroundings of jobs of a workflow in a checkout. */
export function surroundingsOf(workflow: Workflow | undefined, repository: Repository | undefined, depth = 0): Surroundings {
  return {
    env: workflowEnv(workflow), shell: workflowShellDefault(workflow),
    action: path => actionNeed(repository, path, depth + 1),
    workflow: path => workflowNeed(repository, path, depth + 1),
  };
}

function workflowNeed(repository: Repository | undefined, path: string, depth: number): PermissionNeed | null {
  const workflow = depth > MAX_DEPTH ? undefined : repository?.document(path)?.workflow;
  if (!workflow) return null;
  const around = surroundingsOf(workflow, repository, depth);
  return mergeNeeds(workflow.jobs.map(job => {
    const said = job.permissions ?? workflow.permissions;
    return said ? (granted(said) ?? unknown(path)) : inferJob(job, around);
  }));
}

function actionNeed(repository: Repository | undefined, path: string, depth: number): PermissionNeed | null {
  const files = path === '' ? ['action.yml', 'action.yaml'] : [`${path}/action.yml`, `${path}/action.yaml`];
  const action = depth > MAX_DEPTH ? undefined : files.map(f => repository?.document(f)?.action).find(a => a);
  if (!action) return null;
  const around = surroundingsOf(undefined, repository, depth);
  const takesToken = action.inputs.some(i => isRunToken(scalarText(i.default) ?? ''));
  if (action.steps.length === 0) return takesToken ? unknown(`./${path}`) : NOTHING;
  return mergeNeeds(action.steps.map(step => inferStep(step, around)));
}

/** As `Surroundings.action` and `.workflow`, through the engine: a rule that looks at less than the checkout asks these. */
export const localActionNeed = defineQuery('permissions.local-action',
  (world: World, path: string) => actionNeed(world.repository, path, 1));
export const localWorkflowNeed = defineQuery('permissions.local-workflow',
  (world: World, path: string) => workflowNeed(world.repository, path, 1));
