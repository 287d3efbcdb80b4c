import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { applied } from './plans';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const PATH = '.github/workflows/ci.yml';
const NODE: Files = { 'package.json': '{}', 'package-lock.json': '{}' };
const node = (input: string, run = 'npm ci', extra: Parameters<typeof workflow>[1] = {}): Files =>
  ({ ...NODE, [PATH]: workflow(`- uses: actions/setup-node@v4\n${input}- run: ${run}\n`, extra) });

const RELEASE_JOB = '\n  publish:\n    needs: check\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/download-artifact@v5\n      - run: npm publish ./dist\n';

describe('dependency-cache', () => {
  practiceCases('dependency-cache', {
    met: { 'its own input': node('  with:\n    cache: npm\n'), 'its own input, and none beside it': node('  with:\n    cache: npm\n    package-manager-cache: false\n'),
      'a second version in the same job': node('  with:\n    cache: npm\n- uses: actions/setup-node@v4\n  with:\n    node-version: 20\n'),
      'a folder that the run asks for': node('- uses: actions/cache@v5\n  with:\n    path: ${{ steps.npm-cache.outputs.dir }}\n    key: x\n'),
      'an action beside it': node('- uses: actions/cache@v4\n  with:\n    path: ~/.npm\n'),
      'Node.js caches by itself what packageManager names': { ...NODE, 'package.json': '{"packageManager":"npm@11.0.0"}', [PATH]: workflow('- uses: actions/setup-node@v6\n- run: npm ci\n') },
      'Cargo': { 'Cargo.toml': '[package]\n', [PATH]: workflow('- uses: Swatinem/rust-cache@v2\n- run: cargo test\n') },
      'Go caches by itself': { 'go.mod': '', 'go.sum': '', [PATH]: workflow('- uses: actions/setup-go@v5\n- run: go test ./...\n') },
      'Go that a task runner calls': { 'go.mod': '', 'go.sum': '', [PATH]: workflow('- uses: actions/setup-go@v5\n- run: task check\n') },
      'Go that a linter reads': { 'go.mod': '', 'go.sum': '', [PATH]: workflow('- uses: actions/setup-go@v5\n- uses: golangci/golangci-lint-action@v8\n') },
      'a step of its own, the language being there': { 'requirements.txt': 'flask==3.0.0\n',
        [PATH]: workflow("- uses: actions/cache@v4\n  with:\n    path: ~/.cache/pip\n    key: pip-${{ hashFiles('requirements.txt') }}\n- run: pip install -r requirements.txt\n") } },
    partial: { 'one of two': { ...NODE, [PATH]: workflow('- uses: actions/setup-node@v4\n  with:\n    cache: npm\n- run: npm ci\n'),
      '.github/workflows/b.yml': workflow('- uses: actions/setup-node@v4\n- run: npm ci\n') } },
    missing: { 'nothing': node(''),
      'the project and its requirements': { 'requirements.txt': 'flask==3.0.0\n', [PATH]: workflow('- uses: actions/setup-python@v5\n- run: pip install -r requirements.txt .\n') },
      'a cache of results, in a folder that only the run knows': node('- uses: actions/cache@v5\n  with:\n    path: ${{ matrix.report }}\n    key: ${{ matrix.key }}\n'),
      'tests ahead of a release': { ...NODE, [PATH]: workflow('- uses: actions/setup-node@v4\n- run: npm ci && npm test\n- uses: actions/upload-artifact@v5\n', { on: 'on: push' }) + RELEASE_JOB },
      'a cache of what a linter found': node('- uses: actions/cache@v5\n  with:\n    path: .lint-cache\n    key: lint-${{ github.sha }}\n'),
      'a version that keeps nothing by itself': { ...NODE, 'package.json': '{"packageManager":"npm@11.0.0"}', [PATH]: workflow('- uses: actions/setup-node@v4\n- run: npm ci\n') },
      'turned off': node("  with:\n    cache: ''\n"), 'a name alone (decoy)': node('  name: Set up Node with npm cache\n'),
      'Go without': { 'go.mod': '', 'go.sum': '', [PATH]: workflow('- uses: actions/setup-go@v5\n  with:\n    cache: false\n- run: go test ./...\n') } },
    notApplicable: { 'nothing is installed': node('', 'node a.js'),
      'a cache that somebody has declined': node('  with:\n    package-manager-cache: false\n'),
      'a folder that only the run knows': node('', 'npm install\n  working-directory: ${{ steps.made.outputs.dir }}'),
      'a tool for all users': node('', 'npm install -g some-linter'),
      'a linter by its name, and nothing of the project': { 'setup.py': 'from setuptools import setup\n',
        [PATH]: workflow('- uses: actions/setup-python@v5\n- run: pip install flake8 && flake8 .\n') },
      'a build of what is published': { ...NODE, [PATH]: workflow('- uses: actions/setup-node@v4\n- run: npm ci && npm run build\n- uses: actions/upload-artifact@v5\n', { on: 'on: push' }) + RELEASE_JOB },
      'a recipe that may fetch nothing': { 'go.mod': '', 'go.sum': '', [PATH]: workflow('- uses: actions/setup-go@v5\n  with:\n    cache: false\n- run: task check\n') },
      'a cache of something else': { 'requirements.txt': 'flask==3.0.0\n',
        [PATH]: workflow('- uses: actions/cache@v4\n  with:\n    path: out\n    key: build-${{ github.sha }}\n- run: pip install -r requirements.txt\n') }, 'a release': node('', 'npm ci && npm publish', { on: 'on: push' }) },
  });

  const edited = (files: Files): string => {
    const made = practice('dependency-cache').scaffold!.plan(repository(files));
    assert.ok(!('refused' in made), JSON.stringify(made));
    assert.equal(practice('dependency-cache').evidence(repository(applied(files, made))).result, 1);
    return made.changes[0]!.newText;
  };

  it('sets the input, and leaves everything else as it is', () => {
    const files = node('  with:\n    node-version: 22 # ours\n');
    assert.equal(edited(files), files[PATH]!.replace('# ours\n', '# ours\n          cache: npm\n'));
    const crlf = { ...files, [PATH]: files[PATH]!.replaceAll('\n', '\r\n') };
    assert.equal(edited(crlf).replaceAll('\r\n', '').includes('\n'), false);
  });

  it('names the lockfile where it isn’t at the root, and the requirements of pip', () => {
    assert.match(edited({ 'web/package.json': '{}', 'web/package-lock.json': '{}', [PATH]: workflow('- uses: actions/setup-node@v4\n- run: npm ci\n  working-directory: web\n') }),
      /cache: npm\n {10}cache-dependency-path: web\/package-lock\.json\n/);
    assert.match(edited({ 'pyproject.toml': '[project]\n', [PATH]: workflow('- uses: actions/setup-python@v5\n- run: pip install .\n') }), /cache: pip\n {10}cache-dependency-path: pyproject\.toml\n/);
    assert.match(edited({ 'Gemfile': '', 'Gemfile.lock': '', [PATH]: workflow('- uses: ruby/setup-ruby@v1\n- run: bundle install\n') }), /bundler-cache: true/);
  });

  it('can’t tell what a package.json says that can’t be read', () => {
    const of = (version: number): number | 'unknown' => practice('dependency-cache').evidence(createRepository(['package.json', 'package-lock.json', PATH],
      f => f === PATH ? workflow(`- uses: actions/setup-node@v${version}\n- run: npm ci\n`) : undefined)).result;
    assert.deepEqual([of(4), of(6)], [0, 'unknown']);
  });

  it('refuses where the cache would ask a pnpm that isn’t there yet', () => {
    const pnpm = (first: string): Files => ({ 'package.json': '{}', 'pnpm-lock.yaml': '', [PATH]: workflow(`${first}- uses: actions/setup-node@v4\n- run: pnpm install\n`) });
    assert.ok('refused' in practice('dependency-cache').scaffold!.plan(repository(pnpm(''))));
    assert.match(edited(pnpm('- uses: pnpm/action-setup@v4\n')), /cache: pnpm/);
  });
});
