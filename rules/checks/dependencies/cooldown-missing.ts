import { defineRule } from '../../engine/rule';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { replaceValue, setKey } from '../../workflow/edits';
import type { DependabotUpdate } from '../../workflow/model';
import { asMapping, deref, getEntry, scalarText } from '../../workflow/nodes';
import { ecosystemOf, isInherited, isSecurityOnly } from '../shared/dependabot';

const DAYS = 7;
/** Since July 2026 Dependabot waits that long where nothing else is said. */
const BY_ITSELF = 3;

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
    summary: 'Finds Dependabot updates that propose releases sooner than Dependabot would by itself, or than a team asks for.',
    why: 'Malicious releases are mostly found and withdrawn within days; a few days of patience keep them out of the pull requests.',
    references: [
      'https://github.blog/changelog/2026-07-14-dependabot-version-updates-introduce-default-package-cooldown/',
      'https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference#cooldown-',
    ],
    standards: ['SEC-3', 'CIS 3.1.8', 'S2C2F'],
  },
  messages: {
    missing: '{ecosystem} releases are proposed after the {days} days that Dependabot waits by itself. Set `default-days` to at least {wanted}.',
    short: '{ecosystem} releases are proposed after {days} day(s), and malicious ones are often withdrawn later than that. Wait at least {wanted}.',
  },
  options: {
    days: { description: 'Days that a release should have been out before it is proposed. Dependabot waits three by itself.', default: BY_ITSELF },
  },
  aliases: { zizmor: ['dependabot-cooldown'] },
  create(context) {
    return {
      update(update) {
        // Without version updates there is nothing that could wait.
        if (isSecurityOnly(update) || isInherited(update)) return;
        context.instance();
        const { cooldown } = update, ecosystem = ecosystemOf(update), wanted = context.options.days;
        const value = deref(cooldown?.value), map = asMapping(value);
        if (value && (!map || isInherited({ node: map }))) return;
        const days = map && getEntry(map, 'default-days'), target = Math.max(DAYS, wanted);
        const title = `Wait ${target} days for a release`;
        if (!days) {
          if (wanted <= BY_ITSELF) return;
          context.report({ at: cooldown?.key ?? update.ecosystem ?? update.node, messageId: 'missing', data: { ecosystem, days: BY_ITSELF, wanted },
            fixes: [{ title, safety: 'safe', preferred: true, edits: ({ document }) => add(document, update, target) }] });
          return;
        }
        const text = scalarText(days.value);
        if (text === undefined || !/^\d{1,3}$/.test(text) || Number(text) >= wanted) return;
        context.report({ at: days.value ?? days.key, messageId: 'short', data: { ecosystem, days: text, wanted },
          fixes: [{ title, safety: 'safe', preferred: true, edits: ({ document }) => replaceValue(document, days, target) }] });
      },
    };
  },
});

function add(document: SourceDocument, update: DependabotUpdate, days: number): readonly TextEdit[] | undefined {
  const { cooldown } = update, map = asMapping(cooldown?.value);
  if (!cooldown) return setKey(document, update.node, 'cooldown', { 'default-days': days }, { after: 'schedule' });
  return map && map.entries.length > 0 ? setKey(document, map, 'default-days', days) : replaceValue(document, cooldown, { 'default-days': days });
}
