import { defineRule, type Fix } from '../../engine/rule';
import { setJobKey } from '../../workflow/edits';
import { expressionsOf } from '../../workflow/expressions';
import type { Job } from '../../workflow/model';
import { walk } from '../../workflow/nodes';
import { isPreview, jobKinds } from '../shared/job-kind';
import { givenSecrets, isIdentifierName, secretReads } from '../shared/secrets';
import { workflowEvents } from '../shared/workflow-facts';

export default defineRule({
  id: 'secret-outside-environment',
  category: 'secrets',
  severity: 'low',
  confidence: 'medium',
  scope: 'job',
  profile: 'strict',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that deploy, publish or release with a secret of the repository and have no `environment`.',
    why: 'A secret of the repository can be read by every workflow on every branch; one of an environment only after the rules of that environment have been met.',
    references: [
      'https://docs.github.com/en/actions/concepts/workflows-and-actions/deployment-environments',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments#environment-secrets',
    ],
    standards: ['SEC-1', 'SEC-6', 'STRIDE I'],
  },
  messages: {
    outside: '`{job}` {does} with `secrets.{secret}`, which every workflow on every branch can read. Put the job into an environment with rules, and move the secret there.',
  },
  aliases: { zizmor: ['secrets-outside-env'] },
  create(context) {
    return {
      job(job) {
        if (job.uses || !job.node) return;
        const kinds = jobKinds(job);
        const deploys = kinds.has('deploy') || kinds.has('migrate');
        const publishes = kinds.has('publish');
        if (!deploys && !publishes && !kinds.has('release')) return;
        const events = context.query(workflowEvents);
        if (isPreview(job) || events.every(e => e === 'workflow_call' || e === 'pull_request')) return;
        // What runs for pull requests, too, is a test as much as a release: an environment would record each of them as a deployment.
        if (events.includes('pull_request') && !job.if) return;
        context.instance();
        if (job.environment) return;
        const secret = firstSecret(job);
        if (secret === undefined) return;
        context.report({
          at: job.entry.key, messageId: 'outside', data: { job: job.id, does: deploys ? 'deploys' : publishes ? 'publishes' : 'releases', secret },
          fixes: [environment(job, deploys ? 'production' : 'release')],
        });
      },
    };
  },
});

/** Name of a secret that the job reads, `*` for one by a computed name. A user's name or an address opens nothing. */
function firstSecret(job: Job): string | undefined {
  for (const node of walk(job.node)) {
    if (node.kind !== 'scalar' || !/secrets/i.test(node.value)) continue;
    for (const e of expressionsOf(node, { bare: false })) {
      const found = givenSecrets(e).find(s => !s.isRunToken && !isIdentifierName(s.name));
      if (found) return found.name;
      if (e.errors.length === 0 && secretReads(e.root).computed.length > 0) return '*';
    }
  }
  return undefined;
}

/** Unsafe: the identity that clouds check names the environment, and somebody may have given it rules. */
function environment(job: Job, name: string): Fix {
  return { title: `Put the job into the environment ${name}`, safety: 'unsafe', preferred: true, edits: ({ document }) => setJobKey(document, job, 'environment', name) };
}
