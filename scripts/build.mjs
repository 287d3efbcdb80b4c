/**
 * Bundles the server, the command line and the extension, and gathers the documentation of rules and practices.
 *
 *   node scripts/build.mjs [--dev] [--watch] [--outdir=dist] [--only=server,cli,extension,server.browser,extension.browser] [--metafile=FILE] [--small]
 *
 * `--dev` leaves the code readable and adds source maps; `--watch` builds again on every change; `--small` takes longer over what is packed.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, context } from 'esbuild';
import { minify } from 'terser';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: { dev: { type: 'boolean' }, watch: { type: 'boolean' }, outdir: { type: 'string', default: join(root, 'dist') }, only: { type: 'string' }, metafile: { type: 'string' }, small: { type: 'boolean' } },
});
const dev = options.dev || options.watch;
const outdir = resolve(options.outdir);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The parts of the LSP libraries that aren't about Node. */
const LSP = /[\\/]node_modules[\\/]vscode-(jsonrpc|languageserver|languageserver-protocol|languageclient)[\\/]lib[\\/]common[\\/](api|client|server)\.js$/;

const common = {
  absWorkingDir: root,
  outdir,
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

/** What runs in a browser: nothing of Node, in one file. */
const browser = { platform: 'browser', target: 'es2022', mainFields: ['browser', 'module', 'main'], conditions: ['browser'] };

/**
 * Each is a bundle of its own, so that starting one never reads the others. Two run in a browser as they are, and are loaded by Node's
 * entries for everything that isn't about Node: shipping the rules and the language client twice would double the package.
 */
const bundles = [
  {
    ...browser, entryPoints: { 'server.browser': 'server/lsp/core.ts' }, format: 'iife', globalName: 'core',
    footer: { js: 'if(typeof module==="object")module.exports=core;' },
  },
  { entryPoints: { server: 'server/lsp/main.ts' }, plugins: [shared('./server.browser.js', [
    /[\\/]rules[\\/](?!.*\.json$)/, /[\\/]server[\\/]lsp[\\/](connection|look-up|pin-check)\.ts$/,
    /[\\/]server[\\/]github[\\/](errors|limited|names|online-pins|rest|tags)\.ts$/, LSP,
  ])] },
  { entryPoints: { cli: 'server/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  { ...browser, entryPoints: { 'extension.browser': 'client/extension.browser.ts' }, external: ['vscode'] },
  { entryPoints: { extension: 'client/extension.ts' }, external: ['vscode'], plugins: [shared('./extension.browser.js', [/[\\/]client[\\/]activate\.ts$/, LSP])] },
].filter(({ entryPoints }) => {
  const [name, entry] = Object.entries(entryPoints)[0];
  if (options.only && !options.only.split(',').includes(name)) return false;
  if (existsSync(join(root, entry))) return true;
  console.warn(`no ${entry} yet: that bundle is left out`);
  return false;
});

mkdirSync(outdir, { recursive: true });
writeFileSync(join(outdir, 'docs.json'), JSON.stringify(pages()));
if (options.watch) {
  for (const bundle of bundles) await (await context({ ...common, ...bundle, logLevel: 'info' })).watch();
} else {
  if (!dev) for (const { entryPoints } of bundles) rmSync(join(outdir, `${Object.keys(entryPoints)[0]}.js.map`), { force: true });
  const results = await Promise.all(bundles.map(bundle => build({ ...common, ...bundle, metafile: true })));
  if (options.metafile) writeFileSync(options.metafile, JSON.stringify(results.map(({ metafile }) => metafile)));
  for (const { metafile } of results) {
    for (const output of Object.keys(metafile.outputs)) {
      if (!output.endsWith('.js')) continue;
      const file = join(root, output);
      if (options.small && !dev && basename(file) !== 'cli.js') await shrink(file);
      console.log(`${basename(file).padEnd(20)} ${(statSync(file).size / 1024).toFixed(0).padStart(6)} KB`);
    }
  }
}

/** Leaves out what esbuild can't see to be without use: 3 % of the package. Names at the top stay, as other files ask for them. */
async function shrink(file) {
  const { code } = await minify(readFileSync(file, 'utf8'), { ecma: 2022, compress: { ecma: 2022 }, format: { comments: false, ecma: 2022 } });
  writeFileSync(file, code);
}

/** Takes modules from another bundle instead of bundling them. What they are called for must be among its exports. */
function shared(bundle, modules) {
  return {
    name: 'shared',
    setup({ onResolve, resolve: find }) {
      onResolve({ filter: /./ }, async ({ path, pluginData, kind, ...where }) => {
        if (pluginData === 'asked' || kind === 'entry-point' || path.startsWith('node:')) return undefined;
        const found = await find(path, { ...where, kind, pluginData: 'asked' });
        return found.errors.length === 0 && modules.some(module => module.test(found.path)) ? { path: bundle, external: true } : found;
      });
    },
  };
}

/** The Markdown that stands beside rules and practices, by id. */
function pages() {
  const found = {};
  for (const part of ['rules/checks', 'rules/practices']) {
    for (const file of readdirSync(join(root, part), { recursive: true }).sort()) {
      if (file.endsWith('.md') && basename(file) !== 'README.md') found[basename(file, '.md')] = readFileSync(join(root, part, file), 'utf8');
    }
  }
  return found;
}
