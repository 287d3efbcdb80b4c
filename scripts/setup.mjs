/** What `npm start` and `npm test` have in common: they bring along what they need. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Where the packed extension is put. */
export const vsix = join(root, 'ci-hardening.vsix');

/**
 * Runs a program in the project's folder. Resolves with its exit code and what it printed; `show` prints it as it comes, too.
 * A program that can't be started has the code 127.
 */
export function run(command, args, { show = true, env = {} } = {}) {
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' && command === 'npm' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', text => {
        output += text;
        if (show) process.stdout.write(text);
      });
    }
    child.on('error', error => { resolve({ code: 127, output: `${output}${error.message}\n` }); });
    child.on('close', code => { resolve({ code: code ?? 1, output }); });
  });
}

export const node = (args, options) => run(process.execPath, args, options);
/** A program of a dependency. */
export const bin = (name, args, options) => node([join(root, 'node_modules', ...name.split('/')), ...args], options);

/** As `run`, and throws with the output where the program fails. */
export async function demand(what, result) {
  const { code, output } = await result;
  if (code !== 0) throw new Error(`${what} failed (${code})\n${output}`);
  return output;
}

/** Installs the dependencies where they are missing or not those of the lock file. */
export async function ensureDependencies() {
  if (isInstalled()) return;
  console.log('installing dependencies (npm ci)');
  await demand('npm ci', run('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { show: false }));
}

function isInstalled() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { packages: present } = JSON.parse(readFileSync(installed, 'utf8'));
  return Object.entries(wanted).every(([path, { version, optional }]) => path === '' || optional || present[path]?.version === version);
}

/** The VS Code that is driven by tests, from npm. */
export async function ensureHost() {
  await demand('the installation of VS Code for tests', node([join(root, 'test/extension/host/install.mjs')]));
}

export async function ensureBrowser() {
  await demand('the installation of Chromium', node(['--import', 'tsx', join(root, 'test/extension/host/chromium.ts')]));
}
