/** Runs the benchmarks as what is measured ships: in a bundle, where a name of another file costs nothing to look up. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
// Beside its source: it finds the others from there.
const bundle = `${root}/test/bench/.bench.cjs`;
await build({
  entryPoints: [`${root}/test/bench/index.ts`], outfile: bundle, bundle: true, packages: 'external', platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error',
});
try {
  process.exitCode = spawnSync(process.execPath, [bundle], { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(bundle, { force: true });
}
