/**
 * Writes ThirdPartyNotices.txt: every package whose code is in a bundle, with its licence. `--check` only says whether it is up to date.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './setup.mjs';

const FILE = join(root, 'ThirdPartyNotices.txt');
const entryPoints = ['client/extension.ts', 'server/lsp/main.ts', 'server/cli/main.ts'].filter(entry => existsSync(join(root, entry)));

const { metafile } = await build({
  absWorkingDir: root, entryPoints, bundle: true, write: false, metafile: true, outdir: 'dist', platform: 'node', format: 'cjs',
  target: 'node20', mainFields: ['module', 'main'], conditions: ['node'], external: ['vscode'], logLevel: 'error',
});
// Only what is left after shaking: a module that contributes no byte is not distributed.
const inputs = new Set(Object.values(metafile.outputs).flatMap(output => Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)));
const folders = new Set([...inputs].map(path => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));

const seen = new Map();
for (const folder of folders) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(root, folder)).find(entry => /^licen[cs]e/i.test(entry));
  if (!license && !file) throw new Error(`${name} names no licence`);
  seen.set(`${name} ${version}`, `${name} ${version}\n${license ?? ''}\n\n${file ? readFileSync(join(root, folder, file), 'utf8').replaceAll('\r\n', '\n').trim() : ''}`.trim());
}
const rule = '-'.repeat(80);
const parts = [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
const text = `CI Hardening contains code of the packages below.\n\n${parts.map(part => `${rule}\n${part}\n`).join('\n')}`;

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
  console.log(`ThirdPartyNotices.txt: ${seen.size} packages`);
} else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) {
  console.error('ThirdPartyNotices.txt is out of date: node scripts/generate-notices.mjs');
  process.exitCode = 1;
}
