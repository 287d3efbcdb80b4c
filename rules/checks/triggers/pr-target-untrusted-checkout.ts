import { defineQuery, defineRule, type Fix, type Report, type RuleContext } from '../../engine/rule';
import { PRIVILEGED_EVENTS, envWithin } from '../../workflow/effective';
import { deleteEntry } from '../../workflow/edits';
import { parseScript, shellOf } from '../../workflow/scripts';
import type { TextEdit } from '../../workflow/document';
import type { Job, Step } from '../../workflow/model';
import { asMapping, scalarText } from '../../workflow/nodes';
import { combine, GUARD_NAMES, passage, passageTo, type GuardKind, type Passage } from '../shared/guards';
import { foreignCode, type ForeignCode } from '../shared/pull-request-code';
import { executes, type Execution } from '../shared/repository-code';
import { workflowShell } from '../shared/workflow-facts';
import { eventTypes, triggerPlace, workflowEvents, workflowVariables } from '../shared/workflow-facts';

/** How an outsider fares on the way to a job: conditions of the jobs that it needs, and of those that they need. */
const passageThrough = defineQuery('pr-target.passage-through-needs', ({ document }, job: string, event: string): Passage => {
  const jobs = document.workflow?.jobs ?? [], seen = new Set<string>();
  const way: Passage[] = [];
  const visit = (id: string): void => {
    const found = jobs.find(j => j.id === id);
    if (!found || seen.has(id)) return;
    seen.add(id);
    if (id !== job) way.push(passage(found.if, event));
    // A job with `always()` runs whatever became of the jobs before it.
    if (!/\b(?:always|cancelled|failure)\s*\(/.test(scalarText(found.if?.value) ?? '')) for (const n of found.needs) visit(n.value);
  };
  visit(job);
  return combine(way);
});

/** Jobs that this one needs and that ask whether the actor may write. */
const permissionAsked = defineQuery('pr-target.permission-asked', ({ document }, job: string): boolean => {
  const jobs = document.workflow?.jobs ?? [];
  const needs = jobs.find(j => j.id === job)?.needs.map(n => n.value) ?? [];
  return needs.some(id => jobs.find(j => j.id === id)?.steps.some(asksPermission));
});

/** For `workflow_run`: whether an outsider's event can start one of the workflows it waits for; true where that is not known. */
const startedByOutsiders = defineQuery('pr-target.outsiders-start', ({ document, repository }): boolean => {
  const names = document.workflow?.triggers.find(t => t.event === 'workflow_run')?.workflows;
  if (!repository || !names || names.length === 0) return true;
  const others = repository.documents.flatMap(d => d.workflow ? [{ path: d.path, workflow: d.workflow }] : []);
  return names.some(name => {
    const found = others.filter(o => (scalarText(o.workflow.name?.value) ?? o.path) === name);
    return found.length === 0 || found.some(o => o.workflow.triggers.some(t => t.event.startsWith('pull_request') || t.event === 'workflow_call'));
  });
});

const PERMISSION_ACTIONS = /check-user-permission|check-actor-permission|actor-permission|repo-permission-check|action-repository-permission|check-permissions|get-user-teams-membership|check-team-member|permission-check|check-write-permission/;

function asksPermission(step: Step): boolean {
  if (step.uses && PERMISSION_ACTIONS.test(`${step.uses.owner}/${step.uses.repo}`.toLowerCase())) return true;
  const script = step.run?.scalar.value ?? asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === 'script');
  const text = typeof script === 'string' ? script : scalarText(script?.value) ?? '';
  return /getCollaboratorPermissionLevel|collaborators\/[^\s"']{1,100}\/permission|getMembershipForUserInOrg|checkMembershipForUser|checkCollaborator/.test(text);
}

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
        const privileged = context.query(workflowEvents).filter(e => PRIVILEGED_EVENTS.has(e));
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
  const open = privileged.filter(e => code.events?.includes(e) ?? true)
    .filter(e => e !== 'workflow_run' || context.query(startedByOutsiders))
    .map(event => ({ event, passage: combine([passageTo(job, code.step, event), context.query(passageThrough, job.id, event)]) }))
    .filter(o => o.passage.outsider !== 'no');
  const worst = open.find(o => o.passage.outsider === 'yes') ?? open[0];
  if (!worst) return;
  const { event } = worst;
  const run = laterExecution(job, code, event, shell);
  const adjust: Adjust = [
    ...(code.refused ? [{ by: -2, reason: 'this version of actions/checkout refuses the code of forks here' }] : []),
    ...(code.nameOnly ? [{ by: -2, reason: 'a branch name alone is looked up in this repository, where a fork can\'t write' }] : []),
    ...(run ? [] : [{ by: -1, reason: 'nothing of it is seen to run' }]),
    ...weakGuard(context, worst.passage, code, event),
    ...(job.environment ? [{ by: -1, reason: `the environment${job.environment.name ? ` \`${job.environment.name.value}\`` : ''} may ask for approval` }] : []),
    ...(asksEarlier(context, job, code) ? [{ by: -2, reason: 'the actor\'s permission is asked for first' }] : []),
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
    absorbs: ['checkout-persist-credentials', 'permissions-missing', 'cache-poisonable'],
  });
}

/** A label or an actor's name in the way. A label holds where it is put after the last commit: `types: [labeled]` and a fixed commit. */
function weakGuard(context: RuleContext<Message, unknown>, { outsider, guards }: Passage, code: ForeignCode, event: string): Adjust {
  if (outsider !== 'weak') return [];
  const types = context.query(eventTypes, event);
  const fresh = guards.includes('label') && types?.length === 1 && types[0] === 'labeled' && !code.mutable;
  const names = guards.map((g: GuardKind) => GUARD_NAMES[g]).join(' and ');
  return [{ by: fresh ? -2 : -1, reason: fresh ? 'somebody with access labels each commit first' : `a condition checks ${names} first, which can be talked round` }];
}

function asksEarlier(context: RuleContext<Message, unknown>, job: Job, code: ForeignCode): boolean {
  return job.steps.slice(0, job.steps.indexOf(code.step)).some(asksPermission) || context.query(permissionAsked, job.id);
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
