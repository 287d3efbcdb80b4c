import type * as Network from '../github/resolve';
import type { ResolveRef } from './session';

export interface ResolverOptions {
  readonly timeoutMs?: number;
  readonly gitPath?: string | false;
  /** Everything that talks to the network: loaded with the first question. */
  readonly load?: () => Promise<Pick<typeof Network, 'resolveRef'>>;
}

/** How the server looks refs up. */
export function refResolver({ load = () => import('../github/resolve'), ...options }: ResolverOptions = {}): ResolveRef {
  return async (need, githubUrl, token) => {
    const { resolveRef } = await load();
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      return await resolveRef(need, { ...options, githubUrl, signal: abort.signal });
    } finally {
      listener.dispose();
    }
  };
}
