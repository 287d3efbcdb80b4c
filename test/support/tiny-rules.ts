/** Small made-up rules that exercise the engine. They are no part of the product. */
import { defineQuery, defineRule, type AnyRule, type RuleDefinition } from '../../rules/engine/rule';

export const triggersQuery = defineQuery('test.triggers', ({ document }) => (document.workflow?.triggers ?? []).map(t => t.event));
export const permissionsQuery = defineQuery('test.permissions', ({ document }) => {
  const permissions = document.workflow?.permissions;
  return permissions ? { shape: permissions.shape, scopes: permissions.scopes.map(s => ({ name: s.name, access: s.access })) } : null;
});
export const jobCountQuery = defineQuery('test.needed-by', ({ document }, id: string) =>
  (document.workflow?.jobs ?? []).filter(j => j.needs.some(n => n.value === id)).length);

const common = {
  category: 'governance', confidence: 'high', profile: 'recommended', level: 0, since: '0.1.0', fix: 'none',
  docs: { summary: 'Made up.', why: 'Made up.', references: [] },
} as const;

/** A rule with the dull parts filled in. */
export function tiny<M extends string>(
  rule: Pick<RuleDefinition<M>, 'id' | 'messages' | 'create'> & Partial<RuleDefinition<M>>,
): AnyRule {
  return defineRule({ ...common, severity: 'medium', scope: 'job', ...rule });
}

/** Says something about each job that runs on a privileged trigger, and where the trigger stands. */
export const privilegedJob = tiny({
  id: 'tiny-privileged-job',
  messages: { found: 'Job {job} runs on {events}. Look at it.' },
  create: context => ({
    job(job) {
      context.instance();
      const events = context.query(triggersQuery).filter(e => e !== 'push' && e !== 'pull_request');
      if (events.length === 0) return;
      context.report({
        at: job.entry.key, messageId: 'found', data: { job: job.id, events: events.join(' and ') },
        adjust: events.includes('pull_request_target') ? [{ by: 1, reason: 'The trigger is privileged' }] : [],
        related: [{ at: ({ document }) => document.workflow?.triggers[0]?.node, message: 'The trigger' }],
      });
    },
  }),
});

/** Says something about each `uses` where the workflow's token can write. */
export const writableToken = tiny({
  id: 'tiny-writable-token',
  messages: { found: '{action} gets a token that can write {scopes}.' },
  create: context => ({
    uses(uses) {
      const permissions = context.query(permissionsQuery);
      const scopes = permissions === null ? 'anything' : permissions.scopes.filter(s => s.access === 'write').map(s => s.name).join(', ');
      if (scopes) context.report({ at: uses.nameSpan, messageId: 'found', data: { action: uses.text, scopes } });
    },
  }),
});

/** One question per job, with an argument. */
export const neededJob = tiny({
  id: 'tiny-needed-job',
  messages: { found: '{count} jobs wait for {job}.' },
  keepsState: true,
  create: context => {
    let steps = 0;
    return {
      job(job) {
        const count = context.query(jobCountQuery, job.id);
        if (count > 0) context.report({ at: job.entry.key, messageId: 'found', data: { job: job.id, count } });
      },
      step() { steps++; },
      end() { for (let i = 0; i < steps; i++) context.instance(); },
    };
  },
});

/** Every expression, with its path. */
export const everyExpression = tiny({
  id: 'tiny-expression',
  severity: 'low',
  messages: { found: 'Expression in {path}.' },
  create: context => ({
    expression(site) { context.report({ at: site.span, messageId: 'found', data: { path: site.path } }); },
  }),
});

/** File scope: jobs without a time limit, with a fix that sets one. */
export const timeLimit = tiny({
  id: 'tiny-time-limit',
  scope: 'workflow',
  fix: 'unsafe',
  messages: { found: 'Job {job} has no time limit.' },
  create: context => ({
    job(job) {
      context.instance();
      if (job.timeoutMinutes || !job.node || job.node.flow) return;
      const at = job.entry.key;
      context.report({
        at, messageId: 'found', data: { job: job.id },
        fixes: [{
          title: 'Add a time limit', safety: 'unsafe',
          edits({ document }) {
            const now = document.workflow?.jobs.find(j => j.id === job.id)?.node?.entries[0];
            if (!now) return undefined;
            const { start } = document.range(now.key);
            const indent = ' '.repeat(document.positionAt(start).character);
            return [{ start, end: start, newText: `timeout-minutes: 10${document.eol}${indent}` }];
          },
        }],
      });
    },
  }),
});

export const TINY_RULES: readonly AnyRule[] = [everyExpression, neededJob, privilegedJob, timeLimit, writableToken];
