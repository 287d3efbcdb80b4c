import { defineRule } from '../../engine/rule';
import { expressionSpan } from '../../workflow/expressions';
import { permissionsWithin, type EffectivePermissions } from '../../workflow/effective';
import type { Job, Step } from '../../workflow/model';
import { askOpener, botChecks, isMetadata, metadataBefore } from '../shared/actor-check';
import { privilegedEvents, reach } from '../shared/reach';
import { triggerPlace, workflowEvents, workflowToken } from '../shared/workflow-facts';

/** Events on which a bot acts on what somebody else has brought. Who comments is another question: that is the bot itself. */
const BORROWED = new Set(['pull_request_target', 'workflow_run', 'pull_request']);

export default defineRule({
  id: 'spoofable-actor-check',
  category: 'triggers',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds conditions that let a bot through by the name of the actor.',
    why: 'The actor is whoever acted last on a pull request, and a bot can be made to act on a stranger\'s.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context',
      'https://docs.zizmor.sh/audits/#bot-conditions',
      'https://codeql.github.com/codeql-query-help/actions/',
    ],
    standards: ['SEC-1', 'SEC-2', 'STRIDE S'],
  },
  messages: {
    actor: '`{test}` asks who acted last, and a bot can be made to act on a stranger\'s pull request. Ask who opened it: `github.event.pull_request.user.login`.',
    followed: '`{test}` asks who acted last, and a bot can be made to act on a stranger\'s pull request. Ask about the pull request itself, or that its head is in this repository.',
  },
  aliases: { zizmor: ['bot-conditions'] },
  create(context) {
    const check = (job: Job, step: Step | undefined): void => {
      const owner = step ?? job;
      if (!owner.if) return;
      const events = context.query(workflowEvents);
      const privileged = privilegedEvents(context);
      for (const event of events.filter(e => BORROWED.has(e) && (e === 'pull_request' || privileged.includes(e))).sort((a, b) => Number(a === 'pull_request') - Number(b === 'pull_request'))) {
        const parts = botChecks(owner, event);
        const [first] = parts;
        if (!first) continue;
        context.instance();
        if (job.steps.some(isMetadata) || context.query(metadataBefore, job.id) || (event === 'pull_request' && !worthIt(job, permissionsWithin(job, context.query(workflowToken))))) continue;
        if (reach(context, job, step, event).outsider === 'no') continue;
        const test = first.scalar.value.slice(first.expr.start, first.expr.end);
        context.report({
          at: expressionSpan(first.scalar, first.expr), messageId: event === 'workflow_run' ? 'followed' : 'actor', data: { test },
          adjust: event === 'pull_request' ? [{ by: -1, reason: 'a run for a fork has no secrets, and its token only reads' }] : [],
          related: [{ at: triggerPlace(event), message: `\`${event}\` is set off by whoever brings a pull request` }],
          fixes: askOpener(parts, events),
        });
        return;
      }
    };
    return {
      job(job) { check(job, undefined); },
      step(step) { if (step.job) check(step.job, step); },
    };
  },
});

/** On `pull_request` the bot's own runs have something to lose: secrets of their own, or a token that writes. */
function worthIt(job: Job, token: EffectivePermissions): boolean {
  const { block, start, end } = job.entry;
  if (/\bsecrets\s*(?:\.\s*(?!GITHUB_TOKEN\b)|\[)/i.test(block.text.slice(start, end)) || job.secrets) return true;
  return token.shape === 'default' || token.shape === 'write-all' || Object.values(token.scopes).includes('write');
}
