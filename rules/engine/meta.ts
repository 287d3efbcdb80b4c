/** Rules about suppressions themselves. The engine reports them; they are documented, set and suppressed like any other rule. */
import { defineRule } from './rule';

const common = {
  category: 'governance',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  create: () => ({}),
} as const;

export const unusedSuppression = defineRule({
  ...common,
  id: 'unused-suppression',
  severity: 'info',
  fix: 'safe',
  docs: {
    summary: 'Finds suppression comments that suppress nothing.',
    why: 'A suppression that outlives its finding hides the next one in the same place.',
    references: [],
  },
  messages: {
    unused: '`{id}` finds nothing here, so this suppression only hides what may come. Remove it.',
  },
});

export const invalidSuppression = defineRule({
  ...common,
  id: 'invalid-suppression',
  severity: 'low',
  fix: 'none',
  docs: {
    summary: 'Finds suppression comments that have no effect because of how they are written.',
    why: 'Whoever wrote the comment believes that the finding is dealt with.',
    references: [],
  },
  messages: {
    brackets: 'This comment suppresses nothing because it names no rule. Write `# ci-hardening: ignore[rule-id] reason`.',
    unknown: 'No rule is called `{id}`, so nothing is suppressed. {hint}',
    place: '`ignore-file` counts only above the first line of content. Move this comment to the top of the file.',
    noReason: 'This suppression does not say why. Add the reason behind the bracket.',
  },
});

export const expiredSuppression = defineRule({
  ...common,
  id: 'expired-suppression',
  severity: 'low',
  fix: 'none',
  docs: {
    summary: 'Finds suppression comments whose date has passed.',
    why: 'A suppression with a date is a promise to look again.',
    references: [],
  },
  messages: {
    expired: 'This suppression ended on {until}, so its findings are shown again. Fix them, or set a new date.',
  },
});

/** What these rules say comes after everything else was marked, so a comment that names them is never called unused. */
export const META_IDS: ReadonlySet<string> = new Set([unusedSuppression.id, invalidSuppression.id, expiredSuppression.id]);
