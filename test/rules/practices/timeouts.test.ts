import assert from 'node:assert/strict';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const PATH = '.github/workflows/ci.yml';
const STEPS = '- uses: actions/checkout@v4\n- run: npm ci\n- run: npm test\n';
const ci = (text: string): Files => ({ [PATH]: text });

describe('timeouts', () => {
  practiceCases('timeouts', {
    met: {
      'of the job': ci(workflow(STEPS, { job: '    timeout-minutes: 20\n' })),
      'of each step': ci(workflow('- run: npm ci\n  timeout-minutes: 5\n- run: npm test\n  timeout-minutes: 5\n')),
      'of days, on a runner of one\'s own': ci(workflow(STEPS, { job: '    timeout-minutes: 1440\n' }).replace('ubuntu-latest', 'self-hosted')),
      'an expression': ci(workflow(STEPS, { job: '    timeout-minutes: ${{ fromJSON(vars.LIMIT) }}\n' })),
    },
    partial: { 'one job of two': ci(`${workflow(STEPS, { job: '    timeout-minutes: 20\n' })}  other:\n    runs-on: x\n    steps:\n      - run: make all\n      - run: make check\n`) },
    missing: {
      'none': ci(workflow(STEPS)),
      'a decoy': ci(workflow(STEPS, { job: '    name: Test with timeout-minutes 20\n' })),
      'beyond what GitHub allows': ci(workflow(STEPS, { job: '    timeout-minutes: 1440\n' })),
      'of one step': ci(workflow('- run: npm ci\n- run: npm test\n  timeout-minutes: 5\n')),
    },
    notApplicable: { 'no workflow': {}, 'a call': ci('on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n') },
  });

  it('sets limits by what a job does, and leaves those that stand', () => {
    const files = ci(`# ours\r\n${workflow(STEPS, { job: '    timeout-minutes: 7\n' })}  deploy:\n    needs: [check]\n    runs-on: ubuntu-latest # small\n    steps:\n      - run: kubectl apply -f k8s\n  lint:\n    runs-on: x\n    steps:\n      - run: npm ci\n      - run: npx eslint .\n`.replace(/\r?\n/g, '\r\n'));
    const plan = practice('timeouts').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.deepEqual([...text.matchAll(/timeout-minutes: (\d+)\r\n/g)].map(m => Number(m[1])), [7, 60, 15]);
    assert.equal(text.replace(/^ +timeout-minutes: (?:60|15)\r\n/gm, ''), files[PATH]);
    assert.equal(result('timeouts', ci(text)), 1);
    assert.ok('refused' in practice('timeouts').scaffold!.plan(repository(ci(text))));
  });
});
