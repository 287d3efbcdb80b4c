import { isFullSha } from '../../catalog';
import { defineRule } from '../../engine/rule';
import { askedPin } from '../shared/online-pins';

export default defineRule({
  id: 'pin-impostor-commit',
  category: 'supply-chain',
  severity: 'critical',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  online: true,
  docs: {
    summary: 'Finds pinned commits that no branch or tag of the named repository leads to: they come from a fork.',
    why: 'GitHub serves the commits of all forks under the name of the original, so anybody can have their code run as if it were the owner\'s.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
      'https://www.chainguard.dev/unchained/what-the-fork-imposter-commits-in-github-actions-and-ci-cd',
    ],
    standards: ['SEC-3'],
  },
  messages: {
    fork: 'No branch or tag of {name} leads to {commit}: it comes from a fork, or from a branch that is gone, and need not be its owner\'s code. Pin the commit of a release.',
    missing: 'Neither {name} nor any fork of it has the commit {commit}, so a run that gets here fails. Pin the commit of a release.',
  },
  aliases: { zizmor: ['impostor-commit'] },
  create(context) {
    return {
      uses(uses) {
        // Trusted owners are no exception: the code of a fork is not theirs.
        const asked = uses.ref && isFullSha(uses.ref) ? askedPin(uses, context) : undefined;
        if (!asked) return;
        const { facts: { exists, reachable }, at, name, commit } = asked;
        if (exists === undefined && reachable === undefined) return;
        context.instance();
        if (exists === false) {
          context.report({ at, messageId: 'missing', data: { name, commit }, official: true, adjust: [{ by: -2, reason: 'nothing runs that isn\'t there' }] });
        } else if (reachable === false) {
          context.report({ at, messageId: 'fork', data: { name, commit } });
        }
      },
    };
  },
});
