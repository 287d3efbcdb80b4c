import { definePractice, type Evidence } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { ciJobs, type CiJob, type CiStep } from '../shared/ci';
import { evidenceOfStep, servingDeployments, softStep } from '../shared/deployments';
import { linesOf, type Line } from '../shared/lines';
import { images, servedPort } from '../shared/shippable';
import { missing } from '../shared/verdict';
import { chaosScaffold } from './scaffolds/chaos';

const TOOLS = /^(?:tc qdisc add .*netem|stress-ng|stress |pumba|toxiproxy(?:-cli|-server)?|chaos run|litmusctl|chaosctl|blade create|gremlin|aws fis start-experiment|az (?:rest|chaos)\b.*chaos|blockade|k6 run .*disrupt|iptables .*-j (?:DROP|REJECT)|docker (?:network disconnect|pause|kill)|kubectl (?:-\S+ )*delete pods?\b|cpulimit|fallocate)/i;
const IMAGES = /\b(?:gaiaadm\/pumba|chaostoolkit|shopify\/toxiproxy|alexeiled\/stress-ng|polinux\/stress)/i;
const ACTIONS = /^(?:chaos-mesh\/|litmuschaos\/|mayankt\/|chaostoolkit\/|steadybit\/|gremlin|merkata\/chaos|azure\/chaos)/i;
const EXPERIMENT = /^kind:\s*["']?(?:PodChaos|NetworkChaos|StressChaos|IOChaos|TimeChaos|HTTPChaos|DNSChaos|ChaosEngine|Schedule)\b/m;
/** What a script of another language holds that makes faults. */
const IN_SCRIPT = /netem|toxiproxy|stress-ng|fault[-_ ]?inject|chaoslib|iptables.{0,80}DROP/i;

/** What makes a fault; a command that is only called so does not. */
function fault(repo: Repository, s: CiStep): { what: string; why?: string } | undefined {
  const weak = softStep(s), uses = s.step.uses?.text ?? '';
  if (ACTIONS.test(uses)) return { what: uses.split('@')[0]!, why: weak };
  for (const line of linesOf(repo, s)) {
    if (TOOLS.test(line.text) || (/^(?:docker|podman) run\b/.test(line.text) && IMAGES.test(line.raw)) || experiment(repo, line) || script(repo, line))
      return { what: line.words.slice(0, 2).join(' '), why: weak };
  }
  return undefined;
}

function experiment(repo: Repository, line: Line): boolean {
  if (!/^kubectl .*\b(?:apply|create)\b/.test(line.text)) return false;
  return line.words.some(w => EXPERIMENT.test(repo.read(w.replace(/^\.\//, '')) ?? ''));
}

function script(repo: Repository, line: Line): boolean {
  const path = /^(?:python3?|node|ruby|bash|sh)$/.test(line.words[0]!) ? line.words.slice(1).find(w => !w.startsWith('-')) : undefined;
  return path !== undefined && path !== '$' && IN_SCRIPT.test((repo.read(path.replace(/^\.\//, '')) ?? '').slice(0, 100_000));
}

interface Found { readonly job: CiJob; readonly evidence: Evidence; readonly why?: string }

function faults(repo: Repository): Found[] {
  return ciJobs(repo).flatMap(job => job.steps.flatMap((s): Found[] => {
    const f = fault(repo, s);
    return f ? [{ job, evidence: evidenceOfStep(s, `${f.what} makes faults on a schedule`), why: f.why }] : [];
  }));
}

/** Something that has to stand when others fail: a program that is deployed, shipped as an image, or asked over the network. */
function serves(repo: Repository): boolean {
  return servingDeployments(repo).length > 0 || repoFacts(repo).stack.openapi.length > 0 || images(repo).some(f => servedPort(repo, f) !== undefined);
}

const scheduled = (f: Found): boolean => f.job.triggers.some(t => t.event === 'schedule');

export default definePractice({
  id: 'chaos-tests',
  title: 'Chaos tests',
  category: 'Reliability',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'On a schedule something is made to fail on purpose, and the run fails where that isn\'t taken as it should.',
    why: 'How a program behaves when a dependency is slow or gone is known before the night in which it is, or after it.',
    references: ['https://principlesofchaos.org/', 'https://man7.org/linux/man-pages/man8/tc-netem.8.html', 'https://chaos-mesh.org/docs/'],
  },
  applies: serves,
  evidence(repo) {
    const all = faults(repo), good = all.filter(f => !f.why), regular = good.filter(scheduled);
    const wanted = 'a scheduled workflow that injects faults (latency, exhausted processors and memory, a dependency that is gone, timeouts, corrupted artifacts) and can fail';
    if (regular.length > 0) return { result: 1, evidence: regular.slice(0, 12).map(f => f.evidence), lookedFor: [] };
    if (good.length > 0) return { result: 0.5, evidence: good.slice(0, 12).map(f => ({ ...f.evidence, text: f.evidence.text.replace(' on a schedule', '') })), lookedFor: ['a schedule: faults that are only made by hand aren\'t made'] };
    return missing(wanted, ...all.slice(0, 4).map(f => `what is in ${f.job.document.path} doesn't count: ${f.why!}`));
  },
  scaffold: chaosScaffold(repo => faults(repo).some(f => !f.why && scheduled(f))),
});
