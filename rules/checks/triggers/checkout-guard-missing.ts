import { checkoutHasForkGuard, explainPin, isFullSha, newestKnown, versionOf } from '../../catalog';
import { defineRule, type Fix } from '../../engine/rule';
import { envWithin } from '../../workflow/effective';
import { dottedPath, expressionsIn } from '../../workflow/expressions';
import type { Step } from '../../workflow/model';
import { asMapping, scalarText } from '../../workflow/nodes';
import { pinEdits } from '../shared/pinning';
import { foreignCode } from '../shared/pull-request-code';
import { privilegedEvents, worstEvent } from '../shared/reach';
import { triggerPlace, workflowShell, workflowVariables } from '../shared/workflow-facts';

/** Events on which the guard counts. */
export const GUARDED_EVENTS: ReadonlySet<string> = new Set(['pull_request_target', 'workflow_run']);

export default defineRule({
  id: 'checkout-guard-missing',
  category: 'triggers',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds versions of actions/checkout in privileged runs that don\'t refuse the code of a fork.',
    why: 'Newer versions stop where a run with the repository\'s secrets asks for a fork\'s code; a pin to an older commit keeps that open.',
    references: ['https://github.com/actions/checkout#usage', 'https://github.com/actions/checkout/releases'],
    standards: ['SEC-4', 'STRIDE E'],
  },
  messages: {
    unguarded: 'actions/checkout {version} hands out the code of a fork in runs with the repository\'s secrets. Move to {next}, which refuses it.',
  },
  create(context) {
    return {
      uses(uses, { step, job }) {
        if (!step || !job || uses.slug !== 'actions/checkout' || !uses.ref || !uses.refSpan) return;
        const events = privilegedEvents(context).filter(e => GUARDED_EVENTS.has(e));
        if (events.length === 0) return;
        context.instance();
        if (checkoutHasForkGuard(uses.ref) !== false) return;
        const worst = worstEvent(context, job, step, events);
        if (!worst) return;
        const version = isFullSha(uses.ref) ? versionOf('actions', 'checkout', uses.ref) ?? uses.ref.slice(0, 7) : uses.ref;
        const answer = explainPin('actions', 'checkout', version);
        const pin = answer.kind === 'pin' ? answer.pin : undefined;
        const next = pin ?? newestKnown('actions', 'checkout');
        if (!next) return;
        const code = foreignCode(step, envWithin(step, job, context.query(workflowVariables)), job.steps.slice(0, job.steps.indexOf(step)), context.query(workflowShell));
        const fixes: Fix[] = pin ? [{
          title: `Move actions/checkout to ${pin.version} (${pin.sha.slice(0, 7)})`, safety: 'unsafe', preferred: true,
          edits: ({ document }) => pinEdits(document, uses, pin),
        }] : [];
        context.report({
          at: uses.refSpan, messageId: 'unguarded', data: { version, next: next.version },
          adjust: code ? [] : [unknownRef(step)
            ? { by: -1, reason: 'what it checks out is found out by the run' }
            : { by: -2, reason: 'it checks out the base; the guard counts once somebody asks for more' }],
          related: [{ at: triggerPlace(worst.event), message: `\`${worst.event}\` runs with the repository's secrets, whoever sets it off` }],
          fixes,
        });
      },
    };
  },
});

const BASE = /^github\.(?:base_ref|ref|ref_name|sha|workflow_sha|repository|repository_owner|event\.(?:pull_request\.base\.|repository\.|workflow_run\.repository\.).*)$/;

/** A `ref` or `repository` that is neither fixed nor the base's. */
function unknownRef(step: Step): boolean {
  const inputs = asMapping(step.with?.value)?.entries.filter(e => /^(?:ref|repository)$/i.test(e.key.value)) ?? [];
  return inputs.some(e => expressionsIn(scalarText(e.value) ?? '', { bare: false }).some(x => !BASE.test(dottedPath(x.root) ?? '')));
}
