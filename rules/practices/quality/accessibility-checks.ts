import { definePractice, type Verdict } from '../practice';
import { basename, isVendored, repoFacts, type Repository } from '../../repository';
import { jobScaffold, type JobPlan } from '../shared/scaffold';
import { evidenceOf, sightings } from '../shared/sightings';
import { checkoutStep, jobHead, runStep } from '../shared/snippets';
import { distinct, met, toolVerdict } from '../shared/verdict';
import { frontends, frontendSite } from '../shared/web';

/** Checks that other tests make: by what the package depends on, or the tests' text where it can be read. */
const WITHIN = ['@axe-core/playwright', 'cypress-axe', 'jest-axe', 'vitest-axe', '@axe-core/react', 'axe-playwright',
  '@axe-core/webdriverio', '@axe-core/puppeteer', 'axe-core', 'pa11y'];

function within(repo: Repository): { kind: 'e2e' | 'test'; name: string } | undefined {
  for (const p of repoFacts(repo).stack.packages.values()) {
    const name = WITHIN.find(n => p.dependencies.has(n));
    if (name) return { kind: /playwright|cypress|webdriver|puppeteer/.test(name) ? 'e2e' : 'test', name };
  }
  const swift = repo.files.find(f => /UITests?\/[^/]+\.swift$/.test(f) && !isVendored(f)
    && (repo.read(f) ?? '').includes('performAccessibilityAudit'));
  return swift === undefined ? undefined : { kind: 'test', name: basename(swift) };
}

const LOOKED_FOR = 'axe, pa11y, Lighthouse CI with assertions, or an accessibility check within the tests, on pull requests and able to fail';

function evidence(repo: Repository): Verdict {
  const verdict = toolVerdict(repo, 'accessibility', LOOKED_FOR), inside = within(repo);
  if (verdict.result === 1 || !inside) return verdict;
  const good = sightings(repo, inside.kind).filter(s => !s.problem);
  return good.length === 0 ? verdict : met(distinct(good).map(s => evidenceOf(s, `${s.tool} runs tests that use ${inside.name}`)));
}

export default definePractice({
  id: 'accessibility-checks',
  title: 'Accessibility checks',
  category: 'Quality',
  level: 5,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'Pages are checked for barriers on every pull request.',
    why: 'A button without a name works for whoever tries it with a mouse, and for nobody with a screen reader.',
    references: [
      'https://github.com/dequelabs/axe-core-npm/tree/develop/packages/cli',
      'https://github.com/GoogleChrome/lighthouse-ci',
      'https://developer.apple.com/documentation/xctest/xcuiapplication/performaccessibilityaudit(for:_:)',
    ],
  },
  applies: repo => frontends(repo).length > 0 || repo.files.some(f => /UITests?\/[^/]+\.swift$/.test(f) && !isVendored(f)),
  evidence,
  scaffold: jobScaffold({
    title: 'Add an accessibility job',
    there: repo => evidence(repo).result === 1 ? 'Accessibility is checked on pull requests already.' : undefined,
    plan,
  }),
});

function plan(repo: Repository): JobPlan | { readonly refused: string } {
  const site = frontendSite(repo);
  if (!site) return { refused: frontends(repo).length > 0
    ? 'No script says how the front end is started (preview, serve or start in package.json), so there is nothing to check.'
    : 'Call performAccessibilityAudit() in a UI test: an app has no page that a job could open by itself.' };
  return {
    jobs: [{ id: 'accessibility', yaml: [...jobHead('Accessibility', 20), 'env:', `  SITE: ${site.url}`, 'steps:', ...checkoutStep(),
      ...site.recipe?.setup ?? [], ...site.steps,
      ...runStep('Look for barriers', ['# The driver of the runner fits the browser of the runner.',
        'npx --yes @axe-core/cli@4.10.2 --exit --tags wcag2a,wcag2aa,wcag21aa --chromedriver-path "$CHROMEWEBDRIVER/chromedriver" "$SITE"'])] }],
    explanation: `Adds a job that starts the front end (${site.how}) and checks its first page with axe against WCAG 2.1 AA.`,
    todo: ['Add the addresses of other pages behind "$SITE": axe looks at the pages that it is given.', `Check that the front end answers at ${site.url}.`, ...site.recipe?.todo ?? []],
  };
}
