/** What all judges say about a scaffold in one repository: for stacks that the common repositories of the scaffold tests don't have. */
import assert from 'node:assert/strict';
import type { ScaffoldPlan } from '../../../rules/practices/practice';
import { fileKind } from '../../../rules/workflow/document';
import { parseSource } from '../../../rules/workflow/parse';
import { actionlint, githubAccepts, languageServiceDiagnostics } from '../../support/oracles';
import { applied } from './plans';
import { findings, practice, repository, scorecard, type Files } from './support';

export function planOf(id: string, files: Files): ScaffoldPlan {
  const plan = practice(id).scaffold!.plan(repository(files));
  assert.ok(!('refused' in plan), JSON.stringify(plan));
  return plan;
}

export function refusalOf(id: string, files: Files): string {
  const plan = practice(id).scaffold!.plan(repository(files));
  assert.ok('refused' in plan, 'a plan was made');
  assert.match(plan.refused, /^[A-Z].*\.$/);
  return plan.refused;
}

/** The text of the workflow that the plan writes, after it was found clean, meeting its practice, costing nothing, and done once. */
export async function judged(id: string, files: Files): Promise<string> {
  const plan = planOf(id, files), after = applied(files, plan);
  const workflow = plan.changes.find(c => fileKind(c.path) === 'workflow');
  const said: string[] = [];
  if (workflow) {
    for (const p of parseSource(workflow.path, workflow.newText).problems) said.push(p.message);
    for (const m of await githubAccepts(workflow.path, workflow.newText)) said.push(`GitHub: ${m}`);
    for (const d of await languageServiceDiagnostics(workflow.path, workflow.newText)) said.push(`language service: ${d.message}`);
    for (const p of await actionlint(workflow.path, workflow.newText)) said.push(`actionlint: ${p.message}`);
  }
  const known = new Set(findings(files).map(f => `${f.path} ${f.ruleId}`));
  for (const f of findings(after)) if (!known.has(`${f.path} ${f.ruleId}`)
    && f.ruleId !== 'dockerfile-base-unpinned') said.push(`${f.path} ${f.ruleId}: ${f.message}`);
  assert.deepEqual(said, []);
  const repo = repository(after), p = practice(id);
  assert.ok(p.applies(repo));
  assert.equal(p.evidence(repo).result, 1, JSON.stringify(p.evidence(repo)));
  assert.ok('refused' in p.scaffold!.plan(repo), 'a second time there is nothing to add');
  assert.ok(scorecard(after).score >= scorecard(files).score - 1e-9);
  assert.ok(plan.explanation.endsWith('.') && plan.todo.every(t => /[.!]$/.test(t)), JSON.stringify(plan.todo));
  return workflow?.newText ?? plan.changes[0]!.newText;
}

/** The job's lines from `steps:` on, without names: what is done. */
export function commands(workflow: string): string[] {
  return [...workflow.matchAll(/^\s+run: (?:\|\n((?:\s{10}.*\n|\n)+)|(.+)\n)/gm)].flatMap(m => (m[1] ?? m[2]!).split('\n'))
    .map(l => l.trim()).filter(Boolean);
}
