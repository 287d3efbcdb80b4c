/** `.github/scripts/test-summary.mjs`: what the tests said, on the page of the run. */
import { SUMMARY } from './script-parts';

export const TEST_SUMMARY = `// Writes how a job ended into its summary: its outcome, and the figures and failures of JUnit reports where tests have left any.
//   node test-summary.mjs <title> [folder]     JOB_STATUS: success, failure or cancelled
// Node 20 or later, no dependencies. It never fails: the job's outcome is that of its tests.
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

${SUMMARY}

${String.raw`const SKIPPED = new Set(['node_modules', '.git', 'vendor', '.venv', '.tox']);
const MAX_FILES = 20000;
const MAX_SIZE = 20000000;
const MAX_SHOWN = 50;

/** Files that are called like a report of tests. */
export function reports(folder) {
  const found = [], queue = [folder];
  for (let seen = 0; queue.length > 0 && seen < MAX_FILES;) {
    const at = queue.pop();
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      seen++;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) queue.push(join(at, entry.name));
      else if (entry.isFile() && /^(?:junit|test|TEST-|results?|report).*\.xml$/i.test(entry.name)) found.push(join(at, entry.name));
    }
  }
  return found.sort();
}

function attribute(tag, name) {
  const value = new RegExp('\\s' + name + '="([^"]*)"').exec(tag);
  return value ? value[1].replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&apos;/g, "'").replace(/&amp;/g, '&') : undefined;
}

/** Figures of a JUnit report; undefined for any other file. */
export function read(xml) {
  if (!/<testsuites?[\s>]/.test(xml.slice(0, 2000))) return undefined;
  const result = { tests: 0, failed: 0, skipped: 0, seconds: 0, failures: [] };
  let test;
  for (const tag of xml.match(/<\/?(?:testcase|failure|error|skipped)(?:\s[^<>]*)?\/?>/g) || []) {
    if (tag.startsWith('<testcase')) {
      test = { name: [attribute(tag, 'classname'), attribute(tag, 'name')].filter(Boolean).join(': '), bad: false };
      result.tests++;
      result.seconds += Number(attribute(tag, 'time')) || 0;
    } else if (test && /^<(?:failure|error)\b/.test(tag) && !test.bad) {
      test.bad = true;
      result.failed++;
      if (result.failures.length < MAX_SHOWN) result.failures.push({ name: test.name, message: attribute(tag, 'message') || '' });
    } else if (test && tag.startsWith('<skipped')) result.skipped++;
  }
  return result;
}

export function page(title, status, results) {
  const sum = key => results.reduce((n, r) => n + r[key], 0);
  const lines = ['## ' + plain(title) + ': ' + plain(status)];
  if (results.length === 0) return lines.concat('', 'No JUnit report was found; the log says more.').join('\n');
  lines.push('', '| tests | passed | failed | skipped | time |', '|---|---|---|---|---|',
    '| ' + [sum('tests'), sum('tests') - sum('failed') - sum('skipped'), sum('failed'), sum('skipped'), Math.round(sum('seconds')) + ' s'].join(' | ') + ' |');
  const failures = results.flatMap(r => r.failures).slice(0, MAX_SHOWN);
  if (failures.length > 0) lines.push('', ...failures.map(f => '- ' + plain(f.name) + (f.message ? ': ' + plain(f.message) : '')));
  return lines.join('\n');
}

function main() {
  const [title = 'Job', folder = '.'] = process.argv.slice(2);
  const results = [];
  for (const file of reports(folder)) {
    try { if (statSync(file).size <= MAX_SIZE) results.push(read(readFileSync(file, 'utf8'))); } catch { /* It was there a moment ago. */ }
  }
  summarise(page(title, process.env.JOB_STATUS || 'unknown', results.filter(Boolean)));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try { main(); } catch (error) { console.log('::warning::no summary: ' + String(error && error.message).replace(/[\r\n]+/g, ' ')); }
}`}
`;
