import { defineQuery, defineRule } from '../../engine/rule';
import { knowsWayBack, servingDeeds } from '../shared/deploy-aftermath';
import { PROPOSALS } from '../shared/deploy-gate';
import { triggersOf } from '../shared/started';

/** Whether another workflow of this checkout, or a script, says that it takes a deployment back. Where there is no checkout one may. */
const rollbackElsewhere = defineQuery('rollback-missing.elsewhere', ({ repository }): boolean =>
  repository?.files.some(f => /(?:^|[/_.-])(?:roll[-_]?back|revert|undeploy)(?:[/_.-]|$)/i.test(f)) ?? true);

/** Platforms that keep what was deployed before, and put it back with one command or click. */
const KEEPS_EARLIER = /(?:^|[\s/])(?:wrangler|wrangler-action|pages-action|vercel|vercel-action|netlify|actions-netlify|firebase|action-hosting-deploy|heroku|heroku-deploy|deploy-cloudrun|deploy-appengine|deploy-cloud-functions|dep|deployphp\/action)(?:\s|$)|^netlify\/|^gcloud (?:run|app)|^kamal /i;

export default defineRule({
  id: 'rollback-missing',
  category: 'reliability',
  severity: 'medium',
  confidence: 'low',
  scope: 'workflow',
  profile: 'strict',
  level: 5,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds deployments for which the repository knows no way back.',
    why: 'When a release breaks, whoever is on duty has to find out under pressure how the previous one is put back.',
    references: [
      'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_undo/',
      'https://helm.sh/docs/helm/helm_upgrade/',
    ],
    standards: ['STRIDE-D'],
  },
  messages: {
    missing: 'Nothing here takes back what `{what}` has deployed: no step on failure, no earlier version to choose. Let a failed deployment roll back, or add a workflow that deploys an earlier version.',
  },
  create(context) {
    return {
      workflow(workflow) {
        for (const job of workflow.jobs) {
          const deed = servingDeeds(job).find(d => !KEEPS_EARLIER.test(d.what));
          if (!deed || !triggersOf(workflow, job).some(t => !PROPOSALS.has(t.event))) continue;
          context.instance();
          if (knowsWayBack(workflow, job) || context.query(rollbackElsewhere)) continue;
          context.report({ at: deed.at, messageId: 'missing', data: { what: deed.what }, step: deed.step, job });
        }
      },
    };
  },
});
