import { defineRule } from '../../engine/rule';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { circumstances, flowsOf, githubScript, localOf, ownerOfStep } from '../shared/taint';

export default defineRule({
  id: 'path-file-injection',
  category: 'injection',
  severity: 'critical',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds what outsiders write, or files of another run, written to `$GITHUB_PATH`.',
    why: 'The search path decides which program `git` or `npm` is in each later step: a folder of the pull request\'s puts its own in front.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-system-path',
      'https://securitylab.github.com/resources/github-actions-new-patterns-and-mitigations/',
    ],
    standards: ['SEC-4', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    path: '`{source}` goes into `$GITHUB_PATH` here, and {who} writes it: it decides which programs the steps that follow run. Add folders of your own only.',
  },
  aliases: { zizmor: ['github-env'], codeql: ['actions/envpath-injection/critical', 'actions/envpath-injection/medium'] },
  create(context) {
    return {
      step(step, { action }) {
        const owner = ownerOfStep(step, action), scalar = step.run?.scalar ?? githubScript(step);
        if (!owner || !scalar) return;
        const local = localOf(owner), writes = local.writes(step, 'path');
        if (writes.length === 0) return;
        context.instance();
        const index = owner.steps.indexOf(step);
        let last = -1;
        for (const write of writes) {
          if (write.values.length === 0 || write.start === last) continue;
          // JSON and addresses name no folder.
          const flow = flowsOf(context, owner, local.values(write.values, index)).find(f => f.origin.kind !== 'serialised' && f.origin.kind !== 'email');
          if (!flow) continue;
          last = write.start;
          context.report({
            at: valueRangeSpan(scalar, write.start, write.end), messageId: 'path', data: { source: flow.origin.what, who: flow.origin.who },
            ...circumstances(context, step, flow),
          });
        }
      },
    };
  },
});
