/** What a process says by its exit code. */
export const EXIT = { ok: 0, findings: 1, failed: 2 } as const;

/** The command could not run: a wrong argument, a path that isn't there. Its message is all that is shown. */
export class CannotRun extends Error {}
