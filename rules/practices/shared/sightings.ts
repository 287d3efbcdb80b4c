/** Where a kind of tool is seen in the pipelines, and why a sighting doesn't count. */
import type { Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import { getEntry, scalarText, type Span } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { stepKinds } from '../../checks/shared/job-kind';
import type { Evidence } from '../practice';
import { ACTION_TOOLS } from './action-tools';
import { ciJobs, stepInput, whyIdle, whyNotOnChange, whySoft, type CiJob, type CiStep } from './ci';
import { toolCalls } from './commands';
import { SECURITY_ACTIONS, SECURITY_COMMANDS } from './security-tools';
import { COMMAND_TOOLS, oneOf, type ToolKind } from './tools';
import { QUALITY_ACTIONS, QUALITY_COMMANDS } from './tools-quality';

const ACTIONS = [...ACTION_TOOLS, ...SECURITY_ACTIONS, ...QUALITY_ACTIONS];
const COMMANDS = [...COMMAND_TOOLS, ...SECURITY_COMMANDS, ...QUALITY_COMMANDS];
/** Rows by what they are about: most names are about nothing, and the tables are long. */
const byAction = new Map<string, readonly (typeof ACTIONS)[number][]>(), byTool = new Map<string, readonly (typeof COMMANDS)[number][]>();
const MAX_NAMES = 5000;

function rows<T>(known: Map<string, readonly T[]>, name: string, all: readonly T[], about: (row: T) => boolean): readonly T[] {
  let found = known.get(name);
  if (!found) {
    if (known.size >= MAX_NAMES) known.clear();
    known.set(name, found = all.filter(about));
  }
  return found;
}

const actionRows = (name: string): readonly (typeof ACTIONS)[number][] => rows(byAction, name, ACTIONS, t => fits(t.name, name));
const toolRows = (name: string): readonly (typeof COMMANDS)[number][] => rows(byTool, name, COMMANDS, t => t.tool.test(name));

export interface Sighting {
  readonly kind: ToolKind;
  /** `gitleaks`, `github/codeql-action/analyze`. */
  readonly tool: string;
  readonly document: SourceDocument;
  readonly span: Span;
  readonly job: CiJob;
  /** Absent for a job that calls a reusable workflow. */
  readonly step?: CiStep;
  /** Arguments of a command; empty for an action. */
  readonly args: readonly string[];
  /** Why it doesn't guard a change: not run for it, or not able to fail. Undefined: it does. */
  readonly problem?: string;
  /** Why it doesn't run for proposed changes. */
  readonly absent?: string;
  /** Why its failure fails nothing. */
  readonly soft?: string;
  /** Why it never runs at all. */
  readonly idle?: string;
}

const cache = new WeakMap<Repository, readonly Sighting[]>();

/** Every sighting of a kind, in order of files and steps. */
export function sightings(repo: Repository, kind: ToolKind): Sighting[] {
  let all = cache.get(repo);
  if (!all) cache.set(repo, all = ciJobs(repo).flatMap(j => [...jobCall(j), ...j.steps.flatMap(s => look(repo, s))]));
  return all.filter(s => s.kind === kind);
}

function look(repo: Repository, s: CiStep): Sighting[] {
  const found: Sighting[] = [];
  const { step } = s;
  const why = whySoft(s), absent = whyNotOnChange(s), idle = whyIdle(s);
  const name = actionName(step.uses);
  if (step.uses && name !== undefined) {
    for (const tool of actionRows(name)) {
      if (tool.when && !tool.when(n => stepInput(step, n) ?? envText(s, n))) continue;
      const soft = publishes(s) ? undefined : why ?? tool.quiet?.(n => stepInput(step, n));
      found.push({ kind: tool.kind, tool: name, document: s.document, span: step.uses.scalar, job: s.job, step: s, args: [], absent, soft,
        idle, problem: absent ?? soft });
    }
  }
  const run = step.run;
  if (run) {
    for (const call of toolCalls(repo, s)) {
      for (const tool of toolRows(call.tool)) {
        if (tool.when && !tool.when(call.args)) continue;
        if (tool.kind === 'test' && asks(call.tool, run.scalar.value.slice(call.start, call.end))) continue;
        const soft = publishes(s) && tool.kind !== 'test' ? undefined : why ?? call.soft ?? tool.quiet?.(call.args, run.scalar.value);
        found.push({
          kind: tool.kind, tool: call.tool.replace(/^script:/, ''), document: s.document,
            span: valueRangeSpan(run.scalar, call.start, call.end), job: s.job, step: s, args: call.args, absent, soft, idle,
          problem: absent ?? soft,
        });
      }
    }
  }
  if (run && !found.some(f => f.kind === 'dependencies') && auditsDependencies(repo, s)) found.push({ kind: 'dependencies', tool: named(step) ?? 'a script',
    document: s.document, span: run.entry.key, job: s.job, step: s, args: [], absent, soft: publishes(s) ? undefined : why, idle, problem: absent ?? (publishes(s) ? undefined : why) });
  // What the shared classification knows and this table doesn't.
  for (const kind of ['test', 'lint'] as const) {
    // What puts load on something or measures it is known as that.
    if (kind === 'test' && found.some(f => f.kind === 'load' || f.kind === 'benchmark')) continue;
    if (found.some(f => f.kind === kind) || !stepKinds(step).has(kind)) continue;
    // A tool that is known here, and called in a way that doesn't count.
    if (run && toolCalls(repo, s).some(c => COMMAND_TOOLS.some(t => t.kind === kind && t.when && t.tool.test(c.tool)))) continue;
    // A name is no command: what does nothing but talk, fetch or install is not what its name says.
    if (run && isIdle(repo, s, run.scalar.value)) continue;
    if (!run && isToldInside(repo, s, kind)) continue;
    const span = step.uses?.scalar ?? run?.entry.key;
    if (span) found.push({ kind, tool: name ?? named(step) ?? 'a script', document: s.document, span, job: s.job, step: s, args: [], absent,
      soft: why, idle, problem: absent ?? why });
  }
  return found;
}

/** A script of the repository that is called after an audit, where it or its step says that dependencies are what it looks at. */
function auditsDependencies(repo: Repository, s: CiStep): boolean {
  if (!/audit/i.test(s.step.run!.scalar.value)) return false;
  return toolCalls(repo, s).some(c => [c.tool, ...c.args.slice(0, 1)].some(word => {
    const script = word.slice(word.lastIndexOf('/') + 1).toLowerCase();
    return /(?:^|[-_.])audit(?:[-_.]|$)/.test(script) && /\.(?:[cm]?[jt]s|py|rb|sh|ps1)$/.test(script)
      && /dependenc|\bdeps\b|\bnpm\b|packages?\b|vulnerab|advisor/i.test(`${script} ${scalarText(s.step.name?.value) ?? ''}`)
      && repo.files.some(f => f.toLowerCase() === script || f.toLowerCase().endsWith(`/${script}`));
  }));
}

/** A local action that can be looked into: what it calls itself adds nothing where its steps do that, or do nothing but prepare. */
function isToldInside(repo: Repository, s: CiStep, kind: ToolKind): boolean {
  const inner = s.job.steps.filter(x => x.outer === s);
  return inner.length > 0 && (inner.some(x => look(repo, x).some(f => f.kind === kind)) || inner.every(x => prepares(repo, x)));
}

const PREPARING = /^(?:install|set ?up|download|fetch|cache|restore|prepare|configure|check ?out|resolve)\b/i;

function prepares(repo: Repository, s: CiStep): boolean {
  const { run } = s.step;
  return run ? PREPARING.test(scalarText(s.step.name?.value)?.trim() ?? '') || isIdle(repo, s, run.scalar.value)
    : stepKinds(s.step).size === 0 && !s.job.steps.some(x => x.outer === s && !prepares(repo, x));
}

/** `Test-Path`: in PowerShell's names of commands the first word is a verb, and this one asks whether something is so. */
function asks(tool: string, command: string): boolean {
  return /^test-[a-z]+$/.test(tool) && /\bTest-[A-Z]/.test(command);
}

/** Every command is known to be no gate, and none is computed. */
function isIdle(repo: Repository, s: CiStep, script: string): boolean {
  const calls = toolCalls(repo, s);
  return calls.length > 0 && calls.every(c => IDLE.test(c.tool)) && !/(?:^|[\n;&|(])[ \t]*["']?[^\s=;&|]{0,200}\$[({A-Za-z]/.test(script);
}

const IDLE = oneOf('echo printf true false : \\[ \\[\\[ cd ls cat set exit export mkdir cp mv rm touch chmod git curl wget tar unzip sleep read jq sed awk grep head tail date pwd env which apt apt-get brew choco pip pip3 gem');

/** Jobs that call a reusable workflow of somebody else: known ones count like actions. */
function jobCall(job: CiJob): Sighting[] {
  const name = actionName(job.job.uses);
  if (!job.job.uses || name === undefined) return [];
  const absent = job.onChange.length === 0
    ? `it runs on ${[...new Set(job.workflow.triggers.map(t => t.event))].join(', ')} and not on every pull request` : undefined;
  const kinds = new Set([...ACTIONS.filter(t => fits(t.name, name) && !t.when).map(t => t.kind),
    ...REUSABLE.filter(r => r.path.test(name) && (r.unless === undefined || scalarText(getEntry(job.job.with?.value, r.unless)?.value) !== 'false')).map(r => r.kind)]);
  return [...kinds].map(kind => ({
    kind, tool: name, document: job.document, span: job.job.uses!.scalar, job, args: [], absent, soft: job.soft,
      idle: job.triggers.length === 0 ? 'its job is skipped always' : undefined, problem: absent ?? job.soft,
  }));
}

/** Workflows of other repositories can't be read here: what they are called says what they do. */
const REUSABLE: readonly { readonly kind: ToolKind; readonly path: RegExp; /** An input that turns it off. */ readonly unless?: string }[] = [
  { kind: 'sast', path: /\/[^/]*(?:codeql|semgrep|sast|sonar)[^/]*$/ },
  { kind: 'secrets', path: /\/[^/]*(?:gitleaks|trufflehog|secret-?scan)[^/]*$/ },
  { kind: 'dependencies', path: /\/[^/]*(?:osv|govulncheck|vulnerab|dependency-(?:scan|audit|check))[^/]*$/ },
  // Audits the packages of npm as the last of its steps.
  { kind: 'dependencies', path: /^actions\/reusable-workflows\/\.github\/workflows\/basic-validation\.ya?ml$/, unless: 'enable-audit' },
  { kind: 'review', path: /\/[^/]*dependency-review[^/]*$/ },
  { kind: 'iac', path: /\/[^/]*(?:checkov|tfsec|kics|terrascan|iac-?scan)[^/]*$/ },
  { kind: 'dast', path: /\/[^/]*(?:zap-|dast)[^/]*$/ },
  { kind: 'sbom', path: /\/[^/]*(?:sbom|cyclonedx)[^/]*$/ },
  { kind: 'provenance', path: /\/[^/]*(?:provenance|attest)[^/]*$/ },
  { kind: 'sign', path: /\/[^/]*(?:provenance|attest|cosign|sign-)[^/]*$/ },
  { kind: 'lint', path: /\/[^/]*(?:lint|pre-commit|format|style|basic-validation)[^/]*$|\/go-test-full/ },
  { kind: 'test', path: /\/[^/]*(?:test|basic-validation|phpunit|pytest)[^/]*$|\/(?:.*[-_])?ci\.ya?ml$/ },
  { kind: 'types', path: /\/[^/]*(?:basic-validation|type-?check|build)[^/]*$/ },
];

/** `owner/repo/path` in lower case; the image's name for `docker://`. */
function actionName(uses: CiStep['step']['uses']): string | undefined {
  if (!uses) return undefined;
  if (uses.kind === 'repository') return [uses.owner, uses.repo, uses.path].filter(Boolean).join('/').toLowerCase();
  if (uses.kind !== 'docker') return undefined;
  const image = (uses.image ?? '').split('@')[0]!.replace(/:[^/]*$/, '').toLowerCase();
  return DOCKER_IMAGES[image.slice(image.lastIndexOf('/') + 1)];
}
const DOCKER_IMAGES: Readonly<Record<string, string>> = {
  gitleaks: 'gitleaks/gitleaks-action', trufflehog: 'trufflesecurity/trufflehog', semgrep: 'semgrep/semgrep-action',
    gosec: 'securego/gosec', 'osv-scanner': 'google/osv-scanner-action',
  checkov: 'bridgecrewio/checkov-action', kics: 'checkmarx/kics-github-action',
  'super-linter': 'super-linter/super-linter', golangci: 'golangci/golangci-lint-action', hadolint: 'hadolint/hadolint-action',
};

function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Some actions are set up through variables. */
function envText(s: CiStep, name: string): string | undefined {
  return s.step.env?.variables.find(v => v.name === name)?.value?.value;
}

/** What a step calls itself, short enough for a sentence. */
function named(step: CiStep['step']): string | undefined {
  const text = scalarText(step.name?.value)?.trim();
  return text && text.length <= 60 && !text.includes('${{') ? `“${text}”` : undefined;
}

const SCANS: ReadonlySet<ToolKind> = new Set<ToolKind>(['secrets', 'sast', 'dependencies', 'container', 'iac', 'dast', 'review', 'lint']);
const publishing = new WeakMap<CiJob, boolean>();

/** The job hands its results to code scanning, which shows and can block on them whatever the tool's exit code. */
function publishes(s: CiStep): boolean {
  let known = publishing.get(s.job);
  if (known === undefined) publishing.set(s.job, known = s.job.steps.some(x => actionName(x.step.uses) === 'github/codeql-action/upload-sarif'));
  return known;
}

/** Findings block as alerts of code scanning: the job itself may well succeed whatever is found. */
export function handsOver(s: Sighting): boolean {
  return /^(?:github\/codeql-action\/analyze|zizmorcore\/zizmor-action|ossf\/scorecard-action)$/.test(s.tool)
    || (s.step !== undefined && SCANS.has(s.kind) && publishes(s.step));
}

/** `name in path`, for sentences. */
export function where(s: Sighting): string {
  return `${s.tool} in ${s.document.path}`;
}

export function evidenceOf(s: Sighting, text: string): Evidence {
  return { path: s.document.path, ...s.document.range(s.span), text };
}
