import { defineRule, type Fix, type Report, type RuleContext } from '../../engine/rule';
import { envWithin } from '../../workflow/effective';
import type { Job, Permissions, PermissionScope, Workflow } from '../../workflow/model';
import { named, needOf } from '../shared/permission-facts';
import { lowerScope, narrowWorkflow, type Heir } from '../shared/permission-moves';
import { foreignCode } from '../shared/pull-request-code';
import { asksEarlier, privilegedEvents, worstEvent } from '../shared/reach';
import { scopeUse } from '../shared/scope-use';
import { workflowShell, workflowVariables } from '../shared/workflow-facts';

type Message = 'shared' | 'unused' | 'foreign';
type Context = RuleContext<Message, unknown>;

const SCOPE = 'id-token';

export default defineRule({
  id: 'oidc-token-broad',
  category: 'permissions',
  severity: 'medium',
  confidence: 'medium',
  scope: 'workflow',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `id-token: write` where nothing asks for an identity, or where a pull request\'s code runs.',
    why: 'Whoever runs code in such a job can sign in to every cloud and registry that trusts the workflow.',
    references: [
      'https://docs.github.com/en/actions/concepts/security/openid-connect',
      'https://docs.github.com/en/actions/reference/security/oidc',
    ],
    standards: ['SEC-5', 'SEC-6'],
  },
  messages: {
    shared: 'Every job of this workflow may ask for an identity, also {jobs}, which never does. Grant `id-token: write` to the jobs that do.',
    unused: 'Nothing in {jobs} asks for an identity, so that `id-token: write` serves only whoever takes over a step. Remove it.',
    foreign: 'On `{event}` the job `{job}` may ask for an identity and checks out code from the pull request (`{what}`). Ask for it in a job that runs none of that.',
  },
  aliases: { zizmor: ['excessive-permissions'] },
  create(context) {
    return {
      workflow(workflow) {
        const top = granting(workflow.permissions);
        const jobs = workflow.jobs.filter(j => j.node && (j.uses || j.steps.length > 0));
        if (workflow.permissions && top) fromTop(context, workflow, workflow.permissions, top, jobs.filter(j => !j.permissions));
        for (const job of jobs) {
          const own = granting(job.permissions);
          if (!own && (job.permissions || !top)) continue;
          const foreign = foreignIn(context, job);
          if (foreign) context.report({ ...foreign, job });
          if (job.permissions && own) ofJob(context, job, job.permissions, own, foreign !== undefined);
        }
      },
    };
  },
});

const granting = (permissions: Permissions | undefined): PermissionScope | undefined =>
  permissions?.scopes.find(s => s.name === SCOPE && s.access === 'write');

function fromTop(context: Context, workflow: Workflow, permissions: Permissions, at: PermissionScope, jobs: readonly Job[]): void {
  context.instance();
  const heirs = jobs.map((job): Heir => ({ job, need: needOf(context, job) }));
  const uses = heirs.map(h => scopeUse(h.job, SCOPE, h.need, permissions).use);
  const idle = heirs.filter((_, i) => uses[i] === 'no' || uses[i] === 'unlikely');
  if (idle.length === 0) return;
  const all = idle.length === heirs.length;
  // That nobody uses it must be sure: programs of the project can ask by themselves. That one job more has it than the one that does, need not.
  if (all && uses.some(u => u !== 'no')) return;
  const sure = uses.every(u => u !== 'unlikely');
  context.report({
    at: at.entry, messageId: all ? 'unused' : 'shared', data: { jobs: named(idle.map(h => h.job.id)) }, confidence: sure ? 'high' : 'medium',
    related: idle.slice(0, 5).map(h => ({ at: h.job.entry.key, message: 'Asks for no identity, as far as its steps show' })),
    fixes: [{
      title: all ? 'Take away id-token: write' : 'Move id-token: write to the jobs that use it', safety: sure ? 'safe' : 'unsafe', preferred: true,
      edits: ({ document }) => narrowWorkflow(document, workflow, [SCOPE], heirs),
    }],
  });
}

function ofJob(context: Context, job: Job, permissions: Permissions, at: PermissionScope, told: boolean): void {
  context.instance();
  const need = needOf(context, job);
  if (told || scopeUse(job, SCOPE, need, permissions).use !== 'no') return;
  const fix: Fix = {
    title: `Take away id-token: write from ${job.id}`, safety: 'unsafe', preferred: true,
    edits: ({ document }) => lowerScope(document, permissions, at, need),
  };
  context.report({ at: at.entry, messageId: 'unused', data: { jobs: `\`${job.id}\`` }, job, fixes: [fix] });
}

/** The step of a job on a privileged event that brings in somebody else's code. */
function foreignIn(context: Context, job: Job): Report<Message> | undefined {
  const events = privilegedEvents(context);
  if (events.length === 0) return undefined;
  const shell = context.query(workflowShell), variables = context.query(workflowVariables);
  for (const [i, step] of job.steps.entries()) {
    const code = foreignCode(step, envWithin(step, job, variables), job.steps.slice(0, i), shell);
    const worst = code && !code.refused && !code.nameOnly && worstEvent(context, job, step, events.filter(e => code.events?.includes(e) ?? true));
    if (!code || !worst || worst.passage.outsider !== 'yes' || asksEarlier(context, job, step)) continue;
    const at = granting(job.permissions)?.entry ?? job.entry.key;
    return {
      at, messageId: 'foreign', data: { event: worst.event, job: job.id, what: code.what }, step,
      adjust: [{ by: 1, reason: 'somebody outside writes what the job runs' }],
      related: [{ at: code.at, message: 'Brings in code from the pull request' }],
    };
  }
  return undefined;
}
