import { archivedAction, type Archived } from '../../catalog';
import { defineRule } from '../../engine/rule';
import { nameOf } from '../shared/upgrade';

const LESS: Readonly<Record<Archived['status'], string | undefined>> = {
  archived: undefined,
  deprecated: undefined,
  superseded: undefined,
  'maintenance-only': 'its owner still mends it, and adds nothing',
};

const SAID: Readonly<Record<Archived['status'], string>> = {
  archived: 'is archived: nobody mends it, whatever is found in it',
  deprecated: 'is deprecated by its owner',
  superseded: 'has been replaced by its owner',
  'maintenance-only': 'is in maintenance: its owner adds nothing to it',
};

/** A replacement that is a command says so itself; anything else is an action. */
function advice(replacement: string | undefined): string {
  if (replacement === undefined) return 'Look for one that is looked after, or do it with a command.';
  const command = /^run:\s*(.*)$/s.exec(replacement)?.[1];
  return command === undefined ? `Use ${replacement} instead.` : `Use a step that runs \`${command}\` instead.`;
}

export default defineRule({
  id: 'action-archived',
  category: 'supply-chain',
  severity: 'low',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds actions whose repository is archived, or which their owner has given up.',
    why: 'What is found in such an action stays in it, and one day the runner no longer runs it.',
    references: [
      'https://docs.github.com/en/repositories/archiving-a-github-repository/archiving-repositories',
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
    ],
    standards: ['SEC-3', 'SEC-8'],
  },
  messages: {
    unmaintained: '{name} {said}. {advice}',
  },
  aliases: { zizmor: ['archived-uses'] },
  create(context) {
    return {
      uses(uses) {
        const { owner, repo, path } = uses;
        if (uses.kind !== 'repository' || !owner || !repo) return;
        context.instance();
        const found = archivedAction(owner, repo, path);
        if (!found) return;
        const less = LESS[found.status];
        context.report({
          at: uses.nameSpan,
          messageId: 'unmaintained',
          data: { name: nameOf(uses), said: SAID[found.status], advice: advice(found.replacement) },
          adjust: less === undefined ? [] : [{ by: -1, reason: less }],
          tag: 'deprecated',
        });
      },
    };
  },
});
