import assert from 'node:assert/strict';
import { deploys } from './deploys';
import { wellFormed, Workbench } from './run-script';
import { practice, practiceCases, repository } from './support';

const APPLY = '- run: kubectl apply -f k8s\n';

describe('deploy-metadata', () => {
  practiceCases('deploy-metadata', {
    met: {
      'the image\'s name': deploys('- run: kubectl set image deployment/web web=ghcr.io/o/x:$GITHUB_SHA\n'),
      'a chart\'s value': deploys('- run: helm upgrade web ./chart --set image.tag=${{ github.sha }}\n'),
      'annotations': deploys(`${APPLY}- run: kubectl annotate deployment/web commit=$GITHUB_SHA\n`),
      'a release of Sentry': deploys(`${APPLY}- uses: getsentry/action-release@v3\n`),
    },
    partial: { 'an environment': deploys(APPLY, { job: '    environment: production\n' }) },
    missing: {
      'nothing': deploys(APPLY),
      'a decoy': deploys(`${APPLY}- name: Record commit, run and digest\n  run: echo done\n`),
      'swallowed': deploys(`${APPLY}- run: kubectl annotate deployment/web commit=$GITHUB_SHA\n  continue-on-error: true\n`),
      'printed': deploys(`${APPLY}- run: echo "deployed $GITHUB_SHA"\n`),
    },
    notApplicable: { 'no deployment': {}, 'infrastructure': deploys('- run: terraform apply\n') },
  });

  it('annotates what kubectl has deployed', () => {
    const plan = practice('deploy-metadata').scaffold!.plan(repository(deploys('- uses: actions/checkout@v4\n- run: kubectl apply -f k8s -n shop\n')));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /ANNOTATE: '-f k8s --namespace shop'\n/);
  });

  describe('record-deployment.sh', () => {
    wellFormed('record-deployment.sh');
    const ENV = { GITHUB_SHA: 'c0ffee', GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '9', GITHUB_REF: 'refs/heads/a"b\\c', GITHUB_ACTOR: 'me', DEPLOY_ENVIRONMENT: 'production' };
    it('writes what was deployed, whatever names hold', async () => {
      const b = new Workbench('record-deployment.sh');
      b.standIn('kubectl');
      try {
        const { code, out } = await b.script('record-deployment.sh', [], { ...ENV, IMAGE_DIGEST: 'sha256:1', ANNOTATE: '-f k8s -n shop' });
        assert.equal(code, 0, out);
        const { deployed, ...rest } = JSON.parse(b.read('deploy-metadata.json')) as Record<string, unknown>;
        assert.deepEqual(rest, { commit: 'c0ffee', ref: 'refs/heads/a"b\\c', run: 'https://github.com/o/r/actions/runs/9', attempt: 1, actor: 'me', environment: 'production', image_digest: 'sha256:1' });
        assert.match(String(deployed), /^\d{4}-\d\d-\d\dT/);
        assert.match(b.calls()[0]!, /^kubectl annotate --overwrite -f k8s -n shop deploy\/commit=c0ffee deploy\/run=\S+\/9 deploy\/environment=production/);
        assert.match(b.read('summary'), /\| commit \| `c0ffee` \|/);
      } finally { b.remove(); }
    });
    it('fails without a commit, and where it can\'t annotate', async () => {
      const b = new Workbench('record-deployment.sh');
      b.standIn('kubectl', 'exit 1');
      try {
        assert.notEqual((await b.script('record-deployment.sh')).code, 0);
        assert.notEqual((await b.script('record-deployment.sh', [], { ...ENV, ANNOTATE: 'deployment/web' })).code, 0);
      } finally { b.remove(); }
    });
  });
});
