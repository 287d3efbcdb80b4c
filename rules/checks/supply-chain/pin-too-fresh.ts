import { isFullSha } from '../../catalog';
import { pinFacts } from '../../engine/online';
import { defineQuery, defineRule } from '../../engine/rule';
import { askedPin } from '../shared/online-pins';
import { trustedOwner } from '../shared/pinning';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whole days since the version of a pin was published; null where that isn't known, or lies ahead. */
const ageInDays = defineQuery('pin-too-fresh.age', (world, owner: string, repo: string, ref: string): number | null => {
  const published = pinFacts.ask(world, owner, repo, ref)?.published;
  const days = Math.floor((Date.parse(world.today ?? '') - Date.parse((published ?? '').slice(0, 10))) / DAY_MS);
  return Number.isNaN(days) || days < 0 ? null : days;
});

export default defineRule({
  id: 'pin-too-fresh',
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
    summary: 'Finds pinned releases that were published only a few days ago.',
    why: 'A release with malicious code is mostly found out within days: whoever waits for that never runs it.',
    references: [
      'https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference#cooldown-',
      'https://github.com/advisories/GHSA-mrrh-fwg8-r2c3',
    ],
    standards: ['SEC-3', 'CIS 3.1.8'],
  },
  messages: {
    fresh: '{version} of {name} was published {age}, and malicious releases are mostly found out later than that. Stay with an earlier version until it is {days} days old.',
  },
  options: { days: { description: 'Days that a release should have been out before it is pinned.', default: 7 } },
  create(context) {
    return {
      uses(uses) {
        const { owner, repo, ref } = uses;
        const asked = ref && isFullSha(ref) ? askedPin(uses, context) : undefined;
        if (!asked || !owner || !repo || !ref || context.query(trustedOwner, owner, repo)) return;
        const age = context.query(ageInDays, owner, repo, ref);
        const { version } = asked.facts;
        if (age === null || version === undefined) return;
        context.instance();
        const { days } = context.options;
        if (age >= days) return;
        const when = age === 0 ? 'today' : age === 1 ? 'yesterday' : `${age} days ago`;
        context.report({ at: asked.at, messageId: 'fresh', data: { name: asked.name, version, age: when, days } });
      },
    };
  },
});
