import type { ResolveRef } from './session';

/** Looks a ref up on GitHub. Everything that talks to the network is loaded only now. */
export const resolveRef: ResolveRef = async (need, githubUrl, token) => {
  const { resolveRef: ask } = await import('../github/resolve');
  const abort = new AbortController();
  const listener = token.onCancellationRequested(() => abort.abort());
  try {
    return await ask(need, { githubUrl, signal: abort.signal });
  } finally {
    listener.dispose();
  }
};
