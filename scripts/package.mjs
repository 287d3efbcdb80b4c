/** Builds and packs the extension, and looks at what is in the package: `npm run package`. */
import { rmSync, statSync } from 'node:fs';
import { bin, demand, node, vsix } from './setup.mjs';

const LIMIT = 1024 * 1024;
const ALLOWED = /^(dist\/(extension|server)(\.browser)?\.js|dist\/docs\.json|dist\/[\w-]+\.wasm|media\/[\w.-]+|syntaxes\/[\w.-]+\.json|l10n\/bundle\.l10n\.json|docs\/configuration\.schema\.json|package(\.nls)?\.json|readme\.md|changelog\.md|LICENSE\.txt|LICENSE|ThirdPartyNotices\.txt)$/i;
const NEEDED = ['dist/extension.js', 'dist/extension.browser.js', 'dist/server.js', 'dist/server.browser.js', 'dist/docs.json', 'media/panel.js', 'media/panel.css', 'docs/configuration.schema.json', 'l10n/bundle.l10n.json', 'package.json'];

process.stdout.write(await demand('the build', node(['scripts/build.mjs'], { show: false })));
const files = (await demand('vsce ls', bin('@vscode/vsce/vsce', ['ls', '--no-dependencies'], { show: false }))).split('\n').map(line => line.trim()).filter(line => /^[\w.-]+(\/|$)/.test(line) && !line.includes(' '));
const surplus = files.filter(file => !ALLOWED.test(file));
const missing = NEEDED.filter(file => !files.includes(file));
if (surplus.length > 0 || missing.length > 0) fail(`the package would hold ${surplus.join(', ') || 'nothing too much'} and lack ${missing.join(', ') || 'nothing'}`);

rmSync(vsix, { force: true });
await demand('vsce package', bin('@vscode/vsce/vsce', ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '-o', vsix], { show: false }));
const { size } = statSync(vsix);
console.log(`ci-hardening.vsix: ${files.length} files, ${Math.round(size / 1024)} KB`);
if (size >= LIMIT) fail(`the package has ${size} bytes; the limit is ${LIMIT}`);

function fail(message) {
  console.error(message);
  process.exit(1);
}
