import { definePractice, type Evidence } from '../practice';
import { basename, isSample, isVendored, repoFacts, type Repository } from '../../repository';
import { ciJobs, whyIdle, whyNotOnChange } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { evidenceOfStep } from '../shared/deployments';
import { linesOf } from '../shared/lines';
import { elsewhere } from '../shared/other-ci';
import { sightings } from '../shared/sightings';
import { missing } from '../shared/verdict';
import { flakyScaffold } from './scaffolds/flaky';

/** Test tools that are told to try again; `reports` where that is shown by itself. */
const FLAGS: readonly { readonly tool: RegExp; readonly flag: RegExp; readonly reports: boolean; readonly what: string }[] = [
  { tool: /^pytest$|^py\.test$/, flag: /--reruns\b|--only-rerun|--flake-finder/, reports: true, what: 'pytest --reruns' },
  { tool: /^gotestsum$/, flag: /--rerun-fails/, reports: true, what: 'gotestsum --rerun-fails' },
  { tool: /^playwright$/, flag: /--retries/, reports: true, what: 'playwright --retries' },
  { tool: /^(?:vitest|mocha|jest|wdio|cypress)$/, flag: /--retry\b|--retries\b|--retry=/, reports: false, what: 'retries' },
  { tool: /^cargo$|^cargo-nextest$/, flag: /--retries\b/, reports: true, what: 'cargo nextest --retries' },
  { tool: /^mvnw?$/, flag: /rerunFailingTestsCount/, reports: true, what: 'rerunFailingTestsCount' },
  { tool: /^gradlew?$/, flag: /test-retry|maxRetries/, reports: true, what: 'the test-retry plugin' },
  { tool: /^bazel(?:isk)?$/, flag: /--flaky_test_attempts/, reports: true, what: '--flaky_test_attempts' },
  { tool: /^ctest$/, flag: /--repeat[ =]until-pass/, reports: false, what: 'ctest --repeat' },
  { tool: /^dotnet$/, flag: /--retry-failed-tests/, reports: true, what: 'dotnet --retry-failed-tests' },
  { tool: /^phpunit|^pest$/, flag: /--retry/, reports: false, what: 'retries' },
  { tool: /^r?spec/, flag: /--only-failures/, reports: false, what: 'rspec --only-failures' },
];
const WRAPPERS = /^(?:nick-fields|nick-invision)\/retry|^wandalen\/wretry/;
/** Services and actions that find flaky tests. */
const SERVICES = /^(?:buildpulse\/|trunk-io\/analytics-uploader|datadog\/junit-upload|datadog\/test-visibility|testspace-com\/|flakiness-io\/|currents-dev\/|replayio\/|launchableinc\/|gradle\/develocity|codecov\/test-results-action)/i;

/** Settings files that hold a number of attempts. */
const SETTINGS: readonly { readonly file: RegExp; readonly says: RegExp; readonly reports: boolean; readonly what: string }[] = [
  { file: /^playwright\.config\.[cm]?[jt]s$/, says: /^\s*retries\s*:\s*(?!0\s*,?\s*$)\S/m, reports: true, what: 'retries in Playwright\'s settings' },
  { file: /^cypress\.(?:config\.[cm]?[jt]s|json)$/, says: /["']?retries["']?\s*:\s*(?!0\b)[{\d]/, reports: true, what: 'retries in Cypress\' settings' },
  { file: /^(?:vitest|vite)\.config(?:\.[\w-]+)?\.[cm]?[jt]s$/, says: /\bretry\s*:\s*[1-9p{]/, reports: false, what: 'retry in Vitest\'s settings' },
  { file: /^\.mocharc\.(?:c?js|json|ya?ml)$|^\.vscode-test\.[cm]?js$/, says: /["']?retries["']?\s*:\s*[1-9]/, reports: false, what: 'retries in Mocha\'s settings' },
  { file: /^(?:pyproject\.toml|pytest\.ini|setup\.cfg|tox\.ini)$/, says: /--reruns[ =]|^\s*reruns\s*=/m, reports: true, what: 'pytest --reruns' },
  { file: /^nextest\.toml$/, says: /^\s*retries\s*=\s*(?!0\s*$)\S/m, reports: true, what: 'retries of cargo nextest' },
  { file: /^build\.gradle(?:\.kts)?$/, says: /\bmaxRetries\b/, reports: true, what: 'the test-retry plugin' },
  { file: /^pom\.xml$/, says: /<rerunFailingTestsCount>\s*[1-9]|rerunFailingTestsCount>\s*\$/, reports: true, what: 'rerunFailingTestsCount' },
  { file: /^(?:spec_helper|rails_helper)\.rb$/, says: /rspec\/retry|default_retry_count/, reports: false, what: 'rspec-retry' },
];

/** What new projects of others begin with. */
const SCAFFOLD = /(?:^|\/)templates?-[\w-]+\//;

/** Settings of tests alone stand beside tests; those of examples are somebody else's, and a manifest there is what a test is about. */
function isOurs(path: string): boolean {
  if (!/^(?:playwright|cypress|vitest|\.mocharc|\.vscode-test)\b/.test(basename(path))) return !isVendored(path) && !isSample(path);
  return !isVendored(path) && !/(?:^|\/)(?:fixtures?|examples?|samples?|testdata|templates?|demos?|playgrounds?)\//i.test(path);
}

/** Recipes of task runners, which are looked into only where CI runs tests by them. */
const RECIPES: Readonly<Record<string, RegExp>> = {
  make: /^(?:GNU)?[Mm]akefile$/, gmake: /^(?:GNU)?[Mm]akefile$/, just: /^\.?justfile$/i, task: /^[Tt]askfile\.ya?ml$/, mage: /^magefile\.go$/i, rake: /^Rakefile$/,
};
const IN_RECIPE = /\bgotestsum\b[^\n]{0,300}--rerun-fails|\bpytest\b[^\n]{0,300}--reruns\b|\bnextest\b[^\n]{0,300}--retries\b|\bplaywright\b[^\n]{0,300}--retries\b|--flaky_test_attempts\b/;

function recipesOfTests(repo: Repository): readonly string[] {
  const tools = new Set(sightings(repo, 'test').filter(s => !s.problem).map(s => s.tool));
  return repo.files.filter(f => Object.entries(RECIPES).some(([tool, file]) => tools.has(tool) && file.test(f)));
}

/** What may try again: a flag, or a package's script that holds one. */
const MAY_RETRY = /rerun|retr|flak|repeat|only-failures|\b(?:npm|pnpm|yarn|bun)\b/i;

/** A script of the repository that is called after flaky tests: it finds them, counts them or tells of them. */
const OWN = /flaky|flakiness/i;

function ownScript(repo: Repository, tool: string, args: readonly string[]): string | undefined {
  const path = /^(?:node|deno|bun|tsx|ts-node|python[\d.]*|ruby|bash|sh|pwsh)$/.test(tool) ? args.find(a => !a.startsWith('-') && a !== 'run') : tool;
  if (path === undefined || !OWN.test(path) || !/\.(?:[cm]?[jt]s|py|rb|sh|ps1)$/i.test(path)) return undefined;
  const name = basename(path).toLowerCase();
  return repo.files.find(f => basename(f).toLowerCase() === name && !isVendored(f) && !isSample(f));
}

/** An extension of the test runner that the repository has written for itself: `tests/extensions/Retry.php`, `test/rules/RetryRule.java`. */
const EXTENSION =
  /(?:^|\/)tests?\/(?:[^/]+\/){0,8}(?:extensions?|rules?|support|listeners?|helpers?)\/Retr(?:y|ies)\w{0,60}\.(?:php|java|kt|cs|rb|py|[cm]?[jt]s)$/;
const AGAIN = /\b(?:attempts?|retries|max_?retries|retry_?count|runBare|runTest|evaluate|handleTestExecutionException)\b/i;

function extensions(repo: Repository): readonly string[] { return repo.files.filter(f => EXTENSION.test(f) && !isVendored(f)).slice(0, 20); }

interface Found { readonly evidence: Evidence; readonly reports: boolean; readonly why?: string }

function inSteps(repo: Repository): Found[] {
  const out: Found[] = [];
  for (const s of ciJobs(repo).flatMap(j => j.steps)) {
    const add = (what: string, reports: boolean, does = `tries again${reports ? ', and tells' : ''}`): void => {
      out.push({ evidence: evidenceOfStep(s, `${what} ${does}`), reports, why: whyNotOnChange(s) });
    };
    const uses = s.step.uses?.text ?? '';
    if (SERVICES.test(uses)) add(uses.split('@')[0]!, true, 'finds flaky tests');
    const script = s.step.run?.scalar.value ?? '';
    const own = OWN.test(script) ? toolCalls(repo, s).map(c => ownScript(repo, c.tool, c.args)).find(f => f !== undefined) : undefined;
    // What is found after the merge is found.
    if (own !== undefined) out.push({ evidence: evidenceOfStep(s, `${own} keeps account of tests that fail now and then`), reports: true, why: whyIdle(s) });
    for (const call of MAY_RETRY.test(script) ? toolCalls(repo, s) : []) {
      const flag = FLAGS.find(f => f.tool.test(call.tool) && f.flag.test(call.args.join(' ')));
      if (flag) add(flag.what, flag.reports);
      // What is handed through to the runner of the script: only Playwright is known by its settings, and tells of it.
      else if (/^(?:npm|pnpm|yarn|bun)$/.test(call.tool) && call.args.some(a => /^--retries\b(?!=0$)/.test(a)))
        add(`${call.tool} ${call.args.filter(a => a !== '--' && !a.startsWith('-')).slice(0, 2).join(' ')} --retries`, repo.files.some(f => /(?:^|\/)playwright\.config\.[cm]?[jt]s$/.test(f)));
    }
    if (/tests-with-retry\.py\b/.test(script) && linesOf(repo, s).some(l => /^python3? .*tests-with-retry\.py\b/.test(l.text)) && repo.has('.github/scripts/tests-with-retry.py')) add('tests-with-retry.py', true);
    if (WRAPPERS.test(uses) && linesOf(repo, s).some(l => /\btest/.test(l.text))) add(uses.split('@')[0]!, false);
  }
  return out;
}

function inSettings(repo: Repository): Found[] {
  const recipes = recipesOfTests(repo).flatMap((path): Found[] => {
    const at = IN_RECIPE.exec(repo.read(path) ?? '');
    return at ? [{ evidence: { path, start: at.index, end: at.index + at[0].length, text: 'a recipe that tries again, and tells' }, reports: true }] : [];
  });
  const own = extensions(repo).flatMap((path): Found[] => {
    const at = AGAIN.exec(repo.read(path)?.slice(0, 100_000) ?? '');
    return at ? [{ evidence: { path, start: at.index, end: at.index + at[0].length, text: 'an extension of the test runner that tries again' }, reports: false }] : [];
  });
  return [...recipes, ...own, ...repo.files.filter(isOurs).flatMap((path): Found[] => {
    const s = SETTINGS.find(x => x.file.test(basename(path))), text = s && repo.read(path), at = text === undefined ? null : s!.says.exec(text);
    if (!s || !at) return [];
    return [{ evidence: { path, start: at.index, end: at.index + at[0].length, text: s.what }, reports: s.reports }];
  })];
}

/** Steps in which a test command stands alone on the line: those can be wrapped. */
export function hasTests(repo: Repository): boolean { return repoFacts(repo).stack.testFiles.length > 0; }

function handling(repo: Repository): Found[] {
  // A step of a local action is there once for each caller.
  return [...new Map([...inSteps(repo), ...inSettings(repo)].map(f => [`${f.evidence.path} ${f.evidence.start} ${f.evidence.text} ${f.why ?? ''}`, f])).values()];
}

export default definePractice({
  id: 'flaky-test-handling',
  title: 'Flaky tests',
  category: 'Reliability',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A test that fails now and then is tried again and reported as flaky, or stands on a quarantine list.',
    why: 'Who has learnt to press “re-run” does so for the failure that was real, too.',
    references: [
      'https://testing.googleblog.com/2016/05/flaky-tests-at-google-and-how-we.html',
      'https://github.com/pytest-dev/pytest-rerunfailures',
      'https://playwright.dev/docs/test-retries',
    ],
  },
  applies: hasTests,
  evidence(repo) {
    const all = handling(repo), good = all.filter(f => !f.why), told = good.filter(f => f.reports);
    const wanted = 'a test runner that tries a failed test again and reports it as flaky (pytest --reruns, Playwright retries, gotestsum --rerun-fails, nextest retries), a quarantine list, or a service that finds flaky tests';
    if (told.length > 0) return { result: 1, evidence: told.slice(0, 12).map(f => f.evidence), lookedFor: [] };
    if (good.length > 0) return { result: 0.5, evidence: good.slice(0, 12).map(f => f.evidence), lookedFor: ['a report of what passed only when it was tried again: a retry that nobody sees hides the defect'] };
    // What can't be read may well say so.
    const closed = (f: string): boolean => repo.read(f) === undefined;
    const unread = repo.files.filter(f => isOurs(f) && !SCAFFOLD.test(f) && SETTINGS.some(x => x.file.test(basename(f))) && closed(f))
      .sort((a, b) => a.split('/').length - b.split('/').length)[0] ?? recipesOfTests(repo).find(closed) ?? extensions(repo).find(closed);
    if (unread !== undefined) return { result: 'unknown', evidence: [], lookedFor: [`${wanted}: ${unread} can't be read`] };
    // Where all tests are run by another CI system, it is there that they are tried again.
    const away = sightings(repo, 'test').some(s => !s.problem) ? undefined : elsewhere(repo, 'unit-tests', missing(wanted));
    if (away?.result === 'unknown') return away;
    return missing(wanted, ...all.slice(0, 4).map(f => `${f.evidence.text} in ${f.evidence.path} doesn't count: ${f.why!}`));
  },
  scaffold: flakyScaffold(repo => handling(repo).some(f => !f.why && f.reports)),
});
