/** Outputs of a reusable workflow that no job of it sets. */
import type { RuleContext } from '../../../engine/rule';
import { expressionsOf, expressionSpan, pathOf, walkExpr } from '../../../workflow/expressions';
import type { Workflow } from '../../../workflow/model';
import { asScalar, getEntry } from '../../../workflow/nodes';
import type { Jobs } from './needs';
import { outputsOf } from './references';
import { instead, meant, oneOf, writeName } from './words';

export const OUTPUT_MESSAGES = {
  'call-output-job': 'The output `{output}` is empty for every caller: no job is called `{job}`. Write {instead}.',
  'call-output-undeclared': 'The output `{output}` is empty for every caller: `{job}` has no output `{name}`. {advice}.',
} as const;

export function checkCallOutputs(context: RuleContext<keyof typeof OUTPUT_MESSAGES>, workflow: Workflow, jobs: Jobs): void {
  for (const entry of workflow.triggers.find(t => t.event === 'workflow_call')?.outputs ?? []) {
    const scalar = asScalar(getEntry(entry.value, 'value')?.value);
    if (!scalar) continue;
    const output = entry.key.value;
    for (const expression of expressionsOf(scalar)) {
      for (const e of walkExpr(expression.root)) {
        if (e.kind !== 'property') continue;
        const [first, id = '', property, name, ...more] = pathOf(e) ?? [];
        if (first !== 'jobs' || id === '*') continue;
        const span = expressionSpan(scalar, e.nameRange);
        const job = jobs.get(id);
        if (property === undefined && !job) {
          const all = workflow.jobs.map(j => j.id);
          const better = meant(e.name, all);
          context.report({
            at: span, messageId: 'call-output-job', data: { output, job: e.name, instead: instead(better, all) }, official: true,
            fixes: better === undefined ? [] : [writeName(span, e.name, better)],
          });
        } else if (job && property === 'outputs' && name !== undefined && name !== '*' && more.length === 0) {
          const known = outputsOf(context, job);
          if (!known || known.some(o => o.toLowerCase() === name)) continue;
          const better = meant(e.name, known);
          const advice = better !== undefined ? `Write \`${better}\`` : known.length > 0 ? `It has ${oneOf(known)}` : 'Declare it under `outputs` there';
          context.report({
            at: span, messageId: 'call-output-undeclared', data: { output, job: job.id, name: e.name, advice }, official: true,
            related: [{ at: (job.outputs ?? job.entry).key, message: 'The job' }],
            fixes: better === undefined ? [] : [writeName(span, e.name, better)],
          });
        }
      }
    }
  }
}
