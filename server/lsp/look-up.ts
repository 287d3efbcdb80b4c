import type * as Network from '../network/look-up';
import type { LookUp } from './session';

export interface LookUpSettings {
  readonly timeoutMs?: number;
  readonly gitPath?: string | false;
  /** Everything that talks to the network: loaded with the first question. */
  readonly load: () => Promise<Pick<typeof Network, 'lookUp'>>;
}

/** How the server looks up what a fix needs. */
export function networkLookUp({ load, ...options }: LookUpSettings): LookUp {
  return async (need, githubUrl, token, githubToken) => {
    const { lookUp } = await load();
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      return await lookUp(need, { ...options, githubUrl, signal: abort.signal, ...(githubToken === undefined ? {} : { token: githubToken }) });
    } finally {
      listener.dispose();
    }
  };
}
