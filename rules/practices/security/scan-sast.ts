import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Language, type Repository } from '../../repository';
import { expand } from '../../workflow/effective';
import { stepInput } from '../shared/ci';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold, type GeneratedJob } from '../shared/scaffold';
import { checkoutStep, jobHead, pin, runStep } from '../shared/snippets';
import { securityLinting } from '../shared/security-linting';
import { sightings, type Sighting } from '../shared/sightings';
import { toolVerdict } from '../shared/verdict';

/** CodeQL's languages with how it builds each: without a build wherever it can. */
const BUILD: Readonly<Partial<Record<Language, 'none' | 'autobuild'>>> = {
  'javascript-typescript': 'none', python: 'none', ruby: 'none', rust: 'none', csharp: 'none', 'c-cpp': 'none', go: 'autobuild',
    'java-kotlin': 'autobuild', swift: 'autobuild',
};

/** Languages that CodeQL reads, and the workflows themselves: they run with the repository's rights. */
function languages(repo: Repository): { language: string; build: string }[] {
  const found = [...repoFacts(repo).stack.languages.keys()].flatMap(l => BUILD[l]
    ? [{ language: l as string, build: BUILD[l]! as string }] : []);
  return [...found, { language: 'actions', build: 'none' }].sort((a, b) => a.language < b.language ? -1 : 1);
}

/** What CodeQL doesn't read, and Semgrep has rules for. */
const SEMGREP: Readonly<Partial<Record<Language, string>>> = { php: 'p/php' };
/** Its release is named: what a scanner finds must not change by itself. */
const SEMGREP_VERSION = '1.160.0';
/** Read by neither. */
const OTHERS: Readonly<Partial<Record<Language, string>>> = { elixir: 'Sobelow', dart: 'the rules of `dart analyze`' };

const code = (repo: Repository): Language[] => [...repoFacts(repo).stack.languages.keys()].filter(l => l !== 'shell');

/** What lies beside the program: scripts of a page, of a build. */
const LITTLE = 0.1;

/** CodeQL's names of languages, older ones among them, by ours. */
const NAMES: Readonly<Record<string, Language>> = { javascript: 'javascript-typescript', typescript: 'javascript-typescript', java: 'java-kotlin', kotlin: 'java-kotlin',
  cpp: 'c-cpp', c: 'c-cpp', 'c++': 'c-cpp' };

/** What the job tells CodeQL to look at; undefined where it says nothing, or only the run knows. */
function told(s: Sighting): ReadonlySet<string> | undefined {
  const text = s.job.job.steps.filter(x => x.uses?.slug.toLowerCase() === 'github/codeql-action' && x.uses.path === 'init').map(x => stepInput(x, 'languages')).find(x => x !== undefined);
  const names = text === undefined ? undefined : expand(text, s.job.job)?.flatMap(n => n.split(','));
  if (!names?.length) return undefined;
  return new Set(names.map(n => n.trim().replace(/^['"[\s]+|['"\]\s]+$/g, '').toLowerCase()).map(n => NAMES[n] ?? n));
}

/** CodeQL alone says nothing about code in languages that it doesn't know, or isn't told to look at. */
function objection(repo: Repository, s: Sighting): string | undefined {
  if (s.problem !== undefined || !s.tool.startsWith('github/codeql-action')) return s.problem;
  const counts = [...repoFacts(repo).stack.languages].filter(([l]) => l !== 'shell'), files = counts.reduce((n, [, c]) => n + c, 0);
  const read = counts.filter(([l]) => BUILD[l]).reduce((n, [, c]) => n + c, 0), others = counts.filter(([l]) => !BUILD[l]).map(([l]) => l);
  const only = told(s), looked = only && counts.filter(([l]) => BUILD[l] && only.has(l)).reduce((n, [, c]) => n + c, 0);
  if (files > 0 && only && read >= files * LITTLE && looked! < files * LITTLE) return `it is told to look at ${[...only].join(', ')} alone`;
  if (files === 0 || read >= files * LITTLE) return undefined;
  return `it doesn't read ${others.join(', ')}${read > 0 ? `, and ${files - read} of ${files} files are written in it` : ''}`;
}

/** What is left out where CodeQL alone analyses, and is told to look at less than half of the code that it could read. */
function leftOut(repo: Repository): string | undefined {
  const good = sightings(repo, 'sast').filter(s => objection(repo, s) === undefined), only = good.map(told);
  if (good.some((s, i) => !s.tool.startsWith('github/codeql-action') || only[i] === undefined)) return undefined;
  const counts = [...repoFacts(repo).stack.languages].filter(([l]) => BUILD[l]);
  const sum = (of: typeof counts): number => of.reduce((n, [, c]) => n + c, 0);
  const rest = counts.filter(([l]) => !only.some(o => o!.has(l)));
  return sum(rest) * 2 <= sum(counts) ? undefined
    : `${rest.map(([l]) => l).join(', ')} among the languages of CodeQL, which is told to look at `
      + `${[...new Set(only.flatMap(o => [...o!]))].join(', ')} alone: ${sum(rest)} of ${sum(counts)} files that it could read are left out`;
}

function evidence(repo: Repository): Verdict {
  const verdict = toolVerdict(repo, 'sast',
    'CodeQL, Semgrep, Bandit, gosec, Sonar, Snyk Code, Brakeman or another analyser that runs on pull requests and can fail',
    s => objection(repo, s));
  const rest = verdict.result === 1 ? leftOut(repo) : undefined;
  const linting = verdict.result === 1 && rest === undefined ? undefined : securityLinting(repo);
  if (rest !== undefined && linting?.result !== 1) return { result: 0.5, evidence: verdict.evidence,
    lookedFor: [rest, ...linting?.lookedFor ?? []] };
  return linting ? { ...linting, lookedFor: [...linting.lookedFor, ...linting.result === 1 ? [] : verdict.lookedFor] } : verdict;
}

function semgrep(rules: readonly string[]): GeneratedJob {
  return {
    id: 'sast-semgrep',
    yaml: [
      ...jobHead('Semgrep', 30),
      'steps:',
      ...checkoutStep(),
      ...runStep('Analyse', [`pipx run semgrep==${SEMGREP_VERSION} scan --error --metrics off ${rules.map(r => `--config ${r}`).join(' ')}`]),
    ],
  };
}

export default definePractice({
  id: 'scan-sast',
  title: 'Static analysis',
  category: 'Security',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A static analyser looks for vulnerabilities in every pull request.',
    why: 'Injection, path traversal and unsafe deserialisation are found by following data through the code, which reviewers rarely do to the end.',
    references: [
      'https://docs.github.com/en/code-security/code-scanning/introduction-to-code-scanning/about-code-scanning-with-codeql',
      'https://github.com/ossf/scorecard/blob/main/docs/checks.md#sast',
      'https://owasp.org/www-community/Source_Code_Analysis_Tools',
    ],
  },
  applies: repo => code(repo).length > 0,
  evidence: repo => elsewhere(repo, 'scan-sast', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add a CodeQL job',
    there: repo => evidence(repo).result === 1 ? 'A static analyser runs on pull requests already.' : undefined,
    plan(repo) {
      const all = languages(repo), swift = all.some(l => l.language === 'swift');
      const rules = code(repo).flatMap(l => SEMGREP[l] ?? []), left = code(repo).filter(l => OTHERS[l]);
      // Nothing here would say anything about the code.
      if (code(repo).length > 0 && rules.length === 0 && !code(repo).some(l => BUILD[l])) return { refused: `Neither CodeQL nor Semgrep reads ${left.join(', ')}: use ${left.map(l => OTHERS[l]).join(', ')}.` };
      return {
        jobs: [{
          id: 'sast-codeql',
          yaml: [
            'name: CodeQL (${{ matrix.language }})',
            ...jobHead('', 60, ['contents: read', 'security-events: write'],
              swift ? "${{ matrix.language == 'swift' && 'macos-latest' || 'ubuntu-latest' }}" : undefined).slice(1),
            'strategy:',
            '  fail-fast: false',
            '  matrix:',
            '    include:',
            ...all.flatMap(l => [`      - language: ${l.language}`, `        build-mode: ${l.build}`]),
            'steps:',
            ...checkoutStep(),
            '  - name: Set up CodeQL',
            `    uses: ${pin('github/codeql-action/init').text}`,
            '    with:',
            '      languages: ${{ matrix.language }}',
            '      build-mode: ${{ matrix.build-mode }}',
            '  - name: Analyse',
            `    uses: ${pin('github/codeql-action/analyze').text}`,
            '    with:',
            '      category: /language:${{ matrix.language }}',
          ],
        }, ...(rules.length > 0 ? [semgrep(rules)] : [])],
        explanation: `Adds a CodeQL job for ${all.map(l => l.language).join(', ')}; its findings appear on the pull request and in code scanning.${rules.length > 0
          ? ` A Semgrep job looks at ${code(repo).filter(l => SEMGREP[l]).join(', ')}, which CodeQL doesn't read, and fails on findings.` : ''}`,
        todo: [
          ...left.map(l => `Neither reads ${l}: add ${OTHERS[l]!}.`),
          'Turn off the default setup of CodeQL (Settings → Code security) if it is on: the two exclude each other.',
          'A private repository needs GitHub Code Security for code scanning, and actions: read among the permissions of the job.',
        ],
      };
    },
  }),
});
