import { defineRule } from '../../engine/rule';
import type { Step } from '../../workflow/model';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { deedsOf, environmentFix, isTeardown, type Deed } from '../shared/deeds';
import { isPages, PROPOSALS } from '../shared/deploy-gate';
import { isPreview, jobKinds } from '../shared/job-kind';
import { nameKinds } from '../shared/name-kind';
import { jobTriggers } from '../shared/started';
import { scriptOf } from '../shared/step-commands';

const REMOTE_ACTIONS = /^(?:appleboy\/(?:ssh|scp)-action|garygrossgarten\/github-action-ssh|fifsky\/ssh-action)$/i;
const REMOTE_COMMANDS = /^(?:ssh|scp|sftp|lftp|rsync)$/;

/** What a job that is called a deployment reaches out with: a shell on another machine, or an action of the repository that deploys. */
function elsewhere(step: Step): Pick<Deed, 'what' | 'at'>[] {
  const { uses, run } = step;
  if (uses) {
    const name = uses.text.split('@')[0]!, local = uses.kind === 'local' || uses.kind === 'self';
    const reaches = local ? nameKinds(name.replace(/\/+$/, '').split('/').at(-1) ?? '').includes('deploy') : REMOTE_ACTIONS.test(name);
    return reaches ? [{ what: name, at: uses.nameSpan }] : [];
  }
  const command = run && scriptOf(step)?.commands.find(c => REMOTE_COMMANDS.test(c.name ?? ''));
  return command ? [{ what: command.name!, at: valueRangeSpan(run.scalar, command.words[0]!.start, command.words[0]!.end) }] : [];
}

export default defineRule({
  id: 'deploy-no-environment',
  category: 'environments',
  severity: 'medium',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that deploy without an environment.',
    why: 'Approvals, branch rules, and secrets that only the deployment may read are set at an environment, and so is the record of what was deployed when.',
    references: [
      'https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idenvironment',
    ],
    standards: ['SEC-1', 'CIS 5.2.3', 'STRIDE-R', 'STRIDE-E'],
  },
  messages: {
    missing: 'Job `{job}` deploys (`{what}`) without an environment, so nothing can ask for approval or keep its secrets from other jobs. Set `environment`.',
  },
  create(context) {
    return {
      job(job) {
        if (job.uses || !jobKinds(job).has('deploy') || isPages(job) || isPreview(job) || isTeardown(job)) return;
        const steps = job.steps.filter(s => !isTeardown(s));
        const deed = steps.flatMap(s => deedsOf(s, ['deploy']))[0] ?? steps.flatMap(elsewhere)[0];
        // What is deployed for a pull request is there to be looked at, and a deployment that was asked for names its environment.
        if (!deed || !context.query(jobTriggers, job.id).some(t => !PROPOSALS.has(t.event) && t.event !== 'deployment')) return;
        context.instance();
        if (job.environment) return;
        context.report({
          at: job.entry.key, messageId: 'missing', data: { job: job.id, what: deed.what }, job,
          related: [{ at: deed.at, message: 'It deploys here.' }],
          fixes: [environmentFix(job)],
        });
      },
    };
  },
});
