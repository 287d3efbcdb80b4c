// Asks a service as many people at once would, and fails when it is too slow or answers with errors.
//
//   node load-test.mjs --url http://127.0.0.1:8000 --paths /,/health --users 20 --seconds 60 --p95 500 --max-errors 1
//
// Every user asks for one path after the other. The 95th percentile of the answers' time (--p95, milliseconds) and the share of answers
// that are errors (--max-errors, percent) are held to their limits; the first tenth of the time warms up and isn't counted.
import { appendFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const options = { url: '', paths: '/', users: '20', seconds: '60', p95: '500', 'max-errors': '1', timeout: '10000' };
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace(/^--/, '');
  if (!(name in options) || process.argv[i + 1] === undefined) fail('what is ' + process.argv[i] + '?');
  options[name] = process.argv[i + 1];
}
const number = name => {
  const value = Number(options[name]);
  if (!Number.isFinite(value) || value < 0) fail('--' + name + ' has to be a number');
  return value;
};
const users = Math.min(Math.max(1, Math.floor(number('users'))), 1000), seconds = Math.min(number('seconds'), 3600);
const p95 = number('p95'), maxErrors = number('max-errors'), timeout = number('timeout');
if (!/^https?:\/\//.test(options.url)) fail('--url has to be an address');
const targets = options.paths.split(',').filter(Boolean).map(path => new URL(path, options.url).href);
if (targets.length === 0) fail('--paths names nothing');

const begin = performance.now(), warm = begin + seconds * 100, end = begin + seconds * 1000;
/** By path: milliseconds of answers that came, and how many were errors. */
const results = new Map(targets.map(t => [t, { times: [], errors: 0, kinds: new Map() }]));

async function user(first) {
  for (let i = first; performance.now() < end; i++) {
    const target = targets[i % targets.length], at = performance.now();
    let error;
    try {
      const response = await fetch(target, { signal: AbortSignal.timeout(timeout), redirect: 'manual' });
      await response.arrayBuffer();
      if (response.status >= 400) error = 'status ' + response.status;
    } catch (e) {
      error = e.name === 'TimeoutError' ? 'no answer in ' + timeout + ' ms' : String(e.cause?.code ?? e.message);
      // A service that is gone answers at once: nobody asks it a thousand times a second.
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    if (at < warm) continue;
    const r = results.get(target);
    r.times.push(performance.now() - at);
    if (error) { r.errors++; r.kinds.set(error, (r.kinds.get(error) ?? 0) + 1); }
  }
}

function percentile(sorted, p) {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * p / 100) - 1)];
}

await Promise.all(Array.from({ length: users }, (_, i) => user(i)));

const all = [...results.values()], times = all.flatMap(r => r.times).sort((a, b) => a - b);
const errors = all.reduce((sum, r) => sum + r.errors, 0), share = times.length === 0 ? 100 : 100 * errors / times.length;
const measured = percentile(times, 95);
const row = (name, sorted, bad) => '| ' + [name, sorted.length, ...[50, 95, 99].map(p => percentile(sorted, p).toFixed(0) + ' ms'), bad].join(' | ') + ' |';
const lines = [
  '### Load test', '', '| path | answers | p50 | p95 | p99 | errors |', '|---|---|---|---|---|---|',
  ...[...results].map(([target, r]) => row(new URL(target).pathname.replaceAll('|', '%7C'), [...r.times].sort((a, b) => a - b), r.errors)),
  row('**all**', times, errors), '',
  (times.length / Math.max(seconds * 0.9, 0.001)).toFixed(1) + ' answers a second with ' + users + ' users.',
];
const problems = [];
if (times.length === 0) problems.push('nothing was measured');
if (measured > p95) problems.push('the 95th percentile is ' + measured.toFixed(0) + ' ms, more than ' + p95 + ' ms');
if (share > maxErrors) problems.push(share.toFixed(1) + ' % of the answers are errors, more than ' + maxErrors + ' %');
for (const r of all) for (const [kind, n] of r.kinds) lines.push('- ' + n + ' times: ' + kind);
lines.push('', problems.length === 0 ? 'p95 is within ' + p95 + ' ms.' : 'Failed: ' + problems.join('; ') + '.', '');
console.log(lines.join('\n'));
if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, lines.join('\n') + '\n');
process.exit(problems.length === 0 ? 0 : 1);

function fail(message) {
  console.error('load-test: ' + message);
  process.exit(2);
}
