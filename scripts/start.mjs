/**
 * Opens the extension: `npm start` on a copy of the sample repository, `npm start -- /path` on a folder of yours. In a desktop VS Code
 * where `code` is installed, else in VS Code's server and the browser (`--browser` asks for that).
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { demand, ensureDependencies, ensureHost, node, root } from './setup.mjs';

const args = process.argv.slice(2);
const inBrowser = args.includes('--browser');
const given = args.find(argument => !argument.startsWith('--'));
if (given && !isFolder(given)) {
  console.error(`${given} is not a folder`);
  process.exit(2);
}

await ensureDependencies();
await demand('the build', node(['scripts/build.mjs'], { show: false }));
const folder = given ? resolve(given) : sample();
console.log(`opening ${folder}`);

if (!inBrowser && succeeds('code', ['--version'])) {
  execFileSync('code', ['--new-window', `--extensionDevelopmentPath=${root}`, folder], { stdio: 'inherit', shell: process.platform === 'win32' });
} else {
  await ensureHost();
  await demand('the package', node(['scripts/package.mjs'], { show: false }));
  const server = spawn(process.execPath, ['--import', 'tsx', join(root, 'test/extension/host/open.ts'), folder], { cwd: root, stdio: 'inherit' });
  server.on('exit', code => { process.exitCode = code ?? 1; });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { server.kill(signal); });
}

/** A copy, so that trying things out changes nothing here; a Git repository where Git is there, so that changes show. */
function sample() {
  const copy = join(mkdtempSync(join(tmpdir(), 'ci-hardening-sample-')), 'shop');
  cpSync(join(root, 'sample'), copy, { recursive: true });
  const git = (...command) => succeeds('git', ['-C', copy, '-c', 'user.name=Sample', '-c', 'user.email=sample@example.com', ...command]);
  if (git('init', '--quiet', '--initial-branch=main') && git('add', '--all')) git('commit', '--quiet', '--message=Sample');
  return copy;
}

function succeeds(command, commandArguments) {
  return spawnSync(command, commandArguments, { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0;
}

function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
