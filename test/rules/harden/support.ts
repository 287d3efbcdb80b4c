/** Repositories that are hardened in tests, and what all of them are held to. */
import assert from 'node:assert/strict';
import { DEFAULT_CONFIG, type Config } from '../../../rules/engine/rule';
import { hardenSteps, type HardenChoice, type HardenEnv, type HardenPlan, type HardenProgress } from '../../../rules/harden';
import { PRACTICES } from '../../../rules/practices';
import { assess, documentWriter } from '../../../rules/reports';
import { createRepository, type Repository } from '../../../rules/repository';
import { fileKind } from '../../../rules/workflow/document';
import { parseSource } from '../../../rules/workflow/parse';
import { diffLines, splitLines } from '../../../server/workspace/diff';

const TODAY = '2026-01-01';
const EDITS: ReadonlySet<string> = new Set(PRACTICES.filter(p => p.scaffold?.kind === 'edit').map(p => p.id));

export function environment(config: Config = DEFAULT_CONFIG): HardenEnv {
  return { configFor: () => config, today: TODAY, writer: repo => documentWriter(repo, () => assess(repo, { today: TODAY })) };
}

export interface Hardened { readonly plan: HardenPlan; readonly progress: readonly HardenProgress[] }

export function hardened(repo: Repository, choice: HardenChoice, env = environment()): Hardened {
  const steps = hardenSteps(repo, env, choice), progress: HardenProgress[] = [];
  for (;;) {
    const next = steps.next();
    if (next.done) return { plan: next.value, progress };
    if (next.value) progress.push(next.value);
  }
}

export function withPlan(repo: Repository, plan: HardenPlan): Repository {
  const texts = new Map(plan.changes.map(c => [c.path, c.newText]));
  return createRepository([...new Set([...repo.files, ...texts.keys()])], path => texts.get(path) ?? repo.read(path));
}

/** What holds of every plan, whatever was asked for. */
export function assertSound(repo: Repository, choice: HardenChoice): Hardened {
  const made = hardened(repo, choice), { plan, progress } = made;
  assert.equal(new Set(plan.changes.map(c => c.path)).size, plan.changes.length, 'one change for each file');
  for (const c of plan.changes) {
    assert.equal(c.created, !repo.has(c.path), c.path);
    assert.notEqual(c.newText, repo.read(c.path), `${c.path} is as it was`);
  }
  plan.before.categories.forEach((was, i) => {
    const is = plan.after.categories[i]!;
    assert.ok(!was.applicable || (is.score >= was.score - 1e-9 && is.level >= was.level), `${was.name}: ${was.score} → ${is.score}`);
  });
  const gains = plan.steps.reduce((sum, s) => sum + s.gain, 0);
  assert.ok(Math.abs(gains - (plan.after.score - plan.before.score)) < 1e-6, `steps gain ${gains}, the score ${plan.after.score - plan.before.score}`);
  for (const r of plan.remaining) assert.match(r.reason, /^[\s\S]*[.!?:`)\]]$/, `${r.id}: ${r.reason}`);
  for (const p of progress) assertOwnKept(repo, p);
  const again = hardened(withPlan(repo, plan), choice).plan;
  assert.deepEqual([again.steps.map(s => s.id), again.changes.map(c => c.path)], [[], []], 'a second time there is nothing to do');
  return made;
}

/**
 * What a step does to what stood there before all steps: jobs and comments stay. Lines go where a fix or an edit says so, where a job
 * has to wait for a new one, and where a threshold is raised.
 */
function assertOwnKept(original: Repository, { step, before, after }: HardenProgress): void {
  for (const path of step.files) {
    const old = before.read(path), now = after.read(path)!, own = original.read(path);
    if (old === undefined || own === undefined) continue;
    const ownLines = new Set(splitLines(own));
    if (fileKind(path) === 'workflow') {
      const jobs = (text: string): string[] => parseSource(path, text).workflow?.jobs.map(j => j.id) ?? [];
      const left = new Set(jobs(now));
      for (const id of jobs(old)) assert.ok(left.has(id), `${step.id} takes the job ${id} out of ${path}`);
      assert.equal(parseSource(path, now).problems.length, parseSource(path, old).problems.length, `${step.id} breaks ${path}`);
    }
    const a = splitLines(old), b = splitLines(now);
    for (const change of diffLines(a, b)) {
      const gone = a.slice(change.aStart, change.aEnd).filter(line => ownLines.has(line)), come = b.slice(change.bStart, change.bEnd).join('');
      for (const comment of gone.flatMap(line => /(?:^|\s)#\s?(\S.*)$/.exec(line.trimEnd())?.[1] ?? [])) {
        if (step.kind === 'add') assert.ok(come.includes(comment), `${step.id} takes the comment “${comment}” out of ${path}`);
      }
      if (step.kind === 'add' && !EDITS.has(step.id)) {
        const moved = (line: string): boolean => come.replace(/\d+/g, '0').includes(line.trim().replace(/^- /, '').replace(/\d+/g, '0'));
        assert.ok(gone.every(line => /^\s*needs:/.test(line) || moved(line)), `${step.id} replaces in ${path}: ${gone.join('')}`);
      }
    }
  }
}
