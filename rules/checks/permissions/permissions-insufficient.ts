import type { Access } from '../../catalog';
import { defineRule, type Fix } from '../../engine/rule';
import { envWithin, permissionsWithin, scopeAccess, type EffectivePermissions } from '../../workflow/effective';
import type { Job } from '../../workflow/model';
import { certainNeeds, type Certain } from '../shared/certain-permissions';
import { inheritedPermissions, isCallable } from '../shared/permission-facts';
import { grantScopes } from '../shared/permission-moves';
import { workflowShell, workflowVariables } from '../shared/workflow-facts';

export default defineRule({
  id: 'permissions-insufficient',
  category: 'permissions',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 5,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds steps that need a scope which their job withholds.',
    why: 'The step fails when it gets there, often in a release that runs once a month.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
      'https://docs.github.com/en/actions/tutorials/authenticate-with-github_token',
    ],
  },
  messages: {
    withheld: '`{what}` needs `{scope}: write`, and the job\'s permissions leave it out. Grant it to the job.',
  },
  create(context) {
    return {
      job(job) {
        if (job.uses || job.steps.length === 0) return;
        const granted = permissionsWithin(job, context.query(inheritedPermissions));
        if (granted.shape === 'default' || granted.shape === 'invalid') return;
        const variables = context.query(workflowVariables), shell = context.query(workflowShell);
        const told = new Set<string>();
        for (const step of job.steps) {
          for (const need of certainNeeds(step, job, envWithin(step, job, variables), shell)) {
            context.instance();
            // One missing scope is one finding, whoever needs it first.
            if (!withheld(granted, need) || told.has(need.scope)) continue;
            told.add(need.scope);
            context.report({
              at: need.at, messageId: 'withheld', data: { what: need.what, scope: need.scope }, step,
              related: job.permissions ? [{ at: job.permissions.entry.key, message: 'Leaves it out' }]
                : [{ at: ({ document }) => document.workflow?.permissions?.entry.key, message: 'Leaves it out' }],
              fixes: granted.shape === 'read-all' ? [] : [fix(job, need, context.query(isCallable))],
            });
          }
        }
      },
    };
  },
});

function withheld(granted: EffectivePermissions, { scope, or, access }: Certain): boolean {
  const lacks = (name: string): boolean => {
    const has = scopeAccess(granted, name);
    return has === 'none' || (has === 'read' && access === 'write');
  };
  return lacks(scope) && (or === undefined || lacks(or));
}

/** Not safe where others call the workflow: what it asks for is held against what they grant. */
function fix(job: Job, { scope, access }: { readonly scope: string; readonly access: Access }, callable: boolean): Fix {
  return {
    title: `Grant ${scope}: ${access} to ${job.id}`, safety: callable ? 'unsafe' : 'safe', preferred: true,
    edits: ({ document }) => grantScopes(document, document.workflow, job, { [scope]: access }),
  };
}
