/**
 * What counts in the end, once step, job and workflow are taken together: shell, permissions, environment, triggers.
 * A rule that looks at one job asks for the workflow's part through a query; therefore each question comes apart into the
 * workflow's answer, which is plain JSON (`workflowShellDefault`, `workflowPermissions`, `workflowEnv`, `triggerFacts`), and
 * the job's (`shellOf`, `permissionsWithin`, `envWithin`).
 */
import { BlockMemo } from './block-memo';
import { asMapping, asSequence, deref, getEntry, getValue, scalarList, scalarText } from './nodes';
import type { Entry, YamlNode } from './nodes';
import type { EnvMap, Job, Permissions, Step, Trigger, Workflow } from './model';

export type Shell = 'bash' | 'sh' | 'pwsh' | 'powershell' | 'cmd' | 'python' | 'node' | 'other' | 'unknown';

export interface EffectiveShell {
  readonly shell: Shell;
  /** True where a `shell` or `defaults.run.shell` says so, false for the runner's default. */
  readonly explicit: boolean;
  /** True where the command line that runs the script sets `pipefail`. The script may still set it itself. */
  readonly pipefail: boolean;
}

/** The shell that a step's script runs in. In composite actions, which need a `shell`, `job` and `workflow` are undefined. */
export function effectiveShell(step: Step, job: Job | undefined, workflow: Workflow | undefined): EffectiveShell {
  return shellOf(step, job, workflowShellDefault(workflow));
}

/** `defaults.run.shell` of the workflow as written; null where it has none. */
export function workflowShellDefault(workflow: Workflow | undefined): string | null { return defaultShell(workflow?.defaults) ?? null; }

/** As `effectiveShell`, with the answer of `workflowShellDefault`. */
export function shellOf(step: Step, job: Job | undefined, workflowDefault: string | null): EffectiveShell {
  const written = scalarText(step.shell?.value) ?? (job && (defaultShell(job.defaults) ?? workflowDefault)) ?? undefined;
  if (written) return writtenShell(written, job);
  if (!job) return { shell: 'unknown', explicit: false, pipefail: false };
  const os = runnerOs(job);
  // Runners fall back to `sh` for every script inside a container; elsewhere implicit bash is `bash -e`, without pipefail.
  const shell = os === 'unknown' ? 'unknown' : os === 'windows' ? 'pwsh' : job.container ? 'sh' : 'bash';
  return { shell, explicit: false, pipefail: false };
}

function defaultShell(defaults: Entry | undefined): string | undefined {
  return scalarText(getValue(getValue(defaults?.value, 'run'), 'shell')) || undefined;
}

function writtenShell(written: string, job: Job | undefined): EffectiveShell {
  const found = expand(written, job)?.map(commandShell) ?? [];
  const [first] = found;
  const shell = first && found.every(f => f.shell === first.shell) ? first.shell : 'unknown';
  return { shell, explicit: true, pipefail: shell !== 'unknown' && found.every(f => f.pipefail) };
}

const SHELLS: Readonly<Record<string, Shell>> = {
  bash: 'bash', sh: 'sh', dash: 'sh', pwsh: 'pwsh', powershell: 'powershell', cmd: 'cmd',
  python: 'python', python3: 'python', node: 'node',
};

function commandShell(command: string): { readonly shell: Shell; readonly pipefail: boolean } {
  const words = command.trim().split(/\s+/);
  const program = words[0]!.replaceAll('\\', '/').split('/').at(-1)!.toLowerCase().replace(/\.exe$/, '');
  const shell = SHELLS[program] ?? 'other';
  // A bare `bash` stands for `bash --noprofile --norc -eo pipefail {0}`; a template is taken as written.
  const template = words.length > 1;
  const pipefail = shell === 'bash' && (!template || words.some((w, i) => w === 'pipefail' && /^-\w*o$/.test(words[i - 1] ?? '')));
  return { shell, pipefail };
}

export type RunnerOs = 'linux' | 'windows' | 'macos' | 'unix' | 'unknown';

/**
 * The operating system of a job's runner by its labels. `unix`: Linux or macOS (several matrix values, or a label of one's
 * own that names no system). `unknown`: an expression that the job's own matrix doesn't answer, or Windows next to others.
 */
export function runnerOs(job: Job): RunnerOs { return systems.get(job.entry.block, job, readRunnerOs); }

const systems = new BlockMemo<Job, RunnerOs>();

function readRunnerOs(job: Job): RunnerOs {
  const value = deref(job.runsOn?.value);
  const labels = scalarList(value?.kind === 'mapping' ? getEntry(value, 'labels')?.value : value).map(s => s.value);
  if (!labels.length) return value?.kind === 'mapping' ? 'unix' : 'unknown';
  let found: RunnerOs | undefined;
  for (const label of labels) {
    const all = (expand(label, job) ?? [literalPrefix(label)]).map(labelOs);
    const os = all.every(o => o === all[0]) ? all[0]! : all.some(o => o === 'windows' || o === 'unknown') ? 'unknown' : 'unix';
    // One label that names the system is enough: `[self-hosted, windows]`.
    if (os === 'windows' || os === 'linux' || os === 'macos') return os;
    if (os === 'unknown' || !found) found = os;
  }
  return found ?? 'unknown';
}

function labelOs(label: string | undefined): RunnerOs {
  if (label === undefined) return 'unknown';
  const l = label.toLowerCase();
  if (/(?:^|[^a-z])(?:windows|win(?:10|11|20\d\d)?)(?:[^a-z]|$)/.test(l) || l.startsWith('windows')) return 'windows';
  if (l.includes('macos')) return 'macos';
  if (l.includes('ubuntu') || l.includes('linux')) return 'linux';
  return 'unix';
}

/** What stands before the first expression, where it names a system by itself: `ubuntu-${{ … }}`. */
function literalPrefix(label: string): string | undefined {
  const prefix = label.slice(0, label.indexOf('${{'));
  return /^(?:ubuntu|windows|macos)-/i.test(prefix) ? prefix : undefined;
}

/**
 * The texts that a text with `${{ matrix.… }}` can become, by the job's own matrix; itself where there is no expression;
 * undefined where they can't be known.
 */
export function expand(text: string, job: Job | undefined): string[] | undefined {
  const start = text.indexOf('${{');
  if (start < 0) return [text];
  const end = text.indexOf('}}', start);
  const rest = end < 0 ? '' : text.slice(end + 2);
  if (end < 0 || !job || rest.includes('${{')) return undefined;
  const path = /^\s*matrix((?:\.[A-Za-z_][\w-]*)+)\s*$/.exec(text.slice(start + 3, end))?.[1];
  const values = path && matrixValues(job, path.slice(1).split('.'));
  if (!values || !values.length) return undefined;
  return values.map(v => text.slice(0, start) + v + rest);
}

/**
 * Every value that `matrix.<path>` can have, as written, without repetitions. Undefined where the matrix, or that part of it,
 * is an expression, or where a value is no scalar. What `exclude` takes away is not taken away here.
 */
export function matrixValues(job: Job, path: readonly string[]): string[] | undefined {
  const matrix = asMapping(getValue(job.strategy?.value, 'matrix'));
  const [name, ...rest] = path;
  if (!matrix || name === undefined) return undefined;
  const found = new Set<string>();
  const add = (node: YamlNode | null | undefined): boolean => {
    const value = scalarText(rest.reduce<YamlNode | null>((n, key) => getValue(n, key), deref(node)));
    if (value === undefined || value.includes('${{')) return false;
    found.add(value);
    return true;
  };
  const vector = getEntry(matrix, name);
  if (vector) {
    const list = asSequence(vector.value);
    if (!list || !list.items.every(i => add(i.value))) return undefined;
  }
  const include = getEntry(matrix, 'include');
  if (include) {
    const list = asSequence(include.value);
    if (!list) return undefined;
    for (const item of list.items) {
      if (!asMapping(item.value)) return undefined;
      const entry = getEntry(item.value, name);
      if (entry && !add(entry.value)) return undefined;
    }
  }
  return [...found];
}

export interface EffectivePermissions {
  /** Who sets them; `default` is the repository's setting, which a file doesn't tell. */
  readonly source: 'job' | 'workflow' | 'default';
  readonly shape: Permissions['shape'] | 'default';
  /** Named scopes and their access; empty for `read-all`, `write-all`, `{}` and the default. */
  readonly scopes: Readonly<Record<string, string>>;
}

/** What a job's token may do. A job's `permissions` replace the workflow's whole. */
export function effectivePermissions(job: Job | undefined, workflow: Workflow | undefined): EffectivePermissions {
  return permissionsWithin(job, workflowPermissions(workflow));
}

/** The workflow's own part, as JSON. */
export function workflowPermissions(workflow: Workflow | undefined): EffectivePermissions {
  return permissionFacts(workflow?.permissions, 'workflow');
}

/** As `effectivePermissions`, with the answer of `workflowPermissions`. */
export function permissionsWithin(job: Job | undefined, inherited: EffectivePermissions): EffectivePermissions {
  return job?.permissions ? permissionFacts(job.permissions, 'job') : inherited;
}

function permissionFacts(permissions: Permissions | undefined, source: 'job' | 'workflow'): EffectivePermissions {
  if (!permissions) return { source: 'default', shape: 'default', scopes: {} };
  return { source, shape: permissions.shape, scopes: Object.fromEntries(permissions.scopes.map(s => [s.name, s.access])) };
}

/** `unknown` where the repository's setting decides, or where the value is none that GitHub knows. */
export function scopeAccess(permissions: EffectivePermissions, scope: string): 'read' | 'write' | 'none' | 'unknown' {
  switch (permissions.shape) {
    case 'write-all': return 'write';
    case 'read-all': return scope === 'id-token' ? 'none' : 'read';
    case 'none': return 'none';
    case 'map': {
      const access = Object.hasOwn(permissions.scopes, scope) ? permissions.scopes[scope] : 'none';
      return access === 'read' || access === 'write' || access === 'none' ? access : 'unknown';
    }
    default: return 'unknown';
  }
}

export interface EffectiveVariable {
  readonly name: string;
  /** As written; null where it is empty or no scalar. */
  readonly value: string | null;
  readonly source: 'step' | 'job' | 'workflow';
}

export interface EffectiveEnv {
  /** Innermost wins; in order of first appearance from the outside in. */
  readonly variables: readonly EffectiveVariable[];
  /** False where an `env` is an expression, which can set anything. */
  readonly complete: boolean;
}

/** The variables that a step's process sees from `env` in the file. Names compare exactly, as on Linux and macOS. */
export function effectiveEnv(step: Step | undefined, job: Job | undefined, workflow: Workflow | undefined): EffectiveEnv {
  return envWithin(step, job, workflowEnv(workflow));
}

/** The workflow's own part, as JSON. */
export function workflowEnv(workflow: Workflow | undefined): EffectiveEnv {
  return mergeEnv({ variables: [], complete: true }, workflow?.env, 'workflow');
}

/** As `effectiveEnv`, with the answer of `workflowEnv`. */
export function envWithin(step: Step | undefined, job: Job | undefined, inherited: EffectiveEnv): EffectiveEnv {
  return mergeEnv(mergeEnv(inherited, job?.env, 'job'), step?.env, 'step');
}

function mergeEnv(outer: EffectiveEnv, env: EnvMap | undefined, source: EffectiveVariable['source']): EffectiveEnv {
  if (!env) return outer;
  const merged = new Map(outer.variables.map(v => [v.name, v]));
  for (const v of env.variables) merged.set(v.name, { name: v.name, value: v.value?.value ?? null, source });
  const value = deref(env.entry.value);
  return { variables: [...merged.values()], complete: outer.complete && (value === null || value.kind === 'mapping') };
}

/**
 * Events that strangers start and that still run with the repository's secrets and a token that may write.
 * `pull_request_review` and `pull_request_review_comment` are not among them: from forks they are held as `pull_request` is.
 */
export const PRIVILEGED_EVENTS: ReadonlySet<string> = new Set([
  'pull_request_target', 'workflow_run', 'issue_comment', 'issues', 'discussion', 'discussion_comment', 'fork', 'watch',
]);

/** Events that someone without write access can start. */
export const OUTSIDER_EVENTS: ReadonlySet<string> = new Set([
  ...PRIVILEGED_EVENTS, 'pull_request', 'pull_request_review', 'pull_request_review_comment',
]);

export interface TriggerFacts {
  /** In document order, without repetitions. */
  readonly events: readonly string[];
  readonly privileged: readonly string[];
  readonly outsider: readonly string[];
  /** `workflow_call`. */
  readonly callable: boolean;
  readonly scheduled: boolean;
  /** `workflow_dispatch` or `repository_dispatch`. */
  readonly dispatchable: boolean;
  /** `filtered`: branches, tags or paths narrow it. */
  readonly push: 'none' | 'filtered' | 'unfiltered';
}

/** What starts a workflow, as JSON. */
export function triggerFacts(workflow: Workflow | undefined): TriggerFacts {
  const triggers = workflow?.triggers ?? [];
  const events = [...new Set(triggers.map(t => t.event))];
  const push = triggers.find(t => t.event === 'push');
  return {
    events,
    privileged: events.filter(e => PRIVILEGED_EVENTS.has(e)),
    outsider: events.filter(e => OUTSIDER_EVENTS.has(e)),
    callable: events.includes('workflow_call'),
    scheduled: events.includes('schedule'),
    dispatchable: events.includes('workflow_dispatch') || events.includes('repository_dispatch'),
    push: !push ? 'none' : isFiltered(push) ? 'filtered' : 'unfiltered',
  };
}

function isFiltered(t: Trigger): boolean {
  return [t.branches, t.branchesIgnore, t.tags, t.tagsIgnore, t.paths, t.pathsIgnore].some(f => f !== undefined);
}
