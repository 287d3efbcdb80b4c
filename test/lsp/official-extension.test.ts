import assert from 'node:assert/strict';
import { applyTo, TestClient } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const TEXT = `on:
  push:
    branches: [main/]
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: make
  test:
    needs: biuld
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: make test
`;

describe('language server: next to GitHub\'s own extension', () => {
  let folder: TemporaryFolder;
  let client: TestClient | undefined;
  beforeEach(() => { folder = new TemporaryFolder({ [CI]: TEXT }); });
  afterEach(async () => {
    await client?.stop();
    client = undefined;
    folder.dispose();
  });

  const start = async (settings: unknown): Promise<TestClient> => {
    client = await TestClient.start({ folders: [folder.folder], settings });
    await client.open(folder.uri(CI), TEXT);
    return client;
  };
  const lines = async (c: TestClient): Promise<number[]> =>
    (await c.diagnostics(folder.uri(CI))).filter(d => d.code === 'graph-invalid').map(d => d.range.start.line);

  it('says everything where it is alone', async () => {
    assert.deepEqual(await lines(await start({})), [2, 11]);
  });

  it('says what the other one does not, and mends what the other one says', async () => {
    const c = await start({ officialExtension: true });
    const uri = folder.uri(CI);
    assert.deepEqual(await lines(c), [2]);
    const range = { start: { line: 11, character: 11 }, end: { line: 11, character: 16 } };
    const theirs = { range, severity: 1 as const, message: 'Job \'test\' depends on unknown job \'biuld\'.' };
    const [action, ...more] = (await c.actions(uri, { diagnostics: [theirs] })).filter(a => a.kind === 'quickfix');
    assert.deepEqual(more, []);
    assert.equal(action?.title, 'Write build');
    assert.equal(action?.isPreferred, true);
    assert.deepEqual(action?.diagnostics, [theirs]);
    assert.equal(applyTo(TEXT, uri, action?.edit), TEXT.replace('biuld', 'build'));
    // Elsewhere there is nothing of it.
    assert.deepEqual((await c.actions(uri, {})).filter(a => a.title === 'Write build'), []);
  });

  it('leaves conditions with text around them to it, and mends them', async () => {
    const text = TEXT.replace('    timeout-minutes: 5\n    steps:\n      - run: make\n', '    if: ${{ github.ref }} == \'refs/heads/main\'\n    timeout-minutes: 5\n    steps:\n      - run: make\n');
    const line = text.split('\n').findIndex(l => l.includes('if:'));
    folder.write(CI, text);
    const said = async (settings: unknown) => {
      const c = client = await TestClient.start({ folders: [folder.folder], settings });
      await c.open(folder.uri(CI), text);
      return (await c.diagnostics(folder.uri(CI))).filter(d => d.code === 'condition-always-true').map(d => d.range.start.line);
    };
    assert.deepEqual(await said({}), [line]);
    await client?.stop();
    assert.deepEqual(await said({ officialExtension: true }), []);
    const range = { start: { line, character: 8 }, end: { line, character: 45 } };
    const theirs = { range, severity: 1 as const, message: 'Conditional expression contains literal text outside replacement tokens.' };
    const actions = (await client!.actions(folder.uri(CI), { diagnostics: [theirs] })).filter(a => a.kind === 'quickfix');
    assert.equal(actions[0]?.title, 'Make it one expression');
    assert.match(applyTo(text, folder.uri(CI), actions[0]?.edit), /if: \$\{\{ github\.ref == 'refs\/heads\/main' \}\}/);
  });

  it('hears that the other one has come', async () => {
    const c = await start({});
    assert.deepEqual(await lines(c), [2, 11]);
    c.settings = { officialExtension: true };
    const refreshed = c.inbox.next('workspace/diagnostic/refresh');
    await c.notify('workspace/didChangeConfiguration', { settings: null });
    await refreshed;
    assert.deepEqual(await lines(c), [2]);
  });
});
