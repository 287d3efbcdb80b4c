import { defineRule, type Fix } from '../../engine/rule';
import { conditionOf, expressionSpan, walkExpr, type Expr, type ExprRange } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { asScalar, type Span } from '../../workflow/nodes';
import { replaceInCondition } from '../shared/condition-edits';
import { deedsOf, isTeardown } from '../shared/deeds';
import { isPages, isPagesStep } from '../shared/deploy-gate';
import { isGate, isPreview, outsideKinds, stepKinds, type JobKind } from '../shared/job-kind';

const OUTSIDE: readonly JobKind[] = ['deploy', 'publish', 'release', 'migrate'];
const DOING: Readonly<Partial<Record<JobKind, string>>> = { deploy: 'deploys', migrate: 'migrates a database', publish: 'publishes', release: 'releases' };

export default defineRule({
  id: 'always-on-deploy',
  category: 'reliability',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs and steps that deploy, publish, migrate or release even after what they wait for has failed.',
    why: '`always()` and `!cancelled()` switch off the rule that a failed job or step stops what comes after it.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions'],
    standards: ['SEC-1', 'STRIDE-D'],
  },
  messages: {
    job: '`{call}` lets job `{job}` run although a job that it needs has failed, and it {doing}. Ask for success, or look at `needs.*.result`.',
    step: '`{call}` lets this step run although a step ahead of it has failed, and it {doing}. Ask for success.',
  },
  create(context) {
    return {
      job(job) {
        const [kind] = outsideKinds(job);
        if (kind !== undefined && job.needs.length > 0 && !isPages(job) && !isPreview(job) && !isTeardown(job)) {
          context.instance();
          const found = ignoresFailure(job);
          if (found) context.report({ at: found.at, messageId: 'job', data: { call: found.text, job: job.id, doing: DOING[kind]! }, job, fixes: [fix(job, found)] });
        }
      },
      step(step) {
        const { job } = step;
        if (!job || !step.if || isPreview(job) || isTeardown(job) || isTeardown(step) || isPagesStep(step)) return;
        const [deed] = deedsOf(step, OUTSIDE);
        if (!deed || !job.steps.slice(0, step.index).some(s => isGate(s) || stepKinds(s).has('build'))) return;
        context.instance();
        const found = ignoresFailure(step);
        if (found) context.report({ at: found.at, messageId: 'step', data: { call: found.text, doing: DOING[deed.kind]! }, step, job, fixes: [fix(step, found)] });
      },
    };
  },
});

interface Found { readonly at: Span; readonly range: ExprRange; readonly text: string }

/** The `always()` or `!cancelled()` of a condition that says nothing else about how things went. */
function ignoresFailure(owner: Job | Step): Found | undefined {
  const condition = conditionOf(owner.if), scalar = asScalar(owner.if?.value);
  if (!condition || !scalar || condition.errors.length > 0) return undefined;
  let found: Expr | undefined;
  for (const e of walkExpr(condition.root)) {
    if (e.kind === 'call') {
      const name = e.name.toLowerCase();
      if (name === 'success' || name === 'failure') return undefined;
      if (name === 'always') found ??= e;
    } else if (e.kind === 'not' && e.operand.kind === 'call' && e.operand.name.toLowerCase() === 'cancelled') found ??= e;
    // `needs.test.result`, `steps.test.outcome`: it has been thought of.
    else if (e.kind === 'context' && /^(?:needs|steps|job)$/i.test(e.name)) return undefined;
  }
  return found && { at: expressionSpan(scalar, found), range: found, text: scalar.value.slice(found.start, found.end) };
}

/** A job that it needs may have been skipped on purpose: that is no failure. */
function fix(owner: Job | Step, { range }: Found): Fix {
  const text = owner.kind === 'step' ? 'success()' : '(!failure() && !cancelled())';
  return {
    title: 'Run only if nothing ahead has failed',
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => replaceInCondition(document, owner, [{ start: range.start, end: range.end, text }]),
  };
}
