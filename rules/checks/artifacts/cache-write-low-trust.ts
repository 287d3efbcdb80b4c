import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { deleteEntry, deleteTopLevelKey, replaceValue } from '../../workflow/edits';
import { PRIVILEGED_EVENTS } from '../../workflow/effective';
import type { Job, Workflow } from '../../workflow/model';
import type { Entry } from '../../workflow/nodes';
import { mayWrite, writtenMode } from '../shared/cache-mode';
import { privilegedEvents, worstEvent } from '../shared/reach';
import { triggerPlace } from '../shared/workflow-facts';

export default defineRule({
  id: 'cache-write-low-trust',
  category: 'artifacts',
  severity: 'high',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `cache-mode: write` and `write-only` in workflows that people from outside can start with the default branch\'s cache at hand.',
    why: 'What such a run saves is restored by the runs of the default branch, its releases among them, and they run it.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#cache-mode',
      'https://github.blog/changelog/2026-09-10-control-github-actions-cache-access-with-cache-mode',
    ],
    standards: ['SEC-9', 'STRIDE T'],
  },
  messages: {
    write: '`{event}` is started by people from outside, and this lets its runs save caches that the default branch restores. Leave it at `read`, which is what GitHub gives such events.',
  },
  aliases: { codeql: ['actions/cache-poisoning/poisonable-step'] },
  create(context) {
    return {
      workflow(workflow) {
        const modes = [workflow, ...workflow.jobs].filter(o => o.cacheMode !== undefined);
        if (modes.length === 0) return;
        const events = privilegedEvents(context);
        if (events.length === 0) return;
        if (workflow.cacheMode) {
          const heirs = workflow.jobs.filter(j => !j.cacheMode);
          judge(context, workflow, workflow.cacheMode, heirs, events, undefined);
        }
        for (const job of workflow.jobs) if (job.cacheMode) judge(context, workflow, job.cacheMode, [job], events, job);
      },
    };
  },
});

function judge(
  context: RuleContext<'write', unknown>, workflow: Workflow, entry: Entry, jobs: readonly Job[], events: readonly string[], job: Job | undefined,
): void {
  context.instance();
  if (!mayWrite(writtenMode(entry))) return;
  const open = jobs.map(j => worstEvent(context, j, undefined, events)).filter(w => w !== undefined);
  const worst = open.find(w => w.passage.outsider === 'yes') ?? open[0];
  if (!worst) return;
  context.report({
    at: entry,
    messageId: 'write',
    ...(job ? { job } : {}),
    data: { event: worst.event },
    adjust: worst.passage.outsider === 'weak' ? [{ by: -1, reason: 'a condition that can be talked round stands before it' }] : [],
    related: [{ at: triggerPlace(worst.event), message: `\`${worst.event}\` is started by people from outside` }],
    fixes: [mend(workflow, entry, job)],
  });
}

/** Where trusted events save caches too, their default says it all; elsewhere `read` is said. */
function mend(workflow: Workflow, entry: Entry, job: Job | undefined): Fix {
  const trusted = workflow.triggers.some(t => !PRIVILEGED_EVENTS.has(t.event));
  if (trusted && writtenMode(entry) === 'write' && (!job || !workflow.cacheMode)) {
    return {
      title: 'Remove cache-mode, so that each event has its own default', safety: 'safe', preferred: true,
      edits: ({ document }) => (job?.node ? deleteEntry(document, entry, job.node) : deleteTopLevelKey(document, entry)),
    };
  }
  return { title: 'Set cache-mode: read', safety: 'safe', preferred: true, edits: ({ document }) => replaceValue(document, entry, 'read') };
}
