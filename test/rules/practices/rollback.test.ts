import assert from 'node:assert/strict';
import { APPLY, deploys } from './deploys';
import { wellFormed, Workbench } from './run-script';
import { practice, practiceCases, repository } from './support';

const LIMIT = '    timeout-minutes: 20\n';
const UNDO = '- if: failure()\n  run: kubectl rollout undo deployment/web\n';

/** A cluster in a file: revisions of web and db. */
const KUBECTL = `case "$*" in
  *"--output name"*) echo deployment.apps/web; echo statefulset.apps/db; echo service/web ;;
  "rollout undo deployment.apps/web"*) echo 7 >"$STAND_IN_DIR/web" ;;
  "rollout undo statefulset.apps/db"*) echo db-a >"$STAND_IN_DIR/db" ;;
  "rollout status"*) [ ! -e "$STAND_IN_DIR/stuck" ] ;;
  "get deployment.apps/web"*) cat "$STAND_IN_DIR/web" ;;
  "get statefulset.apps/db"*) cat "$STAND_IN_DIR/db" ;;
esac`;

describe('rollback', () => {
  practiceCases('rollback', {
    met: {
      'a step on failure': deploys(APPLY + UNDO, { job: LIMIT }),
      'a job on failure': deploys(APPLY, { jobs: '  back:\n    needs: deploy\n    if: failure()\n    runs-on: x\n    timeout-minutes: 10\n    steps:\n      - run: helm rollback web\n' }),
      'a tool that does so by itself': deploys('- run: helm upgrade web ./chart --atomic\n', { job: LIMIT }),
      'in the script': deploys('- run: |\n    kubectl apply -f k8s\n    kubectl rollout status deployment/web || { kubectl rollout undo deployment/web; exit 1; }\n', { job: LIMIT }),
      'the image that ran before': deploys('- id: deploy\n  run: |\n    kubectl set image deployment/a a=x:${{ github.sha }} -n production\n    kubectl rollout status deployment/a -n production --timeout=300s\n- if: failure() && steps.deploy.outcome == \'failure\'\n  run: |\n    echo "rolling back"\n    kubectl set image deployment/a a=${{ steps.current.outputs.image }} -n production\n', { job: LIMIT }),
      'a script of the repository': deploys(`${APPLY}- if: failure()\n  run: ./ops/back.sh\n`, { job: LIMIT }, { 'ops/back.sh': 'kubectl rollout undo deployment/web\n' }),
    },
    partial: {
      'without a limit': deploys(APPLY + UNDO),
      'by hand': deploys(APPLY, { on: 'on:\n  push:\n  workflow_dispatch:\n    inputs:\n      version:\n        type: string' }),
    },
    missing: {
      'nothing': deploys(APPLY, { job: LIMIT }),
      'a decoy': deploys(`${APPLY}- name: Rollback\n  if: failure()\n  run: echo rolling back to the previous release\n`, { job: LIMIT }),
      'swallowed': deploys(`${APPLY}- if: failure()\n  run: kubectl rollout undo deployment/web || true\n`, { job: LIMIT }),
      'soft': deploys(`${APPLY}${UNDO}  continue-on-error: true\n`, { job: LIMIT }),
      'a message': deploys(`${APPLY}- if: failure()\n  run: gh issue create --title "please rollback"\n`, { job: LIMIT }),
    },
    notApplicable: { 'no deployment': {}, 'a host that keeps every deployment': deploys('- run: npx vercel deploy --prod\n'), 'infrastructure': deploys('- run: pulumi up --yes\n') },
  });

  it('takes the checks behind a deployment along, and logs in as the deployment does', () => {
    const files = deploys('- uses: aws-actions/configure-aws-credentials@v4\n  with:\n    role-to-assume: arn:aws:iam::1:role/x\n    aws-region: eu-central-1\n- run: aws ecs update-service --cluster c --service web --task-definition t\n',
      { job: '    environment: production\n', jobs: '  smoke:\n    needs: deploy\n    runs-on: x\n    steps:\n      - run: npx playwright test\n' });
    const plan = practice('rollback').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.match(text, /needs: \[deploy, smoke\]\n {4}if: \$\{\{ failure\(\) && \(needs\.deploy\.result == 'failure' \|\| needs\.smoke\.result == 'failure'\) \}\}/);
    assert.match(text, /previous-release: \$\{\{ steps\.previous\.outputs\.previous-release \}\}/);
    assert.match(text, /id-token: write/);
    assert.match(text, /record ecs c web\n/);
    assert.match(text, /restore ecs c web\n/);
    assert.match(text.slice(text.indexOf('\n  rollback:')), /configure-aws-credentials@[0-9a-f]{40} # v/);
    assert.ok(plan.todo.some(t => /reviewers/.test(t)));
  });
  it('finds names that are written out as variables', () => {
    const plan = practice('rollback').scaffold!.plan(repository(deploys('- uses: google-github-actions/deploy-cloudrun@v2\n  with:\n    service: ${{ env.SERVICE }}\n    region: europe-west1\n',
      { job: '    env:\n      SERVICE: web\n' })));
    assert.ok(!('refused' in plan));
    assert.match(plan.changes[0]!.newText, /record cloudrun web europe-west1\n/);
  });
  it('refuses what it does not know', () => {
    const refused = (run: string): string => {
      const plan = practice('rollback').scaffold!.plan(repository(deploys(`- run: ${run}\n`)));
      return 'refused' in plan ? plan.refused : '';
    };
    assert.match(refused('fly deploy'), /knows kubectl, helm, Amazon ECS and Cloud Run/);
    assert.match(refused('kubectl apply -f "$FILE"'), /written out/);
  });

  describe('release-state.sh', () => {
    wellFormed('release-state.sh');
    const bench = (): Workbench => {
      const b = new Workbench('release-state.sh');
      b.standIn('kubectl', KUBECTL);
      b.write('web', '7\n');
      b.write('db', 'db-a\n');
      return b;
    };
    const words = ['kubectl', '-f', 'k8s', '-n', 'shop'];
    it('puts back what was changed, and leaves the rest', async () => {
      const b = bench();
      try {
        await b.script('release-state.sh', ['record', ...words]);
        assert.equal(b.read('output'), 'previous-release=deployment.apps/web=7 statefulset.apps/db=db-a\n');
        b.write('web', '8\n');
        const { code, out } = await b.script('release-state.sh', ['restore', ...words], { STATE: 'deployment.apps/web=7 statefulset.apps/db=db-a' });
        assert.equal(code, 0, out);
        assert.deepEqual(b.calls().filter(c => c.includes('undo')), ['kubectl rollout undo deployment.apps/web -n shop --to-revision=7']);
        assert.ok(b.calls().some(c => c.startsWith('kubectl rollout status deployment.apps/web -n shop --timeout=300s')));
        assert.match(out, /db was not changed/);
      } finally { b.remove(); }
    });
    it('fails where the previous release does not get up', async () => {
      const b = bench();
      b.write('web', '8\n');
      b.write('stuck', '');
      try {
        assert.notEqual((await b.script('release-state.sh', ['restore', ...words], { STATE: 'deployment.apps/web=7' })).code, 0);
      } finally { b.remove(); }
    });
    it('does nothing where nothing ran', async () => {
      const b = bench();
      try {
        const { code, out } = await b.script('release-state.sh', ['restore', ...words], { STATE: '' });
        assert.equal(code, 0);
        assert.match(out, /nothing to put back/);
        assert.deepEqual(b.calls(), []);
      } finally { b.remove(); }
    });
    it('knows Helm, ECS and Cloud Run', async () => {
      const b = bench();
      b.standIn('helm', 'case "$1" in history) echo \'[{"revision":4,"status":"deployed"}]\' ;; esac');
      b.standIn('aws', 'case "$*" in *describe-services*) echo arn:aws:ecs:task/web:9 ;; esac');
      b.standIn('gcloud', 'case "$*" in *describe*) echo web-00002 ;; esac');
      try {
        await b.script('release-state.sh', ['record', 'helm', 'web', '--namespace', 'shop']);
        await b.script('release-state.sh', ['record', 'ecs', 'c', 'web']);
        await b.script('release-state.sh', ['record', 'cloudrun', 'web', 'europe-west1']);
        assert.equal(b.read('output'), 'previous-release=4\nprevious-release=arn:aws:ecs:task/web:9\nprevious-release=web-00002\n');
        await b.script('release-state.sh', ['restore', 'helm', 'web', '--namespace', 'shop'], { STATE: '3' });
        await b.script('release-state.sh', ['restore', 'ecs', 'c', 'web'], { STATE: 'arn:aws:ecs:task/web:8' });
        await b.script('release-state.sh', ['restore', 'cloudrun', 'web', 'europe-west1'], { STATE: 'web-00001' });
        assert.ok(b.calls().includes('gcloud run services update-traffic web --region europe-west1 --to-revisions web-00001=100'));
        assert.ok(b.calls().includes('helm rollback web 3 --namespace shop --wait --timeout 300s'));
        assert.ok(b.calls().includes('aws ecs update-service --cluster c --service web --task-definition arn:aws:ecs:task/web:8'));
      } finally { b.remove(); }
    });
  });
});
