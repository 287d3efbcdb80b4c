import { defineRule } from '../../engine/rule';
import { blanketPermissions } from '../shared/blanket-permissions';

export default defineRule({
  id: 'permissions-read-all',
  category: 'permissions',
  severity: 'low',
  confidence: 'high',
  scope: 'workflow',
  profile: 'strict',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds `permissions: read-all`.',
    why: 'It lets every step read security alerts, private packages, drafts and logs, none of which building or testing needs.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-5'],
  },
  messages: {
    workflow: 'Every job of this workflow may read everything that a token can read, security alerts included. Grant `contents: read`, and more only where it is used.',
    job: 'The job `{job}` may read everything that a token can read, security alerts included. Grant the scopes that its steps use.',
  },
  aliases: { zizmor: ['excessive-permissions'] },
  create: context => blanketPermissions(context, 'read-all', true),
});
