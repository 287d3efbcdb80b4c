import type { JobKind } from './kinds';
import { unshared } from '../../workflow/unshared';

/** Words of names that say what is done. A name is read only where actions and commands say nothing. */
const WORDS: Readonly<Record<string, readonly JobKind[]>> = {
  ...all(['test'], 'test tests testing unittest unittests pytest jest vitest spec specs selftest smoke integration conformance fuzz fuzzing assert'),
  ...all(['test', 'e2e'], 'e2e playwright cypress acceptance'),
  ...all(['lint'], `lint linter linters linting eslint prettier typecheck clippy rustfmt ruff mypy pylint flake8 shellcheck rubocop actionlint hadolint markdownlint yamllint golangci biome
    checker format formatting fmt style codestyle whitespace spelling spellcheck typos cspell`),
  ...all(['scan'], `scan codeql sast dast trivy snyk semgrep gitleaks zizmor audit security vulnerability vulnerabilities coverity checkov gosec bandit scorecard scorecards
    license licenses licence licences licensed`),
  ...all(['build'], 'build builds rebuild compile bundle pack package packaging dist wheel wheels snapshot'),
  ...all(['housekeeping'], 'stale labeler triage automerge backport cleanup autofix issue issues'),
  ...all(['notify'], 'notify notification slack discord telegram'),
};

function all(kinds: readonly JobKind[], names: string): Record<string, readonly JobKind[]> {
  return Object.fromEntries(names.split(/\s+/).map(n => [n, kinds]));
}

/** Words that count only where a name begins with them: `deploy-docs` deploys, `test-deploy` and `build release` don't. */
const VERBS: Readonly<Record<string, readonly JobKind[]>> = {
  deploy: ['deploy'], deploys: ['deploy'], deployment: ['deploy'], redeploy: ['deploy'],
  publish: ['publish'], publishes: ['publish'], migrate: ['migrate'],
};

/** Words behind a verb that take it back: nothing is changed outside. */
const HARMLESS = /^(?:test|tests|check|checks|verify|lint|dry|dryrun|plan|results?|reports?|artifacts?|coverage|notes|comment|status|summary|logs?|validate|validation|unit|keys?|scripts?|config)$/;

/** First words of names that only prepare or tell: `Install Playwright`, `upload-test-results`. */
const PREPARES = new Set(('install setup set cache download upload restore save prepare get fetch configure update trigger remove report generate find determine show print '
  + 'create archive comment add pull collect merge wait enable disable start stop analyze annotate combine detect post process summarize store write delete list resolve '
  + 'fix gen upgrade downgrade extract read bump sign append parse redact checkout send should is has needs copy move rename unzip untar unpack').split(' '));
/** Last words that take a name back: what remains speaks about the thing. */
const ABOUT = new Set('report reports reporter results result summary artifact artifacts matrix config dependencies deps setup plan status image images comment cache output outputs split splitter shards certs certificates prep'.split(' '));

/** What looks of code, and files, have. */
const SHAPES = new Set(['format', 'style']);

/** What a pull request has besides its code. */
const CHANGE = new Set(['pr', 'branch', 'base', 'target', 'label', 'labels', 'title', 'tag', 'ref']);

/** What a name says, such as a job's id, a step's name, a script of a package or a target of a Makefile. */
export function nameKinds(name: string): readonly JobKind[] {
  let kinds = known.get(name);
  if (!kinds) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(unshared(name), kinds = read(name));
  }
  return kinds;
}

/** The same few names (`build`, `test`) are everywhere. */
const known = new Map<string, readonly JobKind[]>();
const MAX_KNOWN = 1000;

function read(name: string): readonly JobKind[] {
  const words = wordsOf(name);
  const first = words[0];
  if (first === undefined || PREPARES.has(first) || (words.length > 1 && ABOUT.has(words.at(-1)!) && !Object.hasOwn(VERBS, first))) return [];
  // `npm audit fix` repairs.
  if (words.includes('audit') && words.includes('fix')) return [];
  if (words.includes('dependency') && words.includes('review')) return ['scan'];
  const outside = Object.hasOwn(VERBS, first) ? VERBS[first]! : first === 'release' && words.length === 1 ? ['release' as const] : undefined;
  if (outside) return words.slice(1).some(w => HARMLESS.test(w)) ? [] : outside;
  for (const [i, word] of words.entries()) {
    // A name that speaks of a test and of a build tests: the build is how it gets there. "Continuous integration" says nothing, and a
    // format that is tested is one of files.
    // Who asserts something about the pull request itself looks at no code.
    if (word === 'assert' && words.some(w => CHANGE.has(w))) continue;
    if (SHAPES.has(word) && words.slice(i + 1).some(w => w === 'test' || w === 'tests')) continue;
    if (Object.hasOwn(WORDS, word) && WORDS[word]![0] !== 'build' && words[i - 1] !== 'continuous') return WORDS[word]!;
  }
  return words.some(w => Object.hasOwn(WORDS, w) && WORDS[w]![0] === 'build') ? ['build'] : [];
}

/** Lower case; `publishDocs` is two words and `CodeQL` one. */
function wordsOf(name: string): string[] {
  return name.slice(0, 200).split(/[^A-Za-z0-9]+/).filter(Boolean).flatMap(word => {
    const whole = word.toLowerCase();
    return Object.hasOwn(WORDS, whole) ? [whole] : word.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(' ');
  });
}

/**
 * What a name hints at; enough where nothing else is known of a job. A promise to check something counts as lint, and what is
 * done to pull requests as housekeeping. A status check ("all of them passed") looks at nothing itself.
 */
export function hintedKinds(name: string): readonly JobKind[] {
  const words = wordsOf(name);
  return words.some(w => TENDS.has(w)) ? ['housekeeping'] : words.some(w => LOOKS.has(w)) && !words.includes('status') ? ['lint'] : [];
}

const LOOKS = new Set(['check', 'checks', 'validate', 'validation', 'verify', 'verification']);
const TENDS = new Set(['comment', 'comments', 'label', 'labels', 'approve', 'milestone', 'assign', 'assignees', 'welcome', 'greet', 'greeting', 'moderate', 'moderator']);
