import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { judged, planOf, refusalOf } from './judge';
import { practice, practiceCases, result, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/load.yml';
const API: Files = { 'requirements.txt': 'fastapi==0.115\nuvicorn==0.30\n', Dockerfile: 'FROM python:3.13\nEXPOSE 8000\n', 'app.py': '' };
const WEEKLY = 'on:\n  schedule: [{cron: 7 3 * * 1}]';
const ci = (steps: string, on = WEEKLY): Files => ({ [WORKFLOW]: workflow(steps, { on }) });
const K6 = (limit: string): Files => ({ 'load/k6.js': `export const options = { ${limit} };` });

describe('load-tests', () => {
  practiceCases('load-tests', {
    met: {
      'k6 with thresholds': { ...API, ...K6("thresholds: { http_req_duration: ['p(95)<500'] }"), ...ci('- run: k6 run load/k6.js\n') },
      'Artillery with ensure': { ...API, 'artillery.yml': 'config:\n  ensure:\n    p95: 500\n', ...ci('- run: npx artillery run artillery.yml\n', 'on: pull_request') },
      'Locust with an exit code': { ...API, 'locustfile.py': 'environment.process_exit_code = 1', ...ci('- run: locust --headless -f locustfile.py --users 10\n') },
      'a script that compares': { ...API, ...ci('- run: |\n    oha -j -z 30s http://localhost:8000 > out.json\n    p95=$(jq .latencyPercentiles.p95 out.json)\n    awk -v p="$p95" \'BEGIN { exit p > 0.5 }\'\n') },
      'k6’s action, where nothing else says that there is a service': { 'perf/api.js': "export const options = { thresholds: { http_req_duration: ['p(95)<500'] } };",
        ...ci('- uses: grafana/run-k6-action@v1\n  with:\n    path: perf/api.js\n') },
      'a script of the repository': { ...API, 'scripts/load-test.mjs': 'if (p95 > limit) process.exit(1)', ...ci('- run: node scripts/load-test.mjs --p95 500\n') },
    },
    partial: {
      'without a limit': { ...API, ...K6('vus: 10'), ...ci('- run: k6 run load/k6.js\n') },
      'k6’s action, without a limit': { 'perf/api.js': 'export const options = { vus: 5 };', ...ci('- uses: grafana/run-k6-action@v1\n  with:\n    path: perf/api.js\n') },
      'only on demand': { ...API, ...K6("thresholds: { a: ['p(95)<1'] }"), ...ci('- run: k6 run load/k6.js\n', 'on: workflow_dispatch') },
    },
    missing: {
      nothing: API,
      'can not fail': { ...API, ...K6('thresholds: {}'), ...ci('- run: k6 run load/k6.js || true\n') },
      'turned off': { ...API, ...K6('thresholds: {}'), ...ci('- run: k6 run load/k6.js\n  if: false\n') },
      'k6 looks at a script': { ...API, ...K6('thresholds: {}'), ...ci('- run: k6 inspect load/k6.js\n') },
      'called so': { ...API, ...ci('- name: k6 load test\n  run: curl http://localhost\n') },
    },
    notApplicable: { 'the tool itself': { 'go.mod': '', 'a.go': '', ...ci('- run: ./k6 run examples/browser.js\n') },  'a library for servers': { 'package.json': '{"dependencies":{"express":"5"}}', 'a.js': '' }, 'an image of a tool': { Dockerfile: 'FROM scratch', 'go.mod': '', 'a.go': '' } },
  });

  it('does not know what a script says that can not be read', () => {
    const files: Files = ci('- run: k6 run load/k6.js\n');
    assert.equal(practice('load-tests').evidence(createRepository(['load/k6.js', WORKFLOW], f => files[f])).result, 'unknown');
  });
  it('starts the service as it is shipped, and holds it to 500 ms', async () => {
    const text = await judged('load-tests', API);
    assert.match(text, /docker run --detach --name service --publish 127\.0\.0\.1:8000:8000/);
    assert.match(text, /P95: '500'/);
    assert.deepEqual(planOf('load-tests', API).changes.map(c => c.path), ['.github/workflows/load-test.yml', '.github/scripts/load-test.mjs']);
    assert.match(await judged('load-tests', { ...API, 'compose.yaml': 'services:\n  web:\n    build: .\n    ports:\n      - "8080:8000"\n' }), /docker compose up --detach --wait\n[^]*TARGET|TARGET: http:\/\/127\.0\.0\.1:8080/);
    assert.match(await judged('load-tests', { 'package.json': '{"dependencies":{"express":"5"},"scripts":{"start":"node ."}}', 'package-lock.json': '{}', 'index.html': '', Procfile: '', 'a.js': '' }), /npm run start/);
  });
  it('refuses where nothing says how it is started', () => assert.match(refusalOf('load-tests', { ...API, Dockerfile: 'FROM python:3.13\n' }), /how the service is started/));
  it('is worth less on demand than on a schedule', () => {
    const limit = K6("thresholds: { a: ['p(95)<1'] }");
    assert.equal(result('load-tests', { ...API, ...limit, ...ci('- run: k6 run load/k6.js\n', 'on: workflow_dispatch') }), 0.5);
  });
});
