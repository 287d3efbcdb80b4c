import { defineRule } from '../../engine/rule';
import { expressionSpan } from '../../workflow/expressions';
import { valueRangeSpan } from '../../workflow/scalar-map';
import type { Step } from '../../workflow/model';
import { asMapping, asScalar, type Span } from '../../workflow/nodes';
import { args, unwrap } from '../../workflow/scripts';
import { askOpener, botChecks, isMetadata, metadataBefore } from '../shared/actor-check';
import { privilegedEvents, reach } from '../shared/reach';
import { scriptOf } from '../shared/step-commands';
import { triggerPlace, workflowEvents } from '../shared/workflow-facts';

const MERGING_ACTION = /auto-?merge|auto-?approve|approve-pull-request|merge-pull-request|dependabot-merge|merge-dependabot|mergify/;
const MERGING_CODE = /\bpulls\.merge\s*\(|enablePullRequestAutoMerge|mergePullRequest|event\s*:\s*['"]APPROVE['"]/;

/** What a step merges or approves with. */
function merging(step: Step): { readonly at: Span; readonly what: string } | undefined {
  const { uses } = step;
  if (uses?.kind === 'repository') {
    const name = `${uses.owner}/${uses.repo}`;
    if (MERGING_ACTION.test(name.toLowerCase())) return { at: uses.scalar, what: name };
    const script = uses.repo?.toLowerCase() === 'github-script' ? asScalar(asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === 'script')?.value) : undefined;
    const found = script && MERGING_CODE.exec(script.value);
    return script && found ? { at: valueRangeSpan(script, found.index, found.index + found[0].length), what: found[0].replace(/\s*\($/, '') } : undefined;
  }
  if (!step.run?.scalar.value.includes('gh')) return undefined;
  for (const command of scriptOf(step)?.commands ?? []) {
    if (unwrap(command.words)[0]?.literal !== 'gh') continue;
    const words = args(command);
    const merges = words[0] === 'pr' && (words[1] === 'merge' || (words[1] === 'review' && words.some(w => w === '--approve' || w === '-a')));
    if (merges) return { at: valueRangeSpan(step.run.scalar, command.start, command.end), what: `gh pr ${words[1]}` };
  }
  return undefined;
}

export default defineRule({
  id: 'automerge-confused-deputy',
  category: 'triggers',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 5,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that merge or approve pull requests of a bot and know the bot by the name of the actor.',
    why: 'A bot can be made to act on a stranger\'s pull request, which is then merged without anybody having read it.',
    references: [
      'https://boostsecurity.io/blog/weaponizing-dependabot-pwn-request-at-its-finest',
      'https://docs.github.com/en/code-security/dependabot/working-with-dependabot/automating-dependabot-with-github-actions',
    ],
    standards: ['SEC-1', 'STRIDE S', 'STRIDE E'],
  },
  messages: {
    merges: 'On `{event}` `{what}` goes by `{test}`, and a bot can be made to act on a stranger\'s pull request. Ask who opened it, and let dependabot/fetch-metadata look at its commits.',
  },
  create(context) {
    return {
      job(job) {
        const events = privilegedEvents(context).filter(e => e === 'pull_request_target' || e === 'workflow_run');
        if (events.length === 0) return;
        for (const step of job.steps) {
          const merge = merging(step);
          if (!merge) continue;
          context.instance();
          if (job.steps.slice(0, job.steps.indexOf(step)).some(isMetadata) || context.query(metadataBefore, job.id)) continue;
          for (const event of events) {
            const parts = [step, ...(step.group ? [step.group] : []), job].map(o => botChecks(o, event)).find(p => p.length > 0);
            const [first] = parts ?? [];
            if (!parts || !first || reach(context, job, step, event).outsider === 'no') continue;
            const test = first.scalar.value.slice(first.expr.start, first.expr.end);
            context.report({
              at: merge.at, messageId: 'merges', data: { event, what: merge.what, test }, step,
              related: [
                { at: expressionSpan(first.scalar, first.expr), message: 'This asks who acted last' },
                { at: triggerPlace(event), message: `\`${event}\` runs with a token that may write, whoever sets it off` },
              ],
              fixes: askOpener(parts, context.query(workflowEvents)),
              absorbs: ['spoofable-actor-check'],
            });
            break;
          }
        }
      },
    };
  },
});
