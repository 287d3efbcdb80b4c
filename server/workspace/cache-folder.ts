/** What the product keeps for a user between two runs: what was told by the network, and of a repository the scores of its commits alone. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** The user's folder for it; undefined where the system names none. It need not exist. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform, home: string = homedir()): string | undefined {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  // A relative path would lead into whatever folder is scanned; the standard says to pass it over.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'ci-hardening');
  if (platform === 'win32') return local && isAbsolute(local) ? join(local, 'ci-hardening', 'Cache') : undefined;
  if (!isAbsolute(home)) return undefined;
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'ci-hardening') : join(home, '.cache', 'ci-hardening');
}

/** JSON of a file; undefined where there is none, it is larger than `maxBytes`, or it holds something else. */
export function readJson(file: string, maxBytes: number): unknown {
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > maxBytes) return undefined;
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** Writes a file whole or not at all: who reads it meanwhile sees the old one. Throws as `fs` does, and leaves nothing behind then. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    writeFileSync(own, text, { mode: 0o600, flag: 'wx' });
    renameSync(own, file);
  } catch (error) {
    rmSync(own, { force: true });
    throw error;
  }
}
