import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ensureChromium } from '../host/chromium';

const ROOT = 'vscode-vfs://github/example/shop';
const CI = `${ROOT}/.github/workflows/ci.yml`;
const TEXT = 'name: CI\non: pull_request\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          persist-credentials: false\n';

interface Item { code: string; range: { start: { line: number; character: number }; end: { line: number; character: number } } }
interface Action { title: string; edit?: { documentChanges: { edits: { range: Item['range']; newText: string }[] }[] } }

const FILES = { '.github/workflows/ci.yml': TEXT, 'package.json': '{"name":"shop"}' };

/** The page: a language client over the worker's messages, and nothing else. */
const PAGE = `<!doctype html><title>client</title><link rel="icon" href="data:,"><script>
  const worker = new Worker('/server.js'), open = new Map(), files = ${JSON.stringify(FILES)};
  const answers = {
    'workspace/configuration': ({ items }) => items.map(() => null),
    'ciHardening/listFiles': () => ({ listing: { files: Object.keys(files), skipped: [], errors: [] } }),
    'ciHardening/readFile': ({ uri }) => ({ text: files[uri.slice(${ROOT.length + 1})] ?? null }),
  };
  worker.onmessage = ({ data }) => {
    if (data.method === undefined) open.get(data.id)(data);
    else if (data.id !== undefined) worker.postMessage({ jsonrpc: '2.0', id: data.id, result: answers[data.method]?.(data.params) ?? null });
  };
  let last = 0;
  window.client = {
    request: (method, params) => new Promise((resolve, reject) => {
      const id = ++last;
      open.set(id, ({ result, error }) => { if (error) reject(new Error(error.message)); else resolve(result); });
      worker.postMessage({ jsonrpc: '2.0', id, method, params });
    }),
    notify: (method, params) => { worker.postMessage({ jsonrpc: '2.0', method, params }); },
  };
</script>`;

interface Client { request<R>(method: string, params: unknown): Promise<R>; notify(method: string, params: unknown): void }
declare const client: Client;

/** The worker as it is shipped, in a real browser: no editor, no Node. */
describe('the language server in a browser', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    const script = readFileSync(join(__dirname, '../../../dist/server.browser.js'));
    server = createServer((request, response) => {
      response.setHeader('content-type', request.url === '/server.js' ? 'text/javascript' : 'text/html');
      response.end(request.url === '/server.js' ? script : PAGE);
    });
    await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve); });
    const address = server.address();
    browser = await chromium.launch({ executablePath: ensureChromium(), headless: true, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
    page = await browser.newPage();
    page.on('pageerror', error => { errors.push(error.message); });
    page.on('console', message => { if (message.type() === 'error') errors.push(message.text()); });
    await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
  });
  after(async () => {
    await browser?.close();
    await new Promise(resolve => { server.close(resolve); });
  });

  const request = <R>(method: string, params: unknown): Promise<R> => page.evaluate(([m, p]) => client.request(m as string, p), [method, params] as const) as Promise<R>;
  const notify = (method: string, params: unknown): Promise<void> => page.evaluate(([m, p]) => { client.notify(m as string, p); }, [method, params] as const);
  const codes = async (): Promise<string[]> => (await request<{ items: Item[] }>('textDocument/diagnostic', { textDocument: { uri: CI } })).items.map(item => item.code);

  it('starts, and says what it can do', async () => {
    const { capabilities, serverInfo } = await request<{ capabilities: Record<string, unknown>; serverInfo: { name: string } }>('initialize', {
      processId: null, rootUri: null, workspaceFolders: [{ uri: ROOT, name: 'shop' }], initializationOptions: { listFiles: true },
      capabilities: {
        textDocument: { diagnostic: {}, codeAction: { resolveSupport: { properties: ['edit'] }, dataSupport: true } },
        workspace: { configuration: true, workspaceEdit: { documentChanges: true } },
      },
    });
    assert.equal(serverInfo.name, 'CI Hardening');
    assert.ok(capabilities['diagnosticProvider']);
    await notify('initialized', {});
  });

  it('finds what is wrong in an open document, and mends it', async () => {
    await notify('textDocument/didOpen', { textDocument: { uri: CI, languageId: 'yaml', version: 1, text: TEXT } });
    const { items } = await request<{ items: Item[] }>('textDocument/diagnostic', { textDocument: { uri: CI } });
    const pin = items.find(item => item.code === 'unpinned-action');
    assert.ok(pin, JSON.stringify(items.map(item => item.code)));
    const actions = await request<Action[]>('textDocument/codeAction', { textDocument: { uri: CI }, range: pin.range, context: { diagnostics: [pin] } });
    const edits = actions.find(action => action.title.startsWith('Pin actions/checkout'))?.edit?.documentChanges[0]?.edits ?? [];
    assert.match(edits.map(edit => edit.newText).join(''), /^[0-9a-f]{40} # v4/);
    // From the last one on: an edit's place is one of the text before all of them.
    const contentChanges = edits.map(({ range, newText: text }) => ({ range, text })).reverse();
    await notify('textDocument/didChange', { textDocument: { uri: CI, version: 2 }, contentChanges });
    assert.ok(!(await codes()).includes('unpinned-action'));
  });

  it('has a scorecard from files that the client reads', async () => {
    const { reports, state } = await request<{ reports: { name: string; workflows: number; controls: unknown[] }[]; state: string }>('ciHardening/scorecard', {});
    assert.equal(state, 'ready');
    assert.deepEqual(reports.map(({ name, workflows }) => ({ name, workflows })), [{ name: 'shop', workflows: 1 }]);
    assert.ok(reports[0]!.controls.length > 50);
  });

  it('says nothing in the console', () => {
    assert.deepEqual(errors, []);
  });
});
