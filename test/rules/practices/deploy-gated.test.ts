import assert from 'node:assert/strict';
import { deploys } from './deploys';
import { practice, practiceCases, repository, result } from './support';

const APPLY = '- run: kubectl apply -f k8s\n';
const TEST = '  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n';

describe('deploy-gated', () => {
  practiceCases('deploy-gated', {
    met: {
      'needs a test': deploys(APPLY, { job: '    needs: test\n', jobs: TEST }),
      'through another job': deploys(APPLY, { job: '    needs: build\n', jobs: `${TEST}  build:\n    needs: test\n    runs-on: x\n    steps:\n      - run: docker build .\n` }),
      'in its own steps': deploys(`- run: npm test\n${APPLY}`),
      'after another workflow': deploys(APPLY, { on: 'on:\n  workflow_run:\n    workflows: [CI]\n    types: [completed]', job: "    if: github.event.workflow_run.conclusion == 'success'\n" }),
    },
    partial: { 'one of two': deploys(APPLY, { job: '    needs: test\n', jobs: `${TEST}  other:\n    runs-on: x\n    steps:\n      - run: helm upgrade a ./a\n` }) },
    missing: {
      'beside a test': deploys(APPLY, { jobs: TEST }),
      'whatever the other workflow said': deploys(APPLY, { on: 'on:\n  workflow_run:\n    workflows: [CI]\n    types: [completed]' }),
      'needs a build': deploys(APPLY, { job: '    needs: build\n', jobs: '  build:\n    runs-on: x\n    steps:\n      - run: docker build .\n' }),
      'a decoy': deploys(`- name: Run the tests\n  uses: actions/checkout@v4\n${APPLY}`),
    },
    notApplicable: { 'no deployment': {}, 'by hand': deploys(APPLY, { on: 'on: workflow_dispatch' }), 'pages': deploys('- uses: actions/deploy-pages@v4\n') },
  });

  it('lets a deployment wait for what runs beside it', () => {
    const files = deploys(APPLY, { jobs: TEST }), plan = practice('deploy-gated').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /needs: test\n/);
    assert.equal(result('deploy-gated', Object.fromEntries(plan.changes.map(c => [c.path, c.newText]))), 1);
  });
  it('asks for the conclusion of the workflow that it comes after', () => {
    const files = deploys(APPLY, { on: 'on:\n  workflow_run:\n    workflows: [CI]\n    types: [completed]' }), plan = practice('deploy-gated').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /conclusion == 'success'/);
  });
  it('refuses where there is nothing to wait for', () => {
    const plan = practice('deploy-gated').scaffold!.plan(repository(deploys(APPLY)));
    assert.match('refused' in plan ? plan.refused : '', /add a test job first/);
  });
});
