import { defineQuery, defineRule, type Fix } from '../../engine/rule';
import { replaceScalar } from '../../workflow/edits';
import type { Concurrency, Job } from '../../workflow/model';
import type { ScalarNode } from '../../workflow/nodes';

interface CalledGroups { readonly top: string | null; readonly jobs: readonly { readonly id: string; readonly group: string }[] }

/** The groups of a called workflow of this checkout; null where it can't be read. */
const calledGroups = defineQuery('concurrency-deadlock.called', ({ repository }, path: string): CalledGroups | null => {
  const workflow = repository?.document(path)?.workflow;
  if (!workflow) return null;
  const jobs = workflow.jobs.flatMap(j => { const group = groupOf(j.concurrency); return group === undefined ? [] : [{ id: j.id, group }]; });
  return { top: groupOf(workflow.concurrency) ?? null, jobs: jobs.slice(0, 50) };
});

export default defineRule({
  id: 'concurrency-deadlock',
  category: 'reliability',
  severity: 'high',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds jobs and called workflows that wait for the concurrency group their own run holds.',
    why: 'The run waits for itself: GitHub notices the deadlock and cancels it, every time.',
    references: [
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency',
      'https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows',
    ],
    standards: ['STRIDE-D'],
  },
  messages: {
    job: 'Job `{job}` waits for the group `{group}`, which its own run holds until the job is done, so GitHub cancels the run. Give the job a group of its own.',
    called: '`{path}` waits for the group `{group}`, which {holder} holds until it is done, so GitHub cancels the run. Give one of them a group of its own; `github.workflow` is the caller\'s in both.',
  },
  create(context) {
    return {
      workflow(workflow) {
        const top = groupOf(workflow.concurrency);
        for (const job of workflow.jobs) {
          const own = groupOf(job.concurrency), group = job.concurrency?.group;
          if (own !== undefined || job.uses) context.instance();
          if (own !== undefined && own === top && group && workflow.concurrency?.group) {
            context.report({
              at: group, messageId: 'job', data: { job: job.id, group: short(group.value) }, job,
              related: [{ at: workflow.concurrency.group, message: 'The run holds it from its beginning.' }],
              fixes: [suffix(group, job)],
            });
            continue;
          }
          if (!job.uses || (job.uses.kind !== 'local' && job.uses.kind !== 'self') || (own === undefined && top === undefined)) continue;
          const called = context.query(calledGroups, job.uses.path ?? '');
          if (!called) continue;
          const inside = [...(called.top === null ? [] : [called.top]), ...called.jobs.map(j => j.group)].filter(isSameForBoth);
          const held = inside.find(g => g === top || g === own);
          if (held === undefined) continue;
          const holder = held === top ? workflow.concurrency?.group : group;
          context.report({
            at: job.uses.nameSpan, messageId: 'called', job,
            data: { path: job.uses.path ?? '', group: short(holder?.value ?? held), holder: held === top ? 'the run' : `job \`${job.id}\`` },
            related: holder ? [{ at: holder, message: 'It is held from here.' }] : [],
          });
        }
      },
    };
  },
});

/** The group as GitHub compares it: without case, expressions without blanks. */
function groupOf(concurrency: Concurrency | undefined): string | undefined {
  const text = concurrency?.group?.value;
  if (text === undefined || text.trim() === '') return undefined;
  return text.length > 2000 ? undefined : text.trim().toLowerCase().split('${{').map((part, i) => {
    const end = i === 0 ? 0 : part.indexOf('}}');
    return end <= 0 ? part : part.slice(0, end).replace(/\s+/g, '') + part.slice(end);
  }).join('${{');
}

/** What a caller and the workflow it calls read alike. Inputs, matrices and jobs are each one's own. */
function isSameForBoth(group: string): boolean { return !/\b(?:inputs|matrix|strategy|needs|vars\.|env\.|github\.job)\b/.test(group); }

function short(text: string): string { return text.length > 60 ? `${text.slice(0, 59)}…` : text; }

/** The run can't pass as it is: nothing that works today can break. */
function suffix(group: ScalarNode, job: Job): Fix {
  return {
    title: `Give ${job.id} a group of its own`,
    safety: 'safe',
    preferred: true,
    edits: ({ document }) => (document.has(group) ? replaceScalar(document, group, `${group.value.trim()}-${job.id}`) : undefined),
  };
}
