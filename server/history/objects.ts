/**
 * Commits, trees and blobs of a repository that may be a stranger's, through git, without checking anything out. Nothing that its
 * configuration names is run: no pager, no signature program, no monitor, no filter, no transport.
 */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { dirname } from 'node:path';
import { isSkipped } from '../workspace/files';

export interface Commit { readonly sha: string; /** Seconds since 1970, of the committer. */ readonly time: number; /** First line of the message. */ readonly subject: string }

const SAFE = ['--no-pager', '--literal-pathspecs', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'log.showSignature=false', '-c', 'protocol.allow=never', '-c', 'core.quotePath=false'];
const OUTPUT_AT_MOST = 64 * 1024 * 1024;
const SUBJECT_AT_MOST = 200;
/** Larger files are none that a pipeline is told from. */
const BLOB_AT_MOST = 5 * 1024 * 1024;

function environment(root: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('GIT_'));
  // A folder that is no repository must not become one because something above it is.
  return { ...Object.fromEntries(own), GIT_CEILING_DIRECTORIES: dirname(root), GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
}

function git(root: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('git', [...SAFE, ...args], { cwd: root, env: environment(root), signal, maxBuffer: OUTPUT_AT_MOST, windowsHide: true }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr.trim().split('\n')[0] || error.message, { cause: error })); else resolve(stdout);
    });
  });
}

/** What belongs to the pipelines wherever workflows don't say so themselves. */
const ASSETS = ['.github', 'action.yml', 'action.yaml', 'CODEOWNERS', 'docs/CODEOWNERS', 'renovate.json', 'renovate.json5', '.renovaterc', '.renovaterc.json'];
const ACTIONS_AT_MOST = 200;

/**
 * Commits of the first-parent line that touched the pipelines: `.github`, who owns them, what updates them, and the actions that the
 * repository has today (to look for those of all times, git would have to look at every folder of every commit). Newest first. Rejects
 * where there is no git repository.
 */
export async function commitsOf(root: string, limit: number, signal: AbortSignal): Promise<Commit[]> {
  const actions = [...(await filesOf(root, 'HEAD', signal)).keys()].filter(f => /\/action\.ya?ml$/.test(f) && !f.startsWith('.github/') && !isSkipped(f));
  const paths = [...ASSETS, ...actions.slice(0, ACTIONS_AT_MOST)];
  const out = await git(root, ['log', '--first-parent', `--max-count=${limit}`, '--format=%H %ct %s', 'HEAD', '--', ...paths], signal);
  return out.split('\n').flatMap(line => { const m = /^([0-9a-f]{40,64}) (\d+) (.*)$/.exec(line); return m ? [{ sha: m[1]!, time: Number(m[2]), subject: m[3]!.slice(0, SUBJECT_AT_MOST) }] : []; });
}

/** Files of a commit with their blobs. Links and submodules are left out. */
export async function filesOf(root: string, commit: string, signal: AbortSignal): Promise<Map<string, string>> {
  const out = await git(root, ['ls-tree', '-r', '-z', '--full-tree', commit], signal);
  const files = new Map<string, string>();
  for (const entry of out.split('\0')) {
    const m = /^100(?:644|755) blob ([0-9a-f]{40,64})\t(.+)$/s.exec(entry);
    if (m) files.set(m[2]!, m[1]!);
  }
  return files;
}

/** Reads blobs one after the other from one `git cat-file --batch`. */
export class Blobs {
  readonly #child: ChildProcessWithoutNullStreams;
  #buffer = Buffer.alloc(0);
  #waiting: (() => void) | undefined;
  #ended = false;

  constructor(root: string, signal: AbortSignal) {
    this.#child = spawn('git', [...SAFE, 'cat-file', '--batch'], { cwd: root, env: environment(root), signal, windowsHide: true });
    const wake = (): void => { this.#waiting?.(); };
    this.#child.stdout.on('data', (chunk: Buffer) => { this.#buffer = Buffer.concat([this.#buffer, chunk]); wake(); });
    for (const event of ['error', 'close'] as const) this.#child.on(event, () => { this.#ended = true; wake(); });
    this.#child.stdin.on('error', () => { this.#ended = true; wake(); });
    this.#child.stderr.resume();
  }

  /** Text of a blob; undefined where there is none, or none that is text of a sensible size. Rejects where git has ended. */
  async text(oid: string): Promise<string | undefined> {
    this.#child.stdin.write(`${oid}\n`);
    let end = -1;
    while ((end = this.#buffer.indexOf(10)) < 0) await this.#more();
    const head = this.#buffer.subarray(0, end).toString('latin1');
    this.#buffer = this.#buffer.subarray(end + 1);
    const size = Number(/^[0-9a-f]+ \w+ (\d+)$/.exec(head)?.[1] ?? -1);
    if (size < 0) return undefined;
    if (size > BLOB_AT_MOST) {
      await this.#skip(size + 1);
      return undefined;
    }
    while (this.#buffer.length < size + 1) await this.#more();
    const bytes = this.#buffer.subarray(0, size);
    const text = bytes.subarray(0, 8000).includes(0) ? undefined : bytes.toString('utf8').replace(/^\uFEFF/, '');
    this.#buffer = this.#buffer.subarray(size + 1);
    return text;
  }

  /** Lets bytes go as they come. */
  async #skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) {
      if (this.#buffer.length === 0) await this.#more();
      const some = Math.min(left, this.#buffer.length);
      this.#buffer = this.#buffer.subarray(some);
      left -= some;
    }
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error('git ended before it had answered');
    const before = this.#buffer.length;
    await new Promise<void>(resolve => { this.#waiting = resolve; });
    this.#waiting = undefined;
    if (this.#ended && this.#buffer.length === before) throw new Error('git ended before it had answered');
  }

  close(): void { this.#child.stdin.end(); }
}
