import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const py = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ 'a.py': '', [CI]: workflow(steps, extra) });

const go = (settings: string): Files => ({ 'a.go': '', '.golangci.yml': settings, [CI]: workflow('- uses: golangci/golangci-lint-action@v8\n') });

describe('scan-sast', () => {
  practiceCases('scan-sast', {
    met: {
      CodeQL: py('- uses: github/codeql-action/init@v3\n- uses: github/codeql-action/analyze@v3\n'),
      'Bandit, by a tool runner': py('- run: uv run bandit -r src\n'),
      'Semgrep in a container of the checkout’s action': { ...py('- uses: ./.github/actions/scan\n'),
        '.github/actions/scan/action.yml': 'runs:\n  using: composite\n  steps:\n    - run: docker run --rm -v "$PWD:/src" semgrep/semgrep semgrep scan --error /src\n      shell: bash\n' },
      'gosec in golangci-lint': go('version: "2"\nlinters:\n  default: none\n  enable:\n    - govet\n    # more\n    - gosec # holes\n'),
      'gosec in a list on one line': go('linters:\n  enable: [errcheck, gosec]\n'),
      'gosec as one of all': go('linters:\n  default: all\n  disable:\n    - wsl\n'),
      'Bandit’s rules in Ruff': { 'a.py': '', 'pyproject.toml': '[tool.ruff.lint]\nselect = [\n  "E",\n  "S",\n]\n', [CI]: workflow('- run: ruff check .\n') },
      'a plugin of ESLint': { 'a.js': '', 'eslint.config.js': "import security from 'eslint-plugin-security';\n", [CI]: workflow('- run: npx eslint .\n') },
      'CodeQL over half of the code': { 'a.php': '', 'a.js': '', [CI]: workflow('- uses: github/codeql-action/analyze@v3\n') },
      'CodeQL that is told of the language': { 'a.go': '', [CI]: workflow('- uses: github/codeql-action/init@v3\n  with:\n    languages: actions, go\n- uses: github/codeql-action/analyze@v3\n') },
      'CodeQL that is told by a matrix, in an older name': { 'a.ts': '', [CI]: workflow('- uses: github/codeql-action/init@v3\n  with:\n    languages: ${{ matrix.language }}\n- uses: github/codeql-action/analyze@v3\n',
        { job: '    strategy:\n      matrix:\n        language: [javascript]\n' }) },
      'CodeQL that is told by another job': { 'a.ts': '', [CI]: workflow('- uses: github/codeql-action/init@v3\n  with:\n    languages: ${{ needs.plan.outputs.languages }}\n- uses: github/codeql-action/analyze@v3\n') },
      'PHP by Psalm': { 'a.php': '', [CI]: workflow('- run: vendor/bin/psalm --taint-analysis\n') },
    },
    partial: { 'CodeQL that is told of the scripts of a page, beside a greater program that it could read': { 'a.go': '', 'b.go': '', 'c.go': '', 'web/a.ts': '',
      [CI]: workflow('- uses: github/codeql-action/init@v3\n  with:\n    languages: javascript\n- uses: github/codeql-action/analyze@v3\n') } },
    missing: {
      nothing: { 'a.go': '' },
      'it can’t fail': py('- run: bandit -r src --exit-zero\n'),
      'on the default branch alone': py('- uses: github/codeql-action/analyze@v3\n', { on: 'on:\n  push:\n    branches: [main]' }),
      'skipped on pull requests': py('- uses: github/codeql-action/analyze@v3\n', { job: "    if: github.event_name != 'pull_request'\n" }),
      'CodeQL that is told to look at workflows alone': { 'a.go': '', [CI]: workflow('- uses: github/codeql-action/init@v3\n  with:\n    languages: actions\n- uses: github/codeql-action/analyze@v3\n') },
      'CodeQL that is told of another language by a matrix': { 'a.go': '', [CI]: workflow('- uses: github/codeql-action/init@v3\n  with:\n    languages: ${{ matrix.language }}\n- uses: github/codeql-action/analyze@v3\n',
        { job: '    strategy:\n      matrix:\n        language: [actions, python]\n' }) },
      'gosec turned off': go('linters:\n  default: all\n  disable:\n    - gosec\n'),
      'gosec set up and excluded, and not enabled': go('linters:\n  enable:\n    - govet\n  settings:\n    gosec:\n      excludes: [G104]\nissues:\n  exclude-rules:\n    - linters: [gosec]\n'),
      'gosec in a linter that does not run': { 'a.go': '', '.golangci.yml': 'linters:\n  enable: [gosec]\n', [CI]: workflow('- run: go vet ./...\n') },
      'gosec in a linter that can’t fail': { ...go('linters:\n  enable: [gosec]\n'), [CI]: workflow('- uses: golangci/golangci-lint-action@v8\n  continue-on-error: true\n') },
      'a name alone': py('- name: CodeQL\n  run: echo\n'),
      'CodeQL over the scripts of a page, beside a program that it doesn’t read': { ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`src/${i}.php`, ''])), 'public/a.js': '',
        [CI]: workflow('- uses: github/codeql-action/analyze@v3\n') },
      'CodeQL over code that it doesn’t read': { 'a.php': '', [CI]: workflow('- uses: github/codeql-action/analyze@v3\n') },
    },
    notApplicable: { 'shell scripts': { 'a.sh': '', 'README.md': '' } },
  });

  it('says what CodeQL leaves out, and asks for no more where gosec looks at that', () => {
    const half = { 'a.go': '', 'b.go': '', 'web/a.ts': '', [CI]: workflow('- uses: github/codeql-action/init@v3\n  with:\n    languages: javascript\n- uses: github/codeql-action/analyze@v3\n- uses: golangci/golangci-lint-action@v8\n') };
    assert.deepEqual(practice('scan-sast').evidence(repository(half)).lookedFor,
      ['go among the languages of CodeQL, which is told to look at javascript-typescript alone: 2 of 3 files that it could read are left out']);
    assert.equal(practice('scan-sast').evidence(repository({ ...half, '.golangci.yml': 'linters:\n  enable: [gosec]\n' })).result, 1);
    assert.equal(practice('scan-sast').evidence(repository({ ...half, 'web/b.ts': '' })).result, 1);
  });

  it('does not know what golangci-lint looks for by settings that can not be read', () => {
    const files = go('');
    const v = practice('scan-sast').evidence(createRepository(Object.keys(files), f => f === CI ? files[f] : undefined));
    assert.equal(v.result, 'unknown');
    assert.match(v.lookedFor[0]!, /\.golangci\.yml, which could not be read, enables gosec/);
  });

  const added = (files: Files): string => {
    const plan = practice('scan-sast').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan), JSON.stringify(plan));
    return plan.changes[0]!.newText;
  };
  it('has a job for each language that can be read', () => {
    const languages: readonly (readonly [string, string, string])[] = [['a.ts', 'javascript-typescript', 'none'], ['a.py', 'python', 'none'], ['a.go', 'go', 'autobuild'],
      ['a.rs', 'rust', 'none'], ['A.java', 'java-kotlin', 'autobuild'], ['A.kt', 'java-kotlin', 'autobuild'], ['A.cs', 'csharp', 'none'], ['a.rb', 'ruby', 'none'], ['a.swift', 'swift', 'autobuild']];
    for (const [file, language, mode] of languages) assert.match(added({ [file]: '' }), new RegExp(`- language: ${language}\n +build-mode: ${mode}\n`), file);
    assert.match(added({ 'a.swift': '' }), /macos-latest/);
  });
  it('looks at PHP with Semgrep, and says what nobody reads', () => {
    const text = added({ 'src/a.php': '', 'a.js': '' });
    assert.match(text, /sast-semgrep:\n[^]*pipx run semgrep==\d+\.\d+\.\d+ scan --error --metrics off --config p\/php\n/);
    assert.match(text, /language: javascript-typescript/);
    const plan = practice('scan-sast').scaffold!.plan(repository({ 'lib/a.ex': '', 'mix.exs': '' }));
    assert.deepEqual(plan, { refused: 'Neither CodeQL nor Semgrep reads elixir: use Sobelow.' });
  });
});
