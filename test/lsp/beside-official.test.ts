import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  createProtocolConnection, StreamMessageReader, StreamMessageWriter, type Diagnostic, type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { corpusFiles, corpusFolder, corpusTitle } from '../support/corpus';
import { TestClient } from './client';
import { TemporaryFolder } from './folder';

const ROOT = join(__dirname, '../..');
const FIXTURES = join(ROOT, 'test/fixtures/checks/graph-invalid');

/** GitHub's own language server, in the process that editors start. */
class Official {
  private constructor(private readonly child: ChildProcess, readonly client: TestClient) {}

  static async start(folder: { uri: string; name: string }): Promise<Official> {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/@actions/languageserver/dist/cli.bundle.cjs'), '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const connection = createProtocolConnection(new StreamMessageReader(child.stdout!), new StreamMessageWriter(child.stdin!));
    connection.onRequest('actions/readFile', () => '');
    const client = new TestClient(connection, () => connection.dispose());
    const official = new Official(child, client);
    try {
      await client.initialize({ folders: [folder], capabilities: { textDocument: { publishDiagnostics: {} } }, initializationOptions: { repos: [] } });
    } catch (error) {
      await official.stop();
      throw error;
    }
    return official;
  }

  async diagnostics(uri: string, text: string): Promise<Diagnostic[]> {
    const published = this.client.inbox.next<PublishDiagnosticsParams>('textDocument/publishDiagnostics', p => p.uri === uri);
    await this.client.open(uri, text);
    return (await published).diagnostics;
  }

  async stop(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.kill();
    await exit;
    this.client.dispose();
  }
}

interface Case { readonly name: string; readonly path: string; readonly text: string }

describe('language server: beside GitHub\'s own', function () {
  this.timeout(120_000);

  /** Places that both complain about: the same line, and ranges that touch. */
  const twice = async (cases: readonly Case[], settings: object = { officialExtension: true }): Promise<{ both: string[]; official: number; ours: number }> => {
    const folder = new TemporaryFolder({ '.git/HEAD': '', ...Object.fromEntries(cases.map(c => [c.path, c.text])) });
    const official = await Official.start(folder.folder);
    const ours = await TestClient.start({ folders: [folder.folder], settings });
    try {
      const both: string[] = [];
      let theirs = 0, own = 0;
      for (const { name, path, text } of cases) {
        const uri = folder.uri(path);
        const first = await official.diagnostics(uri, text);
        await ours.open(uri, text);
        const second = (await ours.diagnostics(uri)).filter(d => d.code === 'graph-invalid');
        theirs += first.length;
        own += second.length;
        for (const a of second) for (const b of first) if (touch(a, b)) both.push(`${name}:${a.range.start.line + 1} ${String(a.message)} | ${String(b.message)}`);
      }
      return { both, official: theirs, ours: own };
    } finally {
      await ours.stop();
      await official.stop();
      folder.dispose();
    }
  };

  it('complains of nothing that it complains of, in what is broken on purpose', async () => {
    const cases = filesBelow(FIXTURES).filter(file => /\.ya?ml$/.test(file) && !file.includes('.golden.') && !/(^|\/)files\//.test(file)).map(file => {
      const text = readFileSync(join(FIXTURES, file), 'utf8').replace(/^\ufeff/, '');
      return { name: file, path: `.github/workflows/${file.replaceAll('/', '-')}`, text };
    }).filter(({ text }) => /^on:/m.test(text) && /^jobs:/m.test(text));
    assert.ok(cases.length >= 10);
    const { both, official, ours } = await twice(cases);
    assert.ok(official > 10, `GitHub's server said ${official}`);
    assert.ok(ours > 10, `ours said ${ours}`);
    assert.deepEqual(both, []);
    // Where ours doesn't know of the other one, there is plenty.
    assert.ok((await twice(cases, {})).both.length > 10);
  });

  it(corpusTitle('complains of nothing twice in a dozen real files'), async () => {
    if (!corpusFolder) return;
    const workflows = corpusFiles().filter(f => f.kind === 'workflow' && f.text.length < 20_000);
    const step = Math.floor(workflows.length / 14);
    const cases = workflows.filter((_, i) => i % step === 0).slice(0, 14)
      .map((f, i) => ({ name: `${f.repository}/${f.path}`, path: `.github/workflows/${i}.yml`, text: f.text }));
    assert.ok(cases.length >= 12);
    assert.deepEqual((await twice(cases)).both, []);
  });
});

function touch(a: Diagnostic, b: Diagnostic): boolean {
  const before = (x: Diagnostic['range']['start'], y: Diagnostic['range']['start']): boolean => x.line < y.line || (x.line === y.line && x.character < y.character);
  return a.range.start.line === b.range.start.line || !(before(a.range.end, b.range.start) || before(b.range.end, a.range.start));
}

function filesBelow(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter(file => statSync(join(folder, file)).isFile()).map(file => relative(folder, join(folder, file)).replaceAll('\\', '/')).sort();
}
