import { runnerLabel } from '../../catalog';
import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { replaceValue, setJobKey } from '../../workflow/edits';
import type { Job } from '../../workflow/model';
import type { Span } from '../../workflow/nodes';
import { approvalAdjust, asksEarlier, weakGuard, worstEvent } from '../shared/reach';
import { askedRunner, isOwnLabel, isSelfHosted, type AskedRunner } from '../shared/runner-labels';
import { triggerPlace, workflowEvents } from '../shared/workflow-facts';

/** Events that carry what outsiders wrote, with the code of a pull request or with words that a job acts on. */
const PULL_EVENTS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_review', 'pull_request_review_comment']);
const BASE_EVENTS: ReadonlySet<string> = new Set(['pull_request_target', 'issue_comment', 'discussion_comment', 'workflow_run']);

const OWN_PULLS_ONLY = '${{ github.event_name != \'pull_request\' || github.event.pull_request.head.repo.full_name == github.repository }}';

export default defineRule({
  id: 'self-hosted-on-untrusted',
  category: 'runners',
  severity: 'high',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs on self-hosted runners that people from outside can start.',
    why: 'In a public repository anybody can open a pull request, and what it leaves on your machine or network is there for the next job.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#hardening-for-self-hosted-runners',
      'https://docs.github.com/en/actions/concepts/runners/self-hosted-runners#self-hosted-runner-security',
    ],
    standards: ['SEC-4', 'SEC-5', 'SEC-7', 'CIS 2.2.1', 'STRIDE E', 'STRIDE I'],
  },
  messages: {
    pull: 'A pull request from a fork runs its own code on your machine (`{runner}`). Run it on one of GitHub\'s runners, or keep forks out with a condition.',
    base: '`{event}` lets people from outside start this job on your machine (`{runner}`). Run it on one of GitHub\'s runners, or ask first who they are.',
  },
  options: {
    runners: { description: 'Further labels and groups of your own runners that are used for more than one job.', default: [] as readonly string[] },
  },
  aliases: { zizmor: ['self-hosted-runner'], codeql: ['actions/pr-on-self-hosted-runner'] },
  create(context) {
    return {
      job(job) {
        const runner = askedRunner(job);
        const own = ownPlace(runner, context.options.runners);
        if (!own) return;
        const events = context.query(workflowEvents);
        const pulls = events.filter(e => PULL_EVENTS.has(e));
        const outside = [...pulls, ...events.filter(e => BASE_EVENTS.has(e))];
        if (outside.length === 0) return;
        context.instance();
        judge(context, job, runner, own, worstEvent(context, job, undefined, pulls) ? pulls : outside);
      },
    };
  },
});

type Message = 'pull' | 'base';

function judge(context: RuleContext<Message, unknown>, job: Job, runner: AskedRunner, own: Own, events: readonly string[]): void {
  const worst = worstEvent(context, job, undefined, events);
  if (!worst) return;
  const { event } = worst;
  const pull = PULL_EVENTS.has(event);
  context.report({
    at: own.at,
    messageId: pull ? 'pull' : 'base',
    data: { event, runner: own.name },
    adjust: [
      ...(pull ? [] : [{ by: -1, reason: 'the workflow and the code that it checks out by itself are the base branch\'s' }]),
      ...weakGuard(context, worst.passage, pull, event),
      ...approvalAdjust(job),
      ...(asksEarlier(context, job, undefined) ? [{ by: -2, reason: 'the actor\'s permission is asked for first' }] : []),
    ],
    related: [{ at: triggerPlace(event), message: `\`${event}\` is started by people from outside` }],
    fixes: fixes(job, runner, pull && events.filter(e => PULL_EVENTS.has(e) || BASE_EVENTS.has(e)).length === 1 && event === 'pull_request'),
  });
}

interface Own { readonly at: Span; readonly name: string }

/** Where a runner is asked for that lives on after the job, as far as its labels tell. */
function ownPlace(runner: AskedRunner, named: readonly string[]): Own | undefined {
  const isNamed = (text: string): boolean => named.some(n => n.toLowerCase() === text.toLowerCase());
  const found = runner.labels.find(l => l.value.toLowerCase() === 'self-hosted') ?? runner.labels.find(l => isNamed(l.value))
    // A system or architecture by itself is a label that only runners of one's own have.
    ?? (runner.labels.length > 0 && runner.complete && runner.labels.every(l => isOwnLabel(l.value)) ? runner.labels[0] : undefined);
  if (found) return { at: found.at, name: found.value };
  const group = runner.group?.value;
  return group?.kind === 'scalar' && isNamed(group.value) ? { at: group, name: group.value } : undefined;
}

function fixes(job: Job, runner: AskedRunner, onlyPulls: boolean): Fix[] {
  const label = hostedFor(runner);
  const literal = job.runsOn && runner.labels.length > 0 && runner.labels.every(l => l.by === 'list');
  return [
    ...(literal && label ? [{ title: `Run on ${label}`, safety: 'unsafe', preferred: true, edits: ({ document }) => replaceValue(document, job.runsOn!, label) } satisfies Fix] : []),
    ...(onlyPulls && !job.if ? [{ title: 'Keep pull requests from forks out', safety: 'unsafe', edits: ({ document }) => setJobKey(document, job, 'if', OWN_PULLS_ONLY) } satisfies Fix] : []),
  ];
}

/** GitHub's runner of the same system and architecture; Linux where none is named, undefined for labels of other meaning. */
function hostedFor(runner: AskedRunner): string | undefined {
  const has = (label: string): boolean => runner.labels.some(l => l.value.toLowerCase() === label);
  const written = runner.labels.find(l => runnerLabel(l.value)?.status === 'ga');
  if (written) return written.value;
  if (has('arm') || (!isSelfHosted(runner) && !runner.labels.every(l => isOwnLabel(l.value)))) return undefined;
  if (has('windows')) return has('arm64') ? 'windows-11-arm' : 'windows-latest';
  if (has('macos')) return has('x64') ? 'macos-15-intel' : 'macos-latest';
  return has('arm64') ? 'ubuntu-24.04-arm' : 'ubuntu-latest';
}
