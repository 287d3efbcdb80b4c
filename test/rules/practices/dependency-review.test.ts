import assert from 'node:assert/strict';
import { parseSource } from '../../../rules/workflow/parse';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const USE = '- uses: actions/checkout@v4\n- uses: actions/dependency-review-action@v4\n';
const node = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ 'package.json': '{}', 'package-lock.json': '{}', [CI]: workflow(steps, extra) });

describe('dependency-review', () => {
  practiceCases('dependency-review', {
    met: {
      'the action on pull requests': node(USE),
      'CRLF, and one that is compared by hand on pushes': { 'go.mod': '', [CI]: workflow('- uses: actions/dependency-review-action@v4\n  with:\n    base-ref: a\n    head-ref: b\n', { on: 'on: [push]' }).replaceAll('\n', '\r\n') },
      'a reusable workflow of the checkout': { 'go.mod': '', '.github/workflows/r.yml': workflow(USE, { on: 'on: workflow_call' }),
        [CI]: 'on: pull_request\njobs:\n  review:\n    uses: ./.github/workflows/r.yml\n' },
    },
    partial: { 'licences alone': node('- uses: actions/dependency-review-action@v4\n  with:\n    vulnerability-check: false\n') },
    missing: {
      nothing: { 'go.mod': '' },
      'it only warns': node('- uses: actions/dependency-review-action@v4\n  with:\n    warn-only: true\n'),
      'its failure is swallowed': node(USE, { job: '    continue-on-error: true\n' }),
      'on pushes there is nothing to compare': node(USE, { on: 'on: [push]' }),
      'switched off': node('- uses: actions/dependency-review-action@v4\n  if: false\n'),
      'a name alone': node('- name: Dependency review\n  run: echo reviewed\n'),
    },
    notApplicable: { 'no manifest': { 'README.md': '' } },
  });

  it('adds a job that deployments don’t wait for, as it is skipped on pushes', () => {
    const text = 'on: [push, pull_request]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: go test ./...\n  deploy:\n    needs: test\n    if: github.event_name == \'push\'\n    runs-on: ubuntu-latest\n    steps:\n      - run: kubectl apply -f k8s\n';
    const plan = practice('dependency-review').scaffold!.plan(repository({ 'go.mod': '', [CI]: text }));
    assert.ok(!('refused' in plan));
    const jobs = parseSource(CI, plan.changes[0]!.newText).workflow!.jobs;
    assert.deepEqual(jobs.map(j => [j.id, j.needs.map(n => n.value)]), [['test', []], ['deploy', ['test']], ['dependency-review', []]]);
  });
});
