import assert from 'node:assert/strict';
import { commands, judged, planOf, refusalOf } from './judge';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, result, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const APP: Files = { 'package.json': '{"scripts":{"build":"vite build","preview":"vite preview","test":"vitest run"},"devDependencies":{}}', 'package-lock.json': '{}', 'index.html': '<html>', 'src/a.tsx': '' };
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [WORKFLOW]: workflow(steps, extra) });
const KEEP = '- if: failure()\n  uses: actions/upload-artifact@v4\n  with:\n    name: traces\n    path: test-results\n';

describe('e2e-smoke', () => {
  practiceCases('e2e-smoke', {
    met: {
      Playwright: { ...APP, ...ci(`- run: npx playwright test\n${KEEP}`) },
      Cypress: { ...APP, ...ci(`- uses: cypress-io/github-action@v6\n${KEEP}`) },
      'a script': { ...APP, 'package.json': '{"scripts":{"test:e2e":"playwright test"}}', ...ci(`- run: npm run test:e2e\n${KEEP}`) },
      'a make target and a reusable workflow': { ...APP, [WORKFLOW]: 'on: pull_request\njobs:\n  e2e:\n    uses: ./.github/workflows/e2e.yml\n',
        '.github/workflows/e2e.yml': workflow(`- run: make e2e\n${KEEP}`, { on: 'on: workflow_call' }) },
      'a program without a front end': { 'go.mod': '', 'a.go': '', ...ci(`- run: make e2e\n${KEEP}`) },
      'a script called after the surface': { 'package.json': '{"scripts":{"test:ui":"extest run"}}', 'src/e2e/open.e2e.ts': '', ...ci(`- run: xvfb-run -a npm run test:ui\n${KEEP}`) },
      'settings of their own': { 'package.json': '{"scripts":{"test-serve":"vitest run -c vitest.config.e2e.ts"}}', 'src/a.ts': '', ...ci(`- run: npm run test-serve\n${KEEP}`) },
      'a tag of Go': { 'go.mod': '', 'a.go': '', ...ci(`- run: go test -tags=e2e,kms ./test/...\n${KEEP}`) },
      'a script by its path': { 'go.mod': '', 'a.go': '', ...ci(`- run: ./test/e2e_test.sh\n${KEEP}`) },
      Maestro: { '.maestro/login.yml': '', ...ci(`- run: maestro test .maestro\n${KEEP}`) },
    },
    partial: { 'a program that the job has built, in a step that says so': { 'go.mod': '', 'a.go': '', ...ci('- run: go build .\n- name: Run E2E tests\n  run: |\n    for f in scripts/*.js; do\n      ./app run "$f"\n    done\n') },
      'a folder of tests, inside of what compose has started': { 'a.php': '', ...ci('- run: docker compose up -d --wait\n- run: docker compose exec -T app test /srv/tests/e2e/General\n') },
      'nothing is kept': { ...APP, ...ci('- run: npx playwright test\n') } },
    missing: {
      'installed and listed': { ...APP, ...ci('- run: npx playwright install --with-deps\n- run: npx playwright test --list\n- run: pnpm playwright install chromium\n') },
      'can not fail': { ...APP, ...ci(`- run: npx cypress run || true\n${KEEP}`) },
      'after the deployment': { ...APP, ...ci(`- run: npx playwright test\n${KEEP}`, { on: 'on: deployment_status' }) },
      'the shell asks for a folder': { ...APP, ...ci('- run: test -d tests/e2e\n- run: docker compose exec app test -d tests/e2e\n') },
      'called so, and can’t fail': { ...APP, ...ci('- name: E2E tests\n  run: ./app check\n  continue-on-error: true\n') },
      'called so, and only says it': { ...APP, ...ci('- name: E2E tests\n  run: echo "run ./app check"\n') },
      'called so': { ...APP, ...ci('- name: e2e smoke tests\n  run: npm test\n') },
      'compiled with a tag': { ...APP, ...ci('- run: go test -c -tags e2e ./...\n- run: go test -tags unit ./...\n') },
      'variables of make': { ...APP, ...ci('- run: make lint E2E=off\n') },
    },
    notApplicable: { 'the surface of the test runner': { 'package.json': '{"scripts":{"test:ui":"vitest --ui"}}', 'src/a.test.ts': '', ...ci('- run: npm run test:ui\n') },
      'end-to-end tests that nothing runs, without a front end': { 'package.json': '{"scripts":{"test":"mocha"}}', 'e2e/a.spec.ts': '', ...ci('- run: npm test\n') }, 'a library': { 'package.json': '{}', 'src/a.ts': '' }, 'a documentation site': { 'docs/index.html': '', 'docs/package.json': '{}' } },
  });

  it('can’t tell what a script runs that can’t be read, beside settings for these tests', () => {
    const of = (files: Files): number | 'unknown' | null => {
      const p = practice('e2e-smoke'), repo = createRepository(Object.keys(files), f => f === 'package.json' ? undefined : files[f]);
      return p.applies(repo) ? p.evidence(repo).result : null;
    };
    const lib = (settings: string, steps: string): Files => ({ 'package.json': '', 'src/a.ts': '', [settings]: '', ...ci(steps) });
    assert.equal(of(lib('vitest.config.e2e.ts', '- run: pnpm run test-unit\n- run: pnpm run test-serve\n')), 'unknown');
    assert.equal(of(lib('test/jest-e2e.json', '- run: yarn test\n')), 'unknown');
    assert.equal(of(lib('vitest.config.e2e.ts', '- run: pnpm run test-unit\n')), 0);
    assert.equal(of(lib('vitest.config.ts', '- run: pnpm run test-serve\n')), null);
  });

  it('adds a first walk where there is none, with its own folder', async () => {
    const text = await judged('e2e-smoke', APP), plan = planOf('e2e-smoke', APP);
    assert.deepEqual(plan.changes.map(c => c.path), [WORKFLOW, 'e2e/playwright.config.mjs', 'e2e/smoke.spec.mjs']);
    assert.match(text, /BASE_URL: http:\/\/127\.0\.0\.1:4173\//);
    const done = commands(text);
    assert.ok(done.indexOf('npm run build') < done.findIndex(c => c.startsWith('npm run preview >')));
    assert.equal(done.at(-1), 'e2e/node_modules/.bin/playwright test --config e2e/playwright.config.mjs');
  });
  it('uses the Playwright that is there, and starts frameworks as they are started', async () => {
    const own = { ...APP, 'package.json': '{"scripts":{"start":"next start","build":"next build"},"devDependencies":{"@playwright/test":"1"}}', 'playwright.config.ts': '', 'next.config.js': '', 'pnpm-lock.yaml': '' };
    const { 'package-lock.json': _npm, 'index.html': _page, ...files } = own as Record<string, string>;
    const text = await judged('e2e-smoke', files);
    assert.ok(commands(text).includes('pnpm exec playwright test --trace retain-on-failure'));
    assert.match(text, /127\.0\.0\.1:3000/);
    assert.match(await judged('e2e-smoke', { 'index.html': '<html>' }), /python3 -m http\.server 8080/);
  });
  it('refuses where nothing says how the front end is started', () => {
    assert.match(refusalOf('e2e-smoke', { 'package.json': '{"scripts":{}}', 'angular.json': '{}' }), /says how the front end is started/);
  });
  it('keeps what is partial apart from what is there', () => assert.equal(result('e2e-smoke', { ...APP, ...ci('- run: npx playwright test\n') }), 0.75));
});
