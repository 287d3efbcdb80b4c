import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { envWithin, permissionsWithin } from '../../workflow/effective';
import { expressionSpan } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import type { Span } from '../../workflow/nodes';
import { addToCondition } from '../shared/condition-edits';
import { conditionParts, type Part } from '../shared/condition-parts';
import { outsideKinds } from '../shared/job-kind';
import { foreignCode } from '../shared/pull-request-code';
import { approvalAdjust, asksEarlier, guardNames, privilegedEvents, reach } from '../shared/reach';
import { triggerPlace, workflowEvents, workflowShell, workflowToken, workflowVariables } from '../shared/workflow-facts';

const COMMENTS = new Set(['issue_comment', 'discussion_comment']);
const ALLOWED = 'contains(fromJSON(\'["OWNER", "MEMBER", "COLLABORATOR"]\'), github.event.comment.author_association)';
/** Scopes with which more than talk can be changed. */
const STRONG = ['contents', 'packages', 'actions', 'deployments', 'id-token', 'pages', 'attestations'];

type Context = RuleContext<'command', unknown>;
interface Power { readonly at: Span; readonly what: string; readonly step?: Step; readonly code?: boolean }

export default defineRule({
  id: 'comment-command-unauthorized',
  category: 'triggers',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds commands in comments that do something with the repository\'s rights for whoever writes them.',
    why: 'Anybody may comment, and a job on `issue_comment` has the secrets of the repository and a token that may write.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#issue_comment',
      'https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/',
    ],
    standards: ['SEC-1', 'SEC-4', 'STRIDE S', 'STRIDE E'],
  },
  messages: {
    command: 'Anybody who can comment gives this command, and it {what}. Ask for `github.event.comment.author_association`, or for the commenter\'s permission, first.',
  },
  create(context) {
    return {
      job(job) {
        const events = privilegedEvents(context).filter(e => COMMENTS.has(e));
        if (events.length === 0) return;
        for (const { owner, parts } of commands(job)) {
          context.instance();
          const step = owner.kind === 'step' ? owner : undefined;
          const steps = step ? job.steps.filter(s => s === step || s.group === step) : job.steps;
          const all = powers(context, job, steps);
          const found = all.find(p => p.code && !asksEarlier(context, job, p.step)) ?? all.find(p => !asksEarlier(context, job, p.step));
          const open = found && openTo(context, job, found.step ?? step, events);
          const [part] = parts;
          if (!found || !open || !part) continue;
          context.report({
            at: expressionSpan(part.scalar, part.expr), messageId: 'command', data: { what: found.what }, ...(step ? { step } : {}),
            adjust: [...open.adjust, ...approvalAdjust(job, context)],
            related: [
              { at: found.at, message: `Here it ${found.what}` },
              { at: triggerPlace(open.event), message: `\`${open.event}\` is set off by anybody who can comment` },
            ],
            // With a pull request's code the association alone leaves the time between comment and checkout: that takes a person.
            fixes: found.code ? [] : [authorize(owner, events, context.query(workflowEvents))],
          });
        }
      },
    };
  },
});

/** Conditions that look for something in a comment, by the job or step they stand at. Those that only leave a word out are none. */
function commands(job: Job): { readonly owner: Job | Step; readonly parts: readonly Part[] }[] {
  return [job, ...job.steps].map(owner => ({
    owner,
    parts: conditionParts([owner], path => path === 'github.event.comment.body')
      .filter(p => !(p.expr.kind === 'binary' && p.expr.operator === '!=') && !/!\s*$/.test(p.scalar.value.slice(0, p.expr.start))),
  })).filter(c => c.parts.length > 0);
}

function openTo(context: Context, job: Job, step: Step | undefined, events: readonly string[]): { event: string; adjust: { by: number; reason: string }[] } | undefined {
  for (const event of events) {
    const { outsider, guards } = reach(context, job, step, event);
    if (outsider === 'yes') return { event, adjust: [] };
    if (outsider === 'weak') return { event, adjust: [{ by: -1, reason: `a condition checks ${guardNames(guards)} first, which can be talked round` }] };
    // Whoever has opened the issue: others comment on it.
    if (guards.length > 0 && guards.every(g => g === 'opener')) return { event, adjust: [] };
  }
  return undefined;
}

/** What the steps of a command can do that a stranger should not decide. */
function powers(context: Context, job: Job, steps: readonly Step[]): Power[] {
  const token = permissionsWithin(job, context.query(workflowToken));
  const strong = token.shape === 'write-all' ? 'contents' : STRONG.find(s => token.scopes[s] === 'write');
  if (job.uses) return callPower(job, strong);
  const shell = context.query(workflowShell);
  return steps.flatMap((step): Power[] => {
    const env = envWithin(step, job, context.query(workflowVariables));
    const code = foreignCode(step, env, job.steps.slice(0, job.steps.indexOf(step)), shell);
    if (code) return [{ at: code.at, what: 'checks out the code of a pull request', step, code: true }];
    const [kind] = outsideKinds(step);
    const at = step.run?.entry.key ?? step.uses?.scalar;
    if (!at) return [];
    if (kind) return [{ at, what: { deploy: 'deploys', publish: 'publishes', release: 'makes a release', migrate: 'changes a database' }[kind as string] ?? kind, step }];
    const text = step.node.block.text.slice(step.node.start, step.node.end);
    if (DISPATCH.test(text)) return [{ at, what: 'starts another workflow', step }];
    // What an action does with a secret is its own affair: many check by themselves who speaks to them.
    if (!step.run && step.uses?.repo?.toLowerCase() !== 'github-script') return [];
    if (OWN_SECRET.test(text)) return [{ at, what: 'hands secrets to a script', step }];
    return strong && CHANGES.test(text) ? [{ at, what: `changes things with \`${strong}: write\``, step }] : [];
  });
}

const OWN_SECRET = /\bsecrets\s*(?:\.\s*(?!GITHUB_TOKEN\b)\w|\[)/i;
const DISPATCH = /\bgh workflow run\b|\bcreateWorkflowDispatch\b|\bcreateDispatchEvent\b|actions\/workflows\/[^\s"'/]{1,80}\/dispatches|repository-dispatch@|workflow-dispatch@/;
const CHANGES = /\bgit\b[^\n|;&]{0,100}\b(?:push|tag)\b|\bgh (?:pr merge|release|run|cache|api\b[^\n]{0,100}(?:-X|--method))|\b(?:pulls\.merge|repos\.(?:create|update|delete|merge)\w*|git\.(?:create|update|delete)\w*|actions\.\w+)\s*\(/;

function callPower(job: Job, strong: string | undefined): Power[] {
  const { uses, secrets } = job;
  if (!uses || !(secrets ?? strong)) return [];
  // A workflow of somebody else's, made for comments, checks by itself.
  return uses.kind === 'repository' ? [] : [{ at: uses.scalar, what: secrets ? 'hands secrets to another workflow' : `calls another workflow with \`${strong}: write\`` }];
}

function authorize(owner: Job | Step, comments: readonly string[], events: readonly string[]): Fix {
  const other = events.some(e => !COMMENTS.has(e));
  const term = other ? `(${comments.map(e => `github.event_name != '${e}'`).join(' && ')} || ${ALLOWED})` : ALLOWED;
  return {
    title: 'Let owners, members and collaborators give the command', safety: 'unsafe', preferred: true,
    edits: ({ document }) => addToCondition(document, owner, term),
  };
}
