import { taintOf } from '../../catalog/contexts';
import { defineRule } from '../../engine/rule';
import { expressionSpan } from '../../workflow/expressions';
import { sinkOf } from '../shared/script-sink';
import { asTaint, circumstances, flowsOf, indirect, isProduced, localOf, ownerOfStep } from '../shared/taint';

export default defineRule({
  id: 'injection-step-output',
  category: 'injection',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `${{ }}` in scripts whose value comes from an outsider by way of a variable, an output of a step or job, or the matrix.',
    why: 'A title that was stored in an output is the same text: pasted into a script it runs with the job\'s token and secrets.',
    references: [
      'https://docs.github.com/en/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions#understanding-the-risk-of-script-injections',
      'https://github.com/advisories/GHSA-mcph-m25j-8j63',
    ],
    standards: ['SEC-4', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    produced: '`{path}` is pasted into this script before {reader} reads it, and holds `{source}`, which {who} writes. Pass it through `env:` and use the variable.',
  },
  aliases: { zizmor: ['template-injection'], codeql: ['actions/code-injection/critical', 'actions/code-injection/medium'] },
  create(context) {
    return {
      step(step, { action }) {
        const sink = sinkOf(context, step), owner = sink && ownerOfStep(step, action);
        if (!sink || !owner) return;
        const local = localOf(owner), index = owner.steps.indexOf(step);
        let looked = false;
        for (const expression of sink.expressions) {
          const atoms = indirect(local, expression, index).filter(isProduced);
          // What is an outsider's as it stands is the other rules' finding.
          if (atoms.length === 0 || taintOf(expression.root).length > 0) continue;
          if (!looked) context.instance();
          looked = true;
          const [flow] = flowsOf(context, owner, atoms);
          if (!flow) continue;
          const path = expression.source.trim().replace(/\s+/g, ' ');
          const fix = sink.fix(expression, asTaint(nameOf(path), flow, expression), flow.origin.kind === 'path');
          context.report({
            at: expressionSpan(sink.scalar, expression), messageId: 'produced',
            data: { path: path.length > 80 ? `${path.slice(0, 79)}…` : path, source: flow.origin.what, who: flow.origin.who, reader: sink.reader },
            ...circumstances(context, step, flow),
            ...(flow.origin.kind === 'email' || flow.origin.kind === 'path' ? { confidence: 'medium' as const } : {}),
            fixes: fix ? [flow.origin.kind === 'path' ? { ...fix, safety: 'unsafe' as const } : fix] : [],
          });
        }
      },
    };
  },
});

/** `steps.meta.outputs.title` of whatever stands around it. */
function nameOf(path: string): string {
  return /(?:steps|needs|env|matrix|inputs)(?:\.[\w-]+)+/.exec(path)?.[0] ?? 'value';
}
