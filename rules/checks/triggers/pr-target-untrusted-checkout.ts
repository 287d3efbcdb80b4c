import { defineRule, type Fix, type Report, type RuleContext } from '../../engine/rule';
import { envWithin } from '../../workflow/effective';
import { deleteEntry } from '../../workflow/edits';
import { parseScript, shellOf } from '../../workflow/scripts';
import type { TextEdit } from '../../workflow/document';
import type { Job } from '../../workflow/model';
import { asMapping } from '../../workflow/nodes';
import { passage } from '../shared/guards';
import { foreignCode, type ForeignCode } from '../shared/pull-request-code';
import { approvalAdjust, asksEarlier, privilegedEvents, weakGuard, worstEvent } from '../shared/reach';
import { executes, type Execution } from '../shared/repository-code';
import { triggerPlace, workflowShell, workflowVariables } from '../shared/workflow-facts';

type Message = 'executed' | 'checkedOut' | 'refused';
type Adjust = NonNullable<Report<Message>['adjust']>;

export default defineRule({
  id: 'pr-target-untrusted-checkout',
  category: 'triggers',
  severity: 'critical',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that check out the code of a pull request on an event that runs with the repository\'s secrets and a token that may write.',
    why: 'Whoever opens the pull request writes what the job then installs, builds or tests, and so runs their own code with your secrets.',
    references: [
      'https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/',
      'https://docs.github.com/en/actions/writing-workflows/choosing-when-your-workflow-runs/events-that-trigger-workflows#pull_request_target',
      'https://github.com/actions/checkout#usage',
    ],
    standards: ['SEC-4', 'SEC-5', 'SLSA Build L3', 'STRIDE T', 'STRIDE E', 'STRIDE I'],
  },
  messages: {
    executed: 'On `{event}` this job checks out code from the pull request (`{what}`) and then runs it (`{run}`), with the repository\'s secrets and token. Test it on `pull_request`, or check out the base.',
    checkedOut: 'On `{event}` this job checks out code from the pull request (`{what}`) with the repository\'s secrets and token at hand. Check out the base, or do the work on `pull_request`.',
    refused: 'On `{event}` this job asks for code from the pull request (`{what}`), which this version of actions/checkout refuses for forks. Check out the base, or do the work on `pull_request`.',
  },
  aliases: {
    zizmor: ['dangerous-triggers'],
    codeql: ['actions/untrusted-checkout/critical', 'actions/untrusted-checkout/high', 'actions/untrusted-checkout/medium'],
  },
  create(context) {
    return {
      job(job) {
        const privileged = privilegedEvents(context);
        if (privileged.length === 0) return;
        context.instance();
        const shell = context.query(workflowShell);
        job.steps.forEach((step, i) => {
          const env = envWithin(step, job, context.query(workflowVariables));
          const code = foreignCode(step, env, job.steps.slice(0, i), shell);
          if (code) judge(context, job, code, privileged, shell);
        });
      },
    };
  },
});

function judge(context: RuleContext<Message, unknown>, job: Job, code: ForeignCode, privileged: readonly string[], shell: string | null): void {
  const worst = worstEvent(context, job, code.step, privileged.filter(e => code.events?.includes(e) ?? true));
  if (!worst) return;
  const { event } = worst;
  const run = laterExecution(job, code, event, shell);
  const adjust: Adjust = [
    ...(code.refused ? [{ by: -2, reason: 'this version of actions/checkout refuses the code of forks here' }] : []),
    ...(code.nameOnly ? [{ by: -2, reason: 'a branch name alone is looked up in this repository, where a fork can\'t write' }] : []),
    ...(run ? [] : [{ by: -1, reason: 'nothing of it is seen to run' }]),
    ...weakGuard(context, worst.passage, code.mutable, event),
    ...approvalAdjust(job, context),
    ...(asksEarlier(context, job, code.step) ? [{ by: -2, reason: 'the actor\'s permission is asked for first' }] : []),
  ];
  context.report({
    at: code.at, messageId: code.refused ? 'refused' : run ? 'executed' : 'checkedOut', step: code.step,
    data: { event, what: code.what, ...(run ? { run: run.what } : {}) }, adjust,
    ...(code.nameOnly ? { confidence: 'low' as const } : code.events === undefined && code.inputs.length > 0 ? { confidence: 'medium' as const } : {}),
    related: [
      { at: triggerPlace(event), message: `\`${event}\` runs with the repository's secrets, whoever sets it off` },
      ...(run ? [{ at: run.at, message: `\`${run.what}\` runs what was checked out` }] : []),
    ],
    fixes: code.inputs.length > 0 && code.inputs.every(i => asMapping(code.step.with?.value)?.entries.includes(i)) ? [baseInstead(code)] : [],
    absorbs: ['checkout-persist-credentials', 'permissions-missing', 'cache-poisonable', 'checkout-guard-missing', 'checkout-unsafe-opt-in',
      'comment-command-unauthorized', 'label-gate-toctou', 'spoofable-actor-check'],
  });
}

/** The first thing behind the checkout that runs what it brought: in the same script, or in a later step that the event reaches. */
function laterExecution(job: Job, code: ForeignCode, event: string, shell: string | null): Execution | undefined {
  const from = job.steps.indexOf(code.step);
  if (code.step.run) {
    const own = executes(code.step, undefined, shell);
    if (own && own.at.start >= code.at.end && parseScript(code.step.run.scalar.value, shellOf(code.step, shell ?? undefined).shell).dialect !== 'opaque') return own;
  }
  for (const step of job.steps.slice(from + 1)) {
    if (passage(step.if, event).outsider === 'no') continue;
    const found = executes(step, code.folder, shell);
    if (found) return found;
  }
  return undefined;
}

function baseInstead(code: ForeignCode): Fix {
  return {
    title: 'Check out the base instead of the pull request',
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }): TextEdit[] | undefined => {
      const inputs = asMapping(code.step.with?.value);
      if (!inputs || !document.has(inputs) || code.step.with?.value !== inputs) return undefined;
      // An empty `with:` goes as a whole.
      if (inputs.entries.length === code.inputs.length) return deleteEntry(document, code.step.with, code.step.node);
      const edits: TextEdit[] = [];
      for (const input of code.inputs) {
        const cut = deleteEntry(document, input, inputs);
        if (!cut) return undefined;
        edits.push(...cut);
      }
      return edits;
    },
  };
}
