/** The keys of `actions.lock`, version v0.0.2 of its schema, in words of our own. */

export const LOCK_VERSION = 'v0.0.2';

export const TOP_KEYS: Readonly<Record<string, string>> = {
  version: `The version of the format. GitHub knows \`${LOCK_VERSION}\`.`,
  workflows: 'The workflows that run locked commits, each with the entries that it needs. A run that uses something else is refused.',
  dependencies: 'Every action and reusable workflow, once, with the commit that runs for it whatever its ref names today.',
};

export const ENTRY_KEYS: Readonly<Record<string, string>> = {
  ref: 'The tag or branch that the commit was found by.',
  commit: 'The commit that runs, behind the name of its hash: `sha1-` and 40 digits.',
  owner_id: 'The number of the owner\'s account: whoever takes over the name later has another one.',
  repo_id: 'The number of the repository: a new repository of the same name has another one.',
  uses: 'What a composite action uses in turn. Each has an entry of its own.',
};

export const REQUIRED_KEYS = ['ref', 'commit', 'owner_id', 'repo_id'] as const;

export const WRITTEN_BY = '`gh actions-lock` writes this file, and checks what is in it against GitHub: run it before you commit.';
