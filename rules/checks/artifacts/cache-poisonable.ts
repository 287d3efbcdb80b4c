import { defineRule, type RuleContext } from '../../engine/rule';
import { setJobKey } from '../../workflow/edits';
import { envWithin, PRIVILEGED_EVENTS } from '../../workflow/effective';
import type { Job } from '../../workflow/model';
import { cacheMode, mayWrite } from '../shared/cache-mode';
import { foreignCode, type ForeignCode } from '../shared/pull-request-code';
import { approvalAdjust, asksEarlier, privilegedEvents, weakGuard, worstEvent } from '../shared/reach';
import { executes, type Execution } from '../shared/repository-code';
import { triggerPlace, workflowEvents, workflowShell, workflowVariables } from '../shared/workflow-facts';

/** Events that people with access start, that run on the default branch or a branch of theirs, and that write its cache by default. */
const TRUSTED: ReadonlySet<string> = new Set(['workflow_dispatch', 'repository_dispatch', 'schedule']);

export default defineRule({
  id: 'cache-poisonable',
  category: 'artifacts',
  severity: 'high',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that run the code of a pull request while they may write the cache of the default branch.',
    why: 'The code can save a cache under any key, and the next build or release of the default branch restores and runs it.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching',
      'https://codeql.github.com/codeql-query-help/actions/actions-cache-poisoning-poisonable-step/',
    ],
    standards: ['SEC-4', 'SEC-9', 'STRIDE T'],
  },
  messages: {
    runs: 'On `{event}` this job runs code of a pull request (`{run}`) and may write the default branch\'s cache. Set `cache-mode: read` for the job.',
  },
  aliases: { zizmor: ['cache-poisoning'], codeql: ['actions/cache-poisoning/poisonable-step', 'actions/cache-poisoning/direct-cache'] },
  create(context) {
    return {
      job(job) {
        const mode = cacheMode(context, job);
        if (mode === 'read' || mode === 'none' || mode === 'unknown') return;
        // What outsiders start can only read, unless the file says otherwise.
        const events = [...(mayWrite(mode) ? privilegedEvents(context) : []), ...context.query(workflowEvents).filter(e => TRUSTED.has(e))];
        if (events.length === 0) return;
        context.instance();
        const shell = context.query(workflowShell);
        for (const [i, step] of job.steps.entries()) {
          const code = foreignCode(step, envWithin(step, job, context.query(workflowVariables)), job.steps.slice(0, i), shell);
          const run = code && !code.nameOnly ? firstRun(job, code, i, shell) : undefined;
          if (code && run) {
            judge(context, job, code, run, events.filter(e => code.events?.includes(e) ?? true));
            return;
          }
        }
      },
    };
  },
});

function judge(context: RuleContext<'runs', unknown>, job: Job, code: ForeignCode, run: Execution, events: readonly string[]): void {
  const worst = worstEvent(context, job, code.step, events);
  if (!worst) return;
  const { event, passage } = worst;
  context.report({
    at: run.at,
    messageId: 'runs',
    data: { event, run: run.what },
    adjust: [
      ...(PRIVILEGED_EVENTS.has(event) ? [] : [{ by: -1, reason: 'somebody with access starts it, and picks the pull request' }]),
      ...weakGuard(context, passage, code.mutable, event),
      ...approvalAdjust(job),
      ...(asksEarlier(context, job, code.step) ? [{ by: -2, reason: 'the actor\'s permission is asked for first' }] : []),
    ],
    related: [
      { at: code.at, message: `\`${code.what}\` brings the code of the pull request` },
      { at: triggerPlace(event), message: `\`${event}\` runs with the default branch's cache` },
    ],
    fixes: [{ title: 'Set cache-mode: read for the job', safety: 'unsafe', preferred: true, edits: ({ document }) => setJobKey(document, job, 'cache-mode', 'read') }],
    absorbs: ['cache-write-low-trust'],
  });
}

function firstRun(job: Job, code: ForeignCode, from: number, shell: string | null): Execution | undefined {
  for (const step of job.steps.slice(code.step.run ? from : from + 1)) {
    const found = executes(step, code.folder, shell);
    // In the script that brings the code, only what stands behind it runs it.
    if (found && (step !== code.step || found.at.start >= code.at.end)) return found;
  }
  return undefined;
}
