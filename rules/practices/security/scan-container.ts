import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold } from '../shared/scaffold';
import { buildContext as context, images } from '../shared/shippable';
import { checkoutStep, jobHead, pin, runStep, shellText } from '../shared/snippets';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { distinct, met, missing, unique } from '../shared/verdict';

/** Images are built and scanned where they are released as often as on pull requests: a schedule alone comes too late. */
function objection(s: Sighting): string | undefined {
  if (!s.absent) return s.problem;
  const events = s.job.triggers.map(t => t.event);
  return events.includes('push') || events.includes('release') ? undefined : s.absent;
}

function evidence(repo: Repository): Verdict {
  const seen = sightings(repo, 'container'), good = seen.filter(s => objection(s) === undefined);
  if (good.length > 0) return met(distinct(good).map(s => evidenceOf(s, `${s.tool} scans an image`)));
  return missing('Trivy, Grype, Docker Scout or Snyk on the image that is built, failing on high and critical findings',
    ...unique(seen.map(s => `${where(s)} doesn't count: ${objection(s)!}`)));
}

export default definePractice({
  id: 'scan-container',
  title: 'Container scanning',
  category: 'Security',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'The image that is built is scanned for known vulnerabilities, and high and critical ones fail the check.',
    why: 'A base image brings hundreds of packages that no manifest of yours mentions.',
    references: [
      'https://github.com/anchore/scan-action',
      'https://trivy.dev/latest/docs/target/container_image/',
      'https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html',
    ],
  },
  applies: repo => images(repo).length > 0,
  evidence: repo => elsewhere(repo, 'scan-container', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add a container-scan job',
    there: repo => evidence(repo).result === 1 ? 'An image is scanned already.' : undefined,
    plan(repo) {
      const [dockerfile, ...others] = images(repo);
      if (dockerfile === undefined) return { refused: 'There is no Dockerfile for an image to ship in this repository.' };
      return {
        jobs: [{
          id: 'container-scan',
          yaml: [
            ...jobHead('Container scan', 30),
            'steps:',
            ...checkoutStep(),
            ...runStep('Build the image',
              [`docker build --tag scanned:ci --file ${shellText(dockerfile)} ${shellText(context(dockerfile))}`]),
            '  - name: Scan the image',
            `    uses: ${pin('anchore/scan-action').text}`,
            '    with:',
            '      image: scanned:ci',
            '      fail-build: true',
            '      severity-cutoff: high',
            // What nobody has fixed yet can't be acted on, and would keep every pull request red.
            '      only-fixed: true',
            '      output-format: table',
          ],
        }],
        explanation: `Adds a job that builds ${dockerfile} and scans the image with Grype; it fails on high and critical vulnerabilities that have a fix.`,
        todo: [
          ...(context(dockerfile) === '.' && !dockerfile.includes('/') ? []
            : [`Check the build context of ${dockerfile}: ${context(dockerfile)} is assumed.`]),
          ...(others.length > 0
            ? [`There are more Dockerfiles: ${others.slice(0, 5).join(', ')}. Add a step for each image that you ship.`] : []),
          'Give the build the arguments and secrets that it needs, if any.',
        ],
      };
    },
  }),
});
