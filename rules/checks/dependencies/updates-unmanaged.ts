import { defineRule, type Fix } from '../../engine/rule';
import { setKey } from '../../workflow/edits';
import type { DependabotUpdate } from '../../workflow/model';
import { getEntry, getValue, scalarText, type Entry } from '../../workflow/nodes';
import { ecosystemOf, isInherited, isSecurityOnly } from '../shared/dependabot';

/** Monthly is often enough for updates that come in one pull request. */
const SLOW = new Set(['quarterly', 'semiannually', 'yearly']);

export default defineRule({
  id: 'updates-unmanaged',
  category: 'dependencies',
  severity: 'info',
  confidence: 'medium',
  scope: 'workflow',
  profile: 'strict',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds Dependabot updates that come one by one, seldom, or not at all.',
    why: 'Updates that pile up, one pull request each, are merged late or never.',
    references: ['https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference#groups--'],
  },
  messages: {
    ungrouped: '{ecosystem} updates come in a pull request each. Put minor and patch updates into one with `groups`.',
    slow: '{ecosystem} is looked at {interval}, and what piles up between is hard to review. Look weekly, and group what comes.',
    off: 'No version of {ecosystem} is ever proposed, only security updates are. Allow pull requests, or say in a comment behind it why not.',
  },
  aliases: {},
  create(context) {
    return {
      update(update) {
        if (isInherited(update)) return;
        context.instance();
        const ecosystem = ecosystemOf(update);
        const limit = getEntry(update.node, 'open-pull-requests-limit');
        if (limit && isSecurityOnly(update)) {
          if (!isExplained(limit)) context.report({ at: limit, messageId: 'off', data: { ecosystem } });
          return;
        }
        const interval = getValue(update.schedule?.value, 'interval'), every = scalarText(interval);
        // One group may be spread over several ecosystems.
        const grouped = update.groups !== undefined || getEntry(update.node, 'multi-ecosystem-group') !== undefined;
        if (interval && every !== undefined && SLOW.has(every)) context.report({ at: interval, messageId: 'slow', data: { ecosystem, interval: every } });
        if (grouped) return;
        if (interval && every === 'monthly') context.report({ at: interval, messageId: 'slow', data: { ecosystem, interval: every }, fixes: group(update) });
        else context.report({ at: update.ecosystem ?? update.node, messageId: 'ungrouped', data: { ecosystem }, fixes: group(update) });
      },
    };
  },
});

function group(update: DependabotUpdate): Fix[] {
  const name = update.ecosystem?.value ?? '';
  return /^[a-z][a-z-]*$/.test(name) ? [{
    title: 'Group minor and patch updates', safety: 'safe', preferred: true,
    edits: ({ document }) => setKey(document, update.node, 'groups', {
      [name === 'github-actions' ? 'actions' : name]: { 'update-types': ['minor', 'patch'] },
    }, { after: update.cooldown ? 'cooldown' : 'schedule' }),
  }] : [];
}

/** A comment on the same line: somebody has thought about it. */
function isExplained({ block, end }: Entry): boolean {
  return block.comments.some(c => c.start >= end && !/[\r\n]/.test(block.text.slice(end, c.start)));
}
