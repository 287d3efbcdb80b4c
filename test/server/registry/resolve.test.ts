import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ResolveError } from '../../../server/github/errors';
import { networkLookUp } from '../../../server/lsp/look-up';
import { lookUp } from '../../../server/network/look-up';
import { parseImageName, registryAddress } from '../../../server/registry/names';
import { resolveImage, type ResolveImageOptions } from '../../../server/registry/resolve';
import { run } from '../../cli/run';
import { applyTo, TestClient } from '../../lsp/client';
import { TemporaryFolder } from '../../lsp/folder';
import { LATE_MS, SOON_MS } from '../../support/github';
import { json, Loopback, type Handler } from '../../support/loopback';
import { digestOf, INDEX, madeRegistry, SINGLE } from '../../support/registry';

const FAILURES: Readonly<Record<string, { readonly handle: Handler; readonly kind: string; readonly message: RegExp; readonly timeoutMs?: number }>> = {
  'has no such image': { handle: madeRegistry({ images: {}, tokens: true }), kind: 'not-found', message: /has no owner\/name:1, or it is private/ },
  'refuses the token': {
    handle: (url, request, response) => (url.pathname === '/token' ? json(response, 403, {}) : madeRegistry({ images: {}, tokens: true })(url, request, response)),
    kind: 'denied', message: /lets nobody look up .*\/owner\/name:1 without signing in \(403\)/,
  },
  'refuses everybody with a token': {
    handle: (url, request, response) => (url.pathname === '/token' ? json(response, 200, { access_token: 'other' }) : madeRegistry({ images: {}, tokens: true })(url, request, response)),
    kind: 'denied', message: /without signing in \(401\)/,
  },
  'wants a password': { handle: (_u, _r, response) => json(response, 401, {}, { 'www-authenticate': 'Basic realm="private"' }), kind: 'denied', message: /without signing in/ },
  'says no more than 401': { handle: (_u, _r, response) => json(response, 401, {}), kind: 'denied', message: /without signing in/ },
  'has had enough': {
    handle: (_u, _r, response) => json(response, 429, { errors: [{ code: 'TOOMANYREQUESTS' }] }, { 'retry-after': '3600' }),
    kind: 'rate-limited', message: /has answered too many requests from here; it answers again at \d{4}-/,
  },
  'never answers': { handle: () => undefined, kind: 'timed-out', message: /127\.0\.0\.1:\d+ did not answer in time/, timeoutMs: SOON_MS },
  'never ends its answer': {
    handle: (_u, request, response) => { response.writeHead(200, { 'content-type': 'application/json' }); if (request.method === 'HEAD') response.end(); else response.write('{'); },
    kind: 'timed-out', message: /did not answer in time/, timeoutMs: SOON_MS,
  },
  'answers with a page': { handle: (_u, _r, response) => { response.writeHead(200, { 'content-type': 'text/html' }).end('<html>guest network</html>'); }, kind: 'bad-answer', message: /can't be read/ },
  'gives no token': {
    handle: (url, request, response) => (url.pathname === '/token' ? response.writeHead(200).end('<html>') : madeRegistry({ images: {}, tokens: true })(url, request, response)),
    kind: 'bad-answer', message: /can't be read/,
  },
  'gives a token of several lines': {
    handle: (url, request, response) => (url.pathname === '/token' ? json(response, 200, { token: 'a\r\nx: y' }) : madeRegistry({ images: {}, tokens: true })(url, request, response)),
    kind: 'bad-answer', message: /can't be read/,
  },
  'sends the question elsewhere': {
    handle: (_u, _r, response) => json(response, 401, {}, { 'www-authenticate': 'Bearer realm="http://192.0.2.7/token",service="x"' }), kind: 'bad-answer', message: /can't be read/,
  },
  'redirects to where nothing is encrypted': { handle: (_u, _r, response) => { response.writeHead(307, { location: 'http://192.0.2.7/v2/' }).end(); }, kind: 'bad-answer', message: /can't be read/ },
  'redirects for ever': { handle: (url, _r, response) => { response.writeHead(307, { location: url.pathname }).end(); }, kind: 'bad-answer', message: /can't be read/ },
  'names another digest than it sends': {
    handle: (_u, request, response) => {
      response.writeHead(200, request.method === 'HEAD' ? {} : { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end(request.method === 'HEAD' ? undefined : SINGLE);
    },
    kind: 'bad-answer', message: /can't be read/,
  },
  'is broken': { handle: (_u, _r, response) => json(response, 500, {}), kind: 'bad-answer', message: /with an error \(500\)/ },
};

describe('images and their digests', () => {
  const registry = new Loopback();
  const host = (): string => new URL(registry.url).host;
  const ask = (image: string, options: ResolveImageOptions = {}): Promise<unknown> => resolveImage(image, { timeoutMs: LATE_MS, ...options });
  beforeEach(() => registry.start());
  afterEach(() => registry.stop());

  it('are read as container engines read them', () => {
    const read = (image: string): string => { const { host: h, path, tag } = parseImageName(image); return `${h} ${path} ${tag} ${new URL(registryAddress(h)).origin}`; };
    assert.equal(read('postgres'), 'docker.io library/postgres latest https://registry-1.docker.io');
    assert.equal(read('postgres:17.2'), 'docker.io library/postgres 17.2 https://registry-1.docker.io');
    assert.equal(read('docker.io/postgres:17'), 'docker.io library/postgres 17 https://registry-1.docker.io');
    assert.equal(read('owner/name'), 'docker.io owner/name latest https://registry-1.docker.io');
    assert.equal(read('ghcr.io/owner/name/part:v1_a'), 'ghcr.io owner/name/part v1_a https://ghcr.io');
    assert.equal(read('quay.io/owner/name:1'), 'quay.io owner/name 1 https://quay.io');
    assert.equal(read('mcr.microsoft.com:443/a/b'), 'mcr.microsoft.com:443 a/b latest https://mcr.microsoft.com');
    assert.equal(read('localhost:5000/name:1'), 'localhost:5000 name 1 http://localhost:5000');
    assert.equal(read('127.0.0.1/name:1'), '127.0.0.1 name 1 http://127.0.0.1');
    for (const bad of ['', 'a b', 'UPPER/case', 'a//b', '../x', 'ghcr.io/', 'ghcr.io/a/../b', 'a:', 'a:b:c', 'evil.example/a?b', 'x.y@z/a', 'a.b:99999999/c', `a/${'b'.repeat(200)}`, 'a.b/c:t\nx', 'a#b', '..:1/x']) {
      assert.throws(() => parseImageName(bad), (e: unknown) => e instanceof ResolveError && e.kind === 'refused', bad);
    }
  });

  it('are those of the index, whichever platforms it has, after a token was given', async () => {
    registry.handle = madeRegistry({ images: { 'owner/name:1': INDEX }, tokens: true });
    assert.deepEqual(await ask(`${host()}/owner/name:1`), { digest: digestOf(INDEX) });
    assert.deepEqual(registry.seen.map(s => `${s.method} ${s.path}`), ['HEAD /v2/owner/name/manifests/1', 'GET /token', 'HEAD /v2/owner/name/manifests/1']);
    assert.deepEqual(registry.seen.map(s => s.authorization), [undefined, undefined, 'Bearer anonymous-repository:owner/name:pull']);
  });

  it('of Docker Hub are asked for where it has them', async () => {
    registry.handle = madeRegistry({ images: { 'library/alpine:latest': INDEX, 'owner/name:2': SINGLE }, tokens: true });
    const hosts: string[] = [];
    const options = { address: (name: string) => { hosts.push(name); return registry.url; } };
    assert.deepEqual(await ask('alpine', options), { digest: digestOf(INDEX) });
    assert.deepEqual(await ask('owner/name:2', options), { digest: digestOf(SINGLE) });
    assert.deepEqual([...new Set(hosts)], ['docker.io']);
  });

  it('are counted from what the registry sends where it does not name them', async () => {
    registry.handle = madeRegistry({ images: { 'name:1': INDEX }, silent: true });
    assert.deepEqual(await ask(`${host()}/name:1`), { digest: digestOf(INDEX) });
    registry.handle = (url, request, response) => (request.method === 'HEAD' ? json(response, 405, {}) : madeRegistry({ images: { 'name:1': INDEX } })(url, request, response));
    assert.deepEqual(await ask(`${host()}/name:1`), { digest: digestOf(INDEX) });
  });

  it('are found where a registry sends on, without its token', async () => {
    const other = new Loopback();
    await other.start();
    try {
      other.handle = madeRegistry({ images: { 'name:1': INDEX } });
      registry.handle = (url, request, response) => {
        if (url.pathname === '/token' || request.headers.authorization === undefined) madeRegistry({ images: {}, tokens: true })(url, request, response);
        else response.writeHead(307, { location: `${other.url}${url.pathname}` }).end();
      };
      assert.deepEqual(await ask(`${host()}/name:1`), { digest: digestOf(INDEX) });
      assert.deepEqual(other.seen.map(s => s.authorization), [undefined]);
    } finally {
      await other.stop();
    }
  });

  for (const [what, { handle, kind, message, timeoutMs }] of Object.entries(FAILURES)) {
    it(`are not found where the registry ${what}, which is said`, async () => {
      registry.handle = handle;
      await assert.rejects(ask(`${host()}/owner/name:1`, timeoutMs === undefined ? {} : { timeoutMs }), (error: unknown) => {
        assert.ok(error instanceof ResolveError, String(error));
        assert.equal(error.kind, kind, error.message);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it('are not looked up any more where that is cancelled', async () => {
    const controller = new AbortController();
    registry.handle = () => controller.abort();
    await assert.rejects(ask(`${host()}/a:1`, { signal: controller.signal }), /cancelled/);
  });

  it('of a registry that is away are not found', async () => {
    const away = host();
    await registry.stop();
    await assert.rejects(ask(`${away}/a:1`), /can't be reached/);
    await registry.start();
  });

  describe('in a workflow', () => {
    const CI = '.github/workflows/ci.yml';
    let folder: TemporaryFolder;
    let text: string;
    const onDisk = (): string => readFileSync(join(folder.path, CI), 'utf8');
    beforeEach(() => {
      const at = host();
      text = `on: push\r\npermissions: {}\r\njobs:\r\n  a:\r\n    runs-on: ubuntu-24.04\r\n    container: "${at}/owner/name:1" # the tools\r\n    services:\r\n      db: { image: ${at}/db }\r\n    steps:\r\n      - uses: docker://${at}/owner/name:1\r\n`;
      folder = new TemporaryFolder({ [CI]: text });
    });
    afterEach(() => folder.dispose());
    const cli = (...args: string[]): ReturnType<typeof run> =>
      run(['fix', folder.path, '--rule', 'unpinned-image', ...args], { env: { GITHUB_TOKEN: 'github-secret', CI_HARDENING_TIMEOUT_MS: String(LATE_MS) } });
    async function inEditor(line: number, timeoutMs = LATE_MS): Promise<{ text: string; message?: string }> {
      const client = await TestClient.start({ folders: [folder.folder], host: { lookUp: networkLookUp({ timeoutMs, load: () => Promise.resolve({ lookUp }) }) } });
      try {
        const uri = folder.uri(CI);
        await client.open(uri, text);
        const diagnostic = (await client.diagnostics(uri)).find(d => d.code === 'unpinned-image' && d.range.start.line === line);
        assert.ok(diagnostic, `nothing in line ${line}`);
        const action = (await client.actions(uri, { diagnostics: [diagnostic] })).find(a => a.isPreferred);
        assert.ok(action && !action.edit && registry.seen.length === 0, 'nothing is asked before the click');
        const message = client.inbox.next<{ message: string }>('window/showMessage');
        const { edit } = await client.resolve(action);
        return edit ? { text: applyTo(text, uri, edit) } : { text, message: (await message).message };
      } finally {
        await client.stop();
      }
    }

    it('are written behind the tag on a click, nothing else changing', async () => {
      registry.handle = madeRegistry({ images: { 'owner/name:1': INDEX, 'db:latest': INDEX }, tokens: true });
      const digest = digestOf(INDEX);
      assert.deepEqual(await inEditor(5), { text: text.replace('owner/name:1"', `owner/name:1@${digest}"`) });
      registry.seen.length = 0;
      assert.deepEqual(await inEditor(7), { text: text.replace('/db }', `/db@${digest} }`) });
    });

    it('are written by the command line, each asked for once, and GitHub\'s token goes nowhere', async () => {
      registry.handle = madeRegistry({ images: { 'owner/name:1': INDEX, 'db:latest': INDEX }, tokens: true });
      const digest = digestOf(INDEX);
      assert.equal((await cli('--offline')).out, 'Nothing to fix.\n');
      assert.equal(registry.seen.length, 0);
      const { code, out, err } = await cli();
      assert.deepEqual([code, out, err], [0, 'Fixed 3 problems in 1 file.\n', '']);
      assert.equal(onDisk(), text.replaceAll('owner/name:1', `owner/name:1@${digest}`).replace('/db }', `/db@${digest} }`));
      assert.equal(registry.seen.filter(s => s.path === '/token').length, 2);
      assert.ok(!registry.seen.some(s => s.authorization?.includes('github-secret')));
      assert.equal((await cli()).out, 'Nothing to fix.\n');
    });

    for (const what of ['has no such image', 'has had enough', 'wants a password', 'never answers', 'answers with a page']) {
      it(`stay as they are where the registry ${what}`, async () => {
        const { handle, message, timeoutMs } = FAILURES[what]!;
        registry.handle = handle;
        const shown = await inEditor(5, timeoutMs);
        assert.equal(shown.text, text);
        assert.match(shown.message ?? '', /owner\/name:1 was not pinned: /);
        assert.match(shown.message ?? '', message);
        const { out, err } = await run(['fix', folder.path, '--rule', 'unpinned-image'], { env: { CI_HARDENING_TIMEOUT_MS: String(timeoutMs ?? LATE_MS) } });
        assert.equal(out, 'Nothing to fix.\n');
        assert.match(err, message);
        assert.equal(onDisk(), text);
      });
    }
  });
});
