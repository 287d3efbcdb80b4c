import assert from 'node:assert/strict';
import { deploys } from './deploys';
import { serve, wellFormed, Workbench, type Outcome } from './run-script';
import { practice, practiceCases, repository } from './support';

const PROBE = '- run: curl --fail --retry 5 https://example.org/health\n';
const CANARY = '- run: |\n    kubectl apply -f k8s\n    kubectl annotate ingress/web-canary nginx.ingress.kubernetes.io/canary-weight=10\n';

/**
 * A cluster in files: the image of each deployment, the slot that the service selects, the canary's weight. `sick` holds an image that
 * doesn't get up. What users see is what the server below answers from the same files.
 */
const KUBECTL = `cd "$STAND_IN_DIR"
case "$1 $2" in
  "set image") echo "\${4#*=}" >"image-\${3#deployment/}" ;;
  "scale "*) : ;;
  "annotate "*) w=\${!#}; for a in "$@"; do case "$a" in *canary-weight=*) echo "\${a##*=}" >weight; echo "\${a##*=}" >>weights ;; esac; done ;;
  "rollout status") [ ! -e sick ] || [ "$(cat "image-\${3#deployment/}")" != "$(cat sick)" ] ;;
  "rollout undo") cp "before-\${3#deployment/}" "image-\${3#deployment/}" ;;
  "patch service/web") p="$*"; case "$p" in *green*) echo green >slot ;; *) echo blue >slot ;; esac ;;
  "get service/web") cat slot ;;
  "get deployment/web"*) case "$*" in *replicas*) echo 3 ;; *) echo 7 ;; esac ;;
esac`;
const GCLOUD = `cd "$STAND_IN_DIR"
case "$*" in
  *"describe"*"traffic[0]"*) echo web-1 ;;
  *"describe"*latestCreated*) echo web-2 ;;
  *update-traffic*) t=\${!#}; echo "$t" >>traffic ;;
esac`;

type Strategy = 'rolling' | 'canary' | 'blue-green';

class Cluster extends Workbench {
  constructor() {
    super('progressive-deploy.sh', 'post-deploy-verify.sh');
    this.standIn('kubectl', KUBECTL);
    this.standIn('gcloud', GCLOUD);
    this.standIn('sleep');
    for (const [name, image] of [['web', 'v1'], ['web-canary', 'v0'], ['web-blue', 'v1'], ['web-green', 'v0']] as const) {
      this.write(`image-${name}`, image);
      this.write(`before-${name}`, image);
    }
    this.write('slot', 'blue\n');
    this.write('weight', '0\n');
  }

  state(name: string): string { return this.read(name).trim(); }

  /** Deploys v2; the server answers as `healthy` says for what users reach now. */
  async deploy(strategy: Strategy, healthy: (cluster: Cluster) => boolean, target = 'kubernetes'): Promise<Outcome> {
    const server = await serve(() => (healthy(this) ? [200, 'ok'] : [500, '']));
    try {
      return await this.script('progressive-deploy.sh', [], { STRATEGY: strategy, TARGET: target, APP: 'web', IMAGE: 'v2', BASE_URL: server.url, PREVIEW_URL: server.url,
        NAMESPACE: 'shop', ATTEMPTS: '1', DELAY: '0' });
    } finally { await server.close(); }
  }
}

const on = async (check: (cluster: Cluster) => Promise<void>): Promise<void> => {
  const cluster = new Cluster();
  try { await check(cluster); } finally { cluster.remove(); }
};

describe('progressive-delivery', () => {
  practiceCases('progressive-delivery', {
    met: {
      'canary weights': deploys(CANARY + PROBE),
      'Argo Rollouts': deploys('- run: kubectl apply -f k8s\n', {}, { 'k8s/web.yml': 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {strategy: {canary: {steps: []}}}\n' }),
      'revisions': deploys(`- run: gcloud run deploy web --image x --no-traffic\n- run: gcloud run services update-traffic web --to-latest\n${PROBE}`),
      'slots': deploys(`- uses: azure/webapps-deploy@v3\n- run: az webapp deployment slot swap -n web -g g --slot staging\n${PROBE}`),
    },
    partial: {
      'without a check': deploys(CANARY),
      'a rolling update': deploys('- run: kubectl apply -f k8s\n- run: kubectl rollout status deployment/web\n'),
    },
    missing: {
      'all at once': deploys('- run: kubectl apply -f k8s\n'),
      'a decoy': deploys(`- name: Canary 10 %\n  run: echo blue-green canary --canary\n- run: kubectl apply -f k8s\n`, { id: 'deploy-canary' }),
      'swallowed': deploys('- run: |\n    kubectl apply -f k8s\n    echo canary-weight=10\n'),
    },
    notApplicable: { 'no deployment': {}, 'pages': deploys('- uses: actions/deploy-pages@v4\n') },
  });

  it('refuses what it does not know how to move', () => {
    const plan = practice('progressive-delivery').scaffold!.plan(repository(deploys('- run: fly deploy\n')));
    assert.match('refused' in plan ? plan.refused : '', /knows Kubernetes and Cloud Run/);
  });
  it('has a workflow with the three strategies, one at a time', () => {
    const plan = practice('progressive-delivery').scaffold!.plan(repository(deploys('- run: kubectl apply -f k8s\n')));
    assert.ok(!('refused' in plan));
    assert.equal(plan.changes[0]!.path, '.github/workflows/deploy-2.yml');
    assert.match(plan.changes[0]!.newText, /options: \[canary, blue-green, rolling\]/);
    assert.match(plan.changes[0]!.newText, /cancel-in-progress: false/);
    assert.match(plan.changes[0]!.newText, /CANARY_STEPS: 10 25 50 100/);
    assert.deepEqual(plan.changes.slice(1).map(c => c.path.split('/').at(-1)), ['progressive-deploy.sh', 'post-deploy-verify.sh', 'preflight.sh', 'record-deployment.sh']);
  });

  describe('progressive-deploy.sh', () => {
    wellFormed('progressive-deploy.sh');

    it('canary: 10, 25, 50, 100 %, each asked, then it is the release', () => on(async c => {
      const { code, out } = await c.deploy('canary', () => true);
      assert.equal(code, 0, out);
      assert.deepEqual(c.state('weights').split('\n'), ['10', '25', '50', '100', '0']);
      assert.equal(c.state('image-web'), 'v2');
      assert.equal(out.match(/works/g)!.length, 5);
    }));
    it('canary: a health check that fails at 50 % takes the traffic back, and the release stays', () => on(async c => {
      const { code, out } = await c.deploy('canary', cluster => Number(cluster.state('weight')) < 50);
      assert.equal(code, 1);
      assert.deepEqual(c.state('weights').split('\n'), ['10', '25', '50', '0']);
      assert.equal(c.state('image-web'), 'v1');
      assert.match(out, /Rolled back/);
      assert.match(c.read('summary'), /Rolled back/);
      assert.ok(c.calls().includes('kubectl scale deployment/web-canary --namespace shop --replicas=0'));
    }));
    it('canary: an image that does not get up meets no user', () => on(async c => {
      c.write('sick', 'v2');
      const { code } = await c.deploy('canary', () => true);
      assert.equal(code, 1);
      assert.deepEqual(c.state('weights').split('\n'), ['0']);
      assert.equal(c.state('image-web'), 'v1');
    }));

    it('blue-green: the idle one is asked, then the service switches', () => on(async c => {
      const { code, out } = await c.deploy('blue-green', () => true);
      assert.equal(code, 0, out);
      assert.equal(c.state('slot'), 'green');
      assert.equal(c.state('image-web-green'), 'v2');
      assert.equal(c.state('image-web-blue'), 'v1');
      assert.ok(c.calls().includes('kubectl scale deployment/web-green --namespace shop --replicas=3'));
    }));
    it('blue-green: a health check that fails after the switch switches back', () => on(async c => {
      const { code, out } = await c.deploy('blue-green', cluster => cluster.state('slot') === 'blue');
      assert.equal(code, 1);
      assert.equal(c.state('slot'), 'blue');
      assert.match(out, /Rolled back/);
    }));
    it('blue-green: a preview that fails never switches', () => on(async c => {
      assert.equal((await c.deploy('blue-green', () => false)).code, 1);
      assert.ok(!c.calls().some(x => x.startsWith('kubectl patch service/web --namespace shop --patch {"spec":{"selector":{"slot":"green"')));
      assert.equal(c.state('slot'), 'blue');
    }));

    it('rolling: the image changes, runs and is asked', () => on(async c => {
      const { code, out } = await c.deploy('rolling', () => true);
      assert.equal(code, 0, out);
      assert.equal(c.state('image-web'), 'v2');
    }));
    it('rolling: a health check that fails puts the earlier revision back', () => on(async c => {
      assert.equal((await c.deploy('rolling', cluster => cluster.state('image-web') === 'v1')).code, 1);
      assert.equal(c.state('image-web'), 'v1');
      assert.ok(c.calls().includes('kubectl rollout undo deployment/web --namespace shop --to-revision=7'));
    }));

    it('Cloud Run: traffic moves between revisions, and back', async () => {
      await on(async c => {
        const { code, out } = await c.deploy('canary', () => true, 'cloudrun');
        assert.equal(code, 0, out);
        assert.deepEqual(c.state('traffic').split('\n'), ['web-2=10', 'web-2=25', 'web-2=50', 'web-2=100']);
      });
      await on(async c => {
        assert.equal((await c.deploy('canary', cluster => !cluster.read('traffic').includes('=25'), 'cloudrun')).code, 1);
        assert.deepEqual(c.state('traffic').split('\n'), ['web-2=10', 'web-2=25', 'web-1=100']);
      });
    });

    it('says so where the rollback fails as well, and where it knows no such strategy', () => on(async c => {
      c.standIn('kubectl', `case "$1 $2" in "rollout undo") exit 1 ;; *) ${KUBECTL.replaceAll('\n', '\n    ')} ;; esac`);
      const { code, out } = await c.deploy('rolling', () => false);
      assert.equal(code, 1);
      assert.match(out, /The rollback failed/);
      assert.equal((await c.deploy('sudden' as Strategy, () => true)).code, 2);
    }));
  });
});
