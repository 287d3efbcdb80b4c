import assert from 'node:assert/strict';
import type { CodeAction, CompletionItem, DocumentLink, Hover, InlayHint, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { resolvePin } from '../../rules/catalog';
import type { ScanResult, SetSeverityResult, WhyResult } from '../../server/protocol';
import type { ServerHost } from '../../server/lsp/connection';
import { applyTo, FULL, TestClient, type ClientOptions } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const CONFIG = '.github/ci-hardening.yml';
const PIN = resolvePin('actions', 'checkout', 'v7.0.1')!;
const REFRESHING = { ...FULL, workspace: { ...FULL.workspace, inlayHint: { refreshSupport: true } } };

const TEXT = `name: CI
on:
  pull_request_target:
  push:
    branches: [main]
permissions:
  contents: read
  issues: write
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@${PIN.sha}
        with:
          persist-credentials: false
      - uses: ./tools/setup
      - run: echo "\${{ github.event.pull_request.title }} \${{ secrets.GITHUB_TOKEN }}"
      - run: gh issue comment 1 --body hello
  own:
    runs-on: [self-hosted, big]
    permissions: {}
    steps:
      - run: echo "\${{ github.sha }}"
`;

describe('language server: in the editor', () => {
  let folder: TemporaryFolder;
  let client: TestClient | undefined;
  let uri: string;

  const start = async (options: ClientOptions = {}, text = TEXT): Promise<TestClient> => {
    client = await TestClient.start({ folders: [folder.folder], ...options });
    await client.open(uri, text, 3);
    return client;
  };
  beforeEach(() => {
    folder = new TemporaryFolder({ [CI]: TEXT, 'tools/setup/action.yml': 'runs:\n  using: composite\n  steps: []\n', 'package.json': '{}' });
    uri = folder.uri(CI);
  });
  afterEach(async () => {
    await client?.stop();
    client = undefined;
    folder.dispose();
  });

  /** A text with one `|`, and where it stood. */
  const marked = (text: string): { text: string; position: { line: number; character: number } } => {
    const at = text.indexOf('|');
    const plain = text.slice(0, at) + text.slice(at + 1);
    return { text: plain, position: TextDocument.create('', '', 0, plain).positionAt(at) };
  };
  const placeOf = (part: string, text = TEXT): { line: number; character: number } => {
    const at = text.indexOf(part);
    assert.notEqual(at, -1, part);
    return TextDocument.create('', '', 0, text).positionAt(at + 1);
  };
  const hover = async (c: TestClient, part: string, text = TEXT): Promise<string> => {
    const found = await c.request<Hover | null>('textDocument/hover', { textDocument: { uri }, position: placeOf(part, text) });
    return (found?.contents as { value: string } | undefined)?.value ?? '';
  };
  const all = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };

  describe('inlay hints', () => {
    const hints = (c: TestClient, range = all): Promise<InlayHint[]> => c.request('textDocument/inlayHint', { textDocument: { uri }, range });

    it('say the version behind a commit that no comment names', async () => {
      const c = await start();
      const [hint, ...others] = await hints(c);
      assert.deepEqual(others, []);
      assert.equal(hint?.label, 'v7.0.1');
      assert.deepEqual(hint?.position, { line: 13, character: `      - uses: actions/checkout@${PIN.sha}`.length });
      assert.deepEqual(await hints(c, { start: { line: 0, character: 0 }, end: { line: 12, character: 0 } }), []);
      await c.change(uri, 4, { text: TEXT.replace(PIN.sha, `${PIN.sha} # v7.0.1`) });
      assert.deepEqual(await hints(c), []);
    });

    it('say what the token of a job may do, where a setting wants it, and come up again when it changes', async () => {
      const c = await start({ capabilities: REFRESHING });
      await hints(c);
      const refreshed = new Promise<void>(resolve => c.connection.onRequest('workspace/inlayHint/refresh', () => { resolve(); return null; }));
      c.settings = { inlayHints: { versions: false, permissions: true } };
      await c.notify('workspace/didChangeConfiguration', { settings: null });
      await refreshed;
      assert.deepEqual((await hints(c)).map(h => [h.position.line, h.label]), [[9, 'token: contents: read, issues: write']]);
      await c.change(uri, 4, { text: TEXT.replace('  issues: write\n', '  issues: write\n  packages: write\n  id-token: write\n') });
      // VS Code cuts a hint at 43 characters.
      assert.deepEqual((await hints(c)).map(h => h.label), ['token: contents: read and 3 more']);
      await c.change(uri, 5, { text: TEXT.replace('permissions:\n  contents: read\n  issues: write\n', '') });
      assert.deepEqual((await hints(c)).map(h => h.label), ['token: as the repository is set']);
    });
  });

  describe('hovers', () => {
    it('say of an action which version it is, what it runs on and what it takes', async () => {
      const text = await hover(await start(), 'actions/checkout@');
      assert.match(text, /Pinned to a commit: that of `v7\.0\.1`/);
      assert.match(text, /Newest known: `v/);
      assert.match(text, /Runs on `node\d+`/);
      assert.match(text, /Inputs: .*`persist-credentials`/);
    });

    it('say when a pinned commit was released and where it comes from, once GitHub was asked, and bring its version as a hint', async () => {
      const own = 'c'.repeat(40);
      const published = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000).toISOString();
      const facts = new Map([[`octo-org/deploy@${own}`, { exists: true, reachable: false, version: 'v2.3.4', published }]]);
      const learn = (): Promise<{ known: number; failures: string[] }> => Promise.resolve({ known: 1, failures: [] });
      const text = TEXT.replace('./tools/setup', `octo-org/deploy@${own}`);
      const c = await start({ capabilities: REFRESHING, host: { pins: () => Promise.resolve({ facts, learn } as unknown as Awaited<ReturnType<ServerHost['pins']>>) } }, text);
      assert.equal(await hover(c, 'octo-org/deploy', text), '');
      assert.deepEqual((await c.request<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri }, range: all })).map(h => h.label), ['v7.0.1']);
      const refreshed = new Promise<void>(resolve => c.connection.onRequest('workspace/inlayHint/refresh', () => { resolve(); return null; }));
      await c.request('ciHardening/checkPins', {});
      await refreshed;
      const said = await hover(c, 'octo-org/deploy', text);
      assert.match(said, /that of `v2\.3\.4`[^]*No branch or tag of the repository leads to this commit[^]*Released \d{4}-\d\d-\d\d, 3 days ago/);
      assert.deepEqual((await c.request<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri }, range: all })).map(h => h.label), ['v7.0.1', 'v2.3.4']);
    });

    it('leave inputs to GitHub\'s own extension', async () => {
      assert.doesNotMatch(await hover(await start({ settings: { officialExtension: true } }), 'actions/checkout@'), /Inputs:/);
    });

    it('say of a scope what needs it', async () => {
      const c = await start();
      assert.match(await hover(c, 'issues: write'), /Needed:\n- `write` by `gh issue comment 1 --body hello` in `test`/);
      const text = TEXT.replace('issues: write', 'packages: write');
      await c.change(uri, 4, { text });
      assert.match(await hover(c, 'packages: write', text), /\*\*permissions: packages\*\*[^]*No job that inherits it is known to need it/);
    });

    it('say once of a scope that nothing gives it by default', async () => {
      const c = await start();
      const text = TEXT.replace('issues: write', 'id-token: write');
      await c.change(uri, 4, { text });
      const said = await hover(c, 'id-token: write', text);
      assert.match(said, /Without `permissions` it is never given\./);
      assert.doesNotMatch(said, /none where/);
    });

    it('say of an event who starts it, and with what rights', async () => {
      const c = await start();
      assert.match(await hover(c, 'pull_request_target'), /Outsiders can start this[^]*anyone who opens a pull request[^]*secrets and the token/);
      assert.match(await hover(c, 'push:'), /Outsiders can't start this/);
    });

    it('say who controls what an expression reads', async () => {
      const c = await start();
      assert.match(await hover(c, 'title }}'), /\*\*Controlled by anyone who opens a pull request\*\* on `pull_request_target`: any text/);
      assert.match(await hover(c, 'GITHUB_TOKEN'), /It may here: contents: read, issues: write/);
      assert.match(await hover(c, 'sha }}'), /Set by GitHub/);
      const text = TEXT.replace('pull_request_target:', 'workflow_dispatch:');
      await c.change(uri, 4, { text });
      assert.match(await hover(c, 'title }}', text), /Nothing that starts this workflow fills it/);
      assert.match(await hover(c, 'title }}', text), /\*\*github\.event\./);
      const secret = text.replace('secrets.GITHUB_TOKEN', 'secrets.Deploy_Key');
      await c.change(uri, 5, { text: secret });
      assert.match(await hover(c, 'Deploy_Key', secret), /\*\*secrets\.Deploy\\?_Key\*\*/);
    });

    it('say of a runner whose machine it is', async () => {
      const c = await start();
      assert.match(await hover(c, 'ubuntu-latest'), /hosted by GitHub[^]*Today it is `ubuntu-/);
      assert.match(await hover(c, 'self-hosted'), /machine of your own[^]*Outsiders can start this workflow by `pull_request_target`/);
      assert.match(await hover(c, 'big]'), /no label of GitHub's/);
    });

    it('say what a suppression does', async () => {
      const c = await start();
      const text = TEXT.replace('timeout-minutes: 10', 'timeout-minutes: 10 # ci-hardening: ignore[secret-hardcoded] until 2999-01-01');
      await c.change(uri, 4, { text });
      assert.match(await hover(c, 'secret-hardcoded', text), /\*\*Suppression\*\* of `secret-hardcoded` here[^]*Nothing is found here that it would suppress/);
      const over = text.replace('2999', '2020');
      await c.change(uri, 5, { text: over });
      assert.match(await hover(c, 'secret-hardcoded', over), /It has run out on 2020-01-01: the findings are shown again\./);
    });

    it('say what keys and rules of the configuration mean', async () => {
      const c = await start();
      const config = 'profile: strict\nrules:\n  unpinned-action: low # unpinned-action\n';
      await c.open(folder.uri(CONFIG), config);
      const at = async (line: number, character: number) =>
        ((await c.request<Hover | null>('textDocument/hover', { textDocument: { uri: folder.uri(CONFIG) }, position: { line, character } }))?.contents as { value: string } | undefined)?.value;
      assert.match(await at(0, 2) ?? '', /\*\*profile\*\*[^]*Which rules are on/);
      assert.match(await at(2, 5) ?? '', /\*\*unpinned-action\*\* · \w+ · profile recommended/);
      assert.equal(await at(2, 30), undefined);
    });
  });

  describe('completion', () => {
    const complete = async (c: TestClient, text: string): Promise<{ items: CompletionItem[]; apply(item: CompletionItem): string }> => {
      const { text: plain, position } = marked(text);
      await c.change(uri, 9, { text: plain });
      const items = await c.request<CompletionItem[]>('textDocument/completion', { textDocument: { uri }, position });
      const apply = (item: CompletionItem): string => TextDocument.applyEdits(TextDocument.create(uri, 'yaml', 9, plain), [item.textEdit as TextEdit, ...item.additionalTextEdits ?? []]);
      return { items, apply };
    };
    const step = (uses: string): string => `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: ${uses}\n`;

    it('offers the commits behind the versions of an action', async () => {
      const c = await start();
      for (const [before, after] of [
        ['actions/checkout@|', 'actions/checkout@SHA # V'], ['actions/checkout@v|4', 'actions/checkout@SHA # V'], ['actions/checkout@v4|  # v4', 'actions/checkout@SHA # V'],
        ['\'actions/checkout@|\'', '\'actions/checkout@SHA\' # V'], ['actions/checkout@v4| # ours', 'actions/checkout@SHA # ours'],
      ] as const) {
        const { items, apply } = await complete(c, step(before));
        const first = items[0];
        assert.ok(first, before);
        assert.match(first.label, /^v\d+\.\d+\.\d+$/);
        const { sha } = resolvePin('actions', 'checkout', first.label)!;
        assert.equal(apply(first), step(after.replace('SHA', sha).replace('V', first.label)));
      }
      assert.deepEqual((await complete(c, step('some-owner/unknown@|'))).items, []);
      assert.deepEqual((await complete(c, step('actions/checkout|'))).items, []);
    });

    it('offers scopes of the token with what needs them, those first', async () => {
      const c = await start();
      const text = TEXT.replace('  issues: write\n', '  |\n');
      const { items, apply } = await complete(c, text);
      const first = [...items].sort((a, b) => (a.sortText! < b.sortText! ? -1 : 1))[0]!;
      assert.deepEqual([first.label, first.detail], ['issues', 'write: needed by gh issue comment 1 --body hello']);
      assert.equal(apply(first), TEXT);
      assert.ok(!items.some(i => i.label === 'contents'), 'what is there is not offered again');
      const level = (await complete(c, TEXT.replace('issues: write', 'issues: |'))).items.sort((a, b) => (a.sortText! < b.sortText! ? -1 : 1))[0]!;
      assert.equal(level.label, 'write');
      assert.deepEqual((await complete(c, TEXT.replace('    timeout-minutes', '    |timeout-minutes'))).items, []);
    });

    it('leaves the configuration to an extension that knows its schema', async () => {
      const c = await start({ settings: { schemaExtension: true } });
      await c.open(folder.uri(CONFIG), 'pro');
      assert.deepEqual(await c.request('textDocument/completion', { textDocument: { uri: folder.uri(CONFIG) }, position: { line: 0, character: 3 } }), []);
    });
  });

  describe('links', () => {
    const links = (c: TestClient): Promise<DocumentLink[]> => c.request('textDocument/documentLink', { textDocument: { uri } });

    it('lead to the action at its commit, and to the file of a local one', async () => {
      assert.deepEqual((await links(await start())).map(l => [l.range.start.line, l.target]), [
        [13, `https://github.com/actions/checkout/tree/${PIN.sha}`], [16, folder.uri('tools/setup/action.yml')],
      ]);
    });

    it('lead to called workflows, and nowhere out of the repository', async () => {
      const c = await start({}, 'on: push\njobs:\n  a:\n    uses: o/r/.github/workflows/x.yml@main\n  b:\n    uses: ./.github/workflows/ci.yml\n  c:\n    uses: ./../../etc/x.yml\n');
      assert.deepEqual((await links(c)).map(l => l.target), ['https://github.com/o/r/blob/main/.github/workflows/x.yml', uri]);
    });

    it('are left to GitHub\'s own extension where it runs', async () => {
      assert.deepEqual(await links(await start({ settings: { officialExtension: true } })), []);
    });
  });

  describe('the lightbulb', () => {
    const UNPINNED = TEXT.replaceAll(`actions/checkout@${PIN.sha}`, 'actions/checkout@v4').replace('      - uses: ./tools/setup', '      - uses: actions/setup-node@v4');
    const of = async (c: TestClient, rule: string): Promise<CodeAction[]> => {
      const diagnostic = (await c.diagnostics(uri)).find(d => d.code === rule);
      assert.ok(diagnostic, rule);
      return c.actions(uri, { diagnostics: [diagnostic] });
    };
    const created = (edit: WorkspaceEdit | undefined): string => (edit?.documentChanges ?? []).flatMap(d => ('edits' in d ? d.edits.map(e => ('newText' in e ? e.newText : '')) : [])).join('');

    it('repairs first, then silences, then explains', async () => {
      const c = await start({ initializationOptions: { commands: true } }, UNPINNED);
      assert.deepEqual((await of(c, 'unpinned-action')).map(a => a.title.replace(/v4\.[\d.]+ \(\w+\)/, 'V')), [
        'Pin actions/checkout to V', 'Fix all unpinned-action problems in this file', 'Fix everything safe in this file',
        'Ignore unpinned-action for this line', 'Ignore unpinned-action for this step', 'Ignore unpinned-action for this job', 'Ignore unpinned-action for this file',
        'Turn off unpinned-action in this repository', 'Change severity of unpinned-action…', 'Show documentation for unpinned-action',
      ]);
    });

    it('prefers one action where squiggles lie upon each other, and one for each elsewhere', async () => {
      const c = await start({ settings: { profile: 'strict' } }, UNPINNED);
      const diagnostics = await c.diagnostics(uri);
      const actions = (await c.actions(uri, { diagnostics })).filter(a => a.isPreferred);
      assert.ok(actions.length > 1, 'there are several places');
      const before = (a: { line: number; character: number }, b: { line: number; character: number }) => a.line < b.line || (a.line === b.line && a.character < b.character);
      for (const [i, a] of actions.entries()) {
        for (const b of actions.slice(i + 1)) {
          const [x, y] = [a.diagnostics![0]!.range, b.diagnostics![0]!.range];
          assert.ok(before(x.end, y.start) || before(y.end, x.start), `${a.title} | ${b.title}`);
        }
      }
    });

    it('fixes everything safe in the file', async () => {
      const c = await start({}, UNPINNED);
      const action = (await of(c, 'unpinned-action')).find(a => a.title === 'Fix everything safe in this file');
      assert.ok(action && !action.edit);
      const fixed = applyTo(UNPINNED, uri, (await c.resolve(action)).edit);
      assert.equal(fixed.match(/@[0-9a-f]{40} # v/g)?.length, 2);
    });

    it('turns a rule off in a configuration file that it makes', async () => {
      const c = await start({}, UNPINNED);
      const action = (await of(c, 'unpinned-action')).find(a => a.title === 'Turn off unpinned-action in this repository');
      assert.deepEqual(action?.edit?.documentChanges?.[0], { kind: 'create', uri: folder.uri(CONFIG), options: { ignoreIfExists: true } });
      assert.equal(created(action?.edit), 'rules:\n  unpinned-action: off\n');
      folder.write(CONFIG, created(action?.edit));
      const refresh = c.inbox.next('workspace/diagnostic/refresh');
      await c.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: folder.uri(CONFIG), type: 1 }] });
      await refresh;
      assert.ok(!(await c.diagnostics(uri)).some(d => d.code === 'unpinned-action'));
    });

    it('changes what the configuration file says, and offers each severity to clients without the command', async () => {
      folder.write(CONFIG, 'rules:\n  unpinned-action: info # for now\n');
      const c = await start({}, UNPINNED);
      const titles = (await of(c, 'unpinned-action')).filter(a => / in this repository/.test(a.title));
      assert.deepEqual(titles.map(a => a.title.split(' ')[3]), ['in', 'low', 'medium', 'high', 'critical']);
      assert.equal(applyTo('rules:\n  unpinned-action: info # for now\n', folder.uri(CONFIG), titles[3]?.edit), 'rules:\n  unpinned-action: high # for now\n');
    });

    it('turns a practice off by ignoring it', async () => {
      const text = 'on:\n  pull_request:\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: npm test\n';
      folder.write(CI, text);
      const c = await start({}, text);
      const practice = (await c.diagnostics(uri)).find(d => (d.data as { key: string } | undefined)?.key.startsWith('practice:'));
      assert.ok(practice, 'a practice is missing');
      const action = (await of(c, String(practice.code))).find(a => a.title === `Turn off ${String(practice.code)} in this repository`);
      assert.equal(created(action?.edit), `ignore:\n  - rule: ${String(practice.code)}\n`);
    });

    it('changes a severity on request, and says where it can\'t', async () => {
      const c = await start();
      const set = (rule: string, severity: string) => c.request<SetSeverityResult>('ciHardening/setSeverity', { uri, rule, severity });
      const made = await set('timeout-missing', 'high');
      assert.equal(made.file, folder.uri(CONFIG));
      assert.equal(created(made.edit as WorkspaceEdit), 'rules:\n  timeout-missing: high\n');
      await assert.rejects(set('no-such-rule', 'off'), /no rule called no-such-rule/);
      await assert.rejects(set('timeout-missing', 'loud'), /no severity called loud/);
      await c.open(folder.uri(CONFIG), 'rules: [\n');
      assert.match((await set('timeout-missing', 'high')).refused ?? '', /can't be read/);
      await c.change(folder.uri(CONFIG), 2, { text: 'rules:\n  timeout-missing: high\n' });
      assert.match((await set('timeout-missing', 'high')).refused ?? '', /says so already/);
    });
  });

  describe('why something is not reported', () => {
    const why = (c: TestClient, part: string, text = TEXT): Promise<WhyResult> => c.request('ciHardening/why', { uri, position: placeOf(part, text) });
    const statusOf = (result: WhyResult, rule: string): string | undefined => result.entries.find(e => e.rule === rule)?.status;
    const LINE = '      - uses: actions/cache@v4';
    const withLine = (line: string): string => TEXT.replace('      - uses: ./tools/setup', line);

    it('names a suppression and its line, and what is shown', async () => {
      const text = withLine(`      # ci-hardening: ignore[unpinned-action] ours\n${LINE}`);
      const c = await start({}, text);
      const result = await why(c, 'cache@v4', text);
      assert.equal(statusOf(result, 'unpinned-action'), 'suppressed');
      assert.match(result.markdown ?? '', /## Suppressed by a comment\n\n- \*\*unpinned-action\*\*: .* A comment in line 17 suppresses it \(ours\)\./);
      await c.change(uri, 4, { text: withLine(LINE) });
      assert.equal(statusOf(await why(c, 'cache@v4', withLine(LINE)), 'unpinned-action'), 'shown');
    });

    it('names a suppression that has ended', async () => {
      const text = withLine(`      # ci-hardening: ignore[unpinned-action] until 2020-01-01\n${LINE}`);
      const result = await why(await start({}, text), 'cache@v4', text);
      assert.equal(statusOf(result, 'unpinned-action'), 'expired');
      assert.match(result.markdown ?? '', /The suppression in line 17 ended on 2020-01-01/);
    });

    it('tells what is turned off where, ignored, or not in the profile', async () => {
      folder.write(CONFIG, 'rules:\n  unpinned-action: off\n');
      const c = await start({ settings: { rules: { 'script-injection-run': 'off' } } }, withLine(LINE));
      const pin = await why(c, 'cache@v4', withLine(LINE));
      assert.equal(statusOf(pin, 'unpinned-action'), 'off');
      assert.match(pin.markdown ?? '', /turned off by `\.github\/ci-hardening\.yml`/);
      const run = await why(c, 'pull_request.title', withLine(LINE));
      assert.match(run.entries.find(e => e.rule === 'script-injection-run')?.text ?? '', /turned off by the settings/);
      await c.open(folder.uri(CONFIG), 'ignore:\n  - rule: unpinned-action\n    reason: mirrored\n');
      const ignored = await why(c, 'cache@v4', withLine(LINE));
      assert.equal(statusOf(ignored, 'unpinned-action'), 'ignored');
      assert.match(ignored.markdown ?? '', /\(mirrored\)/);
      assert.ok(ignored.entries.some(e => e.status === 'silent'));
    });

    it('tells rules of the strict profile from those that found nothing', async () => {
      const text = TEXT.replace('    permissions: {}', '    permissions: read-all');
      const result = await why(await start({}, text), 'permissions: read-all', text);
      assert.equal(statusOf(result, 'permissions-read-all'), 'profile');
      assert.match(result.markdown ?? '', /belongs to the profile `strict`; this repository uses `recommended`/);
    });

    it('says that nobody has anything to say, and nothing of other files', async () => {
      const c = await start();
      const result = await why(c, 'persist-credentials');
      assert.match(result.markdown ?? '', /No rule finds anything in this line/);
      assert.equal(statusOf(result, 'checkout-persist-credentials'), 'silent');
      assert.deepEqual(await c.request('ciHardening/why', { uri: folder.uri('package.json'), position: { line: 0, character: 0 } }), { entries: [] });
    });

    it('defers to GitHub\'s own extension', async () => {
      const text = TEXT.replace('    permissions: {}', '    needs: tset');
      const c = await start({ settings: { officialExtension: true } }, text);
      assert.equal(statusOf(await why(c, 'tset', text), 'graph-invalid'), 'elsewhere');
    });
  });

  it('answers at every place of what is half typed, broken or odd', async () => {
    const texts = [
      'on:\r\n  push:\r\njobs:\r\n  a:\r\n    permissions:\r\n      con\r\n    steps:\r\n      - uses: actions/checkout@\r\n      - uses: ./\r\n',
      '\uFEFFon: [push, 5, [x]]\npermissions: {contents: }\njobs:\n  a: &a\n    runs-on: ${{ matrix.os\n    steps: [{uses: "a/b@\\x41"}, {run: "${{ github.event[ }}"}]\n  b: *a\n  c: *c\n',
      'jobs:\n\ta:\n\t\tsteps:\n- uses: é/😀@v1 # ci-hardening: ignore[\n  - uses: ../../../etc@v1\n',
      'jobs:\n  a:\n  a:\n    uses:\n    if: ${{ secrets. }}\n    steps:\n      - run: |\n          echo ${{ github.event.*.body }} ${{ inputs[\'x\'] }}\n      -\n# ci-hardening: ignore[] until 2020-13-99\n',
    ];
    const c = await start();
    let version = 10;
    for (const text of texts) {
      await c.change(uri, ++version, { text });
      const document = TextDocument.create(uri, 'yaml', 0, text);
      for (let offset = 0; offset <= text.length; offset++) {
        const at = { textDocument: { uri }, position: document.positionAt(offset) };
        await Promise.all([c.request('textDocument/hover', at), c.request('textDocument/completion', at), c.request('ciHardening/why', { uri, position: at.position })]);
      }
      await c.request('textDocument/inlayHint', { textDocument: { uri }, range: all });
      for (const { target } of await c.request<DocumentLink[]>('textDocument/documentLink', { textDocument: { uri } })) {
        assert.ok(target?.startsWith('https://github.com/') || target?.startsWith(folder.uri()), target);
      }
      await c.actions(uri, { diagnostics: await c.diagnostics(uri) });
    }
  });

  it('gives a scan as data, the most severe first', async () => {
    const c = await start();
    const all = await c.request<ScanResult>('ciHardening/scan', {});
    assert.deepEqual([all.findings[0]?.rule, all.findings[0]?.severity, all.findings[0]?.line], ['script-injection-run', 'critical', 18]);
    assert.equal(all.scores.length, 1);
    assert.deepEqual((await c.request<ScanResult>('ciHardening/scan', { uri: folder.uri('nothing.yml') })).findings, []);
  });
});
