import assert from 'node:assert/strict';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const CI = '.github/workflows/deploy.yml';
const DEPLOY = '- run: kubectl apply -f k8s\n  env:\n    TOKEN: ${{ secrets.KUBE_TOKEN }}\n';
const deploy = (steps: string, extra: Parameters<typeof workflow>[1] = {}): Files => ({ [CI]: workflow(steps, { on: 'on: push', ...extra }) });
const VAULT = '- uses: hashicorp/vault-action@v3\n  id: vault\n  with:\n    method: jwt\n    secrets: secret/data/ci A | A ;\n';

describe('secrets-manager', () => {
  practiceCases('secrets-manager', {
    met: {
      'Vault, with an identity': deploy(VAULT + DEPLOY),
      'a cloud’s store, on the command line': deploy('- run: |\n    aws secretsmanager get-secret-value --secret-id x > s.json\n    kubectl apply -f k8s\n'),
      'in a composite action of the checkout': { ...deploy(`- uses: ./.github/actions/secrets\n${DEPLOY}`),
        '.github/actions/secrets/action.yml': 'runs:\n  using: composite\n  steps:\n    - uses: 1password/load-secrets-action@v2\n' },
    },
    partial: {
      'opened with a stored token': deploy(`- uses: hashicorp/vault-action@v3\n  with:\n    token: \${{ secrets.VAULT_TOKEN }}\n${DEPLOY}`),
      'one of two deployments': { ...deploy(VAULT + DEPLOY), '.github/workflows/other.yml': workflow(DEPLOY, { on: 'on: push' }) },
    },
    missing: {
      'a secret of the repository': deploy(DEPLOY),
      'switched off': deploy(`${VAULT.replace('  id: vault\n', '  if: false\n')}${DEPLOY}`),
      'a name alone': deploy(`- name: Get secrets from Vault\n  run: echo\n${DEPLOY}`),
    },
    notApplicable: { 'nothing is deployed': deploy('- run: make\n  env:\n    A: ${{ secrets.A }}\n'), 'a deployment without secrets': deploy('- run: kubectl apply -f k8s\n'),
      'the run’s own token': deploy('- run: kubectl apply -f k8s\n  env:\n    T: ${{ secrets.GITHUB_TOKEN }}\n') },
  });

  it('moves the secrets of the steps, keeps the rest, and says which Vault has to know', () => {
    const files = deploy(`- uses: actions/checkout@v4 # first\n${DEPLOY}- run: curl -H "$H" https://example.org\n  env:\n    H: "Bearer \${{ secrets.HOOK }}"\n`, { job: '    environment: production\n' });
    const plan = practice('secrets-manager').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.equal(result('secrets-manager', { [CI]: text }), 1);
    assert.match(text, /H: "Bearer \$\{\{ steps\.vault\.outputs\.HOOK \}\}"\n/);
    assert.match(text, /secret\/data\/ci KUBE_TOKEN \| KUBE_TOKEN ;\n +secret\/data\/ci HOOK \| HOOK ;\n/);
    assert.match(text, /# first\n/);
    assert.match(text, /id-token: write\n/);
    assert.deepEqual((JSON.parse(plan.changes[1]!.newText) as { bound_claims: unknown }).bound_claims, { sub: ['repo:OWNER/REPO:environment:production'] });
  });
  it('says so where the secrets stand above the steps', () => {
    const plan = practice('secrets-manager').scaffold!.plan(repository(deploy('- run: kubectl apply -f k8s\n', { job: '    env:\n      A: ${{ secrets.A }}\n' })));
    assert.ok('refused' in plan);
    assert.match(plan.refused, /above the steps/);
  });
});
