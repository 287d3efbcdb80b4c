import { scopeInfo } from '../../catalog';
import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import type { Permissions, PermissionScope, Workflow } from '../../workflow/model';
import { named, needOf } from '../shared/permission-facts';
import { lowerScope, narrowWorkflow, type Heir } from '../shared/permission-moves';
import { scopeUse } from '../shared/scope-use';

/** A rule of its own looks after identities. */
const ELSEWHERE = 'id-token';
/** Their use can't be seen in a workflow. */
const WITHOUT_TRACE = new Set(['copilot-requests', 'drives', 'repository-projects']);

export default defineRule({
  id: 'permissions-workflow-write',
  category: 'permissions',
  severity: 'medium',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds write permissions of a whole workflow that some of its jobs have no use for.',
    why: 'A job that only tests or builds can then push, publish or comment, and so can everything that it installs.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-5', 'OSPS-AC-04.02'],
  },
  messages: {
    some: 'Every job of this workflow may write {scopes}, which is more than {jobs} can use. Give it to the jobs that do.',
    only: 'No step of `{jobs}`, the only job that these permissions are for, writes {scopes}: it serves only whoever takes over one of them. Take it away.',
    none: 'Every job of this workflow may write {scopes}, and nothing in them does. Take it away.',
  },
  aliases: { zizmor: ['excessive-permissions'] },
  create(context) {
    return {
      workflow(workflow) {
        const { permissions } = workflow;
        if (permissions?.shape !== 'map') return;
        const writes = permissions.scopes.filter(s => s.access === 'write' && s.name !== ELSEWHERE);
        const heirs = writes.length === 0 ? [] : heirsOf(workflow).map((job): Heir => ({ job, need: needOf(context, job) }));
        const [heir] = heirs;
        if (heir && heirs.length === 1) {
          onlyHeir(context, workflow, permissions, writes, heir);
          return;
        }
        if (workflow.jobs.length < 2) return;
        context.instance();
        const surplus = writes.filter(s => heirs.some(h => idle(h, s.name, permissions)));
        const [first] = surplus;
        if (!first) return;
        const names = surplus.map(s => s.name);
        const jobs = heirs.filter(h => names.some(n => idle(h, n, permissions)));
        context.report({
          at: surplus.length === 1 ? first.entry : permissions.entry.key,
          messageId: names.every(n => heirs.every(h => idle(h, n, permissions))) ? 'none' : 'some',
          data: { scopes: named(names), jobs: named(jobs.map(h => h.job.id)) },
          confidence: names.every(n => heirs.some(h => scopeUse(h.job, n, h.need, permissions).use === 'no')) ? 'high' : 'medium',
          related: jobs.slice(0, 5).map(h => ({ at: h.job.entry.key, message: 'Has no use for all of it' })),
          fixes: [fix(workflow, permissions, names, heirs)],
        });
      },
    };
  },
});

/** One finding per scope, as for a job's own: with a single job there is nothing to move, only something to take away. */
function onlyHeir(context: RuleContext<'only'>, workflow: Workflow, permissions: Permissions, writes: readonly PermissionScope[], { job, need }: Heir): void {
  // Who has only begun to write the workflow's other jobs may need it there, and so may the steps that are still to come.
  if (job.steps.length === 0 && !job.uses || workflow.jobs.some(j => !j.node)) return;
  for (const scope of writes) {
    context.instance();
    if (!scopeInfo(scope.name) || WITHOUT_TRACE.has(scope.name) || scopeUse(job, scope.name, need, permissions).use !== 'no') continue;
    context.report({
      at: scope.entry, messageId: 'only', data: { scopes: named([scope.name]), jobs: job.id },
      adjust: [{ by: -1, reason: 'there is no other job that it reaches' }], confidence: 'medium', job,
      fixes: [{
        title: need.scopes[scope.name] === 'read' ? `Set ${scope.name} to read` : `Take away ${scope.name}: write`, safety: 'unsafe', preferred: true,
        edits: ({ document }) => lowerScope(document, permissions, scope, need),
      }],
    });
  }
}

const heirsOf = (workflow: Workflow) => workflow.jobs.filter(j => j.node && !j.permissions);

const idle = ({ job, need }: Heir, scope: string, from: Permissions): boolean => ['no', 'unlikely'].includes(scopeUse(job, scope, need, from).use);

function fix(workflow: Workflow, permissions: Permissions, names: readonly string[], heirs: readonly Heir[]): Fix {
  const sure = heirs.every(h => names.every(n => scopeUse(h.job, n, h.need, permissions).use !== 'unlikely'));
  return {
    title: 'Move write permissions to the jobs that use them', safety: sure ? 'safe' : 'unsafe', preferred: true,
    edits: ({ document }) => narrowWorkflow(document, workflow, names, heirs),
  };
}
