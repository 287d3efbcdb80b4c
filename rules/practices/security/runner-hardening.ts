import { definePractice, type Evidence } from '../practice';
import type { Repository } from '../../repository';
import { runnerNoEgressControl } from '../../checks/shared/fixing-rules';
import { countRule, fixEverywhere } from '../shared/rule-fixes';
import { ratio } from '../shared/verdict';
import { effectivePermissions } from '../../workflow/effective';
import type { Step } from '../../workflow/model';

const MONITORS = new Set(['step-security/harden-runner', 'bullfrogsec/bullfrog', 'cycodelabs/cimon-action', 'listendev/action']);

const isMonitor = (s: Step): boolean => s.uses?.kind === 'repository' && MONITORS.has(`${s.uses.owner}/${s.uses.repo}`.toLowerCase());

/** Where connections are watched: the step, with the job it stands in. */
function watched(repo: Repository): Evidence[] {
  return repo.documents.flatMap(d => (d.workflow?.jobs ?? []).flatMap(job => job.steps.filter(isMonitor).map(s =>
    ({ path: d.path, ...d.range(s.uses!.scalar), text: `outgoing connections of ${job.id} are watched` }))));
}

/** Jobs that are watched and whose token may change something. */
function writing(repo: Repository): number {
  return repo.documents.flatMap(d => (d.workflow?.jobs ?? []).filter(job => {
    const rights = effectivePermissions(job, d.workflow);
    return job.steps.some(isMonitor) && (rights.shape === 'write-all' || Object.values(rights.scopes).includes('write'));
  })).length;
}

export default definePractice({
  id: 'runner-hardening',
  title: 'Runner hardening',
  category: 'Security',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Jobs that hold secrets and run other people’s code have their outgoing connections watched or limited.',
    why: 'A compromised action or package sends the secrets out in one request, and without a record nobody learns of it.',
    references: [
      'https://docs.stepsecurity.io/harden-runner',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-10-Insufficient-Logging-And-Visibility',
    ],
  },
  applies: repo => countRule(repo, runnerNoEgressControl).instances > 0,
  evidence(repo) {
    const { instances, findings } = countRule(repo, runnerNoEgressControl);
    // A token that may write is worth taking, too: who watches such a job has done more than is asked for.
    const good = Math.max(instances - findings.length, writing(repo));
    return ratio(good, good + findings.length, watched(repo),
      findings.map(f => `a step that watches connections: ${f.message.split('. ')[0]!.replaceAll('`', '')} (${f.path})`));
  },
  scaffold: {
    kind: 'edit',
    title: 'Watch outgoing connections',
    plan(repo) {
      const { changes } = fixEverywhere(repo, [runnerNoEgressControl]);
      if (changes.length === 0) return { refused: countRule(repo, runnerNoEgressControl).findings.length === 0
        ? 'Every job that holds secrets and runs other people’s code is watched already, or there is none.'
        : 'The jobs that hold secrets are written in a way that no step can be added to.' };
      return {
        changes,
        explanation: 'Begins each job that holds secrets and runs other people’s code with harden-runner, which records every outgoing connection.',
        todo: [
          'When the record of some runs shows what the jobs need, set `egress-policy: block` with these hosts as allowed-endpoints.',
          'Self-hosted runners: make them ephemeral (`--ephemeral`, or a controller that starts one for each job), so that one job leaves nothing for the next.',
        ],
      };
    },
  },
});
