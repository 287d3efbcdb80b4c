import { definePractice } from '../practice';
import { repoFacts, type Language, type Repository } from '../../repository';
import { jobScaffold } from '../shared/scaffold';
import { checkoutStep, jobHead, pin } from '../shared/snippets';
import { sightings } from '../shared/sightings';
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

const analyses = (repo: Repository): boolean => sightings(repo, 'sast').some(s => !s.problem);

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
  applies: repo => [...repoFacts(repo).stack.languages.keys()].some(l => l !== 'shell'),
  evidence: repo => toolVerdict(repo, 'sast',
    'CodeQL, Semgrep, Bandit, gosec, Sonar, Snyk Code, Brakeman or another analyser that runs on pull requests and can fail'),
  scaffold: jobScaffold({
    title: 'Add a CodeQL job',
    there: repo => analyses(repo) ? 'A static analyser runs on pull requests already.' : undefined,
    plan(repo) {
      const all = languages(repo), swift = all.some(l => l.language === 'swift');
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
        }],
        explanation: `Adds a CodeQL job for ${all.map(l => l.language).join(', ')}; its findings appear on the pull request and in code scanning.`,
        todo: [
          'Turn off the default setup of CodeQL (Settings → Code security) if it is on: the two exclude each other.',
          'A private repository needs GitHub Code Security for code scanning, and actions: read among the permissions of the job.',
        ],
      };
    },
  }),
});
