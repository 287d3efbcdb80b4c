import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Language, type Repository } from '../../repository';
import { linterOf, settings, type Setting } from '../shared/linter-settings';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold } from '../shared/scaffold';
import { evidenceOf, sightings, where } from '../shared/sightings';
import { checkoutStep, jobHead, runStep } from '../shared/snippets';
import { cut, distinct, met, missing, unique } from '../shared/verdict';

/** `language`: of all that read the file, only its tools find a limit there. */
const SETTINGS: readonly (Setting & { readonly language?: Language })[] = [
  { linters: /^(?:eslint|xo)$/, file: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:json|[cm]?js|ya?ml))?)$/,
    says: /["']?(?:complexity|max-lines-per-function|sonarjs\/cognitive-complexity)["']?\s{0,4}:\s{0,4}\[?\s{0,4}["']?(?:error|2)/ },
  { linters: /^biome$/, file: /^biome\.jsonc?$/, says: /"noExcessiveCognitiveComplexity"/ },
  { linters: /^(?:ruff|pre-commit|prek)$/, file: /^(?:ruff|\.ruff|pyproject)\.toml$/, says: /["'](?:C90|C901|PLR09\d*|ALL)["']/ },
  { linters: /^(?:flake8|tox|pre-commit|prek)$/, file: /^(?:\.flake8|setup\.cfg|tox\.ini)$/, says: /max-complexity\s{0,4}=\s{0,4}\d+/ },
  { linters: /^(?:pylint|tox)$/, file: /^(?:\.?pylintrc|pyproject\.toml)$/,
    says: /max-(?:branches|statements|complexity)\s{0,4}=\s{0,4}\d+/ },
  { linters: /golangci/, file: /^\.golangci\.(?:ya?ml|toml|json)$/, says: /\b(?:gocyclo|cyclop|gocognit|funlen|nestif)\b/ },
  { linters: /^(?:mvnw?|gradlew?)$/, file: /^(?:checkstyle[\w-]*|pmd[\w-]*|ruleset)\.xml$/,
    says: /(?:CyclomaticComplexity|CognitiveComplexity|NPathComplexity|MethodLength)/ },
  { linters: /^cargo$/, file: /^\.?clippy\.toml$/, says: /(?:cognitive-complexity-threshold|too-many-lines-threshold)/ },
  { linters: /^dotnet$/, file: /^\.editorconfig$/, says: /dotnet_diagnostic\.CA1502\.severity\s{0,4}=\s{0,4}error/, language: 'csharp' },
  { linters: /^(?:rubocop|standardrb)$/, file: /^\.rubocop\.ya?ml$/,
    says: /^Metrics\/(?:CyclomaticComplexity|PerceivedComplexity|AbcSize|MethodLength):[ \t]*\r?\n[ \t]+(?:Max:|Enabled:[ \t]*true)/m },
  { linters: /^(?:phpcs|phpmd)$/, file: /^\.?(?:phpcs|phpmd|ruleset)(?:\.xml)?(?:\.dist)?$/, says: /Complexity/ },
];
const LITTLE = 0.05;
const LOOKED_FOR = 'a limit to complexity that can fail on pull requests: Lizard, xenon, gocyclo -over, C901 in Ruff or flake8, complexity in ESLint, SwiftLint, detekt, RuboCop, …';

function evidence(repo: Repository): Verdict {
  const seen = sightings(repo, 'complexity'), good = seen.filter(s => !s.problem);
  if (good.length > 0) return met(distinct(good).map(s => evidenceOf(s, `${s.tool} limits complexity on pull requests`)));
  const { languages } = repoFacts(repo).stack, files = [...languages.values()].reduce((n, c) => n + c, 0);
  // A few files in another language are samples, and not what its settings would be about.
  const table = SETTINGS.filter(s => s.language === undefined || (languages.get(s.language) ?? 0) >= files * LITTLE);
  const linters = sightings(repo, 'lint').filter(s => !s.problem), { found, unread } = settings(repo, table);
  for (const f of found) {
    const linter = linterOf(linters, f.linters);
    if (linter) return met([f.evidence, evidenceOf(linter, `${linter.tool} runs on pull requests`)]);
  }
  const closed = unread.filter(u => linterOf(linters, u.linters));
  if (closed.length > 0) return { result: 'unknown', evidence: [],
    lookedFor: [`a limit to complexity in ${unique(closed.map(c => c.path)).slice(0, 3).join(', ')}, which could not be read`] };
  // No linter here would hold to these settings.
  const away = unread.length > 0 ? elsewhere(repo, 'lint-and-types', missing()) : undefined;
  if (away?.result === 'unknown') return { result: 'unknown', evidence: away.evidence,
    lookedFor: [`a limit to complexity in ${unread[0]!.path}, which could not be read`, ...away.lookedFor, LOOKED_FOR] };
  return missing(LOOKED_FOR, ...cut(unique([...seen.map(s => `${where(s)} doesn't count: ${s.problem!}`),
    ...found.map(f => `${f.evidence.path} sets a limit, and no linter runs on pull requests that would hold to it`)])));
}

/** What Lizard reads, by the endings of its files. */
const READS: Readonly<Partial<Record<Language, readonly string[]>>> = {
  'javascript-typescript': ['js', 'jsx', 'mjs', 'cjs', 'ts', 'tsx'], python: ['py'], go: ['go'], 'java-kotlin': ['java', 'kt'],
    csharp: ['cs'], ruby: ['rb'],
  swift: ['swift'], 'c-cpp': ['c', 'cc', 'cpp', 'cxx', 'h', 'hpp'], rust: ['rs'], php: ['php'],
};

export default definePractice({
  id: 'complexity-gate',
  title: 'Complexity gate',
  category: 'Quality',
  level: 4,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'New code is held to a limit of complexity: functions that nobody can follow don’t come in.',
    why: 'A function with thirty branches is tested for three of them, and changed by guessing.',
    references: [
      'https://github.com/terryyin/lizard',
      'https://eslint.org/docs/latest/rules/complexity',
      'https://docs.astral.sh/ruff/rules/complex-structure/',
    ],
  },
  applies: repo => [...repoFacts(repo).stack.languages.keys()].some(l => READS[l] !== undefined),
  evidence: repo => elsewhere(repo, 'complexity-gate', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add a complexity job',
    there: repo => evidence(repo).result === 1 ? 'Complexity is limited on pull requests already.' : undefined,
    plan(repo) {
      const endings = [...repoFacts(repo).stack.languages.keys()].flatMap(l => READS[l] ?? []);
      if (endings.length === 0) return { refused: 'There is no code here in a language that Lizard reads.' };
      return {
        jobs: [{ id: 'complexity', proposalsOnly: true, yaml: [...jobHead('Complexity', 10), "if: github.event_name == 'pull_request'",
          'env:', '  BASE: ${{ github.event.pull_request.base.sha }}', 'steps:',
            ...checkoutStep({ fetchDepth: 0, name: 'Check out with its history' }),
          ...runStep('Measure the files that change', [
            `git diff --name-only --diff-filter=d "$BASE...HEAD" -- ${endings.map(e => `'*.${e}'`).join(' ')} > "$RUNNER_TEMP/changed"`,
            'if [ ! -s "$RUNNER_TEMP/changed" ]; then exit 0; fi',
            'pipx run lizard==1.17.31 --CCN 10 --length 80 --warnings_only --input_file "$RUNNER_TEMP/changed"'])] }],
        explanation: 'Adds a job that measures the files a pull request changes with Lizard: no function may have a cyclomatic complexity above 10 or more than 80 lines.',
        todo: ['Files are measured as a whole, so whoever changes one with an old, long function has to take it apart, or to mark it with `#lizard forgives`. Raise the two numbers if that is too much to begin with.'],
      };
    },
  }),
});
