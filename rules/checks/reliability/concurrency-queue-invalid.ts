import { defineRule, type Fix } from '../../engine/rule';
import { replaceValue } from '../../workflow/edits';
import type { Concurrency, Job } from '../../workflow/model';
import { asScalar, type Entry } from '../../workflow/nodes';

export default defineRule({
  id: 'concurrency-queue-invalid',
  category: 'reliability',
  severity: 'medium',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds a `concurrency.queue` that is neither `single` nor `max`, or that contradicts `cancel-in-progress`.',
    why: 'GitHub refuses the whole file, so nothing runs any more.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#concurrency'],
    standards: ['STRIDE-D'],
  },
  messages: {
    unknown: '`queue: {value}` is no queue that GitHub knows, so the file is refused. Write `single` (the newest waits) or `max` (all wait in order).',
    contradiction: '`queue: max` lets every run wait for its turn and `cancel-in-progress: true` cancels those ahead of it, so GitHub refuses the file. Set `cancel-in-progress: false`.',
  },
  create(context) {
    const look = (concurrency: Concurrency | undefined, job?: Job): void => {
      const queue = concurrency?.queue, value = asScalar(queue?.value);
      if (!concurrency || !queue || !value || value.value.includes('${{')) return;
      context.instance();
      if (value.value !== 'single' && value.value !== 'max') {
        const meant = MEANT.find(([words]) => words.test(value.value))?.[1];
        context.report({ at: value.value === '' ? queue : value, messageId: 'unknown', data: { value: value.value }, official: true, job, fixes: meant ? [set(queue, meant, `Write queue: ${meant}`)] : [] });
        return;
      }
      const cancel = concurrency.cancelInProgress, cancels = asScalar(cancel?.value);
      if (value.value !== 'max' || !cancel || cancels?.type !== 'boolean' || !/^true$/i.test(cancels.value)) return;
      context.report({
        at: cancel, messageId: 'contradiction', official: true, job, related: [{ at: queue, message: 'Every run waits for its turn.' }],
        fixes: [set(cancel, false, 'Set cancel-in-progress to false')],
      });
    };
    return {
      workflow(workflow) {
        look(workflow.concurrency);
        for (const job of workflow.jobs) look(job.concurrency, job);
      },
    };
  },
});

const MEANT: readonly (readonly [RegExp, string])[] = [[/^(?:max(?:imum)?|all|unlimited|fifo|multiple|many|true)$/i, 'max'], [/^(?:single|one|latest|newest|1|false)$/i, 'single']];

/** The file can't run as it is: nothing that works today can break. */
function set(entry: Entry, value: string | boolean, title: string): Fix {
  return { title, safety: 'safe', preferred: true, edits: ({ document }) => replaceValue(document, entry, value) };
}
