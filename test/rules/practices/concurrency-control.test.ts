import assert from 'node:assert/strict';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const PATH = '.github/workflows/ci.yml';
const ci = (top = '', extra: Parameters<typeof workflow>[1] = {}): Files => ({ [PATH]: workflow('- run: npm test\n', { top, ...extra }) });
const GROUP = 'concurrency:\n  group: ci-${{ github.ref }}\n';
const deploy = (job = '', top = ''): Files => ({ [PATH]: workflow('- run: kubectl apply -f k8s\n', { on: 'on:\n  push:\n    branches: [main]', top, job }) });
const add = (files: Files): string => {
  const plan = practice('concurrency-control').scaffold!.plan(repository(files));
  return 'refused' in plan ? `refused: ${plan.refused}` : plan.changes[0]!.newText;
};

describe('concurrency-control', () => {
  practiceCases('concurrency-control', {
    met: {
      'superseded runs are cancelled': ci(`${GROUP}  cancel-in-progress: true\n`),
      'by an expression': ci(`${GROUP}  cancel-in-progress: \${{ github.event_name == 'pull_request' }}\n`),
      'of each job': ci('', { job: '    concurrency:\n      group: x-${{ github.ref }}\n      cancel-in-progress: true\n' }),
      'a deployment that waits': deploy('    concurrency: production\n'),
    },
    partial: { 'a group that does not cancel': ci(GROUP), 'told not to cancel': ci(`${GROUP}  cancel-in-progress: false\n`) },
    missing: {
      'none': ci(),
      'a deployment without': deploy(),
      'a script of its own, called build': { [PATH]: workflow('- run: script/compile\n').replace('  check:', '  build:') },
      'a decoy': ci('# concurrency: cancelled\nenv:\n  CANCEL_IN_PROGRESS: true\n'),
    },
    notApplicable: { 'no workflow': {}, 'runs when it is closed': ci('', { on: 'on:\n  pull_request:\n    types: [closed]' }), 'a job that is called build and says hello': { [PATH]: workflow('- uses: actions/checkout@v5\n- run: script/validate-name "$GITHUB_REF_NAME"\n- run: echo Hello\n').replace('  check:', '  build:') }, 'a linter': { [PATH]: workflow('- run: npx eslint .\n') },
      'neither tests proposals nor deploys': ci('', { on: 'on:\n  schedule:\n    - cron: 3 4 * * *' }) },
  });

  it('adds groups where there are none', () => {
    assert.match(add(ci()), /concurrency:\n {2}group: \$\{\{ github\.workflow \}\}-\$\{\{ github\.ref \}\}\n {2}cancel-in-progress: \$\{\{ github\.event_name == 'pull_request' \}\}\n/);
    assert.match(add(deploy('    environment: production\n')), /concurrency:\n {6}group: deploy-production\n {6}cancel-in-progress: false\n/);
    for (const files of [ci(), deploy()]) assert.equal(result('concurrency-control', { [PATH]: add(files) }), 1);
  });
  it('completes a group that each pull request has to itself', () => {
    const text = add(ci(GROUP));
    assert.match(text, /group: ci-\$\{\{ github\.ref \}\}\n {2}cancel-in-progress: \$\{\{ github\.event_name == 'pull_request' \}\}\n/);
    assert.equal(result('concurrency-control', { [PATH]: text }), 1);
  });
  it('leaves decisions, and groups that all pull requests share', () => {
    assert.match(add(ci(`${GROUP}  cancel-in-progress: false\n`)), /^refused: .*somebody's decision/);
    assert.match(add(ci('concurrency:\n  group: one-at-a-time\n')), /^refused: /);
    assert.match(add(ci(`${GROUP}  cancel-in-progress: true\n`)), /^refused: Every workflow/);
  });
});
