/** The rule and the practice about gated deployments, asked about the same files. */
import assert from 'node:assert/strict';
import { PRACTICES } from '../../../../rules/practices';
import { createRepository } from '../../../../rules/repository';
import { check, shown } from '../../../support/check';

const PATH = '.github/workflows/ci.yml';
const DEPLOY = '    runs-on: ubuntu-latest\n    steps:\n      - run: kubectl apply -f k8s\n';
const TEST = '    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n';

interface Case { readonly name: string; readonly on?: string; readonly jobs: string; readonly files?: Readonly<Record<string, string>>; readonly open: number }

const called = (jobs: string): string => `on: workflow_call\njobs:\n${jobs}`;

const CASES: readonly Case[] = [
  { name: 'a deployment alone', jobs: `  deploy:\n${DEPLOY}`, open: 1 },
  { name: 'a test beside it', jobs: `  test:\n${TEST}  deploy:\n${DEPLOY}`, open: 1 },
  { name: 'a test ahead of it', jobs: `  test:\n${TEST}  deploy:\n    needs: test\n${DEPLOY}`, open: 0 },
  { name: 'a test ahead of what is ahead of it', jobs: `  test:\n${TEST}  image:\n    needs: test\n    runs-on: x\n    steps: [{run: docker build .}]\n  deploy:\n    needs: image\n${DEPLOY}`, open: 0 },
  { name: 'a build ahead of it', jobs: `  image:\n    runs-on: x\n    steps: [{run: docker build .}]\n  deploy:\n    needs: image\n${DEPLOY}`, open: 1 },
  { name: 'a job that says that it checks', jobs: `  ci:\n    runs-on: x\n    steps: [{run: ./all.sh}]\n  deploy:\n    needs: ci\n${DEPLOY}`, open: 0 },
  { name: 'a workflow nobody can look into', jobs: `  all:\n    uses: o/r/.github/workflows/x.yml@v1\n  deploy:\n    needs: all\n${DEPLOY}`, open: 0 },
  { name: 'started by hand', on: 'workflow_dispatch', jobs: `  deploy:\n${DEPLOY}`, open: 0 },
  { name: 'started by a pull request', on: 'pull_request', jobs: `  deploy:\n${DEPLOY}`, open: 0 },
  { name: 'skipped but for pull requests', jobs: `  deploy:\n    if: github.event_name == 'pull_request'\n${DEPLOY}`, on: '[push, pull_request]', open: 0 },
  { name: 'pages', jobs: '  docs:\n    runs-on: x\n    steps:\n      - uses: actions/deploy-pages@v4\n', open: 0 },
  { name: 'after another workflow, whatever became of it', on: '{workflow_run: {workflows: [CI]}}', jobs: `  deploy:\n${DEPLOY}`, open: 1 },
  {
    name: 'after another workflow, asked in a job that is needed', on: '{workflow_run: {workflows: [CI]}}', open: 0,
    jobs: `  go:\n    if: github.event.workflow_run.conclusion == 'success'\n    runs-on: x\n    steps: [{run: echo}]\n  deploy:\n    needs: go\n${DEPLOY}`,
  },
  { name: 'a called deployment', jobs: '  ship:\n    uses: ./.github/workflows/a.yml\n', files: { a: called(`  deploy:\n${DEPLOY}`) }, open: 1 },
  { name: 'a called deployment behind a test', jobs: `  test:\n${TEST}  ship:\n    needs: test\n    uses: ./.github/workflows/a.yml\n`, files: { a: called(`  deploy:\n${DEPLOY}`) }, open: 0 },
  { name: 'a called deployment that tests', jobs: '  ship:\n    uses: ./.github/workflows/a.yml\n', files: { a: called(`  test:\n${TEST}  deploy:\n    needs: test\n${DEPLOY}`) }, open: 0 },
  { name: 'a deployment behind a called test', jobs: `  all:\n    uses: ./.github/workflows/a.yml\n  deploy:\n    needs: all\n${DEPLOY}`, files: { a: called(`  test:\n${TEST}`) }, open: 0 },
  {
    name: 'a call of a call', jobs: '  ship:\n    uses: ./.github/workflows/a.yml\n', open: 1,
    files: { a: called('  again:\n    uses: ./.github/workflows/b.yml\n'), b: called(`  deploy:\n${DEPLOY}`) },
  },
  { name: 'a called preview', jobs: '  preview:\n    uses: ./.github/workflows/a.yml\n', files: { a: called(`  deploy:\n${DEPLOY}`) }, open: 0 },
  {
    name: 'workflows that call each other', jobs: '  ship:\n    uses: ./.github/workflows/a.yml\n', open: 1,
    files: { a: called(`  b:\n    uses: ./.github/workflows/b.yml\n  deploy:\n${DEPLOY}`), b: called('  a:\n    uses: ./.github/workflows/a.yml\n') },
  },
];

describe('deploy-without-gate and deploy-gated', () => {
  const practice = PRACTICES.find(p => p.id === 'deploy-gated')!;
  for (const { name, on = 'push', jobs, files = {}, open } of CASES) {
    it(`agree about ${name}`, () => {
      const text = `on: ${on}\njobs:\n${jobs}`;
      const more = new Map(Object.entries(files).map(([id, content]) => [`.github/workflows/${id}.yml`, content]));
      const repository = createRepository([PATH, ...more.keys()], p => (p === PATH ? text : more.get(p)));
      assert.equal(shown(check({ path: PATH, files: more }, text), 'deploy-without-gate').length, open, 'the rule');
      const missing = practice.applies(repository) ? practice.evidence(repository).lookedFor.length : 0;
      assert.equal(missing, open, 'the practice');
    });
  }
});
