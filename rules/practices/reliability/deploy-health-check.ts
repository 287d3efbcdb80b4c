import { definePractice } from '../practice';
import { evidenceAt, lastPerJob, placeOf, servingDeployments, type Deployment } from '../shared/deployments';
import { ratio } from '../shared/verdict';
import { verifyScaffold } from './scaffolds/verify';
import { healthOf, looksBehind, type Seen } from './shared/health';

function wanted(d: Deployment, seen: readonly Seen[]): string {
  if (seen.some(s => s.kind === 'wait')) return `a probe of the endpoints that ${placeOf(d)} serves: so far it is only waited until the platform calls it ready`;
  if (seen.some(s => s.kind === 'probe')) return `retries for the probe behind ${placeOf(d)}: a program takes time to start, and one answer says little`;
  const why = seen.flatMap(s => (s.kind === 'none' ? [s.why] : []))[0];
  return `a probe with retries, or smoke tests, behind ${placeOf(d)}${why ? `; what is there doesn't count: ${why}` : ''}`;
}

export default definePractice({
  id: 'deploy-health-check',
  title: 'Health check after a deployment',
  category: 'Reliability',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Behind each deployment somebody asks the program whether it works, more than once, and the run fails where it doesn\'t.',
    why: 'A deployment that was taken is not one that works: the run is green while users see errors.',
    references: [
      'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status/',
      'https://curl.se/docs/manpage.html#--retry',
      'https://dsomm.owasp.org/',
    ],
  },
  applies: repo => servingDeployments(repo).length > 0,
  evidence(repo) {
    const all = lastPerJob(servingDeployments(repo)).map(d => ({ d, seen: looksBehind(repo, d) })).map(x => ({ ...x, health: healthOf(x.seen) }));
    return ratio(all.reduce((n, x) => n + x.health, 0), all.length,
      all.filter(x => x.health > 0).map(({ d, seen }) => evidenceAt(d, `${seen.flatMap(s => (s.kind === 'none' ? [] : [s.what]))[0] ?? 'a check'} looks whether it works`)),
      all.filter(x => x.health < 1).map(({ d, seen }) => wanted(d, seen)));
  },
  scaffold: verifyScaffold(repo => lastPerJob(servingDeployments(repo)).filter(d => healthOf(looksBehind(repo, d)) < 1)),
});
