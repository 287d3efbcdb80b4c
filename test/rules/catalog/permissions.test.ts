import assert from 'node:assert/strict';
import { commandPermissions, mergeScopes, SCOPES, scopeInfo, scriptPermissions, tokenPermissions, usesGithubToken } from '../../../rules/catalog';

const action = (name: string, inputs: Record<string, string> = {}): unknown => {
  const [owner = '', repo = '', ...path] = name.split('/');
  return tokenPermissions({ owner, repo, path: path.join('/') || undefined }, inputs);
};
const command = (line: string): unknown => {
  const [name = '', ...args] = line.split(' ');
  return commandPermissions(name, args);
};

describe('catalogue: scopes', () => {
  it('names every scope with its values and risk', () => {
    assert.deepEqual(scopeInfo('id-token')?.values, ['write', 'none']);
    assert.deepEqual(scopeInfo('models')?.values, ['read', 'none']);
    assert.equal(scopeInfo('contents')?.restricted, 'read');
    assert.equal(SCOPES.every(s => !s.values.includes('write') || (s.risk ?? '') !== ''), true);
  });

  it('merges to the least that covers all', () => {
    assert.deepEqual(mergeScopes({ contents: 'write' }, { actions: 'read', contents: 'read' }), { actions: 'read', contents: 'write' });
    assert.deepEqual(mergeScopes(), {});
  });
});

describe('catalogue: what actions need', () => {
  it('gives the documented scopes', () => {
    assert.deepEqual(action('actions/checkout'), { contents: 'read' });
    assert.deepEqual(action('Actions/Cache'), {});
    assert.deepEqual(action('actions/deploy-pages'), { 'id-token': 'write', pages: 'write' });
    assert.deepEqual(action('github/codeql-action/analyze'), { actions: 'read', contents: 'read', 'security-events': 'write' });
    assert.deepEqual(action('actions/upload-pages-artifact'), {});
  });

  it('is undefined for what nobody wrote down', () => {
    assert.equal(action('somebody/something'), undefined);
    assert.equal(action('reviewdog/action-actionlint'), undefined);
    assert.equal(usesGithubToken('somebody', 'something'), undefined);
    assert.equal(usesGithubToken('actions', 'checkout'), true);
    assert.equal(usesGithubToken('actions', 'cache'), false);
  });

  it('looks at the inputs', () => {
    assert.deepEqual(action('aws-actions/configure-aws-credentials', { 'role-to-assume': '${{ vars.ROLE }}' }), { 'id-token': 'write' });
    assert.deepEqual(action('aws-actions/configure-aws-credentials', { 'role-to-assume': 'r', 'aws-access-key-id': 'k' }), {});
    assert.deepEqual(action('docker/login-action', { registry: 'ghcr.io', password: '${{ secrets.GITHUB_TOKEN }}' }), { packages: 'write' });
    assert.deepEqual(action('docker/login-action', { registry: 'ghcr.io', password: '${{ secrets.PAT }}' }), {});
    assert.deepEqual(action('docker/login-action', { username: 'me', password: '${{ secrets.GITHUB_TOKEN }}' }), {});
    assert.deepEqual(action('pypa/gh-action-pypi-publish'), { 'id-token': 'write' });
    assert.deepEqual(action('pypa/gh-action-pypi-publish', { password: '${{ secrets.PYPI }}' }), {});
    assert.deepEqual(action('ossf/scorecard-action', { publish_results: 'true' }),
      { contents: 'read', 'id-token': 'write', 'security-events': 'write' });
    assert.deepEqual(action('goreleaser/goreleaser-action', { args: 'release --clean --snapshot' }), { contents: 'read' });
    assert.deepEqual(action('goreleaser/goreleaser-action', { args: 'release --clean' }), { contents: 'write' });
    assert.deepEqual(action('zizmorcore/zizmor-action', { 'advanced-security': 'false' }), { actions: 'read', contents: 'read' });
  });

  it('asks nothing of the token for an action that is given another one', () => {
    assert.deepEqual(action('peter-evans/create-pull-request', { token: '${{ secrets.PAT }}' }), {});
    assert.deepEqual(action('peter-evans/create-pull-request', { token: '${{ secrets.GITHUB_TOKEN }}' }), { contents: 'write', 'pull-requests': 'write' });
    assert.deepEqual(action('peter-evans/create-pull-request', { token: '${{ secrets.PAT || github.token }}' }), { contents: 'write', 'pull-requests': 'write' });
    assert.deepEqual(action('actions/github-script', { 'github-token': '${{ secrets.PAT }}', script: 'await github.graphql(q)' }), {});
    assert.deepEqual(action('actions/attest-build-provenance', { 'github-token': '${{ secrets.PAT }}' }), { attestations: 'write', 'id-token': 'write' });
    assert.equal(action('somebody/something', { token: '${{ secrets.PAT }}' }), undefined);
  });

  it('reads the calls of a script', () => {
    assert.deepEqual(scriptPermissions('await github.rest.issues.createComment({ body })'), { issues: 'write', 'pull-requests': 'write' });
    assert.deepEqual(scriptPermissions('const { data } = await github.rest.pulls.get({ pull_number })'), { 'pull-requests': 'read' });
    assert.deepEqual(scriptPermissions('await github.rest.repos.createRelease({})\nawait github.rest.repos.getContent({})'), { contents: 'write' });
    assert.deepEqual(scriptPermissions('await github.paginate(github.rest.issues.listComments, {})'), { issues: 'read', 'pull-requests': 'read' });
    assert.deepEqual(scriptPermissions("core.setOutput('x', context.sha)"), {});
    assert.deepEqual(scriptPermissions("core.info('${{ github.head_ref }} ${{ toJSON(github.event) }}')"), {});
    assert.deepEqual(scriptPermissions("const fs = require('node:fs');\nawait github.rest.checks.create({})"), { checks: 'write' });
    assert.deepEqual(scriptPermissions("await github.request('POST /repos/{owner}/{repo}/statuses/{sha}', {})"), { statuses: 'write' });
    assert.equal(scriptPermissions("await github.request('POST /repos/{owner}/{repo}/statuses/{sha}', {}); github.request(x)"), undefined);
    assert.deepEqual(scriptPermissions('await github.graphql(`mutation { enablePullRequestAutoMerge(input: {}) { x } }`)'), { 'contents': 'write', 'pull-requests': 'write' });
    assert.deepEqual(scriptPermissions('await github.graphql(`query { repository { pullRequest { id } } }`)'), { 'pull-requests': 'read' });
    assert.equal(scriptPermissions('await github.graphql(`mutation { addProjectV2ItemById(input: {}) { x } }`)'), undefined);
    for (const opaque of ['await github.graphql(q)', "require('./x')({ github, context })", 'const s = await import(p); s.run(github)',
      'await helper({ github, core })', 'await github.rest.orgs.list()', "await github['rest'].issues.create()"]) {
      assert.equal(scriptPermissions(opaque), undefined, opaque);
    }
  });
});

describe('catalogue: what commands need', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['git push origin HEAD', { contents: 'write' }], ['git -C sub push', { contents: 'write' }], ['git push --dry-run', { contents: 'read' }],
    ['git commit -m push', {}], ['git fetch --tags', { contents: 'read' }], ['git submodule update --init', { contents: 'read' }],
    ['gh pr comment 1 --body x', { 'pull-requests': 'write' }], ['gh pr view', { 'pull-requests': 'read' }],
    ['gh pr merge --auto', { contents: 'write', 'pull-requests': 'write' }], ['gh release create v1', { contents: 'write' }],
    ['gh release download', { contents: 'read' }], ['gh issue close 4', { issues: 'write' }], ['gh run rerun 1', { actions: 'write' }],
    ['gh cache delete --all', { actions: 'write' }], ['gh -R o/r issue list', { issues: 'read' }], ['gh auth status', {}],
    ['gh api repos/o/r', {}], ['gh api repos/o/r/issues/1/comments -f body=x', { 'issues': 'write', 'pull-requests': 'write' }],
    ['gh api /repos/{owner}/{repo}/pulls --jq .[].number', { 'pull-requests': 'read' }], ['gh api -X DELETE repos/$REPO/actions/caches/1', { actions: 'write' }],
    ['gh api --method=PUT repos/$O/$R/pulls/1/merge', { 'contents': 'write', 'pull-requests': 'write' }], ['gh api repos/$R/statuses/$SHA -f state=success', { statuses: 'write' }],
    ['gh api -X $M repos/o/r/issues', undefined], ['gh api $URL', undefined], ['gh api orgs/o/members', undefined], ['gh api rate_limit', {}], ['gh api graphql -f query=$Q', undefined],
    ['gh api graphql -f query=mutation{addComment(input:{})}', { 'issues': 'write', 'pull-requests': 'write' }], ['gh api', undefined],
    ['gh secret set X', undefined], ['gh pr frobnicate', undefined], ['gh', {}],
    ['npm publish --provenance', { 'id-token': 'write' }], ['npm publish', {}], ['npm publish --provenance=false', {}],
    ['pnpm publish --provenance --no-git-checks', { 'id-token': 'write' }], ['npm ci', {}], ['npm exec -- semantic-release', undefined],
    ['docker push ghcr.io/o/i:1', { packages: 'write' }], ['docker push o/i:1', {}], ['docker push $IMAGE', undefined],
    ['docker build --push -t ghcr.io/o/i .', { packages: 'write' }], ['docker build -t x .', {}], ['docker buildx build --push --tag=o/i .', {}],
    ['docker login ghcr.io -u x --password-stdin', { packages: 'write' }], ['docker login -u x', {}],
    ['cosign sign --yes img', { 'id-token': 'write' }], ['cosign sign --key k img', {}], ['cosign verify img', {}],
    ['cosign attest --yes img --identity-token $T', {}], ['pnpm publish packages/a --dry-run --provenance', {}],
    ['gh release verify-asset v1 a.deb', { attestations: 'read', contents: 'read' }],
    ['helm push chart.tgz oci://ghcr.io/o', { packages: 'write' }], ['helm upgrade x y', {}],
    ['npx semantic-release', undefined], ['npx --yes semantic-release@24', undefined], ['npx tsc', {}], ['sudo git push', { contents: 'write' }],
    ['/usr/bin/git push', { contents: 'write' }], ['make test', {}], ['curl https://example.com', {}],
    ['curl -H Authorization:x https://api.github.com/repos', undefined], ['mkdocs gh-deploy --force', { contents: 'write' }], ['', {}],
  ];
  for (const [line, expected] of cases) it(line || '(nothing)', () => assert.deepEqual(command(line), expected));
});
