import { defineRule } from '../../engine/rule';
import { setStepKey } from '../../workflow/edits';

export default defineRule({
  id: 'composite-shell-missing',
  category: 'reliability',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `run` steps of composite actions without a `shell`.',
    why: 'A composite action has no default shell: GitHub refuses the action, and every job that uses it fails.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runsstepsshell'],
    standards: ['STRIDE-D'],
  },
  messages: {
    missing: 'This `run` has no `shell`, which a composite action must name, so every job that uses the action fails. Set `shell: bash`.',
  },
  create(context) {
    return {
      script({ entry, step }) {
        if (step.job) return;
        context.instance();
        if (step.shell) return;
        context.report({
          at: entry.key, messageId: 'missing', official: true, step,
          fixes: [{ title: 'Set shell: bash', safety: 'safe', preferred: true, edits: ({ document }) => setStepKey(document, step, 'shell', 'bash') }],
        });
      },
    };
  },
});
