import assert from 'node:assert/strict';
import type { CompletionItem, Hover, MarkupContent, TextEdit } from 'vscode-languageserver';
import { TestClient } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const BODY = 'name: CI\non: [push, pull_request]\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make # @work\n';

describe('language server: metadata of workflows', () => {
  let folder: TemporaryFolder, client: TestClient, uri: string;
  beforeEach(async () => {
    folder = new TemporaryFolder({ [CI]: BODY, CODEOWNERS: '/.github/ @octo-org/platform\n' });
    uri = folder.uri(CI);
    client = await TestClient.start({ folders: [folder.folder] });
  });
  afterEach(async () => {
    await client.stop();
    folder.dispose();
  });

  /** `¦` is where the caret stands. */
  async function at<R>(method: string, header: string): Promise<R> {
    const text = header + BODY, offset = text.indexOf('¦'), plain = text.replace('¦', '');
    await client.open(uri, plain);
    const before = plain.slice(0, offset).split('\n');
    return client.request<R>(method, { textDocument: { uri }, position: { line: before.length - 1, character: before.at(-1)!.length } });
  }
  const complete = (header: string): Promise<CompletionItem[]> => at('textDocument/completion', header);
  const texts = (items: readonly CompletionItem[]): string[] => items.map(i => (i.textEdit as TextEdit).newText);

  it('completes tags with what the file says, those that are there left out', async () => {
    const all = texts(await complete('# @work¦\n'));
    assert.equal(all.length, 9);
    for (const t of ['@workflow-name: CI', '@workflow-owner: @octo-org/platform', '@workflow-triggers: push, pull_request', '@workflow-dependencies: none', '@workflow-criticality: ']) assert.ok(all.includes(t), t);
  });

  it('leaves out what stands there', async () => {
    assert.equal(texts(await complete('# @workflow-name: CI\n# @¦\n')).some(t => t.startsWith('@workflow-name')), false);
  });

  it('completes values', async () => {
    const items = await complete('# @workflow-criticality: h¦igh\n');
    assert.deepEqual(texts(items), ['low', 'medium', 'high', 'critical']);
    const { range } = items[0]!.textEdit as TextEdit;
    assert.deepEqual([range.start.character, range.end.character], [25, 29]);
  });

  it('says nothing in comments further down', async () => {
    await client.open(uri, BODY);
    assert.deepEqual(await client.request('textDocument/completion', { textDocument: { uri }, position: { line: 6, character: 25 } }), []);
  });

  it('says what a tag is for', async () => {
    const hover = await at<Hover | null>('textDocument/hover', '# @workflow-crit¦icality: high\n');
    assert.match((hover!.contents as MarkupContent).value, /^\*\*@workflow-criticality\*\*\n\n.*\n\nOne of `low`, `medium`, `high`, `critical`\.$/s);
    assert.deepEqual(hover!.range, { start: { line: 0, character: 2 }, end: { line: 0, character: 29 } });
  });

  it('hints at what is not true, with a fix', async () => {
    await client.open(uri, `# @workflow-triggers: push\n${BODY}`);
    const [hint] = (await client.diagnostics(uri)).filter(d => d.code === 'workflow-metadata-invalid');
    assert.equal(hint?.severity, 4);
    assert.match(String(hint?.message), /pull_request` starts this workflow, too/);
  });
});
