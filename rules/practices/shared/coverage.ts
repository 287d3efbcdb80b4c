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
}

const FLAGS = ['--cov-fail-under', '--fail-under', '--fail-under-lines', '--lines', '--branches', '--statements', '--min',
  '--minimum-coverage', '--threshold', '--coverage-threshold',
  '--coverage.thresholds.lines', '--coverage.thresholds.statements', '--min-coverage', '--fail-under-regions', '--fail-under-functions'];
/** Tools whose options of that name are about coverage. */
const TOOLS = oneOf(`
  pytest coverage c8 nyc vitest jest cargo tarpaulin go-test-coverage diff-cover test flutter dart very_good deno slipcover gcovr
  simplecov phpunit pest coverage-check monocart mix swift python[\\d.]*`);

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
  { name: /^phpunit\.xml(?:\.dist)?$/, patterns: [] },
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
        const value = option(call.args, ...FLAGS) ?? call.args.map(a => /^\/p:Threshold=(\d+)/.exec(a)?.[1]).find(x => x !== undefined);
        if (value !== undefined && /^\d+(?:\.\d+)?%?$/.test(value)) found.push({ value: percent(value),
          evidence: { ...at, text: `${call.tool} asks for ${percent(value)} %` }, problem: problem ?? call.soft });
      }
    }
  }
  for (const t of inFiles(repo)) found.push(t);
  return found.sort((a, b) => Number(a.problem !== undefined) - Number(b.problem !== undefined) || b.value - a.value);
}

/** Files that could hold a threshold and can't be read. */
export function unreadable(repo: Repository): string[] {
  return candidates(repo).filter(f => repo.read(f) === undefined);
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
      if (m?.[1] !== undefined) found.push({ value: percent(m[1]),
        evidence: { path, start: m.index, end: m.index + m[0].length, text: `${basename(path)} asks for ${percent(m[1])} %` } });
    }
  }
  return found;
}
