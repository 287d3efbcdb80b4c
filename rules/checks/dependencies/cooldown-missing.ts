import { defineRule, type Fix } from '../../engine/rule';
import { replaceValue, setKey } from '../../workflow/edits';
import type { DependabotUpdate } from '../../workflow/model';
import { asMapping, deref, getEntry, scalarText } from '../../workflow/nodes';
import { ecosystemOf, isInherited, isSecurityOnly } from '../shared/dependabot';

const DAYS = 7;
const SEMVER_DAYS = ['semver-major-days', 'semver-minor-days', 'semver-patch-days'] as const;

export default defineRule({
  id: 'cooldown-missing',
  category: 'dependencies',
  severity: 'low',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds Dependabot updates that propose a release on the day it appears.',
    why: 'Malicious releases are mostly found and withdrawn within days; a few days of patience keep them out of the pull requests.',
    references: [
      'https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference#cooldown-',
      'https://docs.github.com/en/code-security/dependabot/working-with-dependabot/optimizing-pr-creation-version-updates',
    ],
    standards: ['SEC-3', 'CIS 3.1.8', 'S2C2F'],
  },
  messages: {
    missing: '{ecosystem} releases are proposed on the day they appear, before anybody has found out that one is malicious. Add a `cooldown`; security updates don’t wait for it.',
    empty: 'This `cooldown` holds nothing back for {ecosystem}: no release has to wait. Set `default-days`.',
    short: '{ecosystem} releases are proposed after {days} day(s), and malicious ones are often withdrawn later than that. Wait at least {wanted}.',
  },
  options: {
    days: { description: 'Days that a release should have been out before it is proposed.', default: 3 },
  },
  aliases: { zizmor: ['dependabot-cooldown'] },
  create(context) {
    return {
      update(update) {
        // Without version updates there is nothing that could wait.
        if (isSecurityOnly(update) || isInherited(update)) return;
        context.instance();
        const { cooldown } = update, ecosystem = ecosystemOf(update);
        if (!cooldown) {
          context.report({ at: update.ecosystem ?? update.node, messageId: 'missing', data: { ecosystem }, fixes: [add(update)] });
          return;
        }
        const value = deref(cooldown.value), map = asMapping(value);
        if (value && (!map || isInherited({ node: map }))) return;
        const days = map && getEntry(map, 'default-days');
        if (!map || (!days && !SEMVER_DAYS.some(k => getEntry(map, k)))) {
          context.report({ at: cooldown.key, messageId: 'empty', data: { ecosystem }, fixes: [{
            title: `Wait ${DAYS} days for a release`, safety: 'safe', preferred: true,
            edits: ({ document }) => (map && map.entries.length > 0
              ? setKey(document, map, 'default-days', DAYS) : replaceValue(document, cooldown, { 'default-days': DAYS })),
          }] });
          return;
        }
        const text = scalarText(days?.value), wanted = Math.max(1, context.options.days);
        if (!days || text === undefined || !/^\d{1,3}$/.test(text) || Number(text) >= wanted) return;
        context.report({ at: days.value ?? days.key, messageId: 'short', data: { ecosystem, days: text, wanted }, fixes: [{
          title: `Wait ${Math.max(DAYS, wanted)} days for a release`, safety: 'safe', preferred: true,
          edits: ({ document }) => replaceValue(document, days, Math.max(DAYS, wanted)),
        }] });
      },
    };
  },
});

function add(update: DependabotUpdate): Fix {
  return {
    title: `Wait ${DAYS} days for a release`, safety: 'safe', preferred: true,
    edits: ({ document }) => setKey(document, update.node, 'cooldown', { 'default-days': DAYS }, { after: 'schedule' }),
  };
}
