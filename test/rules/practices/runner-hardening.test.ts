import assert from 'node:assert/strict';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const push = (steps: string, extra: Parameters<typeof workflow>[1] = {}): Files => ({ [CI]: workflow(steps, { on: 'on: push', ...extra }) });
const WATCH = '- uses: step-security/harden-runner@v2\n  with:\n    egress-policy: audit\n';
const INSTALL = '- run: npm ci\n  env:\n    NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n';

describe('runner-hardening', () => {
  practiceCases('runner-hardening', {
    met: { 'watched from the first step': push(WATCH + INSTALL), 'another tool': push(`- uses: bullfrogsec/bullfrog@v0\n${INSTALL}`) },
    partial: { 'a token that may write is watched, an identity is not': { ...push(`${WATCH}- uses: someone/something@v1\n`, { job: '    permissions:\n      contents: write\n' }),
      '.github/workflows/b.yml': workflow('- uses: someone/something@v1\n', { on: 'on: push', job: '    permissions:\n      id-token: write\n' }) }, 'one of two': { ...push(WATCH + INSTALL), '.github/workflows/b.yml': workflow(INSTALL, { on: 'on: push' }) } },
    missing: {
      'a secret and packages of others': push(INSTALL),
      'an identity and an action of others': push('- uses: someone/something@v1\n', { job: '    permissions:\n      id-token: write\n' }),
      'a watched job that has nothing to lose': { ...push(`${WATCH}- run: npm ci\n`, { job: '    permissions:\n      contents: read\n' }), '.github/workflows/b.yml': workflow(INSTALL, { on: 'on: push' }) },
      'a name alone': push(`- name: Harden runner\n  run: echo\n${INSTALL}`),
    },
    notApplicable: { 'nothing worth taking': push('- run: npm ci\n'), 'a runner of their own':
      { [CI]: workflow(INSTALL, { on: 'on: push' }).replace('ubuntu-latest', 'self-hosted') } },
  });

  it('begins each such job with a watch, and leaves the others', () => {
    const files: Files = { [CI]: `${workflow(INSTALL, { on: 'on: push' })}  other:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n` };
    const plan = practice('runner-hardening').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    assert.equal(plan.changes[0]!.newText.match(/harden-runner@/g)!.length, 1);
    assert.equal(result('runner-hardening', { [CI]: plan.changes[0]!.newText }), 1);
  });
});
