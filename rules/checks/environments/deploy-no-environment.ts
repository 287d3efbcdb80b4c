import { defineRule } from '../../engine/rule';
import { deedsOf, environmentFix, isTeardown } from '../shared/deeds';
import { isPages, PROPOSALS } from '../shared/deploy-gate';
import { isPreview, jobKinds } from '../shared/job-kind';
import { jobTriggers } from '../shared/started';

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
        const deed = job.steps.flatMap(s => (isTeardown(s) ? [] : deedsOf(s, ['deploy'])))[0];
        // What is deployed for a pull request is there to be looked at.
        if (!deed || !context.query(jobTriggers, job.id).some(t => !PROPOSALS.has(t.event))) return;
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
