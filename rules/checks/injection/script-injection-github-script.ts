import { defineRule } from '../../engine/rule';
import { expressionSpan, expressionsOf } from '../../workflow/expressions';
import type { Step } from '../../workflow/model';
import { asMapping, asScalar, type Entry } from '../../workflow/nodes';
import { hoistFix } from '../shared/hoist';
import { javascriptReplacer } from '../shared/hoist-javascript';
import { taintedExpressions } from '../shared/injection';

export default defineRule({
  id: 'script-injection-github-script',
  category: 'injection',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `${{ }}` in the script of `actions/github-script` whose text somebody outside of the repository writes.',
    why: 'GitHub pastes the text into the script before JavaScript reads it, so a title like `` `+require(\'child_process\')+` `` runs with an API client that holds the job\'s token.',
    references: [
      'https://github.com/actions/github-script#use-env-as-input',
      'https://docs.github.com/en/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions#understanding-the-risk-of-script-injections',
    ],
    standards: ['SEC-4', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    text: '`{path}` is pasted into this script before JavaScript reads it, and {who} writes it. Pass it through `env:` and read `process.env`.',
    serialised: '`{path}` is pasted into this script as JSON, and parts of it are written by {who}. Read `context.payload`, or pass it through `env:` and parse it.',
  },
  aliases: { zizmor: ['template-injection'], actionlint: ['expression'], codeql: ['actions/code-injection/critical', 'actions/code-injection/medium'] },
  create(context) {
    return {
      step(step) {
        const entry = scriptOf(step), scalar = asScalar(entry?.value);
        const expressions = scalar ? expressionsOf(scalar) : [];
        if (!entry || !scalar || expressions.length === 0) return;
        context.instance();
        const replace = javascriptReplacer(scalar.value);
        for (const { expression, taint, adjust, related } of taintedExpressions(context, step, expressions)) {
          const fix = hoistFix(step, entry, scalar, expression, taint, replace);
          context.report({
            at: expressionSpan(scalar, expression), messageId: taint.kind === 'serialised' ? 'serialised' : 'text', data: { path: taint.path, who: taint.who },
            adjust, related, ...(taint.kind === 'email' || taint.kind === 'path' ? { confidence: 'medium' as const } : {}), fixes: fix ? [fix] : [],
          });
        }
      },
    };
  },
});

/** `with.script` of actions/github-script; names of inputs compare without case. */
function scriptOf(step: Step): Entry | undefined {
  const { uses } = step;
  if (uses?.kind !== 'repository' || uses.owner?.toLowerCase() !== 'actions' || uses.repo?.toLowerCase() !== 'github-script') return undefined;
  return asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === 'script');
}
