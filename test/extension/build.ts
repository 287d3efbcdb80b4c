import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(__dirname, '../..');
export const SUITE_ENTRY = join(ROOT, 'out/suite/index.js');

/** Compiles the suite for the extension host. Mocha stays outside: it must be the one on disk. */
export async function buildSuite(): Promise<void> {
  rmSync(join(ROOT, 'out/suite'), { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT, entryPoints: ['test/extension/suite/index.ts'], outdir: 'out/suite', bundle: true, platform: 'node', format: 'cjs',
    target: 'node20', external: ['vscode', 'mocha'], sourcemap: 'inline', logLevel: 'warning',
  });
}
