import { definePractice, type Verdict } from '../practice';
import { basename, isVendored, repoFacts, type Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { ciJobs, whyIdle, whyNotOnChange, whySoft } from '../shared/ci';
import { scriptName } from '../shared/commands';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold, type GeneratedFile, type JobPlan } from '../shared/scaffold';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { checkoutStep, jobHead, pin, runStep } from '../shared/snippets';
import { cut, distinct, met, missing, unique } from '../shared/verdict';
import { frontends, frontendSite } from '../shared/web';

const CONFIG = /^(?:playwright\.config|cypress\.config|wdio\.conf|nightwatch\.conf|protractor\.conf|codecept\.conf|\.detoxrc)\.(?:[cm]?[jt]s|json)$|^cypress\.json$/;

/** Settings of a test runner for these tests: `vitest.config.e2e.ts`, `jest-e2e.json`. */
const OWN_CONFIG = /(?:^|[._-])e2e[._-]config\.[cm]?[jt]s$|\.config[._-]e2e\.[cm]?[jt]s$|^jest[._-]e2e\.json$/;

/** What says that there is something to be walked through from end to end. */
function config(repo: Repository): string | undefined {
  return repo.files.find(f => !isVendored(f) && (CONFIG.test(basename(f)) || OWN_CONFIG.test(basename(f)) || /(?:^|\/)\.?maestro\/[^/]+\.ya?ml$/.test(f)));
}

/** Something of a run that failed is kept: a trace, a video, a report. */
function keepsTraces(s: Sighting): boolean {
  return s.job.steps.some(x => x.step.uses !== undefined
    && /upload-artifact$|upload-pages-artifact$|test-reporter$|publish-unit-test-result-action$/.test(x.step.uses.slug))
    || s.args.some(a => /^--(?:record|dashboard)$/.test(a)) || s.job.steps.some(x => x.step.uses?.slug === 'cypress-io/github-action'
      && /record:\s*true/.test(s.document.source(x.step.item)));
}

/** `test:ui`, `ui-tests`: a script that is called after the surface, where there are tests that walk over it. Vite's templates call `vitest --ui` so. */
const SURFACE = /^(?:tests?[-:_])?(?:ui|gui)(?:[-:_]?tests?)?$/;
const WALKS = /(?:^|\/)(?:e2e|ui[-_]?tests?)\/(?:[^/]+\/)*[^/]+\.(?:spec|test|e2e)\.[cm]?[jt]sx?$|\.e2e(?:[-.](?:spec|test))?\.[cm]?[jt]sx?$/i;

/** `Run E2E tests`, `End-to-end test`: what walks through a program by itself has a name and no tool. */
const CALLED = /^(?=.*\btests?\b).*\b(?:e2e|end[- ]to[- ]end)\b/i;

/** Steps that are called so, and run something that the checkout or the job has made: a name alone is none. */
function byOwnProgram(repo: Repository, known: readonly Sighting[]): Sighting[] {
  return ciJobs(repo).flatMap(j => j.steps).flatMap((s): Sighting[] => {
    const name = scalarText(s.step.name?.value)?.trim() ?? '', { run } = s.step;
    if (!run || name.length > 60 || name.includes('${{') || !CALLED.test(name) || known.some(k => k.step === s)) return [];
    if (!/(?:^|[\n;&|])[ \t]*(?:xvfb-run[ \t]+)?\.\/[\w./-]{1,100}/.test(run.scalar.value)) return [];
    const absent = whyNotOnChange(s), soft = whySoft(s);
    return [{ kind: 'e2e', tool: `“${name}”`, document: s.document, span: run.entry.key, job: s.job, step: s, args: [], absent, soft, idle: whyIdle(s),
      problem: absent ?? soft }];
  });
}

function walks(repo: Repository): Sighting[] {
  const tools = sightings(repo, 'e2e'), known = [...tools, ...byOwnProgram(repo, tools)];
  if (!repo.files.some(f => WALKS.test(f) && !isVendored(f) && !/(?:^|\/)(?:fixtures?|examples?|testdata|templates?)\//i.test(f))) return known;
  const all = sightings(repo, 'test');
  // A resolved script is a sighting by its own name, and what it calls is one more.
  const idle = new Set(all.filter(s => s.tool === 'vitest' && s.args.some(a => a === '--ui')).map(s => s.step?.step));
  return [...known, ...all.filter(s => !known.some(k => k.step === s.step) && !idle.has(s.step?.step)
    && SURFACE.test(/^(?:npm|pnpm|yarn|bun)$/.test(s.tool) ? scriptName(s.tool, s.args) ?? '' : s.tool))];
}

/** A script of a package that can't be read, and that tests more than units by its name. */
function hiddenScript(repo: Repository): Sighting | undefined {
  if (!repo.has('package.json') || repo.read('package.json') !== undefined) return undefined;
  return sightings(repo, 'test').find(s => {
    const name = !s.problem && /^(?:npm|pnpm|yarn|bun)$/.test(s.tool) ? scriptName(s.tool, s.args) : undefined;
    return name !== undefined && !/unit|bench|lint|types?\b/.test(name);
  });
}

function evidence(repo: Repository): Verdict {
  const seen = walks(repo), good = distinct(seen.filter(s => !s.problem));
  const kept = good.filter(keepsTraces);
  if (kept.length > 0) return met(kept.map(s => evidenceOf(s, `${s.tool} runs on pull requests, and its job keeps what failed`)));
  if (good.length > 0) return { result: 0.75, evidence: good.map(s => evidenceOf(s, `${s.tool} runs on pull requests`)).slice(0, 12),
    lookedFor: ['an upload of traces, videos or reports (actions/upload-artifact): without them a failure that nobody can repeat stays unexplained'] };
  const file = config(repo), hidden = file === undefined ? undefined : hiddenScript(repo);
  if (hidden) return { result: 'unknown', evidence: [evidenceOf(hidden, `${hidden.tool} runs tests on pull requests`)],
    lookedFor: [`whether what ${hidden.tool} runs goes by ${file!}: package.json could not be read`] };
  return missing('Playwright, Cypress, WebdriverIO, Selenium, Maestro or another end-to-end test that runs on pull requests and can fail',
    ...cut(unique(seen.map(s => `${where(s)} doesn't count: ${s.problem!}`))));
}

export default definePractice({
  id: 'e2e-smoke',
  title: 'End-to-end smoke tests',
  category: 'Quality',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A browser or device walks through what people do first, on every pull request, and keeps a trace of what failed.',
    why: 'Every part can pass its own tests while the page that they make together stays white.',
    references: [
      'https://playwright.dev/docs/ci-intro',
      'https://docs.cypress.io/app/continuous-integration/github-actions',
      'https://docs.maestro.dev/',
    ],
  },
  applies: repo => config(repo) !== undefined || frontends(repo).length > 0 || walks(repo).length > 0,
  evidence: repo => elsewhere(repo, 'e2e-smoke', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add an e2e-smoke job',
    there: repo => evidence(repo).result === 1 ? 'End-to-end tests run on pull requests already, and keep what failed.' : undefined,
    plan,
  }),
});

const PLAYWRIGHT = '1.56.1';

function plan(repo: Repository): JobPlan | { readonly refused: string } {
  const site = frontendSite(repo);
  if (!site) return { refused: 'No script says how the front end is started (preview, serve or start in package.json), so there is nothing that a browser could open.' };
  const r = site.recipe, dir = r?.project.dir ?? '';
  const pkg = repoFacts(repo).stack.packages.get(dir), own = r !== undefined
    && repo.files.some(f => /^playwright\.config\.[cm]?[jt]s$/.test(basename(f)) && f.startsWith(dir))
    && pkg?.dependencies.has('@playwright/test') === true;
  const files: GeneratedFile[] = own ? [] : [{ path: 'e2e/playwright.config.mjs', text: CONFIG_TEXT },
    { path: 'e2e/smoke.spec.mjs', text: SPEC_TEXT }];
  const install = own ? runStep('Install the browser', [r.run('playwright install --with-deps chromium')], dir)
    : runStep('Install Playwright', [`npm install --prefix e2e --no-save --no-package-lock --ignore-scripts @playwright/test@${PLAYWRIGHT}`,
      'e2e/node_modules/.bin/playwright install --with-deps chromium']);
  const report = own ? (dir === '' ? '' : `${dir}/`) : 'e2e/';
  return {
    files,
    jobs: [{ id: 'e2e-smoke', yaml: [
      ...jobHead('End-to-end smoke test', 30), 'env:', `  BASE_URL: ${site.url}`, 'steps:', ...checkoutStep(), ...r?.setup ?? [],
        ...install, ...site.steps,
      ...(own ? runStep('Walk through it', [r.run('playwright test --trace retain-on-failure')], dir)
        : runStep('Walk through it', ['e2e/node_modules/.bin/playwright test --config e2e/playwright.config.mjs'])),
      '  - name: Keep the traces', '    if: ${{ !cancelled() }}', `    uses: ${pin('actions/upload-artifact').text}`, '    with:',
      '      name: e2e-traces', '      path: |', `        ${report}test-results/`, `        ${report}playwright-report/`,
        '      if-no-files-found: ignore', '      retention-days: 7',
    ] }],
    explanation: `Adds a job that starts the front end (${site.how}) and ${own ? 'runs its Playwright tests' : 'opens it in a browser with Playwright'}; traces of failures are kept for a week.`,
    todo: [...(own ? [] : ['Replace e2e/smoke.spec.mjs, step by step, with the three things that people do most; as it stands it finds pages that stay empty or throw.']),
      `Check that the front end answers at ${site.url}.`, ...r?.todo ?? []],
  };
}

const CONFIG_TEXT = `// The job starts the front end and says where it answers.
/** @type {import('@playwright/test').PlaywrightTestConfig} */
export default {
  testDir: '.',
  timeout: 30_000,
  retries: 0,
  reporter: process.env.CI ? [['list'], ['html', { open: 'never', outputFolder: 'playwright-report' }]] : 'list',
  outputDir: 'test-results',
  use: { baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:3000/', trace: 'retain-on-failure', screenshot: 'only-on-failure' },
};
`;

const SPEC_TEXT = `import { expect, test } from '@playwright/test';

test('the first page is there, shows something, and throws nothing', async ({ page }) => {
  const errors = [];
  page.on('pageerror', error => errors.push(error.message));
  const response = await page.goto('/');
  expect(response?.ok(), 'the page is served').toBe(true);
  await expect(page.locator('body')).toBeVisible();
  await expect(page.locator('body')).not.toBeEmpty();
  expect(errors, 'errors of scripts').toEqual([]);
});
`;
