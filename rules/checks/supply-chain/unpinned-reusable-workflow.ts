import { defineRule } from '../../engine/rule';
import { ownOwner } from '../shared/own-owner';
import { unpinned } from '../shared/pinning';

/** These check who they are by their tag, and fail when a commit names them. */
const NEED_TAGS = new Set(['slsa-framework/slsa-github-generator']);

export default defineRule({
  id: 'unpinned-reusable-workflow',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds reusable workflows of other repositories that are called by a tag or a branch instead of a commit.',
    why: 'A called workflow runs with the permissions and the secrets that the caller hands it, and its owner decides what it does.',
    references: [
      'https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows',
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
    ],
    standards: ['SEC-3', 'SEC-8'],
  },
  messages: {
    tag: '`{ref}` is a tag, and {name} can be given other jobs under it at any time. Pin the full commit hash, with the version in a comment.',
    branch: '`{ref}` is a branch, and every push to {name} runs here next time. Pin the full commit hash, with the version in a comment.',
    short: '`{ref}` is an abbreviated commit, which a branch or tag of the same name can stand in for. Write all 40 digits.',
    unsound: '`{ref}` of {name} can be given other jobs at any time, and {reason}. Move to a sound version and pin its full commit hash.',
  },
  aliases: { zizmor: ['unpinned-uses'], codeql: ['actions/unpinned-tag'] },
  create(context) {
    return {
      uses(uses, { step }) {
        if (step || NEED_TAGS.has(uses.slug)) return;
        const found = unpinned(uses, context);
        if (!found) return;
        const own = uses.owner !== undefined && context.query(ownOwner) === uses.owner.toLowerCase();
        context.report(own ? { ...found, adjust: [...found.adjust, { by: -1, reason: 'it is of the same owner as this repository' }] } : found);
      },
    };
  },
});
