import assert from 'node:assert/strict';
import type { CodeAction, Diagnostic, TextDocumentEdit } from 'vscode-languageserver';
import { applyTo, FULL, TestClient, type ClientOptions } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const TEXT = `name: CI
on:
  pull_request:
permissions: {}
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/setup-node@v4
      - uses: actions/cache@v4 # keep this
      - run: npm test
`;
const SHA = 'a'.repeat(40);

describe('language server: code actions', () => {
  let folder: TemporaryFolder;
  let client: TestClient | undefined;
  let uri: string;

  const start = async (options: ClientOptions = {}, text = TEXT): Promise<TestClient> => {
    client = await TestClient.start({ folders: [folder.folder], ...options });
    await client.open(uri, text, 3);
    return client;
  };
  const find = (items: readonly Diagnostic[], code: string): Diagnostic => {
    const found = items.find(d => d.code === code);
    assert.ok(found, `no ${code} among ${items.map(d => d.code).join(', ')}`);
    return found;
  };
  const named = (actions: readonly CodeAction[], title: RegExp): CodeAction => {
    const found = actions.find(a => title.test(a.title));
    assert.ok(found, `no ${title} among ${actions.map(a => a.title).join(' | ')}`);
    return found;
  };

  beforeEach(() => {
    folder = new TemporaryFolder({ [CI]: TEXT, 'package.json': '{}' });
    uri = folder.uri(CI);
  });
  afterEach(async () => {
    await client?.stop();
    client = undefined;
    folder.dispose();
  });

  it('offers exactly one preferred fix, which removes the finding', async () => {
    const c = await start();
    const before = await c.diagnostics(uri);
    const d = find(before, 'unpinned-action');
    assert.deepEqual(d.range, { start: { line: 8, character: 33 }, end: { line: 8, character: 35 } });
    const actions = await c.actions(uri, { diagnostics: [d] });
    const preferred = actions.filter(a => a.isPreferred);
    assert.equal(preferred.length, 1);
    assert.match(preferred[0]!.title, /^Pin actions\/setup-node to v4\./);
    const edit = preferred[0]!.edit!;
    assert.deepEqual(edit.documentChanges?.map(e => (e as TextDocumentEdit).textDocument), [{ uri, version: 3 }]);
    const fixed = applyTo(TEXT, uri, edit);
    assert.match(fixed, /uses: actions\/setup-node@[0-9a-f]{40} # v4\.[\d.]+\n/);
    await c.change(uri, 4, { text: fixed });
    const after = await c.diagnostics(uri);
    assert.deepEqual(after.filter(x => x.code === 'unpinned-action').map(x => x.range.start.line), [9]);
    assert.equal(after.length, before.length - 1);
  });

  it('finds the finding again where the client has lost its data', async () => {
    const c = await start();
    const { data, ...bare } = find(await c.diagnostics(uri), 'unpinned-action');
    assert.ok(data);
    named(await c.actions(uri, { diagnostics: [bare] }), /^Pin actions\/setup-node/);
  });

  it('ignores for the line, the step, the job and the file', async () => {
    const c = await start();
    const d = find(await c.diagnostics(uri), 'unpinned-action');
    for (const scope of ['line', 'step', 'job', 'file']) {
      const action = named(await c.actions(uri, { diagnostics: [d] }), new RegExp(`^Ignore unpinned-action for this ${scope}$`));
      assert.notEqual(action.isPreferred, true);
      const text = applyTo(TEXT, uri, action.edit);
      assert.match(text, scope === 'file' ? /^# ci-hardening: ignore-file\[unpinned-action\]\n/ : /# ci-hardening: ignore\[unpinned-action\]/);
      await c.change(uri, 4, { text });
      const left = (await c.diagnostics(uri)).filter(x => x.code === 'unpinned-action');
      assert.equal(left.length, scope === 'file' || scope === 'job' ? 0 : 1, scope);
      await c.change(uri, 3, { text: TEXT });
    }
  });

  it('fixes all problems of one rule when that is chosen', async () => {
    const c = await start();
    const d = find(await c.diagnostics(uri), 'unpinned-action');
    const action = named(await c.actions(uri, { diagnostics: [d] }), /^Fix all unpinned-action problems in this file$/);
    assert.equal(action.edit, undefined);
    const fixed = applyTo(TEXT, uri, (await c.resolve(action)).edit);
    assert.equal(fixed.match(/@[0-9a-f]{40} # v/g)?.length, 2);
    assert.doesNotMatch(fixed, /timeout-minutes/);
  });

  it('applies only what is safe with source.fixAll, and only when that is asked for', async () => {
    const c = await start();
    const diagnostics = await c.diagnostics(uri);
    assert.deepEqual((await c.actions(uri, { diagnostics })).filter(a => a.kind?.startsWith('source')), []);
    for (const only of ['source', 'source.fixAll', 'source.fixAll.ciHardening']) {
      const [action] = (await c.actions(uri, { only: [only] })).filter(a => a.kind === 'source.fixAll.ciHardening');
      const fixed = applyTo(TEXT, uri, action?.edit);
      assert.equal(fixed.match(/@[0-9a-f]{40} # v/g)?.length, 2, only);
      assert.doesNotMatch(fixed, /timeout-minutes|concurrency/);
    }
    assert.deepEqual(await c.actions(uri, { only: ['source.fixAllOther', 'sourc', 'source.fixAll.ciHardening.more'] }), []);
  });

  it('keeps unsafe fixes in a kind of their own, to be confirmed', async () => {
    const c = await start();
    const [action] = await c.actions(uri, { only: ['source.fixAllUnsafe'] });
    assert.equal(action?.kind, 'source.fixAllUnsafe.ciHardening');
    const { edit } = await c.resolve(action);
    const fixed = applyTo(TEXT, uri, edit);
    assert.match(fixed, /timeout-minutes: \d+/);
    const annotations = Object.values(edit?.changeAnnotations ?? {});
    assert.ok(annotations.length > 0 && annotations.every(a => a.needsConfirmation));
  });

  it('refuses to make an edit for a text that has changed', async () => {
    const c = await start();
    const d = find(await c.diagnostics(uri), 'unpinned-action');
    const action = named(await c.actions(uri, { diagnostics: [d] }), /^Fix all unpinned-action/);
    await c.change(uri, 4, { text: `# new\n${TEXT}` });
    await assert.rejects(c.resolve(action), /changed/);
  });

  describe('that need the network', () => {
    const UNKNOWN = TEXT.replace('actions/setup-node@v4', 'some-owner/some-action@v1');
    const pin = async (c: TestClient): Promise<CodeAction> => {
      const d = find(await c.diagnostics(uri), 'unpinned-action');
      return named(await c.actions(uri, { diagnostics: [d] }), /^Pin some-owner\/some-action/);
    };

    it('are looked up when chosen', async () => {
      const asked: unknown[] = [];
      const c = await start({ host: { lookUp: (need, url) => { asked.push([need, url]); return Promise.resolve({ sha: SHA, version: 'v1.2.3' }); } } }, UNKNOWN);
      const action = await pin(c);
      assert.equal(action.edit, undefined);
      assert.deepEqual(asked, []);
      const fixed = applyTo(UNKNOWN, uri, (await c.resolve(action)).edit);
      assert.match(fixed, new RegExp(`some-owner/some-action@${SHA} # v1\\.2\\.3\\n`));
      assert.deepEqual(asked, [[{ kind: 'resolve-ref', owner: 'some-owner', repo: 'some-action', ref: 'v1' }, 'https://github.com']]);
    });

    it('leave the file alone and say why where the look-up fails', async () => {
      const c = await start({ host: { lookUp: () => Promise.reject(new Error('GitHub has no such repository')) } }, UNKNOWN);
      const action = await pin(c);
      const shown = c.inbox.next<{ type: number; message: string }>('window/showMessage');
      assert.equal((await c.resolve(action)).edit, undefined);
      const message = await shown;
      assert.equal(message.type, 2);
      assert.match(message.message, /some-owner\/some-action@v1 was not pinned: GitHub has no such repository/);
    });

    it('are shown and disabled where the network is off', async () => {
      const off = await start({ settings: { network: { enabled: false } } }, UNKNOWN);
      assert.match((await pin(off)).disabled?.reason ?? '', /network is off/);
    });

    it('are disabled in a workspace that is not trusted', async () => {
      const c = await start({ initializationOptions: { trusted: false } }, UNKNOWN);
      assert.match((await pin(c)).disabled?.reason ?? '', /Restricted Mode/);
    });

    it('drop the answer for a text that has changed meanwhile', async () => {
      let answer: (r: { sha: string }) => void = () => undefined;
      let asked: () => void = () => undefined;
      const asking = new Promise<void>(resolve => { asked = resolve; });
      const c = await start({ host: { lookUp: () => new Promise(resolve => { answer = resolve; asked(); }) } }, UNKNOWN);
      const resolved = c.resolve(await pin(c));
      await asking;
      await c.change(uri, 4, { text: `# typed\n${UNKNOWN}` });
      await c.diagnostics(uri);
      answer({ sha: SHA });
      await assert.rejects(resolved, /changed/);
    });
  });

  it('shows documentation only to clients that have the command', async () => {
    const without = await start();
    const d = find(await without.diagnostics(uri), 'unpinned-action');
    assert.ok(!(await without.actions(uri, { diagnostics: [d] })).some(a => a.command));
    await without.stop();
    const c = await start({ initializationOptions: { commands: true } });
    const action = named(await c.actions(uri, { diagnostics: [d] }), /^Show documentation for unpinned-action$/);
    assert.deepEqual(action.command, { title: 'Show documentation', command: 'ciHardening.showRule', arguments: ['unpinned-action'] });
    assert.deepEqual((await c.actions(uri, { diagnostics: [], triggerKind: 1 })).at(-1)?.command?.command, 'ciHardening.harden', 'behind the first few things to add: all of them');
  });

  it('gives plain edits to clients that know nothing newer', async () => {
    const c = await start({ capabilities: { ...FULL, workspace: { ...FULL.workspace, workspaceEdit: {} }, textDocument: { ...FULL.textDocument, codeAction: {} } } });
    const d = find(await c.diagnostics(uri), 'unpinned-action');
    const actions = await c.actions(uri, { diagnostics: [d] });
    assert.ok(actions.every(a => a.edit?.changes && !a.edit.documentChanges));
    assert.match(applyTo(TEXT, uri, named(actions, /^Fix all unpinned-action/).edit), /@[0-9a-f]{40}/);
  });

  it('adds a missing practice from its diagnostic', async () => {
    const c = await start();
    const d = find(await c.diagnostics(uri), 'scan-secrets');
    assert.equal(d.severity, 3);
    assert.deepEqual(d.range, { start: { line: 4, character: 0 }, end: { line: 4, character: 4 } });
    const actions = await c.actions(uri, { diagnostics: [d] });
    const add = await c.resolve(named(actions, /^Add a secret-scan job$/));
    const text = applyTo(TEXT, uri, add.edit);
    assert.match(text, /gitleaks/);
    assert.ok(Object.values(add.edit?.changeAnnotations ?? {}).every(a => a.needsConfirmation));
    const again = c.inbox.next<{ reports: { controls: { id: string; verdict: string }[] }[] }>('ciHardening/scorecard');
    await c.change(uri, 4, { text });
    assert.equal((await again).reports[0]?.controls.find(x => x.id === 'scan-secrets')?.verdict, 'met');
    assert.ok(!(await c.diagnostics(uri)).some(x => x.code === 'scan-secrets'));
    const refactor = await c.actions(uri, { only: ['refactor'] });
    assert.ok(refactor.every(a => a.kind === 'refactor.ciHardening.add'));
  });

  it('adds nothing to a menu that repairs something, and one threshold of a gate', async () => {
    folder.write('package.json', '{ "scripts": { "test": "jest" }, "devDependencies": { "jest": "29.7.0" } }');
    folder.write('src/a.test.js', 'test("a", () => undefined);\n');
    const c = await start();
    const adding = (actions: readonly CodeAction[]): string[] => actions.filter(a => a.kind === 'refactor.ciHardening.add').map(a => a.title);
    const d = find(await c.diagnostics(uri), 'unpinned-action');
    assert.deepEqual(adding(await c.actions(uri, { diagnostics: [d], triggerKind: 1 })), []);
    const all = adding(await c.actions(uri, { diagnostics: [d], only: ['refactor'] }));
    assert.ok(all.length > 12 && all.includes('Add a secret-scan job'), all.join(' | '));
    assert.deepEqual(adding(await c.actions(uri, { diagnostics: [], triggerKind: 1 })), all.slice(0, 8), 'what somebody gets who asks for no more can be read at once');
    assert.ok(all.indexOf('Set timeout-minutes on each job') < all.indexOf('Add a secret-scan job') && all.indexOf('Add a secret-scan job') < all.indexOf('Add an sbom job'), 'the lowest level first');
    assert.deepEqual(all.filter(title => title.includes('coverage')), ['Add a coverage job, or raise the threshold to 70 %']);
  });

  it('ignores a missing practice for the file', async () => {
    const c = await start();
    const d = find(await c.diagnostics(uri), 'scan-secrets');
    const action = named(await c.actions(uri, { diagnostics: [d] }), /^Ignore scan-secrets for this file$/);
    await c.change(uri, 4, { text: applyTo(TEXT, uri, action.edit) });
    const after = await c.diagnostics(uri);
    assert.ok(!after.some(x => x.code === 'scan-secrets' || x.code === 'unused-suppression' || x.code === 'invalid-suppression'));
  });

  it('is silent about missing practices where the setting or a comment says so', async () => {
    const c = await start({ settings: { missingPractices: false } });
    assert.ok(!(await c.diagnostics(uri)).some(d => d.code === 'scan-secrets'));
    c.settings = {};
    const refresh = c.inbox.next('workspace/diagnostic/refresh');
    await c.notify('workspace/didChangeConfiguration', { settings: null });
    await refresh;
    assert.ok((await c.diagnostics(uri)).some(d => d.code === 'scan-secrets'));
    const text = `# ci-hardening: ignore-file[scan-secrets] elsewhere\n${TEXT}`;
    await c.change(uri, 4, { text });
    assert.ok(!(await c.diagnostics(uri)).some(d => d.code === 'scan-secrets'));
  });
});
