import assert from 'node:assert/strict';
import { APPLY, deploys } from './deploys';
import { serve, wellFormed, Workbench } from './run-script';
import { practice, practiceCases, repository, result } from './support';

const PROBE = '- run: curl --fail --retry 5 --retry-delay 10 --retry-all-errors https://example.org/health\n';
const LOOP = '- run: |\n    for i in 1 2 3 4 5; do\n      curl -fsS https://example.org/health && exit 0\n      sleep 10\n    done\n    exit 1\n';

describe('deploy-health-check', () => {
  practiceCases('deploy-health-check', {
    met: {
      'a probe with retries': deploys(APPLY + PROBE),
      'a loop': deploys(APPLY + LOOP),
      'a job that waits for it': deploys(APPLY, { jobs: `  smoke:\n    needs: deploy\n    runs-on: ubuntu-latest\n    steps:\n      ${PROBE.slice(0, -1)}\n` }),
      'a wait and a probe': deploys(`${APPLY}- run: kubectl rollout status deployment/web\n- run: curl -f https://example.org\n`),
      'a script of the repository': deploys(`${APPLY}- run: ./scripts/verify.sh\n`, {}, { 'scripts/verify.sh': '#!/bin/sh\nuntil curl -sf "$URL"; do sleep 2; done\n' }),
      'a Makefile\'s target': deploys('- run: make deploy\n', {}, { Makefile: 'deploy: build\n\t@kubectl apply -f k8s\n\tcurl --fail --retry 3 $$URL/health\n' }),
      'a reusable workflow': { ...deploys('', { jobs: '  rollout:\n    uses: ./.github/workflows/rollout.yml\n' }),
        '.github/workflows/deploy.yml': 'on: push\njobs:\n  rollout:\n    uses: ./.github/workflows/rollout.yml\n  smoke:\n    needs: rollout\n    runs-on: x\n    steps:\n      - run: npx playwright test\n',
        '.github/workflows/rollout.yml': 'on: workflow_call\njobs:\n  deploy:\n    runs-on: x\n    steps:\n      - run: kubectl apply -f k8s\n' },
      'a script in another language': deploys(`${APPLY}- run: python3 scripts/smoke_test.py\n`, {}, { 'scripts/smoke_test.py': 'import urllib.request\nurllib.request.urlopen("https://example.org")\n' }),
      'tests against what runs': deploys(`${APPLY}- run: pytest tests/smoke --base-url https://example.org\n`),
      'on another machine': deploys('- name: Restart\n  uses: appleboy/ssh-action@v1\n  with:\n    host: ${{ secrets.HOST }}\n    script: |\n      cd app && docker compose up -d\n      curl --fail --retry 5 http://localhost/health\n'),
      'Heroku asks': deploys('- uses: akhileshns/heroku-deploy@v3\n  with:\n    healthcheck: https://x.herokuapp.com/health\n'),
      'through a shell': deploys('- run: |\n    ssh host <<EOF\n    docker compose up -d\n    until curl -fs localhost/health; do sleep 1; done\n    EOF\n'),
      'a script that is an argument': deploys('- uses: appleboy/ssh-action@v1\n  with:\n    script: |\n      docker compose -f prod.yml up -d --pull always\n      timeout 120s bash -c \'until curl -s -f http://localhost/health; do sleep 5; done\'\n'),
      'a composite action': { ...deploys(`- uses: ./.github/actions/ship\n${PROBE}`),
        '.github/actions/ship/action.yml': 'runs:\n  using: composite\n  steps:\n    - run: helm upgrade web ./chart\n      shell: bash\n' },
    },
    partial: {
      'the platform alone': deploys(`${APPLY}- run: kubectl rollout status deployment/web\n`),
      'Helm waits': deploys('- run: helm upgrade --install web ./chart --wait\n'),
      'one probe': deploys(`${APPLY}- run: curl --fail https://example.org\n`),
      'one of two': deploys(APPLY + PROBE, { jobs: '  production:\n    runs-on: x\n    steps:\n      - run: kubectl apply -f prod\n' }),
    },
    missing: {
      'nothing': deploys(APPLY),
      'a probe that cannot fail': deploys(`${APPLY}- run: curl https://example.org/health\n`),
      'swallowed': deploys(`${APPLY}- run: curl --fail --retry 3 https://example.org || true\n`),
      'soft': deploys(`${APPLY}${PROBE}  continue-on-error: true\n`),
      'a decoy': deploys(`${APPLY}- name: Health check and smoke test\n  run: echo healthy\n`),
      'on failure only': deploys(`${APPLY}${PROBE}  if: failure()\n`),
      'disabled': deploys(`${APPLY}${PROBE}  if: false\n`),
      'ahead of it': deploys(`${PROBE}- run: kubectl apply -f k8s\n`),
      'a script that is only called so': deploys(`${APPLY}- run: python3 scripts/smoke_test.py\n`, {}, { 'scripts/smoke_test.py': 'print("smoke")\n' }),
      'a webhook': deploys(`${APPLY}- run: curl -f --retry 3 -X POST https://hooks.slack.com/x\n`),
    },
    notApplicable: {
      'no deployment': { 'README.md': '' },
      'pages': deploys('- uses: actions/deploy-pages@v4\n'),
      'infrastructure': deploys('- run: terraform apply -auto-approve\n'),
      'a preview of a pull request': deploys(APPLY, { on: 'on: pull_request' }),
      'a package': deploys('- run: npm publish\n', { id: 'publish' }),
      'a script that cannot be read': deploys('- run: ./deploy.sh\n'),
    },
  });

  it('takes the address from the environment, and lets who waited for the deployment wait for the check', () => {
    const files = deploys('- run: kubectl apply -f k8s\n', { id: 'staging', job: '    environment:\n      name: staging\n      url: https://staging.example.org\n',
      jobs: '  production:\n    needs: [staging]\n    runs-on: ubuntu-latest\n    steps:\n      - run: kubectl apply -f prod\n' });
    const plan = practice('deploy-health-check').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.match(text, /BASE_URL: https:\/\/staging\.example\.org\n/);
    assert.match(text, /BASE_URL: \$\{\{ vars\.PRODUCTION_URL \}\}/);
    assert.match(text, /needs: \[staging, post-deploy-verify-staging\]/);
    assert.deepEqual(plan.todo.filter(t => /PRODUCTION_URL/.test(t)).length, 1);
    assert.equal(result('deploy-health-check', { ...files, ...Object.fromEntries(plan.changes.map(c => [c.path, c.newText])) }), 1);
  });

  describe('post-deploy-verify.sh', () => {
    wellFormed('post-deploy-verify.sh');
    const verify = async (answer: (path: string, n: number) => readonly [number, string], checks: string): Promise<{ code: number | null; out: string; asked: string[]; summary: string }> => {
      const bench = new Workbench('post-deploy-verify.sh');
      let n = 0;
      const server = await serve(path => answer(path, ++n));
      try {
        const { code, out, file } = await bench.script('post-deploy-verify.sh', [], { BASE_URL: server.url, CHECKS: checks, ATTEMPTS: '3', DELAY: '0' });
        return { code, out, asked: server.asked, summary: file('summary') };
      } finally { await server.close(); bench.remove(); }
    };
    it('is content with what works, and asks it once', async () => {
      const { code, asked, summary } = await verify(() => [200, 'status: ok'], '/health 200 ok\n/api\n');
      assert.equal(code, 0);
      assert.deepEqual(asked, ['/health', '/api']);
      assert.match(summary, /\| \/health \| ok \|/);
    });
    it('gives it time', async () => {
      const { code, asked } = await verify((_, n) => (n < 3 ? [503, ''] : [200, 'ok']), '/health');
      assert.equal(code, 0);
      assert.equal(asked.length, 3);
    });
    it('fails on an error, another status and a text that is not there, and looks at the rest all the same', async () => {
      const { code, out, asked } = await verify(path => (path === '/down' ? [500, ''] : [200, 'old']), '/down\n/version 200 new\n/gone 404\n/fine\n');
      assert.equal(code, 1);
      assert.match(out, /\/down doesn't work after 3 attempts: 500/);
      assert.match(out, /\/version doesn't work after 3 attempts: 200 without the text/);
      assert.match(out, /\/gone doesn't work/);
      assert.match(out, /\/fine works/);
      assert.equal(asked.length, 10);
    });
    it('fails where nobody answers, and where no address is set', async () => {
      const bench = new Workbench('post-deploy-verify.sh');
      try {
        assert.equal((await bench.script('post-deploy-verify.sh', [], { BASE_URL: 'http://127.0.0.1:9', ATTEMPTS: '2', DELAY: '0' })).code, 1);
        assert.equal((await bench.script('post-deploy-verify.sh', [])).code, 2);
      } finally { bench.remove(); }
    });
  });
});
