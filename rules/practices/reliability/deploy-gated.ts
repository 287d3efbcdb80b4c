import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import type { Job, Workflow } from '../../workflow/model';
import { conditionOf, dottedPath, walkExpr } from '../../workflow/expressions';
import { jobKinds, stepKinds } from '../../checks/shared/job-kind';
import { ciJobs, dependentsOf, deployJobs, type CiJob } from '../shared/ci';
import { ratio } from '../shared/verdict';

type IsGate = (kinds: ReadonlySet<string>) => boolean;
const tests: IsGate = kinds => kinds.has('test') || kinds.has('scan') || kinds.has('lint');
/** Pages have nothing to test but that they can be built. */
const builds: IsGate = kinds => tests(kinds) || kinds.has('build');

function isPages(job: Job): boolean {
  return job.environment?.name?.value === 'github-pages'
    || job.steps.some(s => /(?:^|\/)(?:deploy-pages|actions-gh-pages|github-pages-deploy-action)$/i.test(`${s.uses?.owner ?? ''}/${s.uses?.repo ?? ''}`));
}

type Gates = (workflow: Workflow, isGate: IsGate) => ReadonlyMap<Job, string>;

/** Computed once per workflow. A job that calls a reusable workflow is what the jobs in there are. */
function gatesOf(repo: Repository): Gates {
  const callees = new Map<Job, Job[]>();
  for (const j of ciJobs(repo)) if (j.caller) callees.set(j.caller.job, [...callees.get(j.caller.job) ?? [], j.job].slice(-100));
  const known = new Map<Workflow, Map<IsGate, ReadonlyMap<Job, string>>>();
  return (workflow, isGate) => {
    let of = known.get(workflow);
    if (!of) known.set(workflow, of = new Map());
    let map = of.get(isGate);
    if (!map) of.set(isGate, map = gated(workflow, job => isGate(jobKinds(job)) || (callees.get(job) ?? []).some(c => isGate(jobKinds(c)))));
    return map;
  };
}

/** What has to succeed before the job deploys; undefined where nothing does. */
function gateOf(gates: Gates, deploy: CiJob): string | undefined {
  const own = deploy.job.steps, isGate = isPages(deploy.job) ? builds : tests;
  const first = own.findIndex(s => { const k = stepKinds(s); return k.has('deploy') || k.has('migrate'); });
  if (own.slice(0, first < 0 ? own.length : first).some(s => isGate(stepKinds(s)))) return 'its own steps test first';
  for (let at: CiJob | undefined = deploy; at; at = at.caller) {
    const gate = gates(at.document.workflow!, isGate).get(at.job);
    if (gate !== undefined) return `it needs ${gate}`;
  }
  const { triggers } = deploy.workflow;
  const afterwards = triggers.length > 0 && triggers.every(t => t.event === 'workflow_run' || t.event === 'workflow_dispatch')
    && triggers.some(t => t.event === 'workflow_run');
  return afterwards && checksResult(deploy) ? 'it runs after another workflow has succeeded' : undefined;
}

/** Jobs that need a gate, directly or through others, with the gate's id. */
function gated(workflow: Workflow, isGate: (job: Job) => boolean): Map<Job, string> {
  const dependents = dependentsOf(workflow), out = new Map<Job, string>();
  const queue: { job: Job; gate: string }[] = workflow.jobs.filter(isGate).map(job => ({ job, gate: job.id }));
  for (let at = queue.pop(); at; at = queue.pop()) {
    for (const d of dependents.get(at.job) ?? []) {
      if (out.has(d)) continue;
      out.set(d, at.gate);
      queue.push({ job: d, gate: at.gate });
    }
  }
  return out;
}

function checksResult(deploy: CiJob): boolean {
  for (let at: CiJob | undefined = deploy; at; at = at.caller) {
    const condition = conditionOf(at.job.if);
    if (condition && [...walkExpr(condition.root)].some(e => dottedPath(e) === 'github.event.workflow_run.conclusion')) return true;
  }
  return false;
}

export default definePractice({
  id: 'deploy-gated',
  title: 'Gated deployments',
  category: 'Reliability',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Jobs that deploy wait for tests or scans, directly or through the jobs they need.',
    why: 'Jobs run side by side unless they are told to wait: the deployment is done before the test that would have stopped it has failed.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms',
    ],
  },
  applies: repo => deployJobs(repo).length > 0,
  evidence(repo) {
    const gates = gatesOf(repo), all = deployJobs(repo).map(d => ({ d, gate: gateOf(gates, d) }));
    const open = all.filter(x => x.gate === undefined);
    return ratio(all.length - open.length, all.length,
      all.filter(x => x.gate !== undefined).map(({ d, gate }) => ({ path: d.document.path, ...d.document.range(d.job.entry.key),
        text: `${d.job.id} is gated: ${gate!}` })),
      open.map(({ d }) => `a test or scan that ${d.job.id} in ${d.document.path} needs`));
  },
  scaffold: null,
});
