import assert from 'node:assert/strict';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const tf = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ 'infra/main.tf': '', [CI]: workflow(steps, extra) });

describe('scan-iac', () => {
  practiceCases('scan-iac', {
    met: {
      'Checkov as an action': tf('- uses: bridgecrewio/checkov-action@v12\n  with:\n    directory: infra\n'),
      'Trivy config in a container': tf('- run: docker run --rm -v "$PWD:/src" aquasec/trivy:0.60.0 config --exit-code 1 /src\n'),
      'a command with results in code scanning': tf('- run: pipx run checkov==3.2.400 -d . --soft-fail -o sarif\n- uses: github/codeql-action/upload-sarif@v3\n'),
      'only where infrastructure changes': tf('- run: tfsec infra\n', { on: 'on:\n  pull_request:\n    paths: [infra/**]' }),
    },
    partial: 'one scanner that can fail is all that is asked for',
    missing: {
      nothing: { 'deploy/app.yaml': 'apiVersion: apps/v1\nkind: Deployment\n' },
      'soft_fail': tf('- uses: bridgecrewio/checkov-action@v12\n  with:\n    soft_fail: true\n'),
      'Trivy without an exit code': tf('- run: trivy config .\n'),
      'on a schedule alone': tf('- run: checkov -d .\n', { on: 'on:\n  schedule:\n    - cron: 1 2 * * 3' }),
      'a formatter and a linter': tf('- run: terraform fmt -check\n- run: tflint\n'),
      'a name alone': tf('- name: Checkov\n  run: echo done\n'),
    },
    notApplicable: {
      'no infrastructure': { 'a.go': '' },
      'examples, and what workflows try out': { 'examples/main.tf': '', '.github/workflows/data/main.tf': '', 'example.tf': '', 'docs/k8s/readme.yaml': 'a: 1\n' },
    },
  });

  it('scans the kinds of infrastructure that are there', () => {
    const plan = practice('scan-iac').scaffold!.plan(repository({ 'a.tf': '', 'charts/x/Chart.yaml': 'apiVersion: v2\nname: x\n', 'k8s/a.yml': 'apiVersion: v1\r\nmetadata: {}\r\nkind: Service\r\n',
      'template.yaml': 'Transform: AWS::Serverless-2016-10-31\n', 'main.bicep': '' }));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /framework: bicep,cloudformation,helm,kubernetes,terraform\n/);
  });
  it('says why it adds nothing where there is none', () => {
    assert.deepEqual(practice('scan-iac').scaffold!.plan(repository({ 'a.go': '' })), { refused: 'There is no infrastructure code in this repository.' });
  });
});
