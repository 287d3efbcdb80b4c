/** From a ref to its commit, for fixes that pin something that the catalogue doesn't know. Asked for on a click, never before. */
import type { ResolvedRef } from '../../rules/engine/rule';
import { ResolveError } from './errors';
import { resolveByGit } from './git';
import { limited } from './limited';
import { addresses, checkNames, type RefName } from './names';
import { resolveByRest } from './rest';

export { ResolveError, type ResolveFailure } from './errors';
export { clearCache } from './rest';
export { limited } from './limited';

export interface ResolveOptions {
  /** `https://github.com`, or a server of one's own. */
  readonly githubUrl: string;
  /** Sent to that server only. */
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof globalThis.fetch;
  /** Git's program; false asks the REST interface only. */
  readonly gitPath?: string | false;
  /** For each of the two ways; 10 s. */
  readonly timeoutMs?: number;
}

/**
 * The commit behind a tag, a branch or an abbreviated commit: annotated tags are peeled, and a tag that moves is given the
 * fullest version tag on the same commit as `version`. Asks the REST interface first, then `git ls-remote`.
 * Throws `ResolveError`, with the REST interface's reason where both ways fail.
 */
export async function resolveRef(name: RefName, options: ResolveOptions): Promise<ResolvedRef> {
  checkNames(name);
  addresses(options.githubUrl);
  try {
    return await resolveByRest(name, { ...options, signal: limited(options) });
  } catch (error) {
    const failure = error instanceof ResolveError
      ? error : new ResolveError('bad-answer', 'the look-up failed', undefined, { cause: error });
    if (failure.kind === 'aborted' || options.signal?.aborted || options.gitPath === false) throw failure;
    try {
      return await resolveByGit(name, { githubUrl: options.githubUrl, gitPath: options.gitPath, signal: limited(options) });
    } catch (second) {
      if (options.signal?.aborted) throw new ResolveError('aborted', 'the look-up was cancelled', undefined, { cause: second });
      if (second instanceof ResolveError && second.kind === 'not-found') throw second;
      throw failure;
    }
  }
}
