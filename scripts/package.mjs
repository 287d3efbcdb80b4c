/** Builds and packs the extension, and looks at what is in the package: `npm run package`. */
import { renameSync, rmSync, statSync } from 'node:fs';
import { faultsOf } from './package-contents.mjs';
import { bin, demand, node, vsix } from './setup.mjs';
import { contentsOf, repack } from './zip.mjs';

process.stdout.write(await demand('the build', node(['scripts/build.mjs', '--small'], { show: false })));

// Nobody finds a package that is half done, or not as it has to be.
const made = vsix.replace(/vsix$/, 'new.vsix');
rmSync(vsix, { force: true });
rmSync(made, { force: true });
await demand('vsce package', bin('@vscode/vsce/vsce', ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '-o', made], { show: false }));
await repack(made);
const files = contentsOf(made).filter(({ name }) => name.startsWith('extension/')).map(file => ({ ...file, name: file.name.slice('extension/'.length) }));
const { size } = statSync(made);
const faults = faultsOf(files, size);
if (faults.length > 0) {
  console.error(faults.join('\n'));
  rmSync(made);
  process.exit(1);
}
renameSync(made, vsix);
console.log(`ci-hardening.vsix: ${files.length} files, ${Math.round(size / 1000)} kB`);
