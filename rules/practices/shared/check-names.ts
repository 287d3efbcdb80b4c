/** The names under which jobs report to a pull request: what a ruleset can require. */
import type { Repository } from '../../repository';
import type { Job, Trigger } from '../../workflow/model';
import { asMapping, asSequence, getEntry, scalarText } from '../../workflow/nodes';
import { jobKinds, outsideKinds } from '../../checks/shared/job-kind';
import { ciJobs, type CiJob } from './ci';

const MAX_CHECKS = 60;
const CHECKS = ['test', 'lint', 'scan', 'build', 'e2e'] as const;

export interface CheckNames { readonly checks: readonly string[]; /** Jobs whose name depends on what is known only at run time. */ readonly unclear: readonly string[] }

/** Checks that every pull request gets: no filters of paths, no soft failures, nothing that deploys. In order of files and jobs. */
export function checkNames(repo: Repository): CheckNames {
  const checks = new Set<string>(), unclear = new Set<string>();
  for (const job of ciJobs(repo)) {
    if (job.job.uses && (job.job.uses.kind === 'local' || job.job.uses.kind === 'self')) continue;
    if (job.soft !== undefined || !job.triggers.some(onEveryPullRequest) || outsideKinds(job.job).length > 0) continue;
    const kinds = jobKinds(job.job);
    if (!CHECKS.some(k => kinds.has(k))) continue;
    const names = reported(job);
    if (names === undefined || job.job.uses) unclear.add(job.job.id);
    else for (const n of names) checks.add(n);
  }
  return { checks: [...checks].slice(0, MAX_CHECKS), unclear: [...unclear] };
}

function onEveryPullRequest(t: Trigger): boolean {
  return t.event === 'pull_request' && !t.paths && !t.pathsIgnore && !t.branchesIgnore
    && (!t.branches || t.branches.some(b => /^(?:main|master|\*\*?|trunk|develop)$/.test(b)))
    && (!t.types || (t.types.includes('opened') && t.types.includes('synchronize')));
}

/** `caller / job (a, b)`; undefined where that is known only at run time. */
function reported(job: CiJob): string[] | undefined {
  const own = ownNames(job.job);
  if (!job.caller) return own;
  const above = reported(job.caller);
  return own && above && above.flatMap(a => own.map(o => `${a} / ${o}`));
}

function ownNames(job: Job): string[] | undefined {
  const name = job.name ? scalarText(job.name.value) : job.id;
  if (name === undefined || name === '') return undefined;
  const matrix = asMapping(getEntry(asMapping(job.strategy?.value), 'matrix')?.value);
  if (!job.strategy) return name.includes('${{') ? undefined : [name];
  if (!matrix) return undefined;
  let rows: { key: string; value: string }[][] = [[]];
  for (const e of matrix.entries) {
    const list = asSequence(e.value);
    if (e.key.value === 'include' || e.key.value === 'exclude' || !list) return undefined;
    const values = list.items.map(i => scalarText(i.value));
    if (values.some(v => v === undefined || v.includes('${{'))) return undefined;
    rows = rows.flatMap(row => values.map(v => [...row, { key: e.key.value, value: v! }]));
    if (rows.length > MAX_CHECKS) return undefined;
  }
  if (!name.includes('${{')) return rows.map(r => r.length === 0 ? name : `${name} (${r.map(x => x.value).join(', ')})`);
  const filled = rows.map(r => name.replace(/\$\{\{\s*matrix\.([\w-]+)\s*\}\}/g, (whole, key: string) => r.find(x => x.key === key)?.value ?? whole));
  return filled.some(f => f.includes('${{')) ? undefined : filled;
}
