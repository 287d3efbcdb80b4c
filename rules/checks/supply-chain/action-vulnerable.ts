import { advisoriesFor, isFullSha, isMalicious, laterPin, versionOf, type Advisory } from '../../catalog';
import { CatalogMemo } from '../../catalog/memo';
import { defineRule, SEVERITIES } from '../../engine/rule';
import { lockedCommit } from '../shared/lockfile';
import { nameOf, upgradeFix } from '../shared/upgrade';

const rank = (a: Advisory): number => SEVERITIES.indexOf(a.severity);

interface Flaws { readonly malicious: boolean; /** The worst one first. */ readonly all: readonly Advisory[] }

const flaws = new CatalogMemo<Flaws>();

function flawsOf(owner: string, repo: string, ref: string, path: string | undefined): Flaws {
  const malicious = isFullSha(ref) && isMalicious(owner, repo, ref);
  // Of a moved tag, the commit that it had before is as it always was.
  const all = advisoriesFor(owner, repo, ref, path).filter(a => malicious || a.kind === 'vulnerability' || !isFullSha(ref));
  return { malicious, all: all.sort((a, b) => rank(b) - rank(a)) };
}

export default defineRule({
  id: 'action-vulnerable',
  category: 'supply-chain',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds versions of actions with a published vulnerability, and commits that attackers put behind an action\'s tags.',
    why: 'The flaw is public, and whoever can reach it gets the job\'s token and secrets.',
    references: [
      'https://github.com/advisories?query=ecosystem%3Aactions',
      'https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions',
    ],
    standards: ['SEC-3', 'CIS 3.2.2'],
  },
  messages: {
    vulnerable: '{name} {version} is subject to {id}: {summary} {advice}',
    malicious: 'Attackers made this commit of {name} ({id}): {summary} Remove it, and replace every secret that a run with it could read.',
  },
  aliases: { zizmor: ['known-vulnerable-actions'], codeql: ['actions/vulnerable-action'] },
  create(context) {
    return {
      uses(uses) {
        const { owner, repo, path, ref, refSpan } = uses;
        if (uses.kind !== 'repository' || !owner || !repo || !ref || !refSpan || /[\s{}]/.test(ref)) return;
        context.instance();
        const name = nameOf(uses);
        const locked = isFullSha(ref) ? null : context.query(lockedCommit, name, ref);
        const runs = locked ?? ref;
        const { malicious, all: found } = flaws.get(`${name}@${runs}`, () => flawsOf(owner, repo, runs, path));
        const [worst] = found;
        if (!worst) return;
        const later = laterPin(owner, repo, runs, v => advisoriesFor(owner, repo, v, path).length === 0);
        const severity = malicious ? 'critical' : worst.severity;
        const by = SEVERITIES.indexOf(severity) - SEVERITIES.indexOf('high');
        const others = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
        const patched = later?.version ?? worst.patched;
        context.report({
          at: refSpan,
          messageId: malicious ? 'malicious' : 'vulnerable',
          data: {
            name, id: `${worst.id}${others}`, summary: worst.summary,
            version: (isFullSha(runs) ? versionOf(owner, repo, runs) : undefined) ?? ref,
            advice: patched === undefined ? 'No version without it is known: use something else.' : `Move to ${patched} or later.`,
          },
          adjust: by === 0 ? [] : [{ by, reason: malicious ? 'the code itself is the attack' : `the advisory says ${worst.severity}` }],
          // A locked ref is changed together with the lockfile, or its runs are rejected.
          fixes: later && locked === null ? [upgradeFix(uses, later)] : [],
        });
      },
    };
  },
});
