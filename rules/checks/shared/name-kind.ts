import type { JobKind } from './kinds';

/** Words of names that say what is done. A name is read only where actions and commands say nothing. */
const WORDS: Readonly<Record<string, readonly JobKind[]>> = {
  test: ['test'], tests: ['test'], testing: ['test'], unittest: ['test'], unittests: ['test'], pytest: ['test'], jest: ['test'], vitest: ['test'], spec: ['test'], specs: ['test'],
  e2e: ['test', 'e2e'], playwright: ['test', 'e2e'], cypress: ['test', 'e2e'], acceptance: ['test', 'e2e'],
  lint: ['lint'], linter: ['lint'], linters: ['lint'], linting: ['lint'], eslint: ['lint'], prettier: ['lint'], typecheck: ['lint'], clippy: ['lint'], rustfmt: ['lint'], ruff: ['lint'],
  mypy: ['lint'], pylint: ['lint'], flake8: ['lint'], shellcheck: ['lint'], rubocop: ['lint'],
  scan: ['scan'], codeql: ['scan'], sast: ['scan'], dast: ['scan'], trivy: ['scan'], snyk: ['scan'], semgrep: ['scan'], gitleaks: ['scan'], zizmor: ['scan'], audit: ['scan'],
  build: ['build'], builds: ['build'], compile: ['build'],
  stale: ['housekeeping'], labeler: ['housekeeping'], triage: ['housekeeping'], automerge: ['housekeeping'], backport: ['housekeeping'], cleanup: ['housekeeping'],
  notify: ['notify'], notification: ['notify'], slack: ['notify'],
};

/** Words that count only where a name begins with them: `deploy-docs` deploys, `test-deploy` and `build release` don't. */
const VERBS: Readonly<Record<string, readonly JobKind[]>> = {
  deploy: ['deploy'], deploys: ['deploy'], deployment: ['deploy'], redeploy: ['deploy'],
  publish: ['publish'], publishes: ['publish'], migrate: ['migrate'],
};

/** Words behind a verb that take it back: nothing is changed outside. */
const HARMLESS = /^(?:test|tests|check|checks|verify|lint|dry|dryrun|plan|results?|reports?|artifacts?|coverage|notes|comment|status|summary|logs?|validate|validation|unit|keys?|scripts?|config)$/;

/** First words of names that only prepare or tell: `Install Playwright`, `upload-test-results`. */
const PREPARES = new Set(('install setup set cache download upload restore save prepare get fetch configure update trigger remove report generate find determine show print '
  + 'create archive comment add pull collect merge wait enable disable start stop analyze annotate combine detect post process summarize store write').split(' '));
/** Last words that take a name back: what remains speaks about the thing. */
const ABOUT = new Set('report reports results result summary artifact artifacts matrix config dependencies deps setup plan status image images'.split(' '));

/** What a name says, such as a job's id, a step's name, a script of a package or a target of a Makefile. */
export function nameKinds(name: string): readonly JobKind[] {
  let kinds = known.get(name);
  if (!kinds) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(name, kinds = read(name));
  }
  return kinds;
}

/** The same few names (`build`, `test`) are everywhere. */
const known = new Map<string, readonly JobKind[]>();
const MAX_KNOWN = 1000;

function read(name: string): readonly JobKind[] {
  const words = name.slice(0, 200).replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
  const first = words[0];
  if (first === undefined || PREPARES.has(first) || (words.length > 1 && ABOUT.has(words.at(-1)!) && !Object.hasOwn(VERBS, first))) return [];
  const outside = Object.hasOwn(VERBS, first) ? VERBS[first]! : first === 'release' && words.length === 1 ? ['release' as const] : undefined;
  if (outside) return words.slice(1).some(w => HARMLESS.test(w)) ? [] : outside;
  for (const word of words) {
    // A name that speaks of a test and of a build tests: the build is how it gets there.
    if (Object.hasOwn(WORDS, word) && WORDS[word]![0] !== 'build') return WORDS[word]!;
  }
  return words.some(w => Object.hasOwn(WORDS, w)) ? ['build'] : [];
}
