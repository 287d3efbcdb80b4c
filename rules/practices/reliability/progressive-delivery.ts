import { definePractice, type Evidence } from '../practice';
import { isSample, isVendored, type Repository } from '../../repository';
import { inputText } from '../../checks/shared/action-kind';
import { evidenceAt, jobsBehind, lastPerJob, linesAhead, linesBehind, placeOf, servingDeployments, type Deployment } from '../shared/deployments';
import { linesOf } from '../shared/lines';
import { missing } from '../shared/verdict';
import { progressiveScaffold } from './scaffolds/progressive';
import { healthOf, looksBehind } from './shared/health';

/** Moves users to the new version bit by bit, or at once and back again. */
const SHIFTS = /canary-weight|^kubectl argo rollouts (?:set|promote)|--canary\b|^gcloud run services update-traffic|--no-traffic\b|^az (?:webapp|functionapp) deployment slot swap|^az containerapp (?:ingress traffic set|revision)|--strategy[ =](?:canary|blue-?green|bluegreen|rolling)|selector.{0,20}(?:slot|colou?r|version)|^aws elbv2 modify-(?:listener|rule)|^aws deploy create-deployment|^aws lambda update-alias .*routing-config|^heroku (?:pipelines:promote)|^flagger|trafficsplit|^linkerd .*split|^istioctl|(?:weight|percent)[^|]{0,30}\b(?:10|20|25|50)\b/i;
const SHIFTING_FILE = /^kind:\s*(?:Rollout|Canary|TrafficSplit)\s*$/m;
const ROLLS = /^(?:kubectl|helm|aws ecs|docker stack|docker service|nomad|oc|fly|flyctl|kamal)\b|amazon-ecs-deploy|azure\/k8s-deploy|superfly/i;
const MAX_FILES = 300;

function shift(repo: Repository, d: Deployment): string | undefined {
  const strategy = `${inputText(d.step.step, 'strategy') ?? ''} ${inputText(d.step.step, 'traffic-split-method') ?? ''}`;
  if (/canary|blue-?green/i.test(strategy)) return `the strategy ${strategy.trim()}`;
  if (inputText(d.step.step, 'no_traffic') === 'true' || inputText(d.step.step, 'codedeploy-appspec') || inputText(d.step.step, 'revision_traffic')) return d.what;
  const steps = [...d.job.steps, ...jobsBehind(repo, d.job).flatMap(j => j.steps)];
  const lines = [...d.line && !d.line.soft ? [d.line] : [], ...linesAhead(repo, d), ...linesBehind(repo, d), ...steps.filter(s => s !== d.step).flatMap(s => linesOf(repo, s))];
  const found = lines.find(l => !/^(?:echo|printf|say)$/.test(l.words[0]!) && (SHIFTS.test(l.text) || SHIFTS.test(l.raw)));
  if (found) return found.words.slice(0, 3).join(' ');
  return steps.find(s => inputText(s.step, 'revision_traffic') ?? inputText(s.step, 'tag_traffic'))?.step.uses?.text.split('@')[0];
}

/** Manifests of Argo Rollouts and Flagger: the cluster moves the traffic, and looks in between. */
function manifests(repo: Repository): Evidence[] {
  const named = repo.files.filter(f => /\.ya?ml$/.test(f) && !f.startsWith('.github/') && !isVendored(f) && !isSample(f)).slice(0, MAX_FILES);
  return named.flatMap((path): Evidence[] => {
    const text = repo.read(path), at = text === undefined || text.length > 200_000 ? null : SHIFTING_FILE.exec(text);
    if (!at || !/argoproj\.io|flagger\.app|split\.smi-spec/.test(text!)) return [];
    return [{ path, start: at.index, end: at.index + at[0].trimEnd().length, text: 'the cluster moves the traffic step by step' }];
  });
}

export default definePractice({
  id: 'progressive-delivery',
  title: 'Progressive delivery',
  category: 'Reliability',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A new version reaches users step by step (blue-green, canary, rolling), and each step is checked before the next.',
    why: 'A fault that a tenth of the users meet for a minute is an incident; one that everybody meets is an outage.',
    references: [
      'https://argo-rollouts.readthedocs.io/en/stable/',
      'https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary',
      'https://cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration',
    ],
  },
  applies: repo => servingDeployments(repo).length > 0,
  evidence(repo) {
    const wanted = 'traffic that moves step by step (canary weights, a blue-green switch, Argo Rollouts, Flagger, revisions) with a health check behind each step';
    const inFiles = manifests(repo);
    if (inFiles.length > 0) return { result: 1, evidence: inFiles.slice(0, 12), lookedFor: [] };
    const all = lastPerJob(servingDeployments(repo)).map(d => ({ d, how: shift(repo, d), health: healthOf(looksBehind(repo, d)) }));
    const shifting = all.filter(x => x.how), good = shifting.filter(x => x.health > 0);
    const say = (xs: typeof all, text: (x: (typeof all)[number]) => string): Evidence[] => xs.slice(0, 12).map(x => evidenceAt(x.d, text(x)));
    if (good.length > 0) return { result: 1, evidence: say(good, x => `${x.how!} moves the traffic, and it is checked`), lookedFor: [] };
    if (shifting.length > 0)
      return { result: 0.5, evidence: say(shifting, x => `${x.how!} moves the traffic`), lookedFor: shifting.map(x => `a health check behind each step of ${placeOf(x.d)}`).slice(0, 12) };
    // The platform replaces instances one by one, and stops where one doesn't get ready.
    const rolling = all.filter(x => x.health > 0 && ROLLS.test(x.d.what));
    if (rolling.length > 0) return { result: 0.5, evidence: say(rolling, x => `${x.d.what} rolls, and it is checked`), lookedFor: [`${wanted}: so far the platform's own rolling update has to do`] };
    return missing(wanted);
  },
  scaffold: progressiveScaffold(repo => manifests(repo).length > 0 || lastPerJob(servingDeployments(repo)).some(d => shift(repo, d) !== undefined && healthOf(looksBehind(repo, d)) > 0)),
});
