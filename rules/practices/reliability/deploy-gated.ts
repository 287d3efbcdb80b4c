import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import type { Job, Workflow } from '../../workflow/model';
import { checkedJobs, checksItself, isCheckJob, jobsAfterSuccess, needsGate, startsAfterwards, startsUnattended } from '../../checks/shared/deploy-gate';
import { isPreview } from '../../checks/shared/job-kind';
import { ciJobs, type CiJob } from '../shared/ci';
import { deployWithoutGate } from '../../checks/shared/fixing-rules';
import { fixEverywhere } from '../shared/rule-fixes';
import { ratio } from '../shared/verdict';

type Gates = (workflow: Workflow) => ReadonlyMap<Job, string>;

/** Computed once per workflow. A job that calls a reusable workflow is what the jobs in there are. */
function gatesOf(repo: Repository): Gates {
  const callees = new Map<Job, Job[]>();
  for (const j of ciJobs(repo)) if (j.caller) callees.set(j.caller.job, [...callees.get(j.caller.job) ?? [], j.job].slice(-100));
  const callChecks = (job: Job): boolean => callees.get(job)?.some(isCheckJob) ?? true;
  const known = new Map<Workflow, ReadonlyMap<Job, string>>();
  return workflow => {
    let map = known.get(workflow);
    if (!map) known.set(workflow, map = checkedJobs(workflow, callChecks));
    return map;
  };
}

/** What has to succeed before the job deploys; undefined where nothing does. */
function gateOf(gates: Gates, deploy: CiJob): string | undefined {
  if (checksItself(deploy.job)) return 'its own steps test first';
  const afterwards = startsAfterwards(deploy.workflow.triggers);
  let looked = false;
  for (let at: CiJob | undefined = deploy; at; at = at.caller) {
    const gate = gates(at.document.workflow!).get(at.job);
    if (gate !== undefined) return `it needs ${gate}`;
    looked ||= afterwards && successOf(at.document.workflow!).has(at.job);
  }
  return looked ? 'it runs after another workflow has succeeded' : undefined;
}

const successes = new WeakMap<Workflow, ReadonlySet<Job>>();

function successOf(workflow: Workflow): ReadonlySet<Job> {
  let known = successes.get(workflow);
  if (!known) successes.set(workflow, known = jobsAfterSuccess(workflow));
  return known;
}

function deploysUnattended(repo: Repository): readonly CiJob[] {
  return ciJobs(repo).filter(j => needsGate(j.job, j.triggers) && !isCalledForPreview(j) && !onlyReleases(j));
}

/** Somebody has made a release of a commit that was tested when it came: as the rule sees it. */
function onlyReleases(job: CiJob): boolean { return job.triggers.every(t => t.event === 'release' || !startsUnattended([t])); }

function isCalledForPreview(job: CiJob): boolean {
  for (let at = job.caller; at; at = at.caller) if (isPreview(at.job)) return true;
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
  applies: repo => deploysUnattended(repo).length > 0,
  evidence(repo) {
    const gates = gatesOf(repo), all = deploysUnattended(repo).map(d => ({ d, gate: gateOf(gates, d) }));
    const open = all.filter(x => x.gate === undefined);
    return ratio(all.length - open.length, all.length,
      all.filter(x => x.gate !== undefined).map(({ d, gate }) => ({ path: d.document.path, ...d.document.range(d.job.entry.key),
        text: `${d.job.id} is gated: ${gate!}` })),
      open.map(({ d }) => `a test or scan that ${d.job.id} in ${d.document.path} needs`));
  },
  scaffold: {
    kind: 'edit',
    title: 'Let deployments wait for tests and scans',
    plan(repo) {
      const gates = gatesOf(repo), open = deploysUnattended(repo).filter(d => gateOf(gates, d) === undefined);
      if (open.length === 0) return { refused: 'Every deployment that starts by itself waits for a test or scan.' };
      const { changes } = fixEverywhere(repo, [deployWithoutGate], path => open.some(d => d.document.path === path));
      if (changes.length === 0)
        return { refused: `There is no test or scan beside ${open[0]!.job.id} in ${open[0]!.document.path} that it could wait for: add a test job first.` };
      return { changes, explanation: 'Deployments wait for the tests and scans that ran beside them, by `needs`, or look at how the workflow ended that they come after.',
        todo: ['See that the jobs that are waited for run whenever something is deployed: one that is skipped skips the deployment, too.'] };
    },
  },
});
