/** One door to everything that a fix can need of the network. */
import type { NetworkNeed, Resolved } from '../../rules';
import { resolveRef, type ResolveOptions } from '../github/resolve';
import { parseImageName } from '../registry/names';
import { resolveImage } from '../registry/resolve';

export type LookUpOptions = ResolveOptions;

/** Makes the look-up of a fix. Throws `ResolveError`. A registry is told nothing of who asks: no token goes there. */
export function lookUp(need: NetworkNeed, options: LookUpOptions): Promise<Resolved> {
  if (need.kind === 'resolve-ref') return resolveRef(need, options);
  const { signal, fetch, timeoutMs } = options;
  return resolveImage(need.image, { signal, fetch, timeoutMs });
}

/** Who is asked: a server that is away answers no other question either. */
export function serverOf(need: NetworkNeed, githubUrl: string): string {
  if (need.kind === 'resolve-ref') return githubUrl;
  try {
    return parseImageName(need.image).host;
  } catch {
    return need.image;
  }
}
