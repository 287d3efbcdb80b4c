/** Looking a ref up with `git ls-remote`: the second way, for when the REST interface gives no answer. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { ResolvedRef } from '../../rules/engine/rule';
import { ResolveError } from './errors';
import { addresses, type RefName } from './names';
import { fullerTags, type ListedRef } from './tags';

export interface GitOptions { readonly githubUrl: string; readonly signal: AbortSignal; readonly gitPath?: string }

const OUTPUT_AT_MOST = 16 * 1024 * 1024;

/** Throws `ResolveError`. Nothing is asked of the user, no shell is used, and nothing of the workspace is read. */
export async function resolveByGit(name: RefName, options: GitOptions): Promise<ResolvedRef> {
  const { owner, repo, ref } = name;
  const { web } = addresses(options.githubUrl);
  const output = await lsRemote(`${web}/${owner}/${repo}.git`, ['HEAD', `refs/tags/${ref}*`, `refs/heads/${ref}`], options);
  const peeled = new Map<string, string>(), plain = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [, sha, refName, mark] = /^([0-9a-f]{40}|[0-9a-f]{64})\t(refs\/[^\s^]+|HEAD)(\^\{\})?\s*$/.exec(line) ?? [];
    if (sha && refName) (mark ? peeled : plain).set(refName, sha);
  }
  // Git takes a page of a guest network for a repository without refs. A repository has a HEAD.
  if (plain.size === 0) throw new ResolveError('bad-answer', `git was told of no refs at all by ${web}`);
  const commit = (refName: string): string | undefined => peeled.get(refName) ?? plain.get(refName);
  const sha = commit(`refs/tags/${ref}`);
  if (sha) {
    const refs = [...plain.keys()].map((n): ListedRef => ({ name: n, sha: commit(n) ?? '', type: 'commit' }));
    return { sha, version: fullerTags(ref, refs).find(r => r.sha === sha)?.name.slice(10) ?? ref };
  }
  const head = plain.get(`refs/heads/${ref}`);
  if (head) return { sha: head };
  throw new ResolveError('not-found', `${owner}/${repo} has no tag or branch ${ref}`);
}

/** Every tag of a repository with its commit, annotated ones peeled. Throws `ResolveError`: `not-found` for a repository that isn't there. */
export async function tagsByGit(name: { readonly owner: string; readonly repo: string }, options: GitOptions): Promise<Map<string, string>> {
  const { web } = addresses(options.githubUrl);
  let output: string;
  try {
    output = await lsRemote(`${web}/${name.owner}/${name.repo}.git`, ['HEAD', 'refs/tags/*'], options);
  } catch (error) {
    // Of what is private or gone GitHub asks for a password, and git may ask nobody.
    const said = error instanceof ResolveError && error.cause instanceof Error ? error.cause.message : '';
    if (!/not found|could not read Username|Authentication failed/i.test(said)) throw error;
    throw new ResolveError('not-found', `${name.owner}/${name.repo} was not found`, undefined, { cause: error });
  }
  const tags = new Map<string, string>();
  let head = false;
  for (const line of output.split('\n')) {
    const [, sha, tag, mark] = /^([0-9a-f]{40}|[0-9a-f]{64})\t(?:HEAD|refs\/tags\/([^\s^]+)(\^\{\})?)\s*$/.exec(line) ?? [];
    if (sha && tag === undefined) head = true;
    if (sha && tag !== undefined && (mark !== undefined || !tags.has(tag))) tags.set(tag, sha);
  }
  if (!head && tags.size === 0) throw new ResolveError('bad-answer', `git was told of no refs at all by ${web}`);
  return tags;
}

function lsRemote(url: string, patterns: readonly string[], options: GitOptions): Promise<string> {
  const protocol = new URL(url).protocol.replace(':', '');
  const args = ['-c', 'protocol.allow=never', '-c', `protocol.${protocol}.allow=always`, 'ls-remote', '--', url, ...patterns];
  // Run outside the workspace: a `.git/config` there could send the request, and the credentials, elsewhere.
  const quiet = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS: '', GCM_INTERACTIVE: 'never', LC_ALL: 'C' };
  const env = { ...withoutGit(process.env), ...quiet };
  const how = { cwd: tmpdir(), env, signal: options.signal, maxBuffer: OUTPUT_AT_MOST, windowsHide: true };
  return new Promise((resolve, reject) => {
    execFile(options.gitPath ?? 'git', args, how, (error, stdout) => {
      if (!error) resolve(stdout);
      else if (options.signal.aborted) reject(new ResolveError('timed-out', 'git did not answer in time', undefined, { cause: error }));
      else reject(new ResolveError('offline', `git could not list the refs of ${url}`, undefined, { cause: error }));
    });
  });
}

/** Variables such as GIT_DIR or GIT_CONFIG would make git read a repository of somebody's choosing. */
function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.toUpperCase().startsWith('GIT_')));
}
