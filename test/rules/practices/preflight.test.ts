import assert from 'node:assert/strict';
import { deploys } from './deploys';
import { wellFormed, Workbench } from './run-script';
import { practice, practiceCases, repository } from './support';

const ALL = '- run: |\n    : "${DATABASE_URL:?not set}"\n    command -v kubectl\n    kubectl auth can-i patch deployments\n    df -h /\n';
const APPLY = '- run: kubectl apply -f k8s\n';

describe('preflight', () => {
  practiceCases('preflight', {
    met: {
      'in the job': deploys(ALL + APPLY),
      'in a job that it needs': deploys(APPLY, { job: '    needs: ready\n', jobs: `  ready:\n    runs-on: x\n    steps:\n${ALL.replace(/^(?=.)/gm, '      ')}` }),
      'in a script': deploys(`- run: bash ops/ready.sh\n${APPLY}`, {}, { 'ops/ready.sh': '[ -z "$TOKEN" ] && exit 1\nif ! command -v kubectl; then exit 1; fi\naws sts get-caller-identity\ndf -Pm . | awk 1\n' }),
    },
    partial: {
      'variables only': deploys(`- run: '[ -n "$TOKEN" ]'\n${APPLY}`),
      'one deployment of two': deploys(ALL + APPLY, { jobs: '  other:\n    runs-on: x\n    steps:\n      - run: kubectl apply -f other\n' }),
    },
    missing: {
      'nothing': deploys(APPLY),
      'a decoy': deploys(`- name: Preflight checks\n  run: echo all fine\n${APPLY}`),
      'behind it': deploys(APPLY + ALL),
      'disabled': deploys(`${ALL}  if: false\n${APPLY}`),
      'soft': deploys(`${ALL}  continue-on-error: true\n${APPLY}`),
    },
    notApplicable: { 'no deployment': {}, 'tests': deploys('- run: npm test\n', { id: 'test' }) },
  });

  it('names secrets without reading them, in the job that sees them', () => {
    const plan = (job: string): string => {
      const made = practice('preflight').scaffold!.plan(repository(deploys('- run: kubectl apply -f k8s\n  env:\n    TOKEN: ${{ secrets.DEPLOY_TOKEN }}\n    HOST: ${{ vars.HOST }}\n', { job })));
      assert.ok(!('refused' in made));
      return made.changes[0]!.newText;
    };
    const alone = plan('');
    assert.match(alone, /\n {2}preflight:\n/);
    assert.match(alone, /needs: preflight/);
    assert.match(alone, /DEPLOY_TOKEN=\$\{\{ secrets\.DEPLOY_TOKEN != '' \}\}\n {12}HOST=\$\{\{ vars\.HOST != '' \}\}/);
    const inside = plan('    environment: production\n');
    assert.doesNotMatch(inside, /\n {2}preflight:\n/);
    assert.ok(inside.indexOf('preflight.sh') < inside.indexOf('kubectl apply'));
    assert.match(inside, /CHECK_ACCESS: 'true'/);
  });

  it('runs when the deployment does', () => {
    const condition = (job: string, on: string): string | undefined => {
      const made = practice('preflight').scaffold!.plan(repository(deploys('- run: kubectl apply -f k8s\n', { job, on })));
      assert.ok(!('refused' in made));
      const text = made.changes[0]!.newText;
      return /\n {4}if: (.*)\n/.exec(text.slice(text.indexOf('\n  preflight:')))?.[1];
    };
    const both = 'on: [push, pull_request]';
    assert.equal(condition("    if: github.ref == 'refs/heads/main'\n", both), "github.ref == 'refs/heads/main'");
    assert.equal(condition("    if: ${{ github.event_name == 'push' }}\n", both), "${{ github.event_name == 'push' }}");
    assert.equal(condition("    if: ${{ always() && github.event_name == 'push' }}\n", both), "github.event_name != 'pull_request'");
    assert.equal(condition('', 'on: push'), undefined);
  });

  describe('preflight.sh', () => {
    wellFormed('preflight.sh');
    const run = async (env: Readonly<Record<string, string>>, kubectl = 'exit 0') => {
      const b = new Workbench('preflight.sh');
      b.standIn('kubectl', kubectl);
      try { return await b.script('preflight.sh', [], { MIN_FREE_MB: '1', TOOLS: 'kubectl', ...env }); } finally { b.remove(); }
    };
    it('lets what is ready go', async () => {
      const { code, out } = await run({ REQUIRED: 'TOKEN=true\nHOST=true\n', CHECK_ACCESS: 'true' });
      assert.equal(code, 0, out);
      assert.match(out, /Ready to deploy/);
    });
    it('stops by level', async () => {
      const codes = async (env: Readonly<Record<string, string>>, kubectl?: string) => Promise.all(['high', 'medium', 'low'].map(async level => (await run({ ...env, PREFLIGHT_LEVEL: level }, kubectl)).code));
      assert.deepEqual(await codes({ REQUIRED: 'TOKEN=false' }), [1, 1, 1]);
      assert.deepEqual(await codes({ CHECK_ACCESS: 'true' }, 'exit 1'), [1, 1, 0]);
      assert.deepEqual(await codes({ TOOLS: 'no-such-program-anywhere' }), [1, 0, 0]);
      assert.deepEqual(await codes({ MIN_FREE_MB: '99999999999' }), [1, 0, 0]);
    });
    it('names everything that is missing at once, and knows its levels', async () => {
      const { code, out } = await run({ REQUIRED: 'A=\nB=false\nC=true', TOOLS: 'no-such-program' });
      assert.equal(code, 1);
      assert.match(out, /A is not set[^]*B is not set[^]*no-such-program is not on this runner/);
      assert.doesNotMatch(out, /C is not set/);
      assert.equal((await run({ PREFLIGHT_LEVEL: 'highest' })).code, 2);
    });
  });
});
