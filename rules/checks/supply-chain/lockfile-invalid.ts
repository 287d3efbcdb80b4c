import { isFullSha } from '../../catalog';
import { defineRule, type Report } from '../../engine/rule';
import type { Repository } from '../../repository/repository';
import { placeOf, placeOfDependency } from '../shared/lock-places';
import { lockOf, LOCKFILE_PATH, type ActionsLock } from '../shared/lockfile';

type Message = 'unreadable' | 'commit' | 'dangling' | 'other' | 'twice';
type Problem = Pick<Report<Message>, 'messageId' | 'data'> & { readonly key: string };

function reasonOf(text: string): string {
  if (/^(?:<{7}|>{7})\s/m.test(text)) return 'it holds the marks of a merge that was not finished';
  if (!/^version:/m.test(text)) return 'it names no version of its format';
  return 'it is not in the form that `gh actions-lock` writes';
}

/** Everything that a program which writes the file in one go can't have written. */
function* problems(lock: ActionsLock): Generator<Problem> {
  for (const key of lock.twice) yield { messageId: 'twice', data: { key }, key };
  for (const [key, { commit }] of lock.dependencies) {
    const ref = key.slice(key.indexOf('@') + 1);
    if (commit === undefined) yield { messageId: 'commit', data: { key }, key };
    else if (isFullSha(ref) && ref.toLowerCase() !== commit) yield { messageId: 'other', data: { key, commit: commit.slice(0, 7) }, key };
  }
  const needed = new Map<string, string>();
  for (const [path, keys] of lock.workflows) for (const key of keys) if (!needed.has(key)) needed.set(key, path);
  for (const [by, { uses }] of lock.dependencies) for (const key of uses) if (!needed.has(key)) needed.set(key, by);
  for (const [key, by] of needed) if (!lock.dependencies.has(key)) yield { messageId: 'dangling', data: { key, by }, key: lock.dependencies.has(by) ? by : key };
}

const MAX_SHOWN = 50;

export default defineRule({
  id: 'lockfile-invalid',
  category: 'supply-chain',
  severity: 'high',
  confidence: 'high',
  scope: 'repository',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds an `actions.lock` that cannot be read, or that holds what its tool never writes.',
    why: 'A lockfile that cannot be read locks nothing, and nobody is told.',
    references: ['https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles', 'https://github.com/github/gh-actions-lock'],
    standards: ['SEC-3'],
  },
  messages: {
    unreadable: 'This workflow is not locked: `.github/workflows/actions.lock` can\'t be read, as {reason}. Run `gh actions-lock` and commit what it writes.',
    commit: '`actions.lock` names no commit for {key}. Run `gh actions-lock` and commit what it writes.',
    dangling: '`actions.lock` says that {by} uses {key}, and has no entry for it. Run `gh actions-lock` and commit what it writes.',
    other: '`actions.lock` records {commit} for {key}, which is another commit: it was edited by hand. Run `gh actions-lock`, and see who changed it.',
    twice: '`actions.lock` has two entries for {key}, and only one counts. Run `gh actions-lock` and commit what it writes.',
  },
  create(context) {
    return {
      repository(repository: Repository) {
        const text = repository.read(LOCKFILE_PATH);
        if (text === undefined) return;
        context.instance();
        const lock = lockOf(repository);
        if (!lock) {
          const at = placeOf(repository, undefined);
          if (at) context.report({ at, messageId: 'unreadable', data: { reason: reasonOf(text) } });
          return;
        }
        let shown = 0;
        for (const { key, ...problem } of problems(lock)) {
          const at = placeOfDependency(repository, lock, key);
          if (at && ++shown <= MAX_SHOWN) context.report({ at, ...problem });
        }
      },
    };
  },
});
