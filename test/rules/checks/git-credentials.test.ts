import assert from 'node:assert/strict';
import { parseSource } from '../../../rules';
import { credentialUse } from '../../../rules/checks/shared/git-credentials';

/** What the given steps, written at two spaces, do with the credentials. */
function use(steps: string): string {
  const text = `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n${steps.split('\n').map(l => `      ${l}`).join('\n')}\n`;
  const job = parseSource('.github/workflows/ci.yml', text).workflow?.jobs[0];
  assert.ok(job && job.steps.length > 0);
  return credentialUse(job.steps, null);
}
const run = (script: string): string => `- run: |\n${script.split('\n').map(l => `    ${l}`).join('\n')}`;

describe('use of a checkout\'s credentials', () => {
  const pushing = [
    run('git push'), run('git -c user.name=x push origin HEAD'), run('if x; then git push; fi'), run('npx semantic-release@24'), run('yarn lerna publish'),
    run('mkdocs gh-deploy'), run('gh pr create --fill'), run('pnpm changeset publish'), run('(cd docs && git push --force)'),
    '- uses: stefanzweifel/git-auto-commit-action@v5', '- uses: Peter-Evans/create-pull-request@v7',
    '- run: subprocess.run("git push")\n  shell: python',
  ];
  const unclear = [
    run('git fetch --unshallow'), run('git submodule update --init'), run('make test'), run('./build.sh'), run('npm test'), run('npm run build'), run('bash ci.sh'),
    run('gh pr view'), run('$TOOL build'), run('python setup.py build'), run('G="git"; $G log'), run('echo "$(git ls-remote)"'),
    '- uses: ./.github/actions/build', '- uses: octo-org/unknown@v1', '- uses: docker://alpine', '- uses: tj-actions/changed-files@v46',
    '- run: print(1)\n  shell: python', '- uses: nick-fields/retry@v3\n  with: { command: git clone x }', run('if x; then'),
  ];
  const none = [
    run('npm ci\nnpm install x'), run('git diff --exit-code\ngit log -1\ngit tag v1'), run('cargo build && cargo test'), run('go vet ./...'), run('python -m pip install x'),
    run('echo hi > x'), run('docker build -t x .'), run('/usr/bin/true'), '- uses: actions/setup-node@v4', '- uses: actions/checkout@v4', '- name: nothing\n  id: x',
    run('# push later\ncurl -O https://example.com/x'),
  ];
  for (const steps of pushing) it(`pushes: ${steps}`, () => assert.equal(use(steps), 'pushes'));
  for (const steps of unclear) it(`might: ${steps}`, () => assert.equal(use(steps), 'might'));
  for (const steps of none) it(`no: ${steps}`, () => assert.equal(use(steps), 'no'));

  it('takes the strongest of several', () => {
    assert.equal(use(`${run('make')}\n${run('git push')}\n${run('echo')}`), 'pushes');
    assert.equal(use(`${run('echo')}\n${run('make')}`), 'might');
  });
});
