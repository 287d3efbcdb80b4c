import { RUN_MAIN, SUMMARY } from '../../shared/script-parts';

/** `.github/scripts/auto-remediation.mjs` */
export const AUTO_REMEDIATION = `// Looks for critical and high advisories about the dependencies of this folder, and updates what they are about.
//   node auto-remediation.mjs <npm|pnpm|pip|go|cargo|bundler|composer>
// Writes changed=true|false to GITHUB_OUTPUT. Nothing is committed here. Node 20 or later, no dependencies.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

${SUMMARY}

${String.raw`const SERIOUS = ['critical', 'high'];
/** Names and versions go to a package manager as arguments: an advisory can't make them anything else. */
const NAME = /^(?!-)[@\w./~-]{1,200}$/, VERSION = /^v?[0-9][\w.+-]{0,100}$/;

const found = (name, severity, id, fixed) => ({ name: String(name), severity: severity ? String(severity).toLowerCase() : undefined, id: String(id || ''), fixed });

/** What an audit says, by package. An advisory without a severity counts. */
export const READERS = {
  npm: text => Object.values(JSON.parse(text).vulnerabilities || {}).map(v => found(v.name, v.severity, (v.via || []).map(x => x.url || x).filter(Boolean)[0])),
  pnpm: text => Object.values(JSON.parse(text).advisories || {}).map(a => found(a.module_name, a.severity, a.github_advisory_id || a.url)),
  pip: text => (JSON.parse(text).dependencies || []).flatMap(d => (d.vulns || []).map(v => found(d.name, undefined, v.id, (v.fix_versions || [])[0]))),
  // A stream of objects: what is called is reported with a function, the rest is only required.
  go: text => text.split(/^(?=\{)/m).filter(t => t.trim()).map(t => JSON.parse(t)).filter(o => o.finding && o.finding.trace && o.finding.trace[0] && o.finding.trace[0].function)
    .map(o => found(o.finding.trace[0].module, undefined, o.finding.osv, o.finding.fixed_version)),
  cargo: text => ((JSON.parse(text).vulnerabilities || {}).list || []).map(v => found(v.package.name, undefined, v.advisory.id)),
  bundler: text => (JSON.parse(text).results || []).filter(r => r.gem && r.advisory).map(r => found(r.gem.name, r.advisory.criticality, r.advisory.id)),
  composer: text => Object.entries(JSON.parse(text).advisories || {}).flatMap(([name, list]) => Object.values(list).map(a => found(name, a.severity, a.advisoryId || a.cve))),
};

/** Those that are worth a pull request of their own today, one for each package. */
export function serious(all) {
  const byName = new Map();
  for (const a of all) if ((a.severity === undefined || SERIOUS.includes(a.severity)) && NAME.test(a.name) && !byName.has(a.name)) byName.set(a.name, a);
  return [...byName.values()];
}

const AUDITS = {
  npm: ['npm', 'audit', '--json'],
  pnpm: ['pnpm', 'audit', '--json'],
  pip: ['pipx', 'run', 'pip-audit==2.9.0', '--requirement', 'requirements.txt', '--format', 'json'],
  go: ['go', 'run', 'golang.org/x/vuln/cmd/govulncheck@v1.1.4', '-format', 'json', './...'],
  cargo: ['cargo', 'audit', '--json'],
  bundler: ['bundle-audit', 'check', '--update', '--format', 'json'],
  composer: ['composer', 'audit', '--format=json'],
};

/** The commands that update what advisories are about. Scripts of packages aren't run by the update. */
export function fixes(manager, list) {
  const names = list.map(a => a.name);
  switch (manager) {
    case 'npm': return [['npm', 'audit', 'fix', '--ignore-scripts'], ['npm', 'ci']];
    case 'pnpm': return [['pnpm', 'audit', '--fix'], ['pnpm', 'install', '--no-frozen-lockfile']];
    case 'pip': return [['pipx', 'run', 'pip-audit==2.9.0', '--requirement', 'requirements.txt', '--fix'], ['python', '-m', 'pip', 'install', '--requirement', 'requirements.txt']];
    case 'go': return [...list.filter(a => a.fixed && VERSION.test(a.fixed) && a.name !== 'stdlib').map(a => ['go', 'get', a.name + '@' + a.fixed]), ['go', 'mod', 'tidy']];
    case 'cargo': return names.map(n => ['cargo', 'update', '--package', n]);
    case 'bundler': return [['bundle', 'config', 'set', '--local', 'frozen', 'false'], ['bundle', 'update', '--conservative', ...names]];
    default: return [['composer', 'update', '--no-interaction', '--no-scripts', '--with-dependencies', ...names]];
  }
}

function run(command) {
  console.log('$ ' + command.join(' '));
  return spawnSync(command[0], command.slice(1), { encoding: 'utf8', maxBuffer: 200000000 });
}

/** An audit ends with an error where it finds something: what counts is that it could be read. */
function audit(manager) {
  const { stdout, stderr, error } = run(AUDITS[manager]);
  try {
    return serious(READERS[manager](stdout || ''));
  } catch {
    throw new Error('the audit could not be read: ' + String(error ? error.message : stderr || stdout).slice(0, 300));
  }
}

function output(changed) {
  if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, 'changed=' + changed + '\n');
}

async function main() {
  const manager = process.argv[2];
  if (!Object.hasOwn(AUDITS, manager)) throw new Error('there is no such package manager: ' + plain(manager));
  if (manager === 'pip' && !existsSync('requirements.txt')) throw new Error('there is no requirements.txt here');
  const before = audit(manager);
  if (before.length === 0) {
    output(false);
    return summarise('No critical or high advisories.');
  }
  for (const command of fixes(manager, before)) {
    const { status, stderr, error } = run(command);
    // npm and pip-audit end with an error where something is left: what is left is told below.
    if ((status !== 0 || error) && !command.includes('fix') && !command.includes('--fix')) throw new Error(command.slice(0, 3).join(' ') + ' failed: ' + String(error ? error.message : stderr).slice(0, 300));
  }
  const after = audit(manager), left = new Set(after.map(a => a.name));
  const mended = before.filter(a => !left.has(a.name));
  const lines = list => list.map(a => '- ' + plain(a.name) + (a.id ? ' (' + plain(a.id) + ')' : ''));
  summarise(['## Advisories', '', 'Updated:', ...lines(mended), '', 'Left, as nothing mends them without a change of the code or of a range:', ...lines(after)].join('\n'));
  output(mended.length > 0);
}`}

${RUN_MAIN}
`;
