import { defineRule } from '../../engine/rule';
import { unpinned } from '../shared/pinning';

export default defineRule({
  id: 'unpinned-action',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds actions of other repositories that are named by a tag or a branch instead of a commit.',
    why: 'Whoever can move the tag or push to the branch decides what runs in this workflow, with its token and its secrets.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
      'https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles',
      'https://github.com/advisories/GHSA-mrrh-fwg8-r2c3',
    ],
    standards: ['SEC-3', 'SEC-8', 'CIS 3.1.7', 'CIS 2.4.2', 'S2C2F ENF-1'],
  },
  messages: {
    tag: '`{ref}` is a tag, and {name} can be given other code under it at any time. Pin the full commit hash, with the version in a comment.',
    branch: '`{ref}` is a branch, and every push to {name} runs here next time. Pin the full commit hash, with the version in a comment.',
    short: '`{ref}` is an abbreviated commit, which a branch or tag of the same name can stand in for. Write all 40 digits.',
    unsound: '`{ref}` of {name} can be given other code at any time, and {reason}. Move to a sound version and pin its full commit hash.',
  },
  aliases: { zizmor: ['unpinned-uses'], codeql: ['actions/unpinned-tag'] },
  create(context) {
    return {
      uses(uses, { step }) {
        const found = step && unpinned(uses, context);
        if (found) context.report(found);
      },
    };
  },
});
