import { defineRule } from '../../engine/rule';
import { reachedUses } from '../shared/local-actions';
import { keysOf, listed, placeIn, placeOf } from '../shared/lock-places';
import { lockOf, type ActionsLock } from '../shared/lockfile';

const repositoryOf = (key: string): string => key.slice(0, key.indexOf('@')).split('/').slice(0, 2).join('/');

/** Dependencies that no workflow of the lockfile leads to. */
function orphans(lock: ActionsLock): string[] {
  const reached = new Set<string>();
  const todo = [...lock.workflows.values()].flatMap(keys => [...keys]);
  for (let key = todo.pop(); key !== undefined; key = todo.pop()) {
    if (reached.has(key)) continue;
    reached.add(key);
    todo.push(...lock.dependencies.get(key)?.uses ?? []);
  }
  return [...lock.dependencies.keys()].filter(key => !reached.has(key));
}

export default defineRule({
  id: 'lockfile-stale',
  category: 'supply-chain',
  severity: 'low',
  confidence: 'high',
  scope: 'repository',
  profile: 'recommended',
  level: 5,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds entries of `actions.lock` for workflows that are gone and for actions that nothing uses.',
    why: 'What stands in the file and is not used is read, reviewed and updated for nothing, and a new workflow of the old name finds old pins.',
    references: ['https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles', 'https://github.com/github/gh-actions-lock'],
    standards: ['SEC-3'],
  },
  messages: {
    gone: '`actions.lock` lists workflows that are gone: {names}. Run `gh actions-lock` and commit what it writes.',
    unused: '`actions.lock` pins for this workflow what it doesn\'t use: {names}. Run `gh actions-lock` and commit what it writes.',
    orphan: '`actions.lock` records dependencies that no workflow in it uses: {names}. Run `gh actions-lock` and commit what it writes.',
  },
  create(context) {
    return {
      repository(repository) {
        const lock = lockOf(repository);
        if (!lock) return;
        context.instance();
        const whole = placeOf(repository, lock);
        const gone = [...lock.workflows.keys()].filter(path => !repository.has(path));
        if (whole && gone.length > 0) context.report({ at: whole, messageId: 'gone', data: { names: listed(gone) } });
        for (const [path, keys] of lock.workflows) {
          const document = repository.document(path);
          if (!document?.workflow || document.problems.some(p => p.code !== 'duplicate-key')) continue;
          const reached = reachedUses(repository, document);
          if (!reached.whole) continue;
          context.instance();
          const used = new Set(reached.uses.flatMap(r => keysOf(r.uses)));
          // A ref that was changed is another matter: its run is rejected, and lockfile-incomplete says so.
          const names = new Set([...used].map(repositoryOf));
          const unused = [...keys].filter(key => !used.has(key) && !names.has(repositoryOf(key)));
          const at = placeIn(document);
          if (at && unused.length > 0) context.report({ at, messageId: 'unused', data: { names: listed(unused) } });
        }
        const left = orphans(lock);
        if (whole && left.length > 0) context.report({ at: whole, messageId: 'orphan', data: { names: listed(left) } });
      },
    };
  },
});
