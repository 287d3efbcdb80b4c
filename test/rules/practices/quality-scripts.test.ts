/** The scripts that quality practices add to repositories, run as a job would run them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withTools } from '../../support/tools';
import { SCRIPT_TEXTS } from '../../../rules/practices/quality/scripts';


let dir = '';
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'quality-scripts-'));
  for (const [name, text] of Object.entries(SCRIPT_TEXTS)) writeFileSync(path.join(dir, name), text);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Ran { readonly code: number | null; readonly out: string; readonly summary: string }
const write = (name: string, text: string): void => { mkdirSync(path.dirname(path.join(dir, name)),
  { recursive: true }); writeFileSync(path.join(dir, name), text); };
function read(name: string): string {
  try { return readFileSync(path.join(dir, name), 'utf8'); } catch { return ''; }
}
function run(tool: string, ...args: string[]): Promise<Ran> {
  write('summary.md', '');
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { cwd: dir, env: { ...process.env, GITHUB_STEP_SUMMARY: path.join(dir, 'summary.md') } });
    let out = '';
    child.stdout.on('data', (d: Buffer) => { out += d.toString(); });
    child.stderr.on('data', (d: Buffer) => { out += d.toString(); });
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, summary: read('summary.md') }));
  });
}

describe('scripts of quality: syntax', () => {
  for (const name of Object.keys(SCRIPT_TEXTS)) {
    const [tool, ...args] = name.endsWith('.mjs') ? ['node', '--check']
      : name.endsWith('.py') ? ['python3', '-m', 'py_compile'] : ['bash', '-n'];
    withTools(tool!)(`${name} is read by ${tool!}`, async () => {
      const ran = await run(tool!, ...args, name);
      assert.equal(ran.code, 0, ran.out);
    });
    if (name.endsWith('.sh')) withTools('shellcheck')(`${name} is fine with shellcheck`, async () => {
      const ran = await run('shellcheck', name);
      assert.equal(ran.code, 0, ran.out);
    });
  }
});

describe('coverage-gate.py', () => {
  const it3 = withTools('python3');
  const gate = (...args: string[]): Promise<Ran> => run('python3', 'coverage-gate.py', ...args);
  const JACOCO = (missed: number, covered: number): string =>
    `<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x"><package name="p"><counter type="LINE" missed="1" covered="0"/></package><counter type="LINE" missed="${missed}" covered="${covered}"/><counter type="BRANCH" missed="5" covered="5"/></report>`;
  it3('reads JaCoCo, adds modules up, and fails below the minimum', async () => {
    write('a/target/jacoco.xml', JACOCO(10, 90));
    write('b/target/jacoco.xml', JACOCO(30, 70));
    assert.equal((await gate('--min', '80', '**/jacoco.xml')).code, 0);
    const low = await gate('--min', '80.5', '**/jacoco.xml');
    assert.equal(low.code, 1);
    assert.match(low.out, /lines: 80\.0 % of 200, at least 80\.5 % is asked for/);
    assert.match(low.summary, /\| lines \| 80\.0 % \| 80\.5 % \| too low \|/);
    assert.equal((await gate('--min', '80', '--branches', '60', '**/jacoco.xml')).code, 1);
  });
  it3('reads Cobertura without counting the lines of methods twice', async () => {
    write('c.xml', '<coverage line-rate="0.5"><packages><package><classes><class><methods><method><lines><line number="1" hits="0"/></lines></method></methods><lines>'
      + '<line number="1" hits="0"/><line number="2" hits="3" branch="true" condition-coverage="50% (1/2)"/></lines></class></classes></package></packages></coverage>');
    const ran = await gate('--min', '50', 'c.xml');
    assert.equal(ran.code, 0);
    assert.match(ran.out, /lines: 50\.0 % of 2,[^]*branches: 50\.0 % of 2/);
  });
  it3('reads Clover, LCOV and the JSON of llvm-cov', async () => {
    write('clover.xml', '<coverage><project timestamp="1"><metrics statements="10" coveredstatements="7" conditionals="0" coveredconditionals="0"/></project></coverage>');
    write('lcov.info', 'TN:\nSF:a.dart\nDA:1,1\nLF:10\nLH:8\nend_of_record\nSF:b.dart\nLF:10\nLH:9\nend_of_record\n');
    write('llvm.json', JSON.stringify({ data: [{ totals: { lines: { count: 4, covered: 3, percent: 75 } } }] }));
    assert.match((await gate('--min', '70', 'clover.xml')).out, /lines: 70\.0 % of 10/);
    assert.match((await gate('--min', '70', 'lcov.info')).out, /lines: 85\.0 % of 20/);
    const json = await gate('--min', '76', 'llvm.json');
    assert.equal(json.code, 1);
    assert.match(json.out, /lines: 75\.0 % of 4/);
  });
  it3('takes nothing for a report that is none', async () => {
    write('empty.xml', '<coverage><packages/></coverage>');
    write('broken.xml', '<report><counter');
    write('bomb.xml', '<!DOCTYPE x [<!ENTITY a "aaaa">]><report>&a;</report>');
    write('list.json', '{"data": []}');
    for (const [name, message] of [['none.xml', /No report was found/], ['empty.xml', /hold no lines/], ['broken.xml', /can't be read/],
      ['bomb.xml', /can't be read/], ['list.json', /can't be read/]] as const) {
      const ran = await gate('--min', '0', name);
      assert.equal(ran.code, 1, name);
      assert.match(ran.out, message);
    }
  });
});

describe('build-budget.sh', () => {
  const itb = withTools('bash');
  const budget = (...args: string[]): Promise<Ran> => run('bash', 'build-budget.sh', ...args);
  const make = (bytes: number): string[] => ['--', 'bash', '-c', `mkdir -p 'out dir' && head -c ${bytes} /dev/zero > 'out dir/x'`];
  itb('is content with a build within both budgets', async () => {
    const ran = await budget('--seconds', '60', '--megabytes', '1', '--output', 'out dir', ...make(900_000));
    assert.equal(ran.code, 0, ran.out);
    assert.match(ran.summary, /\| size \| 0\.9 MB \| 1 MB \| ok \|/);
  });
  itb('fails for what is too large', async () => {
    const ran = await budget('--megabytes', '1', '--output', 'out dir', ...make(1_100_000));
    assert.equal(ran.code, 1);
    assert.match(ran.summary, /too large/);
  });
  itb('fails for what takes too long', async () => {
    // A clock that goes on by a minute each time it is looked at.
    write('date', '#!/bin/sh\nn=$(cat "$0.n" 2>/dev/null || echo 0); n=$((n + 60)); echo $n > "$0.n"; echo $n\n');
    const ran = await run('bash', '-c', 'chmod +x date && PATH="$PWD:$PATH" bash build-budget.sh --seconds 30 -- true');
    assert.equal(ran.code, 1, ran.out);
    assert.match(ran.summary, /\| time \| 60 s \| 30 s \| too long \|/);
  });
  itb('fails with the build, for an output that is missing, and for what it does not know', async () => {
    assert.equal((await budget('--', 'bash', '-c', 'exit 7')).code, 7);
    assert.match((await budget('--output', 'nothing', '--', 'true')).out, /the build made no nothing/);
    assert.equal((await budget('--what', '1', '--', 'true')).code, 2);
    assert.equal((await budget()).code, 2);
  });
});

describe('load-test.mjs', () => {
  async function serving(answer: RequestListener, act: (url: string) => Promise<void>): Promise<void> {
    const server = createServer(answer);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    try { await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`); } finally { server.closeAllConnections(); server.close(); }
  }
  const load = (url: string, ...more: string[]): Promise<Ran> => run('node', 'load-test.mjs', '--url', url, '--users', '3', '--seconds',
    '0.5', ...more);
  it('asks every path, and is content with a service that answers within the limit', () => serving((_q, a) => a.end('ok'), async url => {
    const ran = await load(url, '--paths', '/,/health', '--p95', '60000');
    assert.equal(ran.code, 0, ran.out);
    assert.match(ran.summary, /\| \/health \| [1-9]\d* \|/);
    assert.match(ran.summary, /\| \*\*all\*\* \| [1-9]\d* \| \d+ ms \| \d+ ms \| \d+ ms \| 0 \|/);
  }));
  it('fails for one that is too slow', () => serving((_q, a) => setTimeout(() => a.end(), 60), async url => {
    const ran = await load(url, '--p95', '20');
    assert.equal(ran.code, 1);
    assert.match(ran.out, /the 95th percentile is \d+ ms, more than 20 ms/);
  }));
  it('fails for one that answers with errors, and says which', () => {
    let n = 0;
    return serving((_q, a) => { a.statusCode = n++ % 2 ? 503 : 200; a.end(); }, async url => {
      const ran = await load(url, '--p95', '60000', '--max-errors', '10');
      assert.equal(ran.code, 1);
      assert.match(ran.out, /times: status 503/);
      assert.equal((await load(url, '--p95', '60000', '--max-errors', '90')).code, 0);
    });
  });
  it('fails for one that is not there, and for what it can not read', async () => {
    let gone = '';
    await serving((_q, a) => a.end(), url => { gone = url; return Promise.resolve(); });
    assert.equal((await load(gone, '--p95', '60000')).code, 1);
    assert.equal((await run('node', 'load-test.mjs', '--url', 'ftp://x')).code, 2);
    assert.equal((await run('node', 'load-test.mjs', '--fast', '1')).code, 2);
    assert.equal((await load('http://127.0.0.1:1', '--p95', 'soon')).code, 2);
  });
});

describe('benchmark-trend.mjs', () => {
  const trend = (...args: string[]): Promise<Ran> => run('node', 'benchmark-trend.mjs', '--history', 'h/history.json', ...args);
  const pytest = (seconds: number): void => write('r.json', JSON.stringify({ benchmarks: [{ fullname: 'test_a.py::test_sort',
    stats: { median: seconds } }] }));
  const history = (): { commit: string; values: Record<string, number>; slower?: string[] }[] => JSON.parse(read('h/history.json')) as { commit: string; values: Record<string, number>; slower?: string[] }[];

  it('begins a history, keeps it, and draws it', async () => {
    for (const [i, seconds] of [0.100, 0.104, 0.098, 0.101].entries()) {
      pytest(seconds);
      const ran = await trend('--commit', `${i}abcdef0123`, '--read', 'r.json');
      assert.equal(ran.code, 0, ran.out);
      if (i === 0) assert.match(ran.summary, /\| test_a\.py::test_sort \| 100\.00 ms \| first \|/);
      else assert.match(ran.summary,
        /```mermaid\nxychart-beta\n {2}title "test_a\.py::test_sort"\n {2}x-axis \["0abcdef_1", [^\n]*\]\n[^\n]*"ms"[^\n]*\n {2}line \[100, [\d., ]+\]\n```/);
    }
    assert.equal(history().length, 4);
  });
  it('fails for what got slower, and does not take it for the new normal', async () => {
    for (const s of [0.1, 0.1, 0.101]) { pytest(s); assert.equal((await trend('--commit', 'a', '--read', 'r.json')).code, 0); }
    for (let again = 0; again < 2; again++) {
      pytest(0.13);
      const ran = await trend('--commit', 'b', '--read', 'r.json');
      assert.equal(ran.code, 1);
      assert.match(ran.summary, /\+30\.0 % \| slower \|/);
    }
    assert.deepEqual(history().at(-1)!.slower, ['test_a.py::test_sort']);
    pytest(0.1);
    assert.equal((await trend('--commit', 'c', '--read', 'r.json')).code, 0);
  });
  it('takes noise for no regression, and a limit that is asked for', async () => {
    for (const s of [0.1, 0.2, 0.1, 0.2, 0.1, 0.2]) { pytest(s); await trend('--commit', 'a', '--read', 'r.json', '--limit', '1000'); }
    pytest(0.21);
    assert.equal((await trend('--commit', 'b', '--read', 'r.json')).code, 0, 'within three times of what it differs by anyway');
    pytest(0.5);
    assert.equal((await trend('--commit', 'c', '--read', 'r.json')).code, 1);
  });
  it('keeps as many as it is told', async () => {
    for (let i = 0; i < 5; i++) { pytest(0.1); await trend('--commit', String(i), '--read', 'r.json', '--keep', '3'); }
    assert.deepEqual(history().map(h => h.commit), ['2', '3', '4']);
  });
  it('reads Go, hyperfine, Criterion, JMH and Vitest', async () => {
    write('go.txt', 'goos: linux\nBenchmarkSort-8   \t 100\t  2000000 ns/op\t 12 B/op\nBenchmarkSort-8   \t 100\t  4000000 ns/op\nBenchmarkSort-8   \t 100\t  2000000 ns/op\nPASS\n');
    write('hyper.json', JSON.stringify({ results: [{ command: 'x --y', median: 0.25 }] }));
    write('criterion/sort/large/new/estimates.json', JSON.stringify({ median: { point_estimate: 1500 } }));
    write('criterion/sort/large/base/estimates.json', JSON.stringify({ median: { point_estimate: 9 } }));
    write('jmh.json', JSON.stringify([{ benchmark: 'a.B.c', primaryMetric: { score: 3, scoreUnit: 'us/op' } },
      { benchmark: 'a.B.d', primaryMetric: { score: 2, scoreUnit: 'ops/ms' } }]));
    write('vitest.json', JSON.stringify({ files: [{ groups: [{ fullName: 'a.bench.ts > sort',
      benchmarks: [{ name: 'fast', median: 0.5 }] }] }] }));
    const ran = await trend('--commit', 'a', ...['go.txt', 'hyper.json', 'criterion', 'jmh.json', 'vitest.json'].flatMap(f => ['--read',
      f]));
    assert.equal(ran.code, 0, ran.out);
    assert.deepEqual(history()[0]!.values, { BenchmarkSort: 2, 'x --y': 250, 'sort/large': 0.0015, 'a.B.c': 0.003, 'a.B.d': 0.5,
      'a.bench.ts > sort > fast': 0.5 });
  });
  it('times a command, and fails with it', async () => {
    assert.equal((await trend('--commit', 'a', '--time', 'nothing', 'true')).code, 0);
    assert.ok(history()[0]!.values['nothing']! > 0);
    const ran = await trend('--commit', 'a', '--time', 'broken', 'exit 3');
    assert.equal(ran.code, 2);
    assert.match(ran.out, /failed with 3/);
  });
  it('measures or says so: no results, a broken history, names that would break the table', async () => {
    write('empty.txt', 'PASS\n');
    assert.equal((await trend('--commit', 'a', '--read', 'empty.txt')).code, 2);
    assert.equal((await trend('--commit', 'a', '--read', 'gone.json')).code, 2);
    write('h/history.json', '{{{');
    write('r.json', JSON.stringify({ benchmarks: [{ name: 'a|b\n</td>"]', stats: { median: 1 } }] }));
    assert.match((await trend('--commit', 'a', '--read', 'r.json')).out, /begins anew/);
    const ran = await trend('--commit', 'a', '--read', 'r.json');
    assert.equal(ran.code, 0);
    assert.match(ran.summary, /\| a b {2}\/td "  \| 1\.00 s/);
  });
});
