import { lookupAction, runtimeOf } from '../../catalog';
import { defineRule } from '../../engine/rule';
import { allUses } from '../shared/local-actions';
import { listed } from '../shared/lock-places';
import { LOCKFILE_PATH } from '../shared/lockfile';
import type { UsesRef } from '../../workflow/model';

/** Whether an action or a called workflow is made of steps, which can use what its own commit does not name. */
function bringsMore({ kind, owner, repo, path, ref }: UsesRef): boolean {
  if (kind !== 'repository' || !owner || !repo || !ref) return false;
  if (path !== undefined && /\.ya?ml$/.test(path)) return true;
  const using = runtimeOf(owner, repo, ref, path) ?? lookupAction(owner, repo, path)?.using;
  return using === 'composite' || using === 'reusable-workflow';
}

export default defineRule({
  id: 'lockfile-missing',
  category: 'supply-chain',
  severity: 'info',
  confidence: 'high',
  scope: 'repository',
  profile: 'strict',
  level: 5,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds repositories that use composite actions or called workflows of others and have no `actions.lock`.',
    why: 'A pinned commit names that action alone: the actions that it uses in turn can still be given other code.',
    references: ['https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles', 'https://github.com/github/gh-actions-lock'],
    standards: ['SEC-3', 'SLSA Dependency L1'],
  },
  messages: {
    missing: '{names}: made of steps, which can use other actions, and a pinned commit does not hold those. `gh actions-lock` writes a file that does.',
  },
  create(context) {
    return {
      repository(repository) {
        const uses = repository.documents.filter(d => d.workflow).flatMap(allUses).filter(bringsMore);
        const first = uses[0];
        if (!first) return;
        context.instance();
        if (repository.has(LOCKFILE_PATH)) return;
        const names = [...new Set(uses.map(u => [u.owner, u.repo, u.path].filter(Boolean).join('/')))];
        context.report({ at: first.nameSpan, messageId: 'missing', data: { names: listed(names) } });
      },
    };
  },
});
