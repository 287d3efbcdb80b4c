/**
 * Bundles the server, the command line and the extension into `dist/`.
 *
 *   node scripts/build.mjs [--dev] [--watch]
 *
 * `--dev` leaves the code readable and adds source maps; `--watch` builds again on every change.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const flags = new Set(process.argv.slice(2));
for (const flag of flags) if (flag !== '--dev' && flag !== '--watch') fail(`unknown option ${flag}`);
const dev = flags.has('--dev') || flags.has('--watch');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const common = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // ESM entries of dependencies first: their CommonJS twins (UMD wrappers) can't be bundled or shaken.
  mainFields: ['module', 'main'],
  conditions: ['node'],
  minify: !dev,
  keepNames: false,
  sourcemap: dev,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
  define: { 'process.env.CI_HARDENING_VERSION': JSON.stringify(version) },
};

/** Each is a bundle of its own, so that starting one never reads the others. */
const bundles = [
  { entryPoints: { server: 'server/lsp/main.ts' } },
  { entryPoints: { cli: 'server/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  { entryPoints: { extension: 'client/extension.ts' }, external: ['vscode'] },
].filter(bundle => {
  const entry = Object.values(bundle.entryPoints)[0];
  if (existsSync(join(root, entry))) return true;
  console.warn(`no ${entry} yet: that bundle is left out`);
  return false;
});

mkdirSync(join(root, 'dist'), { recursive: true });
if (flags.has('--watch')) {
  for (const bundle of bundles) await (await context({ ...common, ...bundle, logLevel: 'info' })).watch();
} else {
  if (!dev) for (const name of ['server', 'cli', 'extension']) rmSync(join(root, 'dist', `${name}.js.map`), { force: true });
  const results = await Promise.all(bundles.map(bundle => build({ ...common, ...bundle, metafile: true })));
  for (const { metafile } of results) {
    for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
      if (file.endsWith('.js')) console.log(`${file.padEnd(20)} ${(bytes / 1024).toFixed(0).padStart(6)} KB`);
    }
  }
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
