import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..', '..');
let folder: Promise<string> | undefined;

/** Bundles the server and the command line as they are shipped, once for all tests, and gives the folder that they are in. */
export function built(): Promise<string> {
  return folder ??= (async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'ci-hardening-dist-'));
    process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
    await promisify(execFile)(process.execPath, [join(root, 'scripts/build.mjs'), `--outdir=${outdir}`, '--only=server.browser,server,cli']);
    return outdir;
  })();
}
