import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { stepInput } from '../shared/ci';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold } from '../shared/scaffold';
import { checkoutStep, jobHead, runStep } from '../shared/snippets';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { met, missing, unique } from '../shared/verdict';

/** Scanners that read commits see only what was checked out. */
function readsHistory(s: Sighting): boolean {
  return /gitleaks|trufflehog/.test(s.tool) && !s.args.some(a => ['dir', 'directory', 'filesystem', '--no-git', 'protect',
    'stdin'].includes(a));
}

function shallow(s: Sighting): boolean {
  if (!readsHistory(s) || !s.step) return false;
  const checkout = s.job.steps.find(x => x.step.uses?.kind === 'repository'
    && x.step.uses.slug === 'actions/checkout');
  return checkout !== undefined && !checkout.step.run && (stepInput(checkout.step, 'fetch-depth') ?? '1') === '1';
}

function evidence(repo: Repository): Verdict {
  const seen = sightings(repo, 'secrets'), good = seen.filter(s => !s.problem);
  const whole = good.filter(s => !shallow(s));
  if (whole.length > 0) return met(whole.map(s => evidenceOf(s, `${s.tool} looks for secrets on pull requests`)));
  if (good.length > 0) {
    return { result: 0.5, evidence: good.map(s => evidenceOf(s, `${s.tool} looks for secrets on pull requests`)),
      lookedFor: ['fetch-depth: 0 on the checkout before it: it sees one commit and not the history'] };
  }
  return missing('gitleaks, TruffleHog, ggshield, detect-secrets or another secret scanner that runs on pull requests and can fail',
    ...unique(seen.map(s => `${where(s)} doesn't count: ${s.problem!}`)));
}

/**
 * Gitleaks 8.30.1 by digest. The action of the same name asks organisations for a licence key and fails without it; TruffleHog's
 * action runs an image by its tag. The tool itself is free for everybody, and a digest can't be moved.
 */
const GITLEAKS = 'ghcr.io/gitleaks/gitleaks:v8.30.1@sha256:c00b6bd0aeb3071cbcb79009cb16a60dd9e0a7c60e2be9ab65d25e6bc8abbb7f';

export default definePractice({
  id: 'scan-secrets',
  title: 'Secret scanning',
  category: 'Security',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A scanner looks for secrets in every change and in the history, and stops what holds one.',
    why: 'A key that was pushed once is public for ever, and bots find it within minutes.',
    references: [
      'https://github.com/trufflesecurity/trufflehog',
      'https://github.com/gitleaks/gitleaks',
      'https://docs.github.com/en/code-security/secret-scanning/introduction/about-secret-scanning',
    ],
  },
  applies: () => true,
  evidence: repo => elsewhere(repo, 'scan-secrets', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add a secret-scan job',
    there: repo => evidence(repo).result === 1 ? 'A secret scanner runs on pull requests already.' : undefined,
    plan: () => ({
      jobs: [{
        id: 'secret-scan',
        yaml: [
          ...jobHead('Secret scan', 15),
          'steps:',
          ...checkoutStep({ fetchDepth: 0, name: 'Check out the whole history' }),
          ...runStep('Look for secrets', [
            `docker run --rm --network none --volume "$GITHUB_WORKSPACE:/repo:ro" \\`,
            `  ${GITLEAKS} \\`,
            '  git --redact --verbose --no-banner /repo',
          ]),
        ],
      }],
      explanation: 'Adds a job that looks for secrets in the whole history with Gitleaks and fails when it finds one.',
      todo: [
        'A secret that is found has leaked: revoke it first, then decide about the history.',
        'List findings that are no secrets in .gitleaksignore (one fingerprint a line), or old ones in a baseline.',
      ],
    }),
  }),
});
