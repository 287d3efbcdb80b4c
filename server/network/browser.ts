/** What `look-up.ts` is where there is no Node: GitHub's REST interface answers a browser, git and registries of images don't. */
import type { NetworkNeed, Resolved } from '../../rules';
import { ResolveError } from '../github/errors';
import { limited } from '../github/limited';
import { addresses, checkNames } from '../github/names';
import type { ResolveOptions } from '../github/resolve';
import { resolveByRest } from '../github/rest';

/** Makes the look-up of a fix. Throws `ResolveError`. */
export async function lookUp(need: NetworkNeed, options: ResolveOptions): Promise<Resolved> {
  if (need.kind !== 'resolve-ref') throw new ResolveError('refused', 'a browser may not ask registries of images');
  checkNames(need);
  addresses(options.githubUrl);
  return resolveByRest(need, { ...options, signal: limited(options) });
}
