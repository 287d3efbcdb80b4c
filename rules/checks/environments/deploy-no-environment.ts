import { defineRule } from '../../engine/rule';
import type { Step } from '../../workflow/model';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { approvalAhead, asksSomebody } from '../shared/approvals';
import { deedsOf, environmentFix, isTeardown, type Deed } from '../shared/deeds';
import { isPages, PROPOSALS } from '../shared/deploy-gate';
import { isPreview, jobKinds } from '../shared/job-kind';
import { reachesOut } from '../shared/action-kind';
import { nameKinds } from '../shared/name-kind';
import { jobTriggers } from '../shared/started';
import { scriptOf } from '../shared/step-commands';

const REMOTE_COMMANDS = /^(?:(?:ssh|scp|sftp|lftp|rsync)\b|az vm run-command|aws ssm send-command|gcloud compute ssh)/;

/** What a job that is called a deployment reaches out with: a shell on another machine, or an action of the repository that deploys. */
function elsewhere(step: Step): Pick<Deed, 'what' | 'at'>[] {
  const { uses, run } = step;
  if (uses) {
    const name = uses.text.split('@')[0]!, local = uses.kind === 'local' || uses.kind === 'self';
    const reaches = local ? nameKinds(name.replace(/\/+$/, '').split('/').at(-1) ?? '').includes('deploy') : reachesOut(uses);
    return reaches ? [{ what: name, at: uses.nameSpan }] : [];
  }
  for (const { words } of (run && scriptOf(step)?.commands) ?? []) {
    const found = REMOTE_COMMANDS.exec(words.slice(0, 3).map(w => w.literal ?? '$').join(' '))?.[0];
    if (run && found) return [{ what: found, at: valueRangeSpan(run.scalar, words[0]!.start, words[found.split(' ').length - 1]!.end) }];
  }
  return [];
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
        // Somebody was asked already; what is left is where the secrets are.
        if (job.environment || job.steps.some(asksSomebody) || context.query(approvalAhead, job.id)) return;
        context.report({
          at: job.entry.key, messageId: 'missing', data: { job: job.id, what: deed.what }, job,
          related: [{ at: deed.at, message: 'It deploys here.' }],
          fixes: [environmentFix(job)],
        });
      },
    };
  },
});
