import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import type { Job, Workflow } from '../../workflow/model';
import { conditionOf, dottedPath, walkExpr } from '../../workflow/expressions';
import { jobKinds, stepKinds } from '../../checks/shared/job-kind';
import { ciJobs, deployJobs, type CiJob } from '../shared/ci';
import { ratio } from '../shared/verdict';

type IsGate = (kinds: ReadonlySet<string>) => boolean;
const tests: IsGate = kinds => kinds.has('test') || kinds.has('scan') || kinds.has('lint');
/** Pages have nothing to test but that they can be built. */
const builds: IsGate = kinds => tests(kinds) || kinds.has('build');

function isPages(job: Job): boolean {
  return job.environment?.name?.value === 'github-pages'
    || job.steps.some(s => /(?:^|\/)(?:deploy-pages|actions-gh-pages|github-pages-deploy-action)$/i.test(`${s.uses?.owner ?? ''}/${s.uses?.repo ?? ''}`));
}

/** What has to succeed before the job deploys; undefined where nothing does. */
function gateOf(repo: Repository, deploy: CiJob): string | undefined {
  const own = deploy.job.steps, isGate = isPages(deploy.job) ? builds : tests;
  const at = own.findIndex(s => { const k = stepKinds(s); return k.has('deploy') || k.has('migrate'); });
  const before = own.slice(0, at < 0 ? own.length : at).find(s => isGate(stepKinds(s)));
  if (before) return 'its own steps test first';
  for (let at: CiJob | undefined = deploy; at; at = at.caller) {
    const gate = neededGate(repo, at.document.workflow!, at.job, isGate, []);
    if (gate) return `it needs ${gate}`;
  }
  const { triggers } = deploy.workflow;
  if (triggers.length > 0 && triggers.every(t => t.event === 'workflow_run' || t.event === 'workflow_dispatch')
    && triggers.some(t => t.event === 'workflow_run') && checksResult(deploy))
    return 'it runs after another workflow has succeeded';
  return undefined;
}

function neededGate(repo: Repository, workflow: Workflow, job: Job, isGate: IsGate, seen: readonly string[]): string | undefined {
  for (const n of job.needs) {
    const needed = workflow.jobs.find(j => j.id === n.value);
    if (!needed || seen.includes(needed.id)) continue;
    if (isGate(jobKinds(needed)) || ciJobs(repo).some(j => j.caller?.job === needed && isGate(jobKinds(j.job)))) return needed.id;
    const further = neededGate(repo, workflow, needed, isGate, [...seen, job.id]);
    if (further) return further;
  }
  return undefined;
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
    const all = deployJobs(repo).map(d => ({ d, gate: gateOf(repo, d) }));
    const open = all.filter(x => x.gate === undefined);
    return ratio(all.length - open.length, all.length,
      all.filter(x => x.gate !== undefined).map(({ d, gate }) => ({ path: d.document.path, ...d.document.range(d.job.entry.key),
        text: `${d.job.id} is gated: ${gate!}` })),
      open.map(({ d }) => `a test or scan that ${d.job.id} in ${d.document.path} needs`));
  },
  scaffold: null,
});
