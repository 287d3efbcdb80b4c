/** Coverage thresholds: where a number is enforced, in commands and in the settings of the tools that run in CI. */
import type { Repository } from '../../repository';
import { basename, dirname, isSample, isVendored, repoFacts } from '../../repository';
import type { Evidence } from '../practice';
import { ciJobs, stepInput, whyNotGuarding } from './ci';
import { toolCalls } from './commands';
import { oneOf, option } from './tools';

export interface Threshold {
  /** Percent. */
  readonly value: number;
  readonly evidence: Evidence;
  /** Why it isn't enforced. */
  readonly problem?: string;
  /** Whether branches are measured, too; undefined where that can't be told, or the tool has no such thing. */
  readonly branches?: boolean;
  /** Offsets of the number in its file, for thresholds in settings. */
  readonly number?: { readonly start: number; readonly end: number };
}

export const FLAGS = ['--cov-fail-under', '--fail-under', '--fail-under-lines', '--lines', '--branches', '--statements', '--min',
  '--minimum-coverage', '--threshold', '--coverage-threshold',
  '--coverage.thresholds.lines', '--coverage.thresholds.statements', '--min-coverage', '--fail-under-regions', '--fail-under-functions',
  '--threshold-total', '--test-coverage-lines', '--test-coverage-branches', '--coverage.lines', '--coverage.branches'];
/** Tools whose options of that name are about coverage. */
const TOOLS = oneOf(`
  pytest coverage c8 nyc vitest jest cargo tarpaulin go-test-coverage diff-cover test flutter dart very_good deno slipcover gcovr
  simplecov phpunit pest coverage-check monocart mix swift node python[\\d.]*`);

/** Where tools keep a threshold. Each pattern has the number as its first group. */
const FILES: readonly { readonly name: RegExp; readonly patterns: readonly RegExp[] }[] = [
  { name: /^(?:\.coveragerc|setup\.cfg|tox\.ini|pyproject\.toml|pytest\.ini)$/,
    patterns: [/^[ \t]*fail_under[ \t]*=[ \t]*"?(\d+(?:\.\d+)?)/m, /--cov-fail-under[= ](\d+(?:\.\d+)?)/] },
  { name: /^(?:jest\.config\.(?:[cm]?[jt]s|json)|package\.json|karma\.conf\.[cm]?js)$/,
    patterns: [/coverageThreshold[^}]{0,300}?(?:lines|statements|branches)["']?\s{0,9}:\s{0,9}(\d+(?:\.\d+)?)/] },
  { name: /^(?:vitest\.config|vite\.config|vitest\.workspace)\.[cm]?[jt]s$/,
    patterns: [/thresholds?\s{0,9}:[^}]{0,300}?(?:lines|statements|branches)["']?\s{0,9}:\s{0,9}(\d+(?:\.\d+)?)/] },
  { name: /^\.(?:nycrc|c8rc)(?:\.json)?$/, patterns: [/"(?:lines|statements|branches)"\s{0,9}:\s{0,9}(\d+(?:\.\d+)?)/] },
  { name: /^\.?codecov\.ya?ml$/, patterns: [/^[ \t]*target:[ \t]*["']?(\d+(?:\.\d+)?)\s?%?/m] },
  { name: /^\.testcoverage\.ya?ml$/, patterns: [/^[ \t]*total:[ \t]*(\d+)/m] },
  { name: /^(?:\.simplecov|spec_helper\.rb|test_helper\.rb|rails_helper\.rb)$/,
    patterns: [/minimum_coverage[^\d\n]{0,20}(\d+(?:\.\d+)?)/] },
  { name: /^pom\.xml$/, patterns: [/<minimum>(0?\.\d+|1(?:\.0+)?|\d+%?)<\/minimum>/] },
  { name: /^build\.gradle(?:\.kts)?$/, patterns: [/minimum\s{0,9}=\s{0,9}["']?(0?\.\d+|1(?:\.0+)?)/, /minBound\((\d+)\)/] },
  { name: /^(?:Directory\.Build\.props|.*\.csproj)$/, patterns: [/<Threshold>(\d+)/] },
];

function percent(text: string): number {
  const n = Number.parseFloat(text);
  return n <= 1 && text.includes('.') ? n * 100 : n;
}

/** Every threshold found, highest first; those of commands that can't fail a pull request have a problem. */
export function thresholds(repo: Repository): Threshold[] {
  const found: Threshold[] = [];
  for (const job of ciJobs(repo)) {
    for (const s of job.steps) {
      const problem = whyNotGuarding(s);
      const place = s.step.run?.entry.key ?? s.step.uses?.scalar;
      if (!place) continue;
      const at = { path: s.document.path, ...s.document.range(place) };
      const action = s.step.uses?.kind === 'repository' ? s.step.uses.slug : '';
      const input = action === 'vladopajic/go-test-coverage' ? stepInput(s.step, 'threshold-total')
        : /coverage|jacoco|cobertura/.test(action) ? stepInput(s.step, 'minimum_coverage') ?? stepInput(s.step, 'min-coverage-overall')
          ?? stepInput(s.step, 'minimum-coverage') : undefined;
      if (input && /^\d/.test(input)) found.push({ value: percent(input),
        evidence: { ...at, text: `${action} asks for ${percent(input)} %` }, problem });
      for (const call of toolCalls(repo, s)) {
        if (!TOOLS.test(call.tool)) continue;
        const value = option(call.args, ...FLAGS) ?? jsonThreshold(call.args)
          ?? call.args.map(a => /^\/p:Threshold=(\d+)/.exec(a)?.[1]).find(x => x !== undefined);
        if (value !== undefined && /^\d+(?:\.\d+)?%?$/.test(value)) found.push({ value: percent(value),
          evidence: { ...at, text: `${call.tool} asks for ${percent(value)} %` }, problem: problem ?? call.soft,
            branches: branchesOf(repo, call.tool, call.args) });
      }
    }
  }
  for (const t of inFiles(repo)) found.push(t);
  return found.sort((a, b) => Number(a.problem !== undefined) - Number(b.problem !== undefined) || b.value - a.value);
}

/** Jest takes its thresholds as JSON. */
function jsonThreshold(args: readonly string[]): string | undefined {
  const json = option(args, '--coverageThreshold');
  return json === undefined ? undefined : /"(?:lines|statements|branches)":\s?(\d{1,3})/.exec(json)?.[1];
}

const BRANCH_SETTING = /^[ \t]*branch[ \t]*=[ \t]*"?(?:true|1|on|yes)/im;

/** Python's tools have to be told to look at branches; those of JavaScript hold each number by itself. */
function branchesOf(repo: Repository, tool: string, args: readonly string[]): boolean | undefined {
  if (/^(?:jest|vitest|c8|nyc)$/.test(tool)) return args.some(a => /branches/.test(a));
  if (tool !== 'pytest' && tool !== 'coverage') return undefined;
  if (args.some(a => a === '--cov-branch' || a === '--branch')) return true;
  return branchSetting(repo);
}

function branchSetting(repo: Repository): boolean | undefined {
  const settings = repo.files.filter(f => /^(?:\.coveragerc|setup\.cfg|tox\.ini|pyproject\.toml)$/.test(f))
    .map(f => repo.read(f)?.slice(0, 200_000));
  if (settings.some(t => t !== undefined && BRANCH_SETTING.test(t))) return true;
  // `coverage run --branch` measures for the `coverage report` that judges.
  if (ciJobs(repo).some(j => j.steps.some(s => toolCalls(repo, s)
    .some(c => c.args.includes('--branch') || c.args.includes('--cov-branch'))))) return true;
  return settings.includes(undefined) ? undefined : false;
}

/** Files that could hold a threshold and can't be read, those at the root first. What was built, and documentation, is held to nothing. */
export function unreadable(repo: Repository): string[] {
  const depth = (path: string): number => path.split('/').length;
  return candidates(repo).filter(f => !/^(?:dist|docs?|documentation)\//.test(f) && repo.read(f) === undefined).sort((a, b) => depth(a) - depth(b));
}

const known = new WeakMap<readonly string[], readonly string[]>();

function candidates(repo: Repository): readonly string[] {
  let found = known.get(repo.files);
  if (!found) {
    const dirs = new Set(['', '.github', ...repoFacts(repo).stack.projects.map(p => p.dir)]);
    known.set(repo.files, found = repo.files.filter(f => FILES.some(x => x.name.test(basename(f))) && !isVendored(f)
      && (/(?:^|\/)(?:spec|rails|test)_helper\.rb$/.test(f) || (dirs.has(dirname(f)) && !isSample(f)))));
  }
  return found;
}

function inFiles(repo: Repository): Threshold[] {
  const found: Threshold[] = [];
  for (const path of candidates(repo)) {
    const text = repo.read(path)?.slice(0, 200_000);
    if (text === undefined) continue;
    for (const pattern of FILES.find(x => x.name.test(basename(path)))!.patterns) {
      const m = pattern.exec(text);
      if (m?.[1] === undefined) continue;
      const start = m.index + m[0].lastIndexOf(m[1]);
      found.push({ value: percent(m[1]), number: { start, end: start + m[1].length }, branches: branchesIn(repo, basename(path), text),
        evidence: { path, start: m.index, end: m.index + m[0].length, text: `${basename(path)} asks for ${percent(m[1])} %` } });
    }
  }
  return found;
}

function branchesIn(repo: Repository, name: string, text: string): boolean | undefined {
  if (/^(?:\.coveragerc|setup\.cfg|tox\.ini|pyproject\.toml|pytest\.ini)$/.test(name)) return /--cov-branch/.test(text)
    || branchSetting(repo);
  return /^(?:jest|vitest|vite|package\.json|\.nycrc|\.c8rc)/.test(name) ? /branches["']?\s{0,9}:/.test(text) : undefined;
}
