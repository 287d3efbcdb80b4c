import assert from 'node:assert/strict';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const CI = '.github/workflows/deploy.yml';
const push = (steps: string, job = '    permissions:\n      id-token: write\n'): Files => ({ [CI]: workflow(steps, { on: 'on: push', job }) });
const AWS_KEY = '- uses: aws-actions/configure-aws-credentials@v4\n  with:\n    aws-access-key-id: ${{ secrets.AWS_ID }}\n    aws-secret-access-key: ${{ secrets.AWS_KEY }}\n    aws-region: eu-central-1\n';
const AWS_ROLE = '- uses: aws-actions/configure-aws-credentials@v4\n  with:\n    role-to-assume: ${{ vars.ROLE }}\n    aws-region: eu-central-1\n';
const AZURE_KEY = '- uses: azure/login@v2\n  with:\n    creds: ${{ secrets.AZURE }}\n';
const GCP_KEY = '- uses: google-github-actions/auth@v2\n  with:\n    credentials_json: ${{ secrets.GCP }}\n';
const VAULT_KEY = '- uses: hashicorp/vault-action@v3\n  with:\n    url: https://vault.example.org\n    token: ${{ secrets.VAULT_TOKEN }}\n    secrets: secret/data/ci A | A ;\n';

describe('oidc-cloud-auth', () => {
  practiceCases('oidc-cloud-auth', {
    met: {
      'a role': push(AWS_ROLE),
      'Azure, Google Cloud and Vault': push('- uses: azure/login@v2\n  with:\n    client-id: a\n    tenant-id: b\n    subscription-id: c\n- uses: google-github-actions/auth@v2\n  with:\n    workload_identity_provider: x\n- uses: hashicorp/vault-action@v3\n  with:\n    method: jwt\n    role: ci\n'),
      'on the command line': push('- run: az login --service-principal -u a -t b --federated-token "$TOKEN"\n'),
      'an action of one’s own around the clouds’': push('- uses: acme/ci/actions/cloud-login@v1\n  with:\n    role-arn: ${{ vars.ROLE }}\n'),
      'the same for Google Cloud': push('- uses: acme/registry-login@v1\n  with:\n    workload_identity_provider: x\n'),
      'permissions that the file doesn’t tell': push(AWS_ROLE, ''),
    },
    partial: { 'one of two': push(AWS_ROLE + GCP_KEY) },
    missing: {
      'a stored key': push(AWS_KEY),
      'a key in the environment': push('- run: aws s3 sync . s3://b\n  env:\n    AWS_SECRET_ACCESS_KEY: ${{ secrets.KEY }}\n'),
      'an identity that it may not ask for': push(AWS_ROLE, '    permissions:\n      contents: read\n'),
      'the right alone': push(AZURE_KEY),
    },
    notApplicable: { 'no cloud': push('- name: Log in to AWS with OIDC\n  run: echo\n'), 'a role that is only named, in a job that asks for no identity': push('- uses: acme/ship@v1\n  with:\n    role-arn: ${{ vars.TASK_ROLE }}\n', ''),
      'a role beside a key, of an action that nobody knows': push('- uses: acme/ship@v1\n  with:\n    role-arn: r\n    aws-secret-access-key: ${{ vars.NONE }}\n'), 'storage of others': push('- run: aws s3 sync . s3://b --endpoint-url https://x.r2.cloudflarestorage.com\n  env:\n    AWS_SECRET_ACCESS_KEY: ${{ secrets.R2_KEY }}\n') },
  });

  it('replaces the keys of each cloud, and writes what the cloud is set up with, for the environment of the job', () => {
    const files: Files = { ...push(AWS_KEY + AZURE_KEY + GCP_KEY + VAULT_KEY, '    environment: production\n    permissions:\n      contents: read\n'), 'go.mod': 'module github.com/acme/shop\n' };
    const plan = practice('oidc-cloud-auth').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const after = Object.fromEntries(plan.changes.map(c => [c.path, c.newText]));
    assert.equal(result('oidc-cloud-auth', { ...files, ...after }), 1);
    assert.match(after[CI]!, /contents: read\n {6}id-token: write\n/);
    const json = (name: string): unknown => JSON.parse(after[`.github/oidc/${name}`]!) as unknown;
    const aws = json('aws-trust-policy.json') as { Statement: { Condition: { StringEquals: Record<string, string> } }[] };
    assert.deepEqual(aws.Statement[0]!.Condition.StringEquals, { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': 'repo:acme/shop:environment:production' });
    assert.equal((json('azure-federated-credential.json') as { subject: string }).subject, 'repo:acme/shop:environment:production');
    assert.equal((json('gcp-workload-identity-provider.json') as { attributeCondition: string }).attributeCondition,
      "assertion.repository == 'acme/shop' && (assertion.sub == 'repo:acme/shop:environment:production')");
    assert.deepEqual((json('vault-role.json') as { bound_claims: unknown }).bound_claims, { sub: ['repo:acme/shop:environment:production'] });
    assert.equal(plan.todo.filter(t => /^(?:AWS|Azure|Google Cloud|Vault): /.test(t)).length, 4);
  });
  it('lets a job ask for the identity that it needs', () => {
    const files = push(AWS_ROLE, '    permissions:\n      contents: read\n');
    const plan = practice('oidc-cloud-auth').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    assert.equal(result('oidc-cloud-auth', { [CI]: plan.changes[0]!.newText }), 1);
  });
  it('asks for the repository’s name where no file tells it', () => {
    const plan = practice('oidc-cloud-auth').scaffold!.plan(repository(push(AWS_KEY)));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[1]!.newText, /repo:OWNER\/REPO:ref:refs\/heads\/main/);
    assert.ok(plan.todo.includes('Put the name of this repository in place of OWNER/REPO.'));
  });
});
