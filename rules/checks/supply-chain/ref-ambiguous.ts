import { isFullSha } from '../../catalog';
import { defineRule } from '../../engine/rule';
import { pinnedByLockfile } from '../shared/lockfile';
import { askedPin } from '../shared/online-pins';
import { trustedOwner } from '../shared/pinning';

export default defineRule({
  id: 'ref-ambiguous',
  category: 'supply-chain',
  severity: 'low',
  confidence: 'high',
  scope: 'job',
  profile: 'strict',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  online: true,
  docs: {
    summary: 'Finds refs that name both a tag and a branch, names that look like a commit, and pinned commits that are no version.',
    why: 'A ref that can be read in two ways lets its owner, or whoever may push a branch there, swap what runs without a trace in the workflow.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
      'https://git-scm.com/docs/gitrevisions',
    ],
    standards: ['SEC-3'],
  },
  messages: {
    both: '{name} has a tag and a branch called `{ref}`, and nothing here says which of them is meant. Pin the full commit hash of the tag.',
    lookalike: '{name} has a {kind} with the name {ref}, which everybody reads as a commit. Pin the commit of a release instead.',
    untagged: 'No tag of {name} is on {commit}, so nobody can tell which version this is and what was fixed since. Pin the commit of a release.',
  },
  aliases: { zizmor: ['ref-confusion', 'stale-action-refs'] },
  create(context) {
    return {
      uses(uses) {
        const asked = askedPin(uses, context);
        const { owner, repo, ref } = uses;
        if (!asked || !owner || !repo || !ref || context.query(trustedOwner, owner, repo)) return;
        const { facts: { tag, branch, tagged, reachable }, at, name, commit } = asked;
        if (isFullSha(ref)) {
          if (tag === undefined && branch === undefined && tagged === undefined) return;
          context.instance();
          if (tag || branch) {
            context.report({
              at, messageId: 'lookalike', data: { name, ref: commit, kind: branch ? 'branch' : 'tag' },
              adjust: [{ by: 2, reason: 'nobody gives such a name without a purpose' }],
            });
          } else if (tagged === false && reachable) {
            context.report({ at, messageId: 'untagged', data: { name, commit } });
          }
          return;
        }
        if (tag === undefined || branch === undefined || context.query(pinnedByLockfile, name, ref)) return;
        context.instance();
        if (tag && branch) context.report({ at, messageId: 'both', data: { name, ref } });
      },
    };
  },
});
