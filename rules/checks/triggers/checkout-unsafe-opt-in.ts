import { defineRule, type Fix } from '../../engine/rule';
import { deleteEntry, setStepInput } from '../../workflow/edits';
import { envWithin } from '../../workflow/effective';
import type { Step } from '../../workflow/model';
import { asMapping, scalarText, type Entry, type MappingNode } from '../../workflow/nodes';
import { foreignCode } from '../shared/pull-request-code';
import { approvalAdjust, asksEarlier, privilegedEvents, weakGuard, worstEvent } from '../shared/reach';
import { executes } from '../shared/repository-code';
import { triggerPlace, workflowEvents, workflowShell, workflowVariables } from '../shared/workflow-facts';

export default defineRule({
  id: 'checkout-unsafe-opt-in',
  category: 'triggers',
  severity: 'critical',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds `allow-unsafe-pr-checkout: true` without anything that asks whose code it is.',
    why: 'The input switches off the guard of actions/checkout, so that a stranger\'s code arrives in a run with the repository\'s secrets.',
    references: ['https://github.com/actions/checkout#usage', 'https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/'],
    standards: ['SEC-4', 'STRIDE E'],
  },
  messages: {
    open: '`allow-unsafe-pr-checkout` lets the code of any fork into a run with the repository\'s secrets, and nothing asks first whose it is. Remove it, or ask for the author\'s permission first.',
    credentials: '`allow-unsafe-pr-checkout` brings the code of a fork, and the checkout leaves a token for it in `.git/config`. Set `persist-credentials: false`.',
  },
  create(context) {
    return {
      uses(uses, { step, job }) {
        if (!step || !job || uses.slug !== 'actions/checkout') return;
        const inputs = asMapping(step.with?.value);
        const entry = inputOf(inputs, 'allow-unsafe-pr-checkout');
        if (!inputs || !entry || scalarText(entry.value)?.trim().toLowerCase() !== 'true') return;
        const own = privilegedEvents(context).filter(e => e === 'pull_request_target' || e === 'workflow_run');
        const called = own.length === 0 && context.query(workflowEvents).includes('workflow_call');
        if (own.length === 0 && !called) return;
        context.instance();
        const worst = worstEvent(context, job, step, called ? ['pull_request_target'] : own);
        if (!worst) return;
        const shell = context.query(workflowShell);
        const code = foreignCode(step, envWithin(step, job, context.query(workflowVariables)), job.steps.slice(0, job.steps.indexOf(step)), shell);
        const asked = asksEarlier(context, job, step);
        const persists = scalarText(inputOf(inputs, 'persist-credentials')?.value)?.trim().toLowerCase() !== 'false';
        if (asked && !persists) return;
        const place = called ? 'workflow_call' : worst.event;
        const runs = job.steps.slice(job.steps.indexOf(step) + 1).some(s => executes(s, code?.folder, shell));
        const base = !inputs.entries.some(e => /^(?:ref|repository)$/i.test(e.key.value));
        context.report({
          at: entry, messageId: asked ? 'credentials' : 'open',
          adjust: [
            ...(asked ? [{ by: -1, reason: 'somebody\'s permission is asked for first' }] : []),
            ...(base ? [{ by: -2, reason: 'it checks out the base' }] : runs ? [] : [{ by: -1, reason: 'nothing of it is seen to run' }]),
            ...(called ? [{ by: -1, reason: 'it depends on who calls this workflow' }] : []),
            ...weakGuard(context, worst.passage, code?.mutable ?? true, worst.event),
            ...approvalAdjust(job, context),
          ],
          related: [{ at: triggerPlace(place), message: called ? 'Callers may run on `pull_request_target`' : `\`${place}\` runs with the repository's secrets, whoever sets it off` }],
          fixes: [asked ? withoutCredentials(step) : withoutOptIn(step, entry, inputs)],
          ...(asked ? { absorbs: ['checkout-persist-credentials'] } : {}),
        });
      },
    };
  },
});

function inputOf(inputs: MappingNode | undefined, name: string): Entry | undefined {
  return inputs?.entries.find(e => e.key.value.toLowerCase() === name);
}

function withoutOptIn(step: Step, entry: Entry, inputs: MappingNode): Fix {
  return {
    title: 'Let actions/checkout refuse the code of forks', safety: 'unsafe', preferred: true,
    edits: ({ document }) => {
      if (!step.with || step.with.value !== inputs) return undefined;
      // An empty `with:` goes as a whole.
      return inputs.entries.length === 1 ? deleteEntry(document, step.with, step.node) : deleteEntry(document, entry, inputs);
    },
  };
}

function withoutCredentials(step: Step): Fix {
  return {
    title: 'Leave no token behind', safety: 'unsafe', preferred: true,
    edits: ({ document }) => setStepInput(document, step, 'persist-credentials', false),
  };
}
