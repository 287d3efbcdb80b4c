import assert from 'node:assert/strict';
import { judged, refusalOf } from './judge';
import { practiceCases, verdict, workflow, type Files } from './support';
import { createRepository } from '../../../rules/repository';
import { practice } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const ci = (steps: string, on?: string): Files => ({ [WORKFLOW]: workflow(steps, { on }) });

describe('complexity-gate', () => {
  practiceCases('complexity-gate', {
    met: {
      Lizard: { 'a.py': '', ...ci('- run: pipx run lizard==1.17.31 -C 10\n') },
      'gocyclo': { 'a.go': '', ...ci('- run: go run github.com/fzipp/gocyclo/cmd/gocyclo@v0.6.0 -over 15 .\n') },
      'C901 in Ruff’s settings': { 'a.py': '', 'pyproject.toml': '[tool.ruff.lint]\nselect = ["E", "C901"]\n', ...ci('- run: ruff check .\n') },
      'complexity in ESLint’s settings': { 'a.ts': '', 'package.json': '{"scripts":{"lint":"eslint ."}}', 'eslint.config.js': "rules: { complexity: ['error', 10] }", ...ci('- run: npm run lint\n') },
      'golangci-lint': { 'a.go': '', '.golangci.yml': 'linters:\n  enable: [gocyclo]\n', ...ci('- uses: golangci/golangci-lint-action@v8\n') },
      'flake8': { 'a.py': '', ...ci('- run: flake8 --max-complexity=10 .\n') },
      'SwiftLint has a limit of its own': { 'a.swift': '', ...ci('- run: swiftlint lint --strict\n') },
    },
    partial: 'there is a limit, or none',
    missing: {
      'radon prints': { 'a.py': '', ...ci('- run: radon cc -a .\n') },
      'gocyclo without a limit': { 'a.go': '', ...ci('- run: gocyclo .\n') },
      'a warning is no limit': { 'a.ts': '', 'eslint.config.js': "rules: { complexity: ['warn', 10] }", ...ci('- run: npx eslint .\n') },
      'settings that nothing holds to': { 'a.py': '', 'pyproject.toml': '[tool.ruff.lint]\nselect = ["C901"]\n', ...ci('- run: pytest\n') },
      'another linter': { 'a.py': '', 'pyproject.toml': '[tool.ruff.lint]\nselect = ["C901"]\n', ...ci('- run: hadolint Dockerfile\n') },
      'can not fail': { 'a.py': '', ...ci('- run: lizard -C 10 || true\n') },
      'after the merge': { 'a.py': '', ...ci('- run: lizard -C 10\n', 'on:\n  push:\n    branches: [main]') },
      'called so': { 'a.py': '', ...ci('- name: lizard complexity\n  run: echo ok\n') },
    },
    notApplicable: { 'no code': { 'README.md': '', 'x.sh': '' } },
  });

  it('does not know what settings say that it can not read', () => {
    const files: Files = ci('- uses: golangci/golangci-lint-action@v8\n');
    const repo = createRepository(['a.go', '.golangci.yml', WORKFLOW], f => files[f]);
    assert.equal(practice('complexity-gate').evidence(repo).result, 'unknown');
  });
  it('asks about settings of the code, and not about those beside documentation', () => {
    const files: Files = ci('- run: flake8 .\n'), of = (...names: string[]) => practice('complexity-gate').evidence(createRepository([...names, 'a.py', WORKFLOW], f => files[f]));
    assert.match(of('docs/settings/.flake8', 'lib/inner/.flake8', '.flake8').lookedFor[0]!, /complexity in \.flake8, lib\/inner\/\.flake8, which/);
    assert.equal(of('docs/settings/.flake8').result, 0);
  });
  it('does not expect of settings for .NET that they say anything about other code', () => {
    const files: Files = ci('- name: Lint\n  run: ./tools/lint.sh\n'), of = (code: string) => {
      const repo = createRepository([code, '.editorconfig', WORKFLOW], f => files[f]);
      return practice('complexity-gate').evidence(repo).result;
    };
    assert.deepEqual([of('a.php'), of('a.cs')], [0, 'unknown']);
    const many = [...Array.from({ length: 40 }, (_, i) => `src/${i}.ts`), 'samples-of-docs/a.cs', '.editorconfig', WORKFLOW];
    assert.equal(practice('complexity-gate').evidence(createRepository(many, f => files[f])).result, 0, 'one file of C# among forty others');
  });
  it('does not know what another CI system holds to, where a linter has settings that nobody can read', () => {
    const of = (...names: string[]) => practice('complexity-gate').evidence(createRepository(['a.rb', ...names], () => undefined));
    assert.equal(of('.circleci/config.yml').result, 0);
    const files: Files = ci('- uses: codespell-project/actions-codespell@v2\n');
    const spelled = createRepository(['a.rb', '.rubocop.yml', '.circleci/config.yml', WORKFLOW], f => files[f]);
    assert.equal(practice('complexity-gate').evidence(spelled).result, 'unknown', 'who checks the spelling here holds to no limit');
    assert.equal(of('.rubocop.yml').result, 0);
    assert.deepEqual([of('.rubocop.yml', '.circleci/config.yml').result, of('.rubocop.yml', '.circleci/config.yml').lookedFor[0]],
      ['unknown', 'a limit to complexity in .rubocop.yml, which could not be read']);
  });
  it('names settings that nothing holds to', () => {
    assert.match(verdict('complexity-gate', { 'a.py': '', 'pyproject.toml': '[tool.ruff.lint]\nselect = ["C901"]\n' })!.lookedFor[1]!, /pyproject\.toml sets a limit, and no linter/);
  });
  it('measures what a pull request changes, in the languages that are there', async () => {
    const text = await judged('complexity-gate', { 'a.py': '', 'web/b.ts': '', 'README.md': '' });
    assert.match(text, /'\*\.py'/);
    assert.match(text, /'\*\.tsx'/);
    assert.doesNotMatch(text, /'\*\.go'/);
    assert.match(text, /--CCN 10 --length 80/);
  });
  it('refuses where there is no code', () => assert.match(refusalOf('complexity-gate', { 'README.md': '' }), /no code/));
});
