/**
 * `e2e` comes with `test`. `publish` puts a package or image into a registry, `release` makes a release, `deploy` changes
 * what runs somewhere, `migrate` changes a database. `call`: a job that calls a reusable workflow.
 */
export type JobKind =
  | 'test' | 'e2e' | 'lint' | 'scan' | 'build' | 'deploy' | 'publish' | 'release' | 'migrate' | 'notify' | 'housekeeping' | 'call';

/** Kinds whose failure must stop what follows. */
export const GATES: readonly JobKind[] = ['test', 'lint', 'scan', 'migrate', 'deploy'];
