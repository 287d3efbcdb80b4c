import { defineQuery, defineRule, type Fix, type RuleContext } from '../../engine/rule';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { flow, insertUnder, setKey, setStepInput } from '../../workflow/edits';
import { envWithin } from '../../workflow/effective';
import { dottedPath, expressionSpan } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { asMapping } from '../../workflow/nodes';
import { addToCondition } from '../shared/condition-edits';
import { conditionParts, type Part } from '../shared/condition-parts';
import { foreignCode, type ForeignCode } from '../shared/pull-request-code';
import { approvalAdjust, asksEarlier, onlyLabeled, privilegedEvents, reach } from '../shared/reach';
import { executes } from '../shared/repository-code';
import { eventTypes, triggerPlace, workflowShell, workflowVariables } from '../shared/workflow-facts';

const TARGET = 'pull_request_target';
const LABEL = /^github\.event\.(?:(?:pull_request|issue)\.labels\.\*\.name|label\.name|action)$/;
/** Types can be added where events are keys: `on: {pull_request_target: …}`. */
const typesEditable = defineQuery('label-gate.types-editable', ({ document }): boolean => asMapping(document.workflow?.on?.value) !== undefined);

type Context = RuleContext<'pushed' | 'mutable' | 'comment', unknown>;

export default defineRule({
  id: 'label-gate-toctou',
  category: 'triggers',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds approvals of a pull request by label or comment that also count for what is pushed afterwards.',
    why: 'Between the look at the code and the run somebody pushes other code, and that is what runs with the repository\'s secrets.',
    references: [
      'https://codeql.github.com/codeql-query-help/actions/actions-untrusted-checkout-toctou-critical/',
      'https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/',
    ],
    standards: ['SEC-1', 'SEC-4', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    pushed: 'The label stays when new commits are pushed, and `pull_request_target` runs for them too: `{what}` is then code that nobody has looked at. Run on `labeled` only.',
    mutable: 'The label is for what was there when it was put, and `{what}` is whatever is there when the job runs. Check out `github.event.pull_request.head.sha`.',
    comment: 'The comment is for what was there when it was written, and `{what}` brings whatever is there when the job runs. Let the comment name the commit, and check that out.',
  },
  aliases: { codeql: ['actions/untrusted-checkout-toctou/critical', 'actions/untrusted-checkout-toctou/high'] },
  create(context) {
    return {
      job(job) {
        const events = privilegedEvents(context).filter(e => e === TARGET || e === 'issue_comment');
        if (events.length === 0) return;
        const shell = context.query(workflowShell);
        for (const [i, step] of job.steps.entries()) {
          const code = foreignCode(step, envWithin(step, job, context.query(workflowVariables)), job.steps.slice(0, i), shell);
          if (!code || code.nameOnly) continue;
          const run = job.steps.slice(i).some(s => executes(s, code.folder, shell));
          if (events.includes(TARGET) && (code.events?.includes(TARGET) ?? true)) labelGate(context, job, code, run);
          if (events.includes('issue_comment') && (code.events?.includes('issue_comment') ?? true) && run) commentGate(context, job, code);
        }
      },
    };
  },
});

const ABSORBS = ['pr-target-untrusted-checkout'];

function labelGate(context: Context, job: Job, code: ForeignCode, run: boolean): void {
  // What actions/checkout refuses for forks can't be exchanged by one either.
  if (code.refused) return;
  const { outsider, guards } = reach(context, job, code.step, TARGET);
  if (outsider !== 'weak' || !guards.includes('label')) return;
  context.instance();
  const parts = conditionParts([code.step, code.step.group, job], path => LABEL.test(path));
  const fresh = onlyLabeled(context, TARGET) || parts.some(saysLabeled);
  if (fresh && !code.mutable) return;
  const part = parts[0];
  context.report({
    at: fresh || !part ? code.at : expressionSpan(part.scalar, part.expr), step: code.step, messageId: fresh ? 'mutable' : 'pushed', data: { what: code.what },
    adjust: [...(run ? [] : [{ by: -1, reason: 'nothing of it is seen to run' }]), ...approvalAdjust(job, context)],
    related: [
      { at: triggerPlace(TARGET), message: fresh ? 'It runs some time after the label was put' : 'It runs for new commits too' },
      ...(fresh && part ? [{ at: expressionSpan(part.scalar, part.expr), message: 'This asks for the label' }] : [{ at: code.at, message: `\`${code.what}\` is checked out` }]),
    ],
    fixes: mend(context, job, code, part, fresh),
    absorbs: ABSORBS,
  });
}

/** Conditions that only the event of a label meets. */
function saysLabeled({ expr, operand, scalar }: Part): boolean {
  const path = dottedPath(operand);
  if (expr.kind !== 'binary' || expr.operator !== '==') return path === 'github.event.label.name' && expr.kind === 'call';
  return path === 'github.event.label.name' || (path === 'github.event.action' && /'labeled'/i.test(scalar.value.slice(expr.start, expr.end)));
}

function commentGate(context: Context, job: Job, code: ForeignCode): void {
  const { outsider, guards } = reach(context, job, code.step, 'issue_comment');
  const asked = guards.some(g => g === 'association' || g === 'author' || g === 'permission');
  if (outsider === 'no' ? !asked : !asksEarlier(context, job, code.step)) return;
  context.instance();
  // Whoever compares times, or takes the commit from the comment, has thought of it.
  if (!code.mutable || CAREFUL.test(sourceUpTo(job, code.step))) return;
  context.report({
    at: code.at, step: code.step, messageId: 'comment', data: { what: code.what },
    adjust: [{ by: -1, reason: 'there is only the time between the comment and the checkout' }, ...approvalAdjust(job, context)],
    related: [{ at: triggerPlace('issue_comment'), message: 'The event doesn\'t say which commit the comment is about' }],
    absorbs: ABSORBS,
  });
}

const CAREFUL = /created_at|pushed_at|updated_at|pushedDate|committedDate|committer\.date|\bpushed-at\b/;

function sourceUpTo(job: Job, step: Step): string {
  const { block, start } = job.entry;
  return block.text.slice(start, step.node.end);
}

/** The label's event only, and the commit that it names. The label has to be put again for each commit. */
function mend(context: Context, job: Job, code: ForeignCode, part: Part | undefined, fresh: boolean): Fix[] {
  const fixed = code.mutable ? code.step.uses !== undefined && code.inputs.length > 0 : true;
  const owner = part?.owner;
  const types = context.query(eventTypes, TARGET);
  if (!fixed || (!fresh && (!owner || !context.query(typesEditable)))) return [];
  return [{
    title: fresh ? 'Check out the commit that the label was put on' : 'Run for the labelled commit only', safety: 'unsafe', preferred: true,
    edits: ({ document }) => {
      const edits: TextEdit[] = [];
      const add = (more: readonly TextEdit[] | undefined): boolean => {
        edits.push(...more ?? []);
        return more !== undefined;
      };
      if (code.mutable && !add(setStepInput(document, code.step, 'ref', '${{ github.event.pull_request.head.sha }}'))) return undefined;
      if (!fresh && owner && !(add(addToCondition(document, owner, 'github.event.action == \'labeled\'')) && add(withLabeled(document, types)))) return undefined;
      return edits;
    },
  }];
}

function withLabeled(document: SourceDocument, types: readonly string[] | null): TextEdit[] | undefined {
  if (types?.includes('labeled')) return [];
  const entry = asMapping(document.workflow?.on?.value)?.entries.find(e => e.key.value === TARGET);
  const value = flow([...(types ?? ['opened', 'synchronize', 'reopened']), 'labeled']);
  const config = asMapping(entry?.value);
  if (!entry) return undefined;
  return config ? setKey(document, config, 'types', value) : insertUnder(document, entry, 'types', value);
}

