import { lookupAction } from '../../catalog';
import { defineRule } from '../../engine/rule';
import type { UsesRef } from '../../workflow/model';
import { allUses } from '../shared/local-actions';
import { listed } from '../shared/lock-places';
import { LOCKFILE_PATH } from '../shared/lockfile';
import { nameOf } from '../shared/upgrade';

/** What an action uses by a tag or a branch: however it is pinned itself, that is not. */
const looseParts = ({ kind, owner, repo, path, ref }: UsesRef): readonly string[] =>
  (kind === 'repository' && owner && repo && ref ? lookupAction(owner, repo, path)?.loose ?? [] : []);

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
    summary: 'Finds repositories that use actions which use others by a tag, and have no `actions.lock`.',
    why: 'A pinned commit names that action alone: the actions that it uses in turn can still be given other code.',
    references: ['https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles', 'https://github.com/github/gh-actions-lock'],
    standards: ['SEC-3', 'SLSA Dependency L1'],
  },
  messages: {
    missing: '{name} uses {parts} in turn, and no pin of yours holds that. A lockfile does: `gh actions-lock` writes one.',
  },
  create(context) {
    return {
      repository(repository) {
        const found = repository.documents.filter(d => d.workflow).flatMap(allUses).filter(u => looseParts(u).length > 0);
        const first = found[0];
        if (!first) return;
        context.instance();
        if (repository.has(LOCKFILE_PATH)) return;
        context.report({ at: first.nameSpan, messageId: 'missing', data: { name: nameOf(first), parts: listed(looseParts(first)) } });
      },
    };
  },
});
