// Compares benchmarks with their history, fails when one got slower, and draws the trend in the job's summary.
//
//   node benchmark-trend.mjs --history FILE --commit SHA [--limit 20] [--keep 50] [--read FILE]... [--time NAME COMMAND]...
//
// --read takes results of pytest-benchmark, hyperfine, Criterion (a folder), JMH, Vitest, or "go test -bench" (text).
// --time runs a command seven times after one run that isn't counted, and takes the median.
// A benchmark is compared with the median of its last ten values. It is slower when it is above that by more than --limit percent and
// by more than three times as much as those values usually differ: a noisy machine is no regression.
// All values are milliseconds. What failed is written to the history as well, but marked, and isn't compared with.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { spawnSync } from 'node:child_process';

const WINDOW = 10, RUNS = 7, POINTS = 30, CHARTS = 12;

const options = { history: '', commit: '', limit: 20, keep: 50, read: [], time: [] };
const args = process.argv.slice(2);
while (args.length > 0) {
  const name = args.shift().replace(/^--/, '');
  if (name === 'time') options.time.push([take(name), take(name)]);
  else if (name === 'read') options.read.push(take(name));
  else if (name === 'limit' || name === 'keep') options[name] = Number(take(name));
  else if (name === 'history' || name === 'commit') options[name] = take(name);
  else fail('what is --' + name + '?');
}
if (!options.history || !(options.limit > 0) || !(options.keep > 1)) fail('--history, --limit and --keep have to be given');

const median = values => {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length === 0 ? NaN : sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

const current = new Map();
for (const path of options.read) for (const [name, ms] of readResults(path)) current.set(name, ms);
for (const [name, command] of options.time) current.set(name, timed(command));
if (current.size === 0) fail('no results were found: nothing was measured');

let history = [];
if (existsSync(options.history)) {
  try {
    const text = JSON.parse(readFileSync(options.history, 'utf8'));
    if (Array.isArray(text)) history = text.filter(e => e && typeof e.values === 'object' && e.values !== null);
  } catch {
    console.log('The history can not be read, and begins anew.');
  }
}

const rows = [], slower = [], charts = [];
for (const [name, ms] of [...current].sort((a, b) => a[0] < b[0] ? -1 : 1)) {
  const before = history.filter(e => Number.isFinite(e.values[name])), fit = before.filter(e => !(e.slower ?? []).includes(name));
  const last = fit.slice(-WINDOW).map(e => e.values[name]), base = median(last);
  const noise = median(last.map(v => Math.abs(v - base)));
  const change = last.length === 0 ? NaN : 100 * (ms - base) / base;
  const worse = last.length > 0 && change > options.limit && ms - base > 3 * noise;
  if (worse) slower.push(name);
  rows.push('| ' + [shown(name), time(ms), last.length === 0 ? 'first' : time(base), last.length === 0 ? '' : (change >= 0 ? '+' : '') + change.toFixed(1) + ' %',
    worse ? 'slower' : 'ok'].join(' | ') + ' |');
  if (charts.length < CHARTS && before.length > 0) charts.push(chart(name, [...before.slice(1 - POINTS), { commit: options.commit, values: { [name]: ms } }]));
}

history.push({ commit: options.commit.slice(0, 40), values: Object.fromEntries(current), ...(slower.length > 0 ? { slower } : {}) });
mkdirSync(dirname(options.history) || '.', { recursive: true });
writeFileSync(options.history, JSON.stringify(history.slice(-options.keep)) + '\n');

const report = ['### Performance', '', '| benchmark | now | before | change | |', '|---|---|---|---|---|', ...rows, '',
  slower.length === 0 ? 'Nothing is slower than before by more than ' + options.limit + ' %.' : 'Slower: ' + slower.map(shown).join(', ') + '.', '', ...charts.flat()].join('\n');
console.log(report);
if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, report + '\n');
process.exit(slower.length === 0 ? 0 : 1);

/** Names and milliseconds. */
function readResults(path) {
  if (!existsSync(path)) fail('there is no ' + path);
  if (statSync(path).isDirectory()) return criterion(path);
  const text = readFileSync(path, 'utf8');
  if (!/^\s*[[{]/.test(text)) return goBench(text);
  let data;
  try { data = JSON.parse(text); } catch { fail(path + ' is no JSON'); }
  if (Array.isArray(data.benchmarks)) return data.benchmarks.map(b => [b.fullname ?? b.name, b.stats.median * 1000]);
  if (Array.isArray(data.results)) return data.results.map(r => [r.command, r.median * 1000]);
  if (Array.isArray(data.files)) return data.files.flatMap(f => f.groups).flatMap(g => g.benchmarks.map(b => [g.fullName + ' > ' + b.name, b.median ?? b.mean]));
  if (Array.isArray(data)) return data.map(b => [b.benchmark, jmh(b.primaryMetric)]);
  return fail(path + ' holds no results that are known');
}

function jmh({ score, scoreUnit }) {
  const [unit] = scoreUnit.split('/op'), ms = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000 }[unit];
  if (ms !== undefined) return score * ms;
  const per = scoreUnit.split('/')[1];
  return { ns: 1e-6, us: 1e-3, ms: 1, s: 1000 }[per] / score;
}

function criterion(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { recursive: true })) {
    const path = String(entry).replaceAll('\\', '/');
    if (!path.endsWith('new/estimates.json')) continue;
    const data = JSON.parse(readFileSync(join(folder, path), 'utf8'));
    found.push([path.slice(0, -'/new/estimates.json'.length), data.median.point_estimate / 1e6]);
  }
  return found;
}

function goBench(text) {
  const found = new Map();
  for (const line of text.split('\n')) {
    const m = /^(Benchmark\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns\/op/.exec(line);
    if (m) found.set(m[1], [...found.get(m[1]) ?? [], Number(m[2]) / 1e6]);
  }
  return [...found].map(([name, values]) => [name, median(values)]);
}

function timed(command) {
  const values = [];
  for (let i = 0; i <= RUNS; i++) {
    const begin = performance.now(), { status } = spawnSync(command, { shell: true, stdio: i === 0 ? 'inherit' : 'ignore' });
    if (status !== 0) fail('"' + command + '" failed with ' + status);
    if (i > 0) values.push(performance.now() - begin);
  }
  return median(values);
}

function chart(name, entries) {
  const values = entries.map(e => e.values[name]), top = Math.max(...values), unit = top >= 1000 ? 1000 : top >= 1 ? 1 : 1e-3;
  const label = unit === 1000 ? 's' : unit === 1 ? 'ms' : 'us', scaled = values.map(v => Number((v / unit).toPrecision(4)));
  const fence = String.fromCharCode(96).repeat(3);
  return [fence + 'mermaid', 'xychart-beta', '  title "' + name.replace(/[^\w .,:()/-]/g, ' ').slice(0, 80) + '"',
    '  x-axis [' + entries.map((e, i) => '"' + String(e.commit ?? '').replace(/[^0-9a-f]/g, '').slice(0, 7) + '_' + (i + 1) + '"').join(', ') + ']',
    '  y-axis "' + label + '" 0 --> ' + Number((Math.max(...scaled) * 1.1).toPrecision(3)), '  line [' + scaled.join(', ') + ']', fence, ''];
}

function shown(name) { return String(name).replace(/[|<>\[\]\r\n]/g, ' ').slice(0, 120); }
function time(ms) { return ms >= 1000 ? (ms / 1000).toFixed(2) + ' s' : ms >= 1 ? ms.toFixed(2) + ' ms' : (ms * 1000).toFixed(2) + ' us'; }
function take(name) {
  const value = args.shift();
  return value === undefined ? fail('--' + name + ' needs a value') : value;
}
function fail(message) {
  console.error('benchmark-trend: ' + message);
  process.exit(2);
}
