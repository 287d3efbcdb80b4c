import assert from 'node:assert/strict';
import { parseSource } from '../../../rules';
import { inferJob, surroundingsOf, type PermissionNeed } from '../../../rules/checks/shared/inferred-permissions';
import { createRepository } from '../../../rules/repository';

const MAIN = '.github/workflows/main.yml';

/** Need of the job `a` of a workflow; `files` are the rest of the checkout. */
function need(text: string, files: Readonly<Record<string, string>> = {}): Pick<PermissionNeed, 'scopes' | 'unknown'> {
  const { scopes, unknown } = whole(text, files);
  return { scopes, unknown };
}

function whole(text: string, files: Readonly<Record<string, string>> = {}): PermissionNeed {
  const all: Readonly<Record<string, string>> = { ...files, [MAIN]: text };
  const repository = createRepository(Object.keys(all), p => all[p]);
  const workflow = repository.document(MAIN)?.workflow;
  const job = workflow?.jobs.find(j => j.id === 'a');
  assert.ok(workflow && job);
  return inferJob(job, surroundingsOf(workflow, repository));
}

const job = (steps: string, more = ''): string =>
  `on: push\n${more}jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n${steps.split('\n').map(l => `      ${l}`).join('\n')}\n`;

describe('inferred permissions', () => {
  it('adds up what actions and commands need', () => {
    const found = need(job('- uses: actions/checkout@v4\n- uses: github/codeql-action/analyze@v3\n- run: gh pr comment 1 --body x'));
    assert.deepEqual(found, { scopes: { actions: 'read', contents: 'read', 'pull-requests': 'write', 'security-events': 'write' }, unknown: [] });
  });

  it('needs nothing for commands that leave the token alone', () => {
    assert.deepEqual(need(job('- run: |\n    npm ci\n    npm test\n    make all')), { scopes: {}, unknown: [] });
  });

  it('finds commands in substitutions, branches and functions', () => {
    const script = '- run: |\n    f() { git push; }\n    if true; then x=$(gh release view); fi';
    assert.deepEqual(need(job(script)).scopes, { contents: 'write' });
  });

  it('reads PowerShell where the runner has it', () => {
    const text = job('- run: git push').replace('ubuntu-24.04', 'windows-2025');
    assert.deepEqual(need(text), { scopes: { contents: 'write' }, unknown: [] });
  });

  it('names what it cannot tell', () => {
    assert.deepEqual(need(job('- uses: octo-org/thing@v1\n- run: gh api $WHAT\n- uses: octo-org/thing@v2')).unknown, ['octo-org/thing', 'gh api']);
  });

  it('names a script that is handed the token, and no script that is not', () => {
    const withToken = '- run: ./release.sh\n  env: { GITHUB_TOKEN: "${{ secrets.GITHUB_TOKEN }}" }';
    assert.deepEqual(need(job(withToken)).unknown, ['./release.sh']);
    assert.deepEqual(need(job('- run: ./check.sh')).unknown, []);
    assert.deepEqual(need(job('- run: ./release.sh')).unknown, ['./release.sh'], 'a release may push with git\'s token');
    assert.deepEqual(need(job('- run: ./release.sh', 'env: { TOKEN: "${{ github.token }}" }\n')).unknown, ['./release.sh']);
    assert.deepEqual(need(job('- run: echo hi', 'env: { TOKEN: "${{ github.token }}" }\n')).unknown, []);
    const curl = '- run: |\n    curl -H "Authorization: Bearer ${{ github.token }}" https://api.github.com/x';
    assert.deepEqual(need(job(curl)).unknown, ['curl https://api.github.com/x']);
  });

  it('names a script in a language that is not read if it is handed the token', () => {
    const python = '- shell: python\n  run: print(1)\n  env: { T: "${{ github.token }}" }';
    assert.deepEqual(need(job(python)).unknown, ['a script with the token']);
    assert.deepEqual(need(job('- shell: python\n  run: print(1)')).unknown, []);
  });

  it('needs nothing for gh with another token', () => {
    assert.deepEqual(need(job('- run: gh issue close 1\n  env: { GH_TOKEN: "${{ secrets.BOT }}" }')), { scopes: {}, unknown: [] });
    assert.deepEqual(need(job('- run: gh issue close 1\n  env: { GH_TOKEN: "${{ inputs.token }}" }')).scopes, { issues: 'write' });
  });

  it('needs nothing for git with another token', () => {
    const own = '- uses: actions/checkout@v4\n  with: { token: "${{ secrets.PAT }}" }\n- run: git push';
    assert.deepEqual(need(job(own)), { scopes: {}, unknown: [] });
    assert.deepEqual(need(job('- run: git push https://x:${{ secrets.PAT }}@github.com/o/r')), { scopes: {}, unknown: [] });
    assert.deepEqual(need(job('- run: git push https://x:${{ secrets.GITHUB_TOKEN }}@github.com/o/r')).scopes, { contents: 'write' });
  });

  it('looks into local actions and stops at circles', () => {
    const action = (steps: string): string => `name: x\ndescription: x\nruns:\n  using: composite\n  steps:\n${steps}\n`;
    const files = {
      'x/action.yml': action('    - run: git push\n      shell: bash\n    - uses: ./y'),
      'y/action.yaml': action('    - uses: ./x\n    - uses: actions/stale@v9'),
    };
    const found = need(job('- uses: ./x'), files);
    assert.deepEqual(found.scopes, { actions: 'write', contents: 'write', issues: 'write', 'pull-requests': 'write' });
    assert.deepEqual(found.unknown, ['./x'], 'the circle is left after some rounds, and named');
    assert.deepEqual(need(job('- uses: ./nowhere')).unknown, ['./nowhere']);
  });

  it('takes a local JavaScript action without a token for harmless', () => {
    const action = (inputs: string): Record<string, string> => ({ 'x/action.yml': `name: x\ndescription: x\n${inputs}runs: { using: node24, main: x.js }\n` });
    assert.deepEqual(need(job('- uses: ./x'), action('')), { scopes: {}, unknown: [] });
    assert.deepEqual(need(job('- uses: ./x'), action('inputs: { t: { description: t, default: "${{ github.token }}" } }\n')).unknown, ['./x']);
    assert.deepEqual(need(job('- uses: ./x\n  with: { t: "${{ github.token }}" }'), action('')).unknown, ['./x']);
  });

  it('grants a called workflow what it asks for', () => {
    const call = 'on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n';
    const callee = (permissions: string): Record<string, string> =>
      ({ '.github/workflows/b.yml': `on: workflow_call\n${permissions}jobs:\n  x:\n    runs-on: ubuntu-24.04\n    steps: [{ run: git push }]\n` });
    assert.deepEqual(need(call, callee('permissions: { packages: write, issues: none }\n')).scopes, { packages: 'write' });
    assert.deepEqual(need(call, callee('')).scopes, { contents: 'write' });
    assert.deepEqual(need(call, callee('permissions: write-all\n')).unknown, ['.github/workflows/b.yml']);
    assert.deepEqual(need(call).unknown, ['./.github/workflows/b.yml']);
    assert.deepEqual(need(call.replace('./.github', 'o/r/.github').replace('b.yml', 'b.yml@v1')).unknown, ['o/r/.github/workflows/b.yml']);
  });

  it('may pull the job\'s own images', () => {
    const text = job('- run: echo').replace('    steps:', '    container: { image: ghcr.io/o/i, credentials: { username: u, password: "${{ secrets.GITHUB_TOKEN }}" } }\n    steps:');
    assert.deepEqual(need(text).scopes, { packages: 'read' });
  });

  it('never throws for half-typed text', () => {
    for (const text of ['on: push\njobs:\n  a:\n    uses:\n', 'on: push\njobs:\n  a:\n    steps:\n      - uses: \n      - run:\n', 'on: push\njobs:\n  a:\n    steps: x\n']) {
      const workflow = parseSource(MAIN, text).workflow;
      for (const j of workflow?.jobs ?? []) assert.deepEqual(inferJob(j, surroundingsOf(workflow, undefined)).scopes, {});
    }
  });

  const login = '- uses: docker/login-action@v3\n  with: { registry: ghcr.io, username: u, password: "${{ secrets.GITHUB_TOKEN }}" }\n';

  it('lets a job that signs in and only pulls read packages', () => {
    assert.deepEqual(need(job(`${login}- run: docker pull ghcr.io/o/i`)).scopes, { packages: 'read' });
    assert.deepEqual(need(job(`${login}- uses: docker/build-push-action@v6\n  with: { push: false }`)).scopes.packages, 'read');
    for (const pushes of ['- uses: docker/build-push-action@v6\n  with: { push: true }', '- run: docker push ghcr.io/o/i', '- run: make release',
      '- uses: octo-org/thing@v1', '- uses: docker/build-push-action@v6\n  with: { outputs: "type=registry" }']) {
      assert.equal(need(job(login + pushes)).scopes.packages, 'write', pushes);
    }
  });

  it('lets tools comment on pull requests only where one can start the run', () => {
    const text = job('- uses: release-drafter/release-drafter@v6');
    assert.equal(need(text).scopes['pull-requests'], 'read');
    assert.equal(need(text.replace('on: push', 'on: [push, pull_request]')).scopes['pull-requests'], 'write');
    const leaks = job('- uses: gitleaks/gitleaks-action@v2').replace('on: push', 'on: pull_request');
    assert.equal(need(leaks).scopes['pull-requests'], 'write');
    assert.equal(need(leaks.trimEnd() + '\n        env: { GITLEAKS_ENABLE_COMMENTS: false }\n').scopes['pull-requests'], 'read');
  });

  it('finds publishing that trusts the run', () => {
    assert.deepEqual(need(job('- run: npm publish')).scopes, { 'id-token': 'write' });
    assert.deepEqual(need(job('- run: npm publish\n  env: { NODE_AUTH_TOKEN: "${{ secrets.NPM }}" }')).scopes, {});
    assert.equal(need(job('- run: npm publish\n  env: { NODE_AUTH_TOKEN: "${{ github.token }}" }')).scopes.packages, 'write');
    assert.deepEqual(need(job('- run: curl "$ACTIONS_ID_TOKEN_REQUEST_URL"')).scopes, { 'id-token': 'write' });
  });

  it('takes the inputs of a local action, and a tool beside a release, for what they are', () => {
    const files = { 'action.yml': 'name: x\ndescription: x\nruns: { using: node24, main: x.js }\n' };
    assert.deepEqual(need(job('- uses: ./\n  with: { role-to-assume: x }'), files).scopes, { 'id-token': 'write' });
    const release = '- uses: goreleaser/goreleaser-action@v6\n  with: { args: release }';
    assert.equal(need(job(release)).scopes['id-token'], undefined);
    assert.equal(need(job(`- uses: sigstore/cosign-installer@v3\n${release}`)).scopes['id-token'], 'write');
    assert.deepEqual(need(job('- uses: dessant/lock-threads@v5\n  with: { process-only: issues }')).scopes, { issues: 'write' });
  });

  it('tells programs that could reach for git\'s token from those that are handed one', () => {
    assert.deepEqual(whole(job('- run: |\n    npm ci\n    npm test')).code, ['npm test']);
    assert.deepEqual(whole(job('- run: |\n    gh pr list\n    ./x.sh\n  env: { GH_TOKEN: "${{ github.token }}" }')).handed, ['./x.sh']);
    assert.deepEqual(whole(job('- run: echo "T=${{ github.token }}" >> "$GITHUB_ENV"')).unknown, ['a script with the token']);
  });
});
