import assert from 'node:assert/strict';
import { wellFormed, Workbench } from './run-script';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const TF: Files = { 'infra/main.tf': 'terraform {\n  backend "s3" {}\n}\n' };
const NIGHTLY = 'on:\n  schedule:\n    - cron: 7 3 * * *';
const drift = (steps: string, on = NIGHTLY, files = TF): Files => ({ ...files, '.github/workflows/drift.yml': workflow(steps, { on }) });
const PLAN = '- id: plan\n  run: terraform plan -detailed-exitcode\n';
const ALERT = '- if: failure()\n  run: gh issue create --title Drift --body "$RUN"\n';

describe('drift-detection', () => {
  practiceCases('drift-detection', {
    met: {
      'a plan and an issue': drift(PLAN + ALERT),
      'the exit code is looked at': drift(`- run: |\n    set +e\n    tofu plan -detailed-exitcode\n    echo "code=$?" >>"$GITHUB_OUTPUT"\n- if: steps.plan.outputs.code == '2'\n  uses: slackapi/slack-github-action@v2\n`),
      'Pulumi': drift(`- run: pulumi preview --expect-no-changes\n${ALERT}`, NIGHTLY, { 'Pulumi.yaml': 'name: x\n' }),
      'a job behind it': { ...drift(PLAN), '.github/workflows/drift.yml': `${workflow(PLAN, { on: NIGHTLY })}  tell:\n    needs: check\n    if: failure()\n    runs-on: x\n    steps:\n      - uses: slackapi/slack-github-action@v2\n` },
    },
    partial: { 'nobody is told': drift(PLAN) },
    missing: {
      'nothing': TF,
      'succeeds whatever it finds': drift(`- run: terraform plan\n${ALERT}`),
      'on pull requests only': drift(PLAN + ALERT, 'on: pull_request'),
      'a decoy': drift(`- name: Detect drift\n  run: echo terraform plan -detailed-exitcode\n${ALERT}`),
      'Pulumi that expects nothing': drift(`- run: pulumi preview\n${ALERT}`, NIGHTLY, { 'Pulumi.yaml': '' }),
    },
    notApplicable: { 'no infrastructure': {}, 'a module': { 'modules/vpc/main.tf': 'terraform {\n  backend "s3" {}\n}\n' }, 'an example': { 'examples/a/main.tf': 'provider "aws" {}\n' } },
  });

  it('looks at each folder with a state', () => {
    const plan = practice('drift-detection').scaffold!.plan(repository({ ...TF, 'network/main.tf': 'terraform {\n  cloud {\n  }\n}\n', 'modules/a/main.tf': '' }));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /folder:\n {10}- infra\n {10}- network\n/);
    assert.match(plan.changes[0]!.newText, /terraform_wrapper: false/);
    const none = practice('drift-detection').scaffold!.plan(repository({}));
    assert.ok('refused' in none);
  });

  describe('drift.sh', () => {
    wellFormed('drift.sh');
    const run = async (code: number, env: Readonly<Record<string, string>>, issues = '', text = '') => {
      const b = new Workbench('drift.sh');
      b.write('infra/main.tf', '');
      b.standIn('terraform', `case "$1" in plan) echo '${text}'; exit ${code} ;; esac`);
      b.standIn('pulumi', `echo '${text}'; exit ${code}`);
      b.standIn('gh', `case "$*" in "issue list"*) echo '${issues}' ;; esac`);
      try {
        const outcome = await b.script('drift.sh', [env['TOOL'] ?? 'terraform', 'infra'], env);
        return { ...outcome, calls: b.calls(), summary: b.read('summary') };
      } finally { b.remove(); }
    };
    const CHANGED = '  # aws_instance.web will be updated in-place\n      + password = "hunter2"\nPlan: 0 to add, 1 to change, 0 to destroy.';
    it('is content where nothing differs', async () => {
      const { code, calls, summary } = await run(0, { GH_TOKEN: 't' });
      assert.equal(code, 0);
      assert.deepEqual(calls, ['terraform init -input=false -no-color', 'terraform plan -detailed-exitcode -input=false -lock=false -no-color']);
      assert.match(summary, /no drift/);
    });
    it('opens an issue without values, and fails', async () => {
      const { code, calls } = await run(2, { GH_TOKEN: 't' }, '', CHANGED);
      assert.equal(code, 2);
      const opened = calls.join('\n');
      assert.match(opened, /gh issue create --title Drift in infra/);
      assert.match(opened, /aws_instance\.web will be updated/);
      assert.doesNotMatch(opened, /hunter2/);
    });
    it('adds to the issue that is open', async () => {
      const { calls } = await run(2, { GH_TOKEN: 't' }, '12', CHANGED);
      assert.ok(calls.some(c => c.startsWith('gh issue comment 12')));
      assert.ok(!calls.some(c => c.startsWith('gh issue create')));
    });
    it('tells an error from drift', async () => {
      const { code, calls } = await run(1, { GH_TOKEN: 't' });
      assert.equal(code, 1);
      assert.ok(!calls.some(c => c.startsWith('gh')));
      assert.equal((await run(255, { TOOL: 'pulumi', GH_TOKEN: 't' }, '', 'error: no changes were expected but changes were proposed')).code, 2);
      assert.equal((await run(255, { TOOL: 'pulumi', GH_TOKEN: 't' }, '', 'error: no credentials')).code, 1);
    });
  });
});
