/** How long one question may take: 10 s. */
const TIMEOUT_MS = 10_000;

/** The caller's signal, and the limit of one question. */
export function limited(options: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): AbortSignal {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  return options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
}
