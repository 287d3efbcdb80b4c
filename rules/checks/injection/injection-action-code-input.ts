import { codeInput } from '../../catalog/flows';
import { taintOf } from '../../catalog/contexts';
import { defineRule, type Fix } from '../../engine/rule';
import { expressionSpan, expressionsOf, type Expression } from '../../workflow/expressions';
import type { Step } from '../../workflow/model';
import { asMapping, asScalar, type Entry, type ScalarNode } from '../../workflow/nodes';
import { hoistFix } from '../shared/hoist';
import { javascriptReplacer } from '../shared/hoist-javascript';
import { shellReplacer } from '../shared/hoist-shell';
import { asTaint, circumstances, flowsOf, localOf, ownerOfStep, type Flow } from '../shared/taint';

export default defineRule({
  id: 'injection-action-code-input',
  category: 'injection',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds what outsiders write in inputs that a known action runs as code.',
    why: 'The action hands the input to a shell, and a title or branch name in it runs as a part of the command.',
    references: [
      'https://docs.github.com/en/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions#understanding-the-risk-of-script-injections',
      'https://codeql.github.com/codeql-query-help/actions/actions-command-injection-critical/',
    ],
    standards: ['SEC-4', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    code: '`{action}` runs `{input}` as code, and `{source}` in it is written by {who}. Pass it through `env:` and use the variable, or check it first.',
  },
  aliases: { zizmor: ['template-injection'], codeql: ['actions/command-injection/critical', 'actions/command-injection/medium'] },
  create(context) {
    return {
      step(step, { action }) {
        const { uses } = step, owner = ownerOfStep(step, action);
        if (uses?.kind !== 'repository' || !uses.owner || !uses.repo || !owner) return;
        for (const entry of asMapping(step.with?.value)?.entries ?? []) {
          const code = codeInput(uses.owner, uses.repo, entry.key.value), scalar = asScalar(entry.value);
          const expressions = code && scalar ? expressionsOf(scalar) : [];
          if (!code || !scalar || expressions.length === 0) continue;
          context.instance();
          const local = localOf(owner), index = owner.steps.indexOf(step);
          for (const expression of expressions) {
            if (expression.errors.length > 0) continue;
            const [flow] = flowsOf(context, owner, local.expression(expression.root, index));
            if (!flow) continue;
            const fix = code.env ? hoisted(step, entry, scalar, expression, flow, code.language) : undefined;
            context.report({
              at: expressionSpan(scalar, expression), messageId: 'code',
              data: { action: `${uses.owner}/${uses.repo}`, input: entry.key.value, source: flow.origin.what, who: flow.origin.who },
              ...circumstances(context, step, flow), fixes: fix ? [fix] : [],
            });
          }
        }
      },
    };
  },
});

/** Unsafe: whether an action hands its environment on is up to its version. */
function hoisted(step: Step, entry: Entry, scalar: ScalarNode, expression: Expression, flow: Flow, language: string): Fix | undefined {
  const replace = language === 'javascript' ? javascriptReplacer(scalar.value) : shellReplacer(scalar.value, language, { split: flow.origin.kind === 'path' });
  const [direct] = taintOf(expression.root);
  const path = direct?.path ?? /(?:steps|needs|env|matrix|inputs)(?:\.[\w-]+)+/.exec(expression.source)?.[0] ?? 'value';
  const fix = replace && hoistFix(step, entry, scalar, expression, asTaint(path, flow, expression), replace);
  return fix && { ...fix, safety: 'unsafe' };
}
