import assert from 'node:assert/strict';
import { applied } from './plans';
import { practice, practiceCases, repository, verdict, type Files } from './support';

const CI: Files = { '.github/workflows/ci.yml': `on:
  pull_request:
  push:
jobs:
  test:
    strategy:
      matrix: {os: [ubuntu, windows], node: [20, 22]}
    runs-on: x
    steps: [{run: npm test}]
  lint:
    name: Lint the code
    runs-on: x
    steps: [{run: npx eslint .}]
  shards:
    name: Shard \${{ matrix.n }}
    strategy: {matrix: {n: [1, 2]}}
    runs-on: x
    steps: [{run: go test ./...}]
  odd:
    name: Test \${{ github.ref }}
    runs-on: x
    steps: [{run: go test ./...}]
  soft:
    continue-on-error: true
    runs-on: x
    steps: [{run: go test ./...}]
  deploy:
    runs-on: x
    steps: [{run: kubectl apply -f k8s}]
  called:
    uses: ./.github/workflows/called.yml
`, '.github/workflows/called.yml': 'on: workflow_call\njobs:\n  unit:\n    runs-on: x\n    steps: [{run: pytest}]\n',
'.github/workflows/docs.yml': 'on:\n  pull_request:\n    paths: [docs/**]\njobs:\n  docs-test:\n    runs-on: x\n    steps: [{run: pytest}]\n' };

interface Ruleset { target: string; enforcement: string; bypass_actors: unknown[]; rules: { type: string; parameters?: Record<string, unknown> & { required_status_checks?: { context: string }[] } }[] }

function ruleset(files: Files): { set: Ruleset; todo: readonly string[] } {
  const made = practice('branch-protection').scaffold!.plan(repository(files));
  assert.ok(!('refused' in made), JSON.stringify(made));
  return { set: JSON.parse(made.changes[0]!.newText) as Ruleset, todo: made.todo };
}

describe('branch-protection', () => {
  practiceCases('branch-protection', { met: {}, partial: 'only GitHub knows', missing: {}, notApplicable: 'every repository has a default branch' });

  it('is unknown without GitHub, whatever files there are', () => {
    for (const files of [{}, CI, { '.github/rulesets/x.json': '{"target":"branch","rules":[]}' }, { '.github/rulesets/x.json': 'null' }, { '.github/rulesets/x.json': '[[[' }]) {
      const v = verdict('branch-protection', files)!;
      assert.equal(v.result, 'unknown');
      assert.match(v.lookedFor[0]!, /Settings → Rules/);
    }
  });

  it('requires the checks that every pull request gets, by the names that they report', () => {
    const { set, todo } = ruleset(CI);
    assert.deepEqual([set.target, set.enforcement, set.bypass_actors], ['branch', 'active', []]);
    assert.deepEqual(set.rules.map(r => r.type), ['deletion', 'non_fast_forward', 'required_linear_history', 'pull_request', 'required_status_checks']);
    assert.deepEqual(set.rules[4]!.parameters!.required_status_checks!.map(c => c.context),
      ['test (ubuntu, 20)', 'test (ubuntu, 22)', 'test (windows, 20)', 'test (windows, 22)', 'Lint the code', 'Shard 1', 'Shard 2', 'called / unit']);
    assert.ok(todo[0]!.includes('gh api --method POST repos/{owner}/{repo}/rulesets --input .github/rulesets/default-branch.json'));
    assert.ok(todo.some(t => t.endsWith(': odd.')));
    assert.equal(ruleset({}).set.rules.length, 4);
    assert.equal(ruleset({ CODEOWNERS: '* @a\n' }).set.rules[3]!.parameters!['require_code_owner_review'], true);
    assert.equal(ruleset(CI).set.rules[3]!.parameters!['require_code_owner_review'], false);
  });

  it('names a required check that no job reports, and mends the file', () => {
    const one: Files = { '.github/workflows/ci.yml': 'on: pull_request\njobs:\n  test:\n    runs-on: x\n    steps: [{run: go test ./...}]\n' };
    const made = practice('branch-protection').scaffold!.plan(repository(one));
    assert.ok(!('refused' in made));
    const renamed = { ...applied(one, made), '.github/workflows/ci.yml': one['.github/workflows/ci.yml']!.replace('  test:', '  unit:') };
    assert.match(verdict('branch-protection', renamed)!.lookedFor[1]!, /“test” is none that a job reports/);
    const again = practice('branch-protection').scaffold!.plan(repository(renamed));
    assert.ok(!('refused' in again) && !again.changes[0]!.created && /"context": "unit"/.test(again.changes[0]!.newText));
    assert.ok('refused' in practice('branch-protection').scaffold!.plan(repository(applied(renamed, again))));
  });
});
