import assert from 'node:assert/strict';
import { commands, judged, refusalOf } from './judge';
import { practiceCases, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const APP: Files = { 'package.json': '{"scripts":{"build":"astro build","preview":"astro preview"}}', 'yarn.lock': '', 'astro.config.mjs': '', 'src/a.tsx': '' };
const ci = (steps: string, on?: string): Files => ({ [WORKFLOW]: workflow(steps, { on }) });

describe('accessibility-checks', () => {
  practiceCases('accessibility-checks', {
    met: {
      axe: { ...APP, ...ci('- run: npx @axe-core/cli http://localhost:4321 --exit\n') },
      pa11y: { ...APP, ...ci('- run: npx pa11y-ci@4 --sitemap http://localhost/sitemap.xml\n') },
      'Lighthouse with a budget': { ...APP, ...ci('- uses: treosh/lighthouse-ci-action@v12\n  with:\n    configPath: lighthouserc.json\n') },
      'within end-to-end tests': { ...APP, 'package.json': '{"devDependencies":{"@axe-core/playwright":"4"}}', ...ci('- run: npx playwright test\n') },
      'an audit of an app': { 'AppUITests/A.swift': 'try app.performAccessibilityAudit()', ...ci('- run: xcodebuild test -scheme App\n') },
    },
    partial: 'a check is made, or isn’t',
    missing: {
      'an app that Rsbuild makes': { 'packages/app/rsbuild.config.mjs': '', 'packages/app/src/a.jsx': '' },
      'pages that Rails makes': { Gemfile: '', 'app/views/layouts/application.html.erb': '' },
      'pages that Django makes': { 'manage.py': '', 'shop/templates/base.html': '' },
      'axe without --exit': { ...APP, ...ci('- run: npx axe http://localhost:4321\n') },
      'Lighthouse without assertions': { ...APP, ...ci('- uses: treosh/lighthouse-ci-action@v12\n') },
      'can not fail': { ...APP, ...ci('- run: npx pa11y-ci || true\n') },
      'on a schedule': { ...APP, ...ci('- run: npx pa11y-ci\n', 'on:\n  schedule: [{cron: 1 2 * * *}]') },
      'a dependency that nothing runs': { ...APP, 'package.json': '{"devDependencies":{"@axe-core/playwright":"4"}}', ...ci('- run: npm run lint\n') },
      'called so': { ...APP, ...ci('- name: Accessibility (axe)\n  run: echo ok\n') },
    },
    notApplicable: { 'no front end': { 'a.go': '', 'docs/index.html': '' }, 'a layout that tests need, and one of reports': { 'x.gemspec': '', 'test/dummy/app/views/layouts/application.html.erb': '', 'lib/templates/base.html': '' } },
  });

  it('starts the front end and looks at its first page', async () => {
    const text = await judged('accessibility-checks', APP), done = commands(text);
    assert.match(text, /SITE: http:\/\/127\.0\.0\.1:4321\//);
    assert.ok(done.indexOf('yarn run build') < done.findIndex(c => c.startsWith('yarn run preview >')));
    assert.match(done.at(-1)!, /@axe-core\/cli@[\d.]+ --exit .*"\$SITE"$/);
  });
  it('refuses for an app, and says what to do', () => assert.match(refusalOf('accessibility-checks', { 'AppUITests/A.swift': '' }), /performAccessibilityAudit/));
});
