/** Why a look-up on GitHub gave no answer. The messages are shown to users as they are. */
export type ResolveFailure =
  | 'not-found' | 'rate-limited' | 'timed-out' | 'offline' | 'bad-answer' | 'denied' | 'refused' | 'aborted';

export class ResolveError extends Error {
  constructor(
    readonly kind: ResolveFailure,
    message: string,
    /** `rate-limited`: when the next request is allowed. */
    readonly resetAt?: Date,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ResolveError';
  }
}

/** True where the server would answer no other question either: it is away, slow, or has had enough. */
export function isForAll(error: unknown): boolean {
  return error instanceof ResolveError && (error.kind === 'offline' || error.kind === 'timed-out' || error.kind === 'rate-limited');
}
