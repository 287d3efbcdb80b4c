import { scopeInfo } from '../../catalog';
import { defineRule, type Fix } from '../../engine/rule';
import type { Permissions, PermissionScope } from '../../workflow/model';
import type { PermissionNeed } from '../shared/inferred-permissions';
import { needOf } from '../shared/permission-facts';
import { lowerScope } from '../shared/permission-moves';
import { scopeUse } from '../shared/scope-use';

/** A rule of its own looks after identities; requests to Copilot and drives leave no trace that could be read. */
const ELSEWHERE = new Set(['id-token', 'copilot-requests', 'drives', 'repository-projects']);

export default defineRule({
  id: 'permissions-unused-scope',
  category: 'permissions',
  severity: 'low',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 5,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds write scopes that nothing in the job uses.',
    why: 'A scope that no step needs serves only whoever takes over one of them.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idpermissions',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-5', 'OSPS-AC-04.02'],
  },
  messages: {
    unused: 'No step of `{job}` uses `{scope}`: it serves only whoever takes over one of them. Remove it.',
    reads: 'The steps of `{job}` only read `{scope}`: writing serves only whoever takes over one of them. Set it to `read`.',
  },
  create(context) {
    return {
      job(job) {
        const { permissions } = job;
        const writes = permissions?.scopes.filter(s => s.access === 'write' && !ELSEWHERE.has(s.name) && scopeInfo(s.name)) ?? [];
        // Steps that are still to be written may be what the scope is for.
        if (!permissions || writes.length === 0 || (!job.uses && job.steps.length === 0)) return;
        const need = needOf(context, job);
        for (const scope of writes) {
          context.instance();
          if (scopeUse(job, scope.name, need, permissions).use !== 'no') continue;
          context.report({
            at: scope.entry,
            messageId: need.scopes[scope.name] === 'read' ? 'reads' : 'unused',
            data: { job: job.id, scope: scope.name },
            fixes: [fix(permissions, scope, need)],
          });
        }
      },
    };
  },
});

function fix(permissions: Permissions, scope: PermissionScope, need: PermissionNeed): Fix {
  return {
    title: need.scopes[scope.name] === 'read' ? `Set ${scope.name} to read` : `Take away ${scope.name}: write`, safety: 'unsafe', preferred: true,
    edits: ({ document }) => lowerScope(document, permissions, scope, need),
  };
}
