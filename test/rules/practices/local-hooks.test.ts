import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const NODE: Files = { 'package.json': '{"scripts":{"lint":"eslint .","test":"mocha"}}' };

function plan(files: Files) {
  const made = practice('local-hooks').scaffold!.plan(repository(files));
  assert.ok(!('refused' in made), JSON.stringify(made));
  return parse(made.changes[0]!.newText) as { repos: { hooks: { id: string; entry: string; stages?: string[] }[] }[] };
}

describe('local-hooks', () => {
  practiceCases('local-hooks', {
    met: {
      'pre-commit': { ...NODE, '.pre-commit-config.yaml': 'repos:\n  - repo: x\n    rev: v1\n    hooks:\n      - id: ruff\n' },
      'lefthook': { 'go.mod': '', 'lefthook.yml': 'pre-commit:\n  commands:\n    lint:\n      run: golangci-lint run\n' },
      'husky that is installed': { 'package.json': '{"scripts":{"prepare":"husky"}}', '.husky/pre-commit': 'npx lint-staged\n' },
      'a script that make installs': { 'go.mod': '', 'scripts/pre-commit.sh': 'golangci-lint run\n', Makefile: 'dev:\n\tcp scripts/pre-commit.sh .git/hooks/pre-commit\n' },
      'hk': { 'go.mod': '', 'hk.pkl': 'hooks {\n  ["pre-commit"] {\n    steps { ["vet"] { check = "go vet ./..." } }\n  }\n}\n' },
      'simple-git-hooks': { 'package.json': '{"devDependencies":{"simple-git-hooks":"1"},"simple-git-hooks":{"pre-commit":"npm test"}}' },
    },
    partial: { 'the message alone': { ...NODE, 'lefthook.yml': 'commit-msg:\n  commands:\n    msg:\n      run: ./scripts/message.sh\n' } },
    missing: {
      'nothing': NODE,
      'a script that nothing installs': { 'go.mod': '', 'scripts/pre-commit.sh': 'golangci-lint run\n', Makefile: 'all:\n\tgo build\n' },
      'no hooks': { ...NODE, '.pre-commit-config.yaml': 'repos: []\n' },
      'hooks that are commented out': { ...NODE, '.pre-commit-config.yaml': 'repos:\n#  - hooks:\n#    - id: eslint\n' },
      'husky that nothing installs': { ...NODE, '.husky/pre-commit': 'npm test\n' },
      'husky without a hook of its own (decoy)': { 'package.json': '{"scripts":{"prepare":"husky"},"devDependencies":{"husky":"9"}}' },
    },
    notApplicable: { 'there is no project': { 'README.md': '' } },
  });

  it('doesn’t judge a script whose installation can’t be read', () => {
    const repo = createRepository(['go.mod', 'Taskfile.yml', 'scripts/pre-commit.sh'], () => undefined);
    assert.equal(practice('local-hooks').evidence(repo).result, 'unknown');
  });

  it('claims nothing of hooks that can’t be read but that they are there', () => {
    const v = practice('local-hooks').evidence(createRepository(['go.mod', '.pre-commit-config.yaml'], () => undefined));
    assert.deepEqual([v.result, v.evidence[0]!.text], [1, 'hooks are set up (pre-commit); which checks they run could not be read']);
  });

  it('doesn’t know what a package.json that can’t be read sets up', () => {
    const of = (files: readonly string[]) => practice('local-hooks').evidence(createRepository(files, f => f === '.pre-commit-config.yaml' ? 'repos: []\n' : undefined));
    assert.deepEqual([of(['package.json']).result, of(['package.json']).lookedFor], ['unknown', ['whether package.json, which could not be read, sets hooks up (simple-git-hooks, husky)']]);
    assert.equal(of(['go.mod']).result, 0);
    assert.equal(of(['package.json', '.pre-commit-config.yaml']).result, 0);
  });

  it('runs what CI runs', () => {
    const ci = workflow('- run: npm ci\n- run: npx eslint . --max-warnings=0\n- run: |\n    npm run build\n    npx tsc --noEmit\n');
    const hooks = plan({ ...NODE, '.github/workflows/ci.yml': ci }).repos[0]!.hooks;
    assert.deepEqual(hooks.map(h => h.entry), ['npx eslint . --max-warnings=0', 'npx tsc --noEmit']);
  });

  it('takes the manifests’ word where CI says nothing, and lets tests wait for the push', () => {
    assert.deepEqual(plan(NODE).repos[0]!.hooks.map(h => [h.entry, h.stages ?? null]), [['npm run lint', null], ['npm run test', ['pre-push']]]);
    assert.deepEqual(plan({ 'Cargo.toml': '' }).repos[0]!.hooks.map(h => h.entry), ['cargo fmt --check', 'cargo clippy']);
  });

  it('refuses where nothing could be checked', () => {
    assert.ok('refused' in practice('local-hooks').scaffold!.plan(repository({ 'web/package.json': '{}' })));
  });
});
