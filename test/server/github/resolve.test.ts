import assert from 'node:assert/strict';
import { clearCache, resolveRef, ResolveError, type ResolveOptions } from '../../../server/github/resolve';
import { listed as tag, repositoryRoutes } from '../../support/github';
import { json, Loopback, type Handler } from '../../support/loopback';

const A = 'a'.repeat(40), B = 'b'.repeat(40), C = 'c'.repeat(40), T = '7'.repeat(40);
const routes = (answers: Record<string, unknown>): Handler =>
  repositoryRoutes('o/r', Object.fromEntries(Object.entries(answers).map(([route, body]) => [`git/${route}`, body])));

describe('resolving refs on GitHub', () => {
  const github = new Loopback();
  beforeEach(async () => {
    clearCache();
    github.handle = routes({});
    await github.start();
  });
  afterEach(() => github.stop());

  const ask = (ref: string, options: Partial<ResolveOptions> = {}): Promise<unknown> =>
    resolveRef({ owner: 'o', repo: 'r', ref }, { githubUrl: github.url, gitPath: false, ...options });
  const fails = async (promise: Promise<unknown>, kind: string, message: RegExp): Promise<ResolveError> => {
    const error = await promise.then(() => undefined, (e: unknown) => e);
    assert.ok(error instanceof ResolveError, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return error;
  };

  it('gives the fullest tag on the commit of a moving tag', async () => {
    github.handle = routes({ 'matching-refs/tags/v4': [tag('v4', A), tag('v4.1.0', B), tag('v4.2', A), tag('v4.2.0', A), tag('v40.0.0', A)] });
    assert.deepEqual(await ask('v4'), { sha: A, version: 'v4.2.0' });
    assert.equal(github.seen.length, 1);
  });

  it('peels annotated tags', async () => {
    github.handle = routes({
      'matching-refs/tags/v1': [tag('v1', T, 'tag'), tag('v1.0.0', B), tag('v1.2.0', C, 'tag')],
      [`tags/${T}`]: { object: { sha: A, type: 'commit' } },
      [`tags/${C}`]: { object: { sha: A, type: 'commit' } },
    });
    assert.deepEqual(await ask('v1'), { sha: A, version: 'v1.2.0' });
  });

  it('keeps a tag that has no fuller name', async () => {
    github.handle = routes({ 'matching-refs/tags/nightly': [tag('nightly', A), tag('nightly-2', A)] });
    assert.deepEqual(await ask('nightly'), { sha: A, version: 'nightly' });
  });

  it('resolves a branch without a version', async () => {
    github.handle = routes({ 'matching-refs/tags/release/v1': [], 'ref/heads/release/v1': { ref: 'refs/heads/release/v1', object: { sha: B, type: 'commit' } } });
    assert.deepEqual(await ask('release/v1'), { sha: B });
  });

  it('resolves an abbreviated commit', async () => {
    github.handle = (url, _request, response) =>
      (url.pathname.endsWith('/commits/aaaaaaa1') ? json(response, 200, { sha: `aaaaaaa1${'0'.repeat(32)}` })
        : routes({ 'matching-refs/tags/aaaaaaa1': [] })(url, _request, response));
    assert.deepEqual(await ask('aaaaaaa1'), { sha: `aaaaaaa1${'0'.repeat(32)}` });
  });

  it('sends the token to this server, and none where there is none', async () => {
    github.handle = routes({ 'matching-refs/tags/v1': [tag('v1', A)] });
    await ask('v1', { token: 'secret' });
    await ask('v1');
    assert.deepEqual(github.seen.map(s => s.authorization), ['token secret', undefined]);
  });

  it('asks again with the mark of the first answer and takes "not modified" for it', async () => {
    const marks: (string | undefined)[] = [];
    github.handle = (_url, request, response) => {
      marks.push(request.headers['if-none-match']);
      if (request.headers['if-none-match'] === '"m1"') response.writeHead(304).end();
      else json(response, 200, [tag('v1', A)], { etag: '"m1"' });
    };
    assert.deepEqual(await ask('v1'), { sha: A, version: 'v1' });
    assert.deepEqual(await ask('v1'), { sha: A, version: 'v1' });
    assert.deepEqual(marks, [undefined, '"m1"']);
  });

  it('says that a repository or a ref was not found', async () => {
    await fails(ask('v1'), 'not-found', /^o\/r@v1 was not found: it does not exist, or it is private/);
    github.handle = routes({ 'matching-refs/tags/v1': [tag('v1.0.0', A)] });
    await fails(ask('v1'), 'not-found', /^o\/r has no tag or branch v1$/);
  });

  it('says when a rate limit ends', async () => {
    github.handle = (_u, _r, response) => json(response, 403, { message: 'API rate limit exceeded' },
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1893456000' });
    const error = await fails(ask('v1'), 'rate-limited', /answers again at 2030-01-01T00:00:00\.000Z/);
    assert.equal(error.resetAt?.getTime(), 1893456000000);
    assert.equal(github.seen.length, 1, 'it does not wait and ask again');
  });

  it('says that access is denied', async () => {
    github.handle = (_u, _r, response) => json(response, 401, { message: 'Bad credentials' });
    await fails(ask('v1', { token: 'x' }), 'denied', /\(401\)$/);
  });

  it('says that an answer is garbage', async () => {
    for (const body of ['<html>', '{"a":1}', '[{"ref":3}]', `[{"ref":"refs/tags/v1","object":{"sha":"zz","type":"commit"}}]`]) {
      github.handle = (_u, _r, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      await fails(ask('v1'), 'bad-answer', /./);
    }
  });

  it('does not follow a tag that points at itself for ever', async () => {
    github.handle = routes({ 'matching-refs/tags/v1': [tag('v1', T, 'tag')], [`tags/${T}`]: { object: { sha: T, type: 'tag' } } });
    await fails(ask('v1'), 'bad-answer', /can't be read/);
  });

  it('gives up when the time is over', async () => {
    github.handle = () => undefined;
    await fails(ask('v1', { timeoutMs: 50 }), 'timed-out', /did not answer in time/);
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    github.handle = () => controller.abort();
    await fails(ask('v1', { signal: controller.signal }), 'aborted', /cancelled/);
  });

  it('says that the server cannot be reached', async () => {
    const url = github.url;
    await github.stop();
    await fails(resolveRef({ owner: 'o', repo: 'r', ref: 'v1' }, { githubUrl: url, gitPath: false }), 'offline', /can't be reached/);
  });

  it('refuses names that are none before anything is asked', async () => {
    const names = [['o', 'r', '--upload-pack=x'], ['o', 'r', 'a..b'], ['o', 'r', 'v1 v2'], ['-o', 'r', 'v1'], ['o', '..', 'v1'], ['o', 'r', ''],
      ['o', 'r', 'a\nb'], ['o/x', 'r', 'v1'], ['o', 'r', 'v*'], ['o', 'r', `v${'1'.repeat(300)}`], ['o', 'r', 'x.lock']] as const;
    for (const [owner, repo, ref] of names) await fails(resolveRef({ owner, repo, ref }, { githubUrl: github.url }), 'refused', /is not a name/);
    await fails(resolveRef({ owner: 'o', repo: 'r', ref: 'v1' }, { githubUrl: 'http://github.com' }), 'refused', /https/);
    await fails(resolveRef({ owner: 'o', repo: 'r', ref: 'v1' }, { githubUrl: 'nonsense' }), 'refused', /not the address/);
    assert.equal(github.seen.length, 0);
  });

  describe('with git as the second way', () => {
    /** Git's own format for a repository behind a plain web server. */
    const serve = (refs: string): Handler => (url, _request, response) => {
      if (url.pathname === '/o/r.git/info/refs') response.writeHead(200, { 'content-type': 'text/plain' }).end(refs);
      else if (url.pathname === '/o/r.git/HEAD') response.writeHead(200).end('ref: refs/heads/main\n');
      else json(response, 503, { message: 'down' }, { 'retry-after': '0' });
    };
    const askBoth = (ref: string, options: Partial<ResolveOptions> = {}): Promise<unknown> => ask(ref, { gitPath: 'git', ...options });

    it('peels, and finds the fullest tag and branches', async () => {
      github.handle = serve(`${C}\trefs/heads/main\n${T}\trefs/tags/v2\n${A}\trefs/tags/v2^{}\n${A}\trefs/tags/v2.3.4\n${B}\trefs/tags/v2.0.0\n`);
      assert.deepEqual(await askBoth('v2'), { sha: A, version: 'v2.3.4' });
      assert.deepEqual(await askBoth('main'), { sha: C });
    });

    it('says that there is no such ref', async () => {
      github.handle = serve(`${C}\trefs/heads/main\n`);
      await fails(askBoth('v2'), 'not-found', /has no tag or branch v2/);
    });

    it('gives the reason of the first way where both fail', async () => {
      github.handle = (_u, _r, response) => json(response, 403, {}, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1893456000' });
      await fails(askBoth('v1'), 'rate-limited', /too many requests/);
      github.handle = serve('');
      await fails(askBoth('v1', { gitPath: '/nonexistent/git' }), 'bad-answer', /503/);
    });
  });
});
