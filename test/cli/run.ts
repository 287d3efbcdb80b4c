import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from '../support/built';

/** What this machine's user has kept is no part of a test. */
const NO_CACHE = join(tmpdir(), 'ci-hardening-no-cache');

export interface Ran { readonly code: number | null; readonly out: string; readonly err: string }

/** Runs the command line as it is shipped, in a process of its own. */
export async function run(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Promise<Ran> {
  const cli = join(await built(), 'cli.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: options.cwd, env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', GITHUB_TOKEN: '', XDG_CACHE_HOME: NO_CACHE, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '', err = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => { out += chunk; });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => { err += chunk; });
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, err }));
  });
}
