import assert from 'node:assert/strict';
import { PRACTICES } from '../../../rules/practices';
import { computeScorecard } from '../../../rules/scorecard';
import { practice, practiceCases, repository, verdict, workflow, type Files } from './support';

const CI = '.github/workflows/deploy.yml';
const deploy = (job = '', on = 'on: push'): Files => ({ [CI]: workflow('- run: kubectl apply -f k8s\n', { on, job }) });
const NAMED = deploy('    environment: production\n');

describe('environment-approval', () => {
  practiceCases('environment-approval', {
    met: {},
    partial: 'who approves is set at GitHub: files say nothing, or that it is not so',
    missing: {
      'no environment': deploy(),
      'a name of the job alone': { [CI]: deploy()[CI]!.replace('  check:', '  production:') },
      'an environment of a test': { ...deploy(), '.github/workflows/t.yml': workflow('- run: make test\n', { job: '    environment: production\n' }) },
    },
    notApplicable: { 'nothing is deployed': { [CI]: workflow('- run: make\n') }, 'pull requests alone': deploy('', 'on: pull_request'), 'a preview': deploy('    environment: preview\n') },
  });

  it('is unknown where jobs name one, with what to look at', () => {
    const v = verdict('environment-approval', { ...NAMED, '.github/workflows/b.yml': workflow('- run: helm upgrade x .\n', { on: 'on: push' }) })!;
    assert.equal(v.result, 'unknown');
    assert.equal(NAMED[CI]!.slice(v.evidence[0]!.start, v.evidence[0]!.end), 'environment: production');
    assert.equal(v.lookedFor[0], 'an environment for check in .github/workflows/b.yml');
    assert.match(v.lookedFor[1]!, /^required reviewers on production: needs a GitHub token/);
  });
  it('takes GitHub’s word where the files don’t know, and not against them', () => {
    const known = { 'environment-approval': { result: 1, evidence: [], lookedFor: [] } };
    const control = (files: Files, settings?: typeof known) => computeScorecard(repository(files), [], { settings }).controls.find(c => c.control.id === 'environment-approval')!;
    assert.equal(control(NAMED).verdict, 'unknown');
    assert.equal(control(NAMED, known).verdict, 'met');
    assert.equal(control(deploy(), known).verdict, 'missing');
    assert.ok(PRACTICES.some(p => p.id === 'environment-approval'));
  });
  it('names an environment for each job that deploys without', () => {
    const plan = practice('environment-approval').scaffold!.plan(repository(deploy()));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /^ {4}environment: production$/m);
    assert.match(plan.todo[0]!, /required reviewers/);
    const again = practice('environment-approval').scaffold!.plan(repository(NAMED));
    assert.ok('refused' in again);
    assert.match(again.refused, /Settings → Environments\.$/);
  });
});
