import { defineRule } from '../../engine/rule';
import { isProbed, servingDeeds } from '../shared/deploy-aftermath';
import { PROPOSALS } from '../shared/deploy-gate';
import { triggersOf } from '../shared/started';

export default defineRule({
  id: 'health-check-missing',
  category: 'reliability',
  severity: 'medium',
  confidence: 'medium',
  scope: 'workflow',
  profile: 'strict',
  level: 4,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds deployments behind which nothing looks whether the program answers.',
    why: 'A deployment that was taken is not one that works: the run is green while users see errors.',
    references: [
      'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status/',
      'https://dsomm.owasp.org/',
    ],
    standards: ['DSOMM Smoke Test', 'STRIDE-D'],
  },
  messages: {
    missing: 'Nothing looks whether the program works once `{what}` has deployed it, so the run is green either way. Wait for the rollout, or probe it with retries, and fail where it doesn\'t answer.',
  },
  create(context) {
    return {
      workflow(workflow) {
        for (const job of workflow.jobs) {
          const deed = servingDeeds(job).at(-1);
          if (!deed || !triggersOf(workflow, job).some(t => !PROPOSALS.has(t.event))) continue;
          context.instance();
          if (!isProbed(workflow, job, deed)) context.report({ at: deed.at, messageId: 'missing', data: { what: deed.what }, step: deed.step, job });
        }
      },
    };
  },
});
