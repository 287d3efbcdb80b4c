import { defineRule, type Fix } from '../../engine/rule';
import { replaceScalar } from '../../workflow/edits';
import type { ScalarNode } from '../../workflow/nodes';

export default defineRule({
  id: 'schedule-hotspot',
  category: 'reliability',
  severity: 'info',
  confidence: 'high',
  scope: 'workflow',
  profile: 'strict',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds schedules at the full hour, and those that start more often than GitHub runs them.',
    why: 'At the start of every hour so many schedules fire that runs are delayed, and dropped where the load is too high.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule'],
    standards: ['STRIDE-D'],
  },
  messages: {
    hour: '`{cron}` starts at the full hour, when so many schedules do that runs are delayed or dropped. Take another minute.',
    interval: '`{cron}` asks for a run every {minutes} minutes, and GitHub starts none more often than every five. Ask for five or more.',
  },
  aliases: { actionlint: ['events'] },
  create(context) {
    return {
      workflow(workflow) {
        // A job compares `github.event.schedule` with the text as it is.
        const compared = workflow.jobs.some(j => j.entry.block.text.includes('event.schedule'));
        for (const trigger of workflow.triggers) {
          if (trigger.event !== 'schedule') continue;
          for (const cron of trigger.cron ?? []) {
            const fields = cron.value.trim().split(/\s+/);
            if (fields.length !== 5 || cron.value.length > 200) continue;
            context.instance();
            const minutes = interval(fields[0]!);
            if (minutes !== undefined && minutes < 5) {
              context.report({ at: cron, messageId: 'interval', data: { cron: cron.value, minutes }, official: true, fixes: compared ? [] : [setMinute(cron, '*/5', 'Ask for every five minutes')] });
            } else if (/^0+$/.test(fields[0]!)) {
              const minute = quietMinute(fields.join(' '));
              context.report({ at: cron, messageId: 'hour', data: { cron: cron.value }, fixes: compared ? [] : [setMinute(cron, minute, `Start at minute ${minute}`)] });
            }
          }
        }
      },
    };
  },
});

/** Minutes between two starts of a field that is all stars and steps; undefined for any other. */
function interval(field: string): number | undefined {
  const step = /^(?:\*|0-59|0)(?:\/(\d{1,2}))?$/.exec(field);
  if (!step || (field === '0') || (field.startsWith('0') && step[1] === undefined && field !== '0-59')) return undefined;
  const every = step[1] === undefined ? 1 : Number(step[1]);
  return every > 0 ? every : undefined;
}

/** The same for the same schedule, spread over the hour, and away from its quarters. */
function quietMinute(text: string): string {
  let hash = 7;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) % 9973;
  const minute = 1 + hash % 58;
  return String(minute % 15 === 0 ? minute + 2 : minute);
}

function setMinute(cron: ScalarNode, minute: string, title: string): Fix {
  return {
    title, safety: 'safe', preferred: true,
    edits: ({ document }) => replaceScalar(document, cron, cron.value.replace(/^\s*\S+/, m => m.replace(/\S+/, minute))),
  };
}
