import { defineRule } from '../../engine/rule';
import { blanketPermissions } from '../shared/blanket-permissions';

export default defineRule({
  id: 'permissions-write-all',
  category: 'permissions',
  severity: 'high',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds `permissions: write-all`.',
    why: 'One step that is taken over can then push code, publish packages, approve pull requests and ask for cloud identities.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-5', 'OSPS-AC-04.02'],
  },
  messages: {
    workflow: 'Every job of this workflow may write everything that a token can write. '
      + 'Grant `contents: read`, and more only to the jobs that need it.',
    job: 'The job `{job}` may write everything that a token can write. Grant the scopes that its steps need.',
  },
  aliases: { zizmor: ['excessive-permissions'] },
  create: context => blanketPermissions(context, 'write-all', false),
});
