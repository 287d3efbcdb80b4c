/** `ci-hardening catalog --update`, with a server on this machine in GitHub's place: all of the news, or none. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { embeddedDate, knownRepositories } from '../../../rules/catalog';
import { record } from '../../../rules/catalog/store';
import { publishedAdvisories } from '../../../server/github/advisories';
import { fetchCatalog } from '../../../server/github/catalog-update';
import { clearCache } from '../../../server/github/resolve';
import { run, type Ran } from '../../cli/run';
import { TestClient } from '../../lsp/client';
import { TemporaryFolder } from '../../lsp/folder';
import { built } from '../../support/built';
import { LATE_MS, SOON_MS } from '../../support/github';
import { json, Loopback, type Handler } from '../../support/loopback';

const A = 'a'.repeat(40), T = '7'.repeat(40);
const CI = '.github/workflows/ci.yml';

const advisory = (id: string, more: object = {}): object => ({
  ghsa_id: id, cve_id: 'CVE-2998-1', summary: 'It leaks\u0007 tokens', severity: 'high', published_at: '2998-12-31T00:00:00Z', withdrawn_at: null, cwes: [{ cwe_id: 'CWE-532' }],
  vulnerabilities: [{ package: { ecosystem: 'actions', name: 'actions/cache' }, vulnerable_version_range: '>= 4.0.0, < 999.0.0', first_patched_version: '999.0.0' }], ...more,
});

/** GitHub as the checked-in data knows it, with a version of actions/checkout and an advisory on top. */
function gitHub(more: Readonly<Record<string, Handler>> = {}): Handler {
  return (url, request, response) => {
    const route = url.pathname.replace('/api/v3', '');
    const special = more[route];
    if (special) return special(url, request, response);
    if (route === '/advisories') {
      const page = url.searchParams.get('after');
      if (page === null) return json(response, 200, [advisory('GHSA-aaaa-bbbb-cccc')], { link: `<https://elsewhere.example/advisories?ecosystem=actions&after=2>; rel="next"` });
      return json(response, 200, [advisory('GHSA-dddd-eeee-ffff', { withdrawn_at: '2998-12-31T00:00:00Z' })]);
    }
    const name = /^\/repos\/([^/]+\/[^/]+)\/tags$/.exec(route)?.[1];
    const known = name === undefined ? undefined : record(name);
    if (!known) return json(response, 404, { message: 'Not Found' });
    const tags = known.tags.map(t => ({ name: t.name, commit: { sha: known.sha(t) } }));
    if (name === 'actions/checkout') tags.unshift({ name: 'v7.99.0', commit: { sha: A } });
    const from = (Number(url.searchParams.get('page')) - 1) * 100;
    return json(response, 200, tags.slice(from, from + 100));
  };
}

describe('the catalogue', () => {
  const github = new Loopback();
  let cache: TemporaryFolder;
  let folder: TemporaryFolder;
  const file = (): string => join(cache.path, 'ci-hardening/catalog.json');

  beforeEach(async () => {
    clearCache();
    await github.start();
    github.handle = gitHub();
    cache = new TemporaryFolder();
    folder = new TemporaryFolder({ [CI]: 'on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v7\n      - uses: actions/cache@v4\n' });
  });
  afterEach(async () => {
    await github.stop();
    cache.dispose();
    folder.dispose();
  });

  const cli = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
    run(args, { env: { GITHUB_SERVER_URL: github.url, GITHUB_TOKEN: 'secret', XDG_CACHE_HOME: cache.path, CI_HARDENING_TIMEOUT_MS: String(LATE_MS), ...env } });
  const pinned = async (): Promise<string> => (await cli(['fix', folder.path, '--pin', '--offline', '--dry-run'])).out;

  it('says what is known, and where from', async () => {
    const { code, out } = await cli(['catalog']);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^ci-hardening \\S+, catalogue of ${embeddedDate}\n\\d+ actions of ${knownRepositories().length} repositories, \\d+ versions, \\d+ advisories, \\d+ archived or given up\n$`));
    const said = JSON.parse((await cli(['catalog', '--format', 'json'])).out) as Record<string, unknown>;
    assert.deepEqual([said.version, said.embedded, said.update], [1, embeddedDate, { state: 'none' }]);
    assert.equal(github.seen.length, 0);
    assert.match((await cli(['catalog', '--update', '--offline'])).err, /exclude each other/);
    assert.equal(github.seen.length, 0);
  });

  it('takes in new versions and advisories, says which, and uses them from then on', async () => {
    assert.doesNotMatch(await pinned(), /v7\.99\.0/);
    assert.match(await pinned(), /\+ .*actions\/cache@[0-9a-f]{40} # v4\./);
    const { code, out, err } = await cli(['catalog', '--update']);
    assert.equal(code, 0, err);
    assert.match(err, /^Asking 127\.0\.0\.1:\d+ about \d+ repositories …\n$/);
    const [first, second] = out.split('\n');
    assert.deepEqual([first, second], ['actions/checkout: v7.99.0', 'actions/cache: GHSA-aaaa-bbbb-cccc It leaks tokens.']);
    assert.match(out, /\nUpdated on \d{4}-\d{2}-\d{2}: \S+catalog\.json\n$/);
    assert.deepEqual(readdirSync(join(cache.path, 'ci-hardening')), ['catalog.json']);
    assert.match(await pinned(), new RegExp(`\\+ .*actions/checkout@${A} # v7\\.99\\.0\n`));
    assert.doesNotMatch(await pinned(), /actions\/cache@[0-9a-f]{40}/, 'a version with an advisory is not pinned');
    const scan = JSON.parse((await cli(['scan', folder.path, '--format', 'json'])).out) as { findings: { ruleId: string; message: string }[] };
    assert.ok(scan.findings.some(f => f.ruleId === 'action-vulnerable' && f.message.includes('GHSA-aaaa-bbbb-cccc')));
    assert.ok(github.seen.every(s => s.authorization === 'token secret' || s.path === '/advisories'));
    const again = await cli(['catalog', '--update']);
    assert.match(again.out, /^Nothing is new\.\n/);
  });

  it('is used by the language server', async () => {
    await cli(['catalog', '--update']);
    const child = spawn(process.execPath, [join(await built(), 'server.js'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, XDG_CACHE_HOME: cache.path } });
    const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    const client = new TestClient(connection, () => connection.dispose());
    try {
      await client.initialize({ folders: [folder.folder] });
      const uri = folder.uri(CI);
      await client.open(uri, readFileSync(join(folder.path, CI), 'utf8'));
      const diagnostic = (await client.diagnostics(uri)).find(d => d.code === 'unpinned-action');
      assert.ok(diagnostic);
      const titles = (await client.actions(uri, { diagnostics: [diagnostic] })).map(a => a.title);
      assert.ok(titles.includes('Pin actions/checkout to v7.99.0 (aaaaaaa)'), titles.join(' | '));
      await client.request('shutdown');
      await client.notify('exit', undefined);
    } finally {
      client.dispose();
      child.kill();
    }
  });

  it('keeps what it knows of a repository that is gone, and says so', async () => {
    github.handle = gitHub({ '/repos/actions/cache/tags': (_u, _r, response) => json(response, 404, { message: 'Not Found' }), '/advisories': (_u, _r, response) => json(response, 200, []) });
    const { code, out } = await cli(['catalog', '--update']);
    assert.equal(code, 0);
    assert.match(out, /\nactions\/cache was not found, and stays as it was\n/);
    assert.match(await pinned(), /\+ .*actions\/cache@[0-9a-f]{40} # v4\./);
  });

  const FAILURES: Readonly<Record<string, { readonly handle: Handler; readonly message: RegExp; readonly timeoutMs?: number }>> = {
    'fails for one repository': {
      handle: gitHub({ '/repos/docker/build-push-action/tags': (_u, _r, response) => json(response, 500, { message: 'down' }) }),
      message: /docker\/build-push-action with an error \(500\)/,
    },
    'has had enough half-way': {
      handle: (() => {
        let left = 40;
        return (url, request, response) => (left-- > 0 ? gitHub()(url, request, response) : json(response, 403, {}, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1893456000' }));
      })(),
      message: /too many requests from here; it answers again at 2030-01-01/,
    },
    'gives one list of tags that is none': { handle: gitHub({ '/repos/actions/cache/tags': (_u, _r, response) => json(response, 200, [{ name: 'v1', commit: { sha: 'short' } }]) }), message: /can't be read/ },
    'gives advisories that are none': { handle: gitHub({ '/advisories': (_u, _r, response) => json(response, 200, [{ id: 1 }]) }), message: /advisories can't be read/ },
    'gives advisories without end': { handle: gitHub({ '/advisories': (_u, _r, response) => json(response, 200, [], { link: '<https://x/advisories?after=1>; rel="next"' }) }), message: /advisories can't be read/ },
    'never answers about one repository': { handle: gitHub({ '/repos/actions/cache/tags': () => undefined }), message: /did not answer in time/, timeoutMs: 5 * SOON_MS },
    'knows nothing': { handle: gitHub(Object.fromEntries(knownRepositories().map(n => [`/repos/${n}/tags`, (_u, _r, response) => json(response, 404, {})]))), message: /none of the catalogue's repositories was found/ },
  };
  for (const [what, { handle, message, timeoutMs }] of Object.entries(FAILURES)) {
    it(`stays as it was, to the byte, where GitHub ${what}`, async () => {
      mkdirSync(join(cache.path, 'ci-hardening'));
      const before = JSON.stringify({ format: 1, date: '2999-01-01', actions: [['actions/cache', '', '', { moving: {}, floats: '' }]], advisories: [] });
      writeFileSync(file(), before);
      github.handle = handle;
      const { code, out, err } = await cli(['catalog', '--update'], timeoutMs === undefined ? {} : { CI_HARDENING_TIMEOUT_MS: String(timeoutMs) });
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /\nci-hardening: the catalogue was not updated, nothing was changed: /);
      assert.match(err, message);
      assert.equal(readFileSync(file(), 'utf8'), before);
      assert.deepEqual(readdirSync(join(cache.path, 'ci-hardening')), ['catalog.json']);
    });
  }

  it('is not written where it can\'t be, and what is built in goes on working', async () => {
    writeFileSync(join(cache.path, 'ci-hardening'), 'a file, and no folder');
    const { code, err } = await cli(['catalog', '--update']);
    assert.equal(code, 2);
    assert.match(err, /nothing was changed: /);
    assert.match(await pinned(), /actions\/cache@[0-9a-f]{40}/);
  });

  it('is what is built in where the file is broken or old', async () => {
    mkdirSync(join(cache.path, 'ci-hardening'));
    const whole = await pinned();
    for (const [text, told] of [['', 'broken'], ['{"format":1', 'broken'], ['{"format":1,"date":"2999-01-01","actions":[["x"]],"advisories":[]}', 'broken'], ['{"format":1,"date":"2001-01-01","actions":[],"advisories":[]}', 'older']] as const) {
      writeFileSync(file(), text);
      const { code, out } = await cli(['catalog']);
      assert.equal(code, 0);
      assert.match(out, new RegExp(`catalog\\.json is ${told}`));
      assert.equal(await pinned(), whole);
    }
    assert.ok(existsSync(file()));
  });

  describe('without a token', () => {
    it('asks git, whose answers are not counted, and peels tags', async () => {
      const handle = gitHub();
      github.handle = (url, request, response) => {
        if (url.pathname === '/actions/cache.git/info/refs') response.writeHead(200, { 'content-type': 'text/plain' }).end(`${T}\trefs/heads/main\n${T}\trefs/tags/v4.9.9\n${A}\trefs/tags/v4.9.9^{}\n`);
        else if (url.pathname === '/actions/cache.git/HEAD') response.writeHead(200).end('ref: refs/heads/main\n');
        else handle(url, request, response);
      };
      const fetched = await fetchCatalog(['actions/cache', 'o/gone'], { githubUrl: github.url, timeoutMs: LATE_MS });
      assert.deepEqual([...fetched.tags], [['actions/cache', new Map([['v4.9.9', A]])]]);
      assert.deepEqual(fetched.missing, ['o/gone']);
      assert.ok(!github.seen.some(s => s.path.endsWith('/tags')));
    });

    it('tells a page of a guest network from a repository', async () => {
      const handle = gitHub();
      github.handle = (url, request, response) => (url.pathname.includes('.git/') ? response.writeHead(200).end('<html>') : handle(url, request, response));
      await assert.rejects(fetchCatalog(['actions/cache'], { githubUrl: github.url, timeoutMs: LATE_MS }), /git/);
    });
  });

  it('reads advisories as GitHub writes them', async () => {
    const package_ = (name: string, range: string, patched: unknown = null, ecosystem = 'actions'): object => ({ package: { ecosystem, name }, vulnerable_version_range: range, first_patched_version: patched });
    github.handle = (_url, _request, response) => json(response, 200, [
      advisory('GHSA-0000-0000-0001', { cwes: [{ cwe_id: 'CWE-506' }], cve_id: null, vulnerabilities: [package_('o/a', '< 2', '2.0'), package_('o/a', '>= 3, <= 3.1.2', { identifier: '3.1.3' }), package_('o/b', '= 1.2.3')] }),
      advisory('GHSA-0000-0000-0002', { vulnerabilities: [package_('o/c', '> 1.0, < 2.0')] }),
      // Versions that can't be told, another ecosystem, a name that is none, a severity that is none.
      advisory('GHSA-0000-0000-0003', { vulnerabilities: [package_('o/d', 'all of them'), package_('left-pad', '< 2'), package_('o/e', '< 2', null, 'npm')] }),
      advisory('GHSA-0000-0000-0004', { severity: 'unknown' }),
    ]);
    const found = await publishedAdvisories({ githubUrl: github.url, timeoutMs: LATE_MS });
    assert.deepEqual(found.map(({ id, action, kind, ranges, patched, cve }) => [id, action, kind, ranges, patched, cve]), [
      ['GHSA-0000-0000-0001', 'o/a', 'compromise', [['', '2'], ['3', '=3.1.2']], '3.1.3', undefined],
      ['GHSA-0000-0000-0001', 'o/b', 'compromise', [['1.2.3', '=1.2.3']], undefined, undefined],
      ['GHSA-0000-0000-0002', 'o/c', 'vulnerability', [['1.0.0.0.1', '2.0']], undefined, 'CVE-2998-1'],
    ]);
  });
});
