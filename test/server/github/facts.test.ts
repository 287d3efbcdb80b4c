import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinKey, type PinFacts } from '../../../rules';
import { FactCache, MOST_ENTRIES, readPinFacts } from '../../../server/github/fact-cache';
import { PinInspector } from '../../../server/github/facts';
import { OnlinePins } from '../../../server/github/online-pins';
import { pinsAskedOf } from '../../../server/github/pins-on-disk';
import { clearCache } from '../../../server/github/resolve';
import { cacheFolder, writeWhole } from '../../../server/workspace/cache-folder';
import { run } from '../../cli/run';
import { TestClient } from '../../lsp/client';
import { TemporaryFolder } from '../../lsp/folder';
import { FAILURES, LATE_MS, madeGitHub, type MadeRepository } from '../../support/github';
import { json, Loopback } from '../../support/loopback';

const TAGGED = 'a'.repeat(40), BEHIND = 'b'.repeat(40), FORK = 'f'.repeat(40), HEAD = '1'.repeat(40), GONE = 'e'.repeat(40), PLAIN = 'd'.repeat(40);
const DATE = '2026-03-01T10:00:00Z', AUTHORED = '2020-01-01T00:00:00Z';
const TOOL: MadeRepository = {
  tags: { v1: TAGGED, 'v1.2.3': TAGGED, 'v1.2': TAGGED, 'v1.0.0': PLAIN, both: PLAIN },
  branches: { main: HEAD, both: HEAD, [TAGGED]: HEAD },
  releases: { 'v1.2.3': DATE },
  commits: { [TAGGED]: AUTHORED, [BEHIND]: AUTHORED, [FORK]: AUTHORED, [PLAIN]: AUTHORED, [HEAD]: AUTHORED },
  leadsTo: { [PLAIN]: [BEHIND] },
};

describe('what GitHub says about pins', () => {
  const github = new Loopback();
  const ask = (ref: string, more: { repo?: string; timeoutMs?: number } = {}): Promise<PinFacts> =>
    new PinInspector({ githubUrl: github.url, timeoutMs: more.timeoutMs ?? LATE_MS }).inspect({ owner: 'o', repo: more.repo ?? 'tool', ref });

  beforeEach(async () => {
    clearCache();
    github.handle = madeGitHub({ 'o/tool': TOOL });
    await github.start();
  });
  afterEach(() => github.stop());

  it('names the version of a commit, and when it was published', async () => {
    const facts = await ask(TAGGED);
    assert.deepEqual(facts, { exists: true, reachable: true, tagged: true, version: 'v1.2.3', published: DATE, tag: false, branch: true });
  });

  it('takes the date of the commit where there is no release', async () => {
    assert.deepEqual(await ask(PLAIN), { exists: true, reachable: true, tagged: true, version: 'v1.0.0', published: AUTHORED, tag: false, branch: false });
  });

  it('knows a commit behind a branch or a tag, and one that only a fork has', async () => {
    assert.deepEqual(await ask(BEHIND), { exists: true, reachable: true, tagged: false, tag: false, branch: false });
    assert.deepEqual(await ask(HEAD), { exists: true, reachable: true, tagged: false, tag: false, branch: false });
    assert.deepEqual(await ask(FORK), { exists: true, reachable: false, tagged: false, tag: false, branch: false });
    assert.deepEqual(await ask(GONE), { exists: false, tag: false, branch: false });
  });

  it('tells tags from branches, and both from neither', async () => {
    assert.deepEqual(await ask('v1'), { exists: true, tag: true, branch: false });
    assert.deepEqual(await ask('main'), { exists: true, tag: false, branch: true });
    assert.deepEqual(await ask('both'), { exists: true, tag: true, branch: true });
    assert.deepEqual(await ask('v9'), { tag: false, branch: false });
  });

  it('says nothing of what it could not look through', async () => {
    const many = Object.fromEntries(Array.from({ length: 301 }, (_, i) => [`b${i}`, i.toString(16).padStart(40, '0')]));
    github.handle = madeGitHub({ 'o/tool': { ...TOOL, branches: { ...many, both: HEAD } } });
    assert.equal((await ask(FORK)).reachable, undefined);
    assert.deepEqual(await ask('both'), { exists: true, tag: true, branch: true });
    const compared = github.seen.filter(s => s.path.includes('/compare/')).length;
    assert.ok(compared > 0 && compared <= 120, `${compared} comparisons`);
    const untagged = madeGitHub({ 'o/tool': { ...TOOL, tags: {} } });
    github.handle = untagged;
    assert.equal((await ask(HEAD)).tagged, undefined);
    github.handle = madeGitHub({ 'o/tool': { commits: { [FORK]: AUTHORED } } });
    assert.deepEqual(await ask(FORK), { exists: true, tag: false, branch: false }, 'lists that are empty are no proof');
  });

  it('lists the refs of a repository once for all of its pins', async () => {
    const inspector = new PinInspector({ githubUrl: github.url, timeoutMs: LATE_MS });
    for (const ref of [TAGGED, PLAIN, 'v1', 'both']) await inspector.inspect({ owner: 'o', repo: 'tool', ref });
    assert.equal(github.seen.filter(s => s.path === '/api/v3/repos/o/tool/tags').length, 1);
  });

  describe('kept for later', () => {
    let folder: TemporaryFolder;
    beforeEach(() => { folder = new TemporaryFolder(); });
    afterEach(() => folder.dispose());
    const file = (): string => join(folder.path, 'deep/pins.json');

    it('is asked once, and again when it is old', async () => {
      let now = 1_000_000;
      const pins = (): OnlinePins => new OnlinePins({ begin: () => new PinInspector({ githubUrl: github.url, timeoutMs: LATE_MS }), cache: new FactCache(file(), () => now), host: 'h' });
      const names = [{ owner: 'o', repo: 'tool', ref: TAGGED }, { owner: 'O', repo: 'Tool', ref: TAGGED }];
      const first = pins();
      assert.deepEqual(await first.learn(names.slice(0, 1)), { known: 1, failures: [] });
      const asked = github.seen.length;
      const second = pins();
      assert.deepEqual(await second.learn(names), { known: 1, failures: [] });
      assert.equal(github.seen.length, asked);
      assert.deepEqual(second.facts.get(pinKey('o', 'tool', TAGGED)), first.facts.get(pinKey('o', 'tool', TAGGED)));
      now += 31 * 24 * 60 * 60 * 1000;
      await pins().learn(names.slice(0, 1));
      assert.ok(github.seen.length > asked);
    });

    it('is bounded, whole, and no worse for a file that is broken', () => {
      const cache = new FactCache(file());
      for (let i = 0; i < MOST_ENTRIES + 10; i++) cache.set(`h o/r@${i}`, { exists: true });
      cache.save();
      assert.deepEqual(readdirSync(join(folder.path, 'deep')), ['pins.json']);
      const entries = (JSON.parse(readFileSync(file(), 'utf8')) as { entries: object }).entries;
      assert.equal(Object.keys(entries).length, MOST_ENTRIES);
      assert.equal(new FactCache(file()).get('h o/r@0'), undefined);
      assert.deepEqual(new FactCache(file()).get('h o/r@15'), { exists: true });
      for (const text of ['', '{', '[]', '{"format":1,"entries":{"a":{"at":"x","facts":{}}}}', '{"format":2,"entries":{}}', `{"format":1,"entries":{"a":{"at":1,"facts":{"exists":"yes"}}}}`]) {
        writeFileSync(file(), text);
        assert.equal(new FactCache(file()).get('a'), undefined, text);
      }
      assert.deepEqual(readPinFacts({ version: 'v1', tag: false }), { version: 'v1', tag: false });
      for (const bad of [null, [], { more: true }, { version: 'v'.repeat(200) }, { tag: 1 }]) assert.equal(readPinFacts(bad), undefined);
    });

    it('does without a disk that can\'t be written to', () => {
      mkdirSync(file(), { recursive: true });
      const cache = new FactCache(file());
      cache.set('a', { tag: true });
      cache.save();
      assert.deepEqual(cache.get('a'), { tag: true });
      assert.deepEqual(readdirSync(join(folder.path, 'deep')), ['pins.json'], 'nothing half written is left');
      assert.throws(() => writeWhole(file(), 'x'));
    });

    it('lies where the system keeps such things, and never where a relative path would lead', () => {
      assert.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux', '/h'), '/c/ci-hardening');
      assert.equal(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux', '/h'), '/h/.cache/ci-hardening');
      assert.equal(cacheFolder({}, 'darwin', '/h'), '/h/Library/Caches/ci-hardening');
      assert.equal(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32', '/h'), '/local/ci-hardening/Cache');
      assert.equal(cacheFolder({}, 'win32', '/h'), undefined);
      assert.equal(cacheFolder({}, 'linux', ''), undefined);
    });
  });

  it('stops asking a server that has had enough, and says so once', async () => {
    github.handle = FAILURES['is rate limited']!.handle;
    const pins = pinsAskedOf({ githubUrl: github.url, timeoutMs: LATE_MS }, undefined);
    const names = Array.from({ length: 50 }, (_, i) => ({ owner: 'o', repo: `r${i}`, ref: TAGGED }));
    const { known, failures } = await pins.learn(names);
    assert.equal(known, 0);
    assert.equal(failures.length, 1);
    assert.match(failures[0]!, /too many requests.*Signing in raises the limit/);
    assert.ok(github.seen.length <= 4, `${github.seen.length} questions`);
  });

  it('goes on where one repository gives no answer', async () => {
    const pins = pinsAskedOf({ githubUrl: github.url, timeoutMs: LATE_MS }, undefined);
    const { known, failures } = await pins.learn([{ owner: 'o', repo: 'private', ref: 'v1' }, { owner: 'o', repo: 'tool', ref: 'v1' }, { owner: '-o', repo: 'x', ref: 'v1' }]);
    assert.equal(known, 1);
    assert.match(failures.join('\n'), /^-o\/x@v1 was not checked: .* is not a name.*\no\/private@v1 was not checked: o\/private@v1 was not found/);
  });

  describe('shows', () => {
    const CI = '.github/workflows/ci.yml';
    const text = `on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n      - uses: o/tool@${FORK} # v1.2.3\n      - uses: o/tool@${GONE}\n      - uses: o/tool@${TAGGED} # v1.2.3\n`;
    let folder: TemporaryFolder;
    let cache: TemporaryFolder;
    beforeEach(() => {
      folder = new TemporaryFolder({ [CI]: text });
      cache = new TemporaryFolder();
    });
    afterEach(() => { folder.dispose(); cache.dispose(); });
    const scan = async (...args: string[]): Promise<{ rules: string[]; errors: { file: string; message: string }[]; code: number | null; err: string }> => {
      const { out, err, code } = await run(['scan', folder.path, '--format', 'json', ...args], { env: { GITHUB_SERVER_URL: github.url, XDG_CACHE_HOME: cache.path } });
      const report = (out === '' ? { findings: [], errors: [] } : JSON.parse(out)) as { findings: { ruleId: string; range: { start: { line: number } } }[]; errors: { file: string; message: string }[] };
      return { rules: report.findings.filter(f => /impostor|fresh|ambiguous/.test(f.ruleId)).map(f => `${f.range.start.line} ${f.ruleId}`), errors: report.errors, code, err };
    };

    it('on the command line, where --online asks for it', async () => {
      assert.deepEqual((await scan()).rules, []);
      assert.deepEqual((await scan('--offline', '--profile', 'strict')).rules, []);
      assert.equal(github.seen.length, 0);
      folder.write('.github/workflows/b.yml', text.replace(`o/tool@${FORK} # v1.2.3`, 'o/tool@both'));
      assert.deepEqual((await scan('--online')).rules, ['9 pin-impostor-commit', '8 pin-impostor-commit', '9 pin-impostor-commit']);
      assert.ok(!github.seen.some(s => s.path.endsWith('/both')), 'what no rule asks about is not asked');
      assert.deepEqual((await scan('--online', '--profile', 'strict')).rules.filter(r => r.startsWith('8 ')), ['8 ref-ambiguous', '8 pin-impostor-commit']);
      folder.remove('.github/workflows/b.yml');
      const online = await scan('--online', '--profile', 'strict');
      assert.deepEqual(online.rules, ['8 pin-impostor-commit', '9 pin-impostor-commit', '10 ref-ambiguous']);
      assert.deepEqual(online.errors, []);
      const asked = github.seen.length;
      assert.ok(existsSync(join(cache.path, 'ci-hardening/pins.json')));
      assert.deepEqual((await scan('--online', '--profile', 'strict')).rules, online.rules);
      assert.equal(github.seen.length, asked, 'the second time it is known');
      const clash = await scan('--online', '--offline');
      assert.deepEqual([clash.code, clash.err], [2, 'ci-hardening: --online and --offline exclude each other\n']);
    });

    it('on the command line why nothing is known', async () => {
      github.handle = FAILURES['is rate limited']!.handle;
      const { rules, errors } = await scan('--online');
      assert.deepEqual(rules, []);
      assert.match(errors.map(e => e.message).join('\n'), /too many requests/);
      assert.equal(readFileSync(join(folder.path, CI), 'utf8'), text);
    });

    const uri = (): string => folder.uri(CI);
    const start = async (network: object): Promise<TestClient> => {
      const pins = pinsAskedOf({ githubUrl: github.url, timeoutMs: LATE_MS }, undefined);
      const client = await TestClient.start({ folders: [folder.folder], settings: { profile: 'strict', network: { githubUrl: github.url, ...network } }, host: { pins: () => Promise.resolve(pins) } });
      await client.open(uri(), text);
      return client;
    };
    const shown = async (client: TestClient): Promise<string[]> =>
      (await client.diagnostics(uri())).filter(d => /impostor|fresh|ambiguous/.test(String(d.code))).map(d => `${d.range.start.line + 1} ${d.code}`).sort();

    it('in the editor, when the command asks for it', async () => {
      const client = await start({});
      try {
        assert.deepEqual(await shown(client), []);
        assert.equal(github.seen.length, 0);
        const refresh = client.inbox.next('workspace/diagnostic/refresh');
        assert.deepEqual(await client.request('ciHardening/checkPins', {}), { known: 3, failures: [] });
        await refresh;
        assert.deepEqual(await shown(client), ['10 ref-ambiguous', '8 pin-impostor-commit', '9 pin-impostor-commit']);
        await client.change(uri(), 2, { text: text.replace(FORK, PLAIN) });
        assert.deepEqual(await shown(client), ['10 ref-ambiguous', '9 pin-impostor-commit']);
      } finally {
        await client.stop();
      }
    });

    it('in the editor by itself, where the setting says so, and asks about each pin once', async () => {
      const client = await start({ checkPins: true });
      try {
        for (;;) {
          const refresh = client.inbox.next('workspace/diagnostic/refresh');
          if ((await shown(client)).length > 0) break;
          await refresh;
        }
        assert.deepEqual(await shown(client), ['10 ref-ambiguous', '8 pin-impostor-commit', '9 pin-impostor-commit']);
        const asked = github.seen.length;
        const answer = github.handle;
        const askedAgain = new Promise<void>(resolve => {
          github.handle = (url, request, response) => {
            answer(url, request, response);
            if (url.pathname.includes('/releases/tags/v1.0.0')) resolve();
          };
        });
        await client.change(uri(), 2, { text: `# a comment\n${text}` });
        assert.equal((await shown(client)).length, 3);
        folder.write('.github/workflows/b.yml', text.replace(FORK, PLAIN));
        await client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: folder.uri('.github/workflows/b.yml'), type: 1 }] });
        await askedAgain;
        assert.ok(!github.seen.slice(asked).some(s => s.path.includes(FORK) || s.path.includes(GONE)));
      } finally {
        await client.stop();
      }
    });

    it('with the token of whoever is signed in, where the client knows, and to GitHub alone', async () => {
      const pins = pinsAskedOf({ githubUrl: github.url, timeoutMs: LATE_MS }, undefined);
      const asked: unknown[] = [];
      const client = TestClient.connect({ host: { pins: () => Promise.resolve(pins) } });
      client.connection.onRequest('ciHardening/githubToken', (params: unknown) => { asked.push(params); return { token: 'signed-in' }; });
      await client.initialize({ folders: [folder.folder], settings: { network: { githubUrl: github.url } }, initializationOptions: { githubToken: true } });
      try {
        assert.deepEqual(await client.request('ciHardening/checkPins', {}), { known: 3, failures: [] });
        assert.deepEqual(asked, [{ githubUrl: github.url }]);
        assert.ok(github.seen.length > 0 && github.seen.every(s => s.authorization === 'token signed-in'));
      } finally {
        await client.stop();
      }
      github.seen.length = 0;
      clearCache();
      const unknowing = await start({});
      await unknowing.request('ciHardening/checkPins', {});
      assert.ok(github.seen.length > 0 && github.seen.every(s => s.authorization === undefined));
      await unknowing.stop();
    });

    it('why it may not ask', async () => {
      const off = await start({ enabled: false, checkPins: true });
      await assert.rejects(off.request('ciHardening/checkPins', {}), /network is off/);
      await off.stop();
      const client = await TestClient.start({ folders: [folder.folder], initializationOptions: { trusted: false }, settings: { network: { checkPins: true } } });
      await assert.rejects(client.request('ciHardening/checkPins', {}), /Restricted Mode/);
      await client.stop();
      assert.equal(github.seen.length, 0);
    });

    it('why it was told nothing', async () => {
      github.handle = (_url, _request, response) => json(response, 500, { message: 'down' });
      const client = await start({});
      try {
        const { known, failures } = await client.request<{ known: number; failures: string[] }>('ciHardening/checkPins', {});
        assert.equal(known, 0);
        assert.match(failures.join('\n'), /with an error \(500\)/);
        assert.deepEqual(await shown(client), []);
      } finally {
        await client.stop();
      }
    });
  });
});
