import { defineQuery, defineRule, type Fix } from '../../engine/rule';
import { conditionOf } from '../../workflow/expressions';
import { asMapping, scalarText, type Entry, type Span } from '../../workflow/nodes';
import type { Job, Step } from '../../workflow/model';
import { addToCondition } from '../shared/condition-edits';
import { decide, type RunFacts } from '../shared/condition-values';
import { isPreview, jobKinds, outsideKinds, stepKinds, type JobKind } from '../shared/job-kind';
import { approvalAdjust } from '../shared/reach';
import { argvsOf } from '../shared/step-commands';
import { triggerPlace, workflowEvents } from '../shared/workflow-facts';

/** `push` without anything that keeps branches out. */
const pushedAnyhow = defineQuery('deploy.any-branch', ({ document }): boolean => {
  const push = document.workflow?.triggers.find(t => t.event === 'push');
  if (!push) return false;
  // With tags alone no branch starts it.
  if (push.branches === undefined) return !push.branchesIgnore && !push.tags && !push.tagsIgnore;
  return push.branches.some(b => b === '**' || b === '*') && !push.branches.some(b => b.startsWith('!'));
});

/** Whether a push to some branch certainly gets past the jobs that one needs. */
const reachedThroughNeeds = defineQuery('deploy.reached-through-needs', ({ document }, job: string): boolean => {
  const jobs = document.workflow?.jobs ?? [], seen = new Set<string>();
  const visit = (id: string): boolean => {
    if (seen.has(id)) return true;
    seen.add(id);
    const found = jobs.find(j => j.id === id);
    return found !== undefined && (id === job || (passes(found.if) && !looksAtRef(textOf(found)))) && found.needs.every(n => visit(n.value));
  };
  return visit(job);
});

export default defineRule({
  id: 'deploy-on-any-branch',
  category: 'triggers',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that deploy or publish on a push to any branch.',
    why: 'Whoever may push a branch puts what is on it into use, past every review and rule that the default branch has.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments',
    ],
    standards: ['SEC-1', 'CIS 2.3.5', 'STRIDE E'],
  },
  messages: {
    anyBranch: '`{job}` {does} (`{what}`) on a push to any branch, reviewed or not. Name the branches under `push`, or ask for the branch in the job\'s condition.',
  },
  create(context) {
    return {
      job(job) {
        if (job.uses || !context.query(workflowEvents).includes('push') || !context.query(pushedAnyhow)) return;
        const kind = (['deploy', 'migrate', 'release', 'publish'] as const).find(k => jobKinds(job).has(k));
        if (!kind || isPreview(job)) return;
        context.instance();
        if (!passes(job.if) || looksAtRef(textOf(job))) return;
        const step = job.steps.find(s => outsideKinds(s).length > 0 && passes(s.if) && (!s.group || passes(s.group.if)) && !choosesByItself(s));
        if (!step || !context.query(reachedThroughNeeds, job.id)) return;
        const own = (['deploy', 'migrate', 'release', 'publish'] as const).find(k => stepKinds(step).has(k)) ?? kind;
        context.report({
          at: job.entry.key, messageId: 'anyBranch', data: { job: job.id, does: DOES[own] ?? own, what: shown(step) },
          adjust: approvalAdjust(job),
          related: [
            { at: placeOf(step), message: `Here it ${DOES[own] ?? own}` },
            { at: triggerPlace('push'), message: '`push` lets every branch through here' },
          ],
          fixes: [onDefaultBranch(job, own, context.query(workflowEvents))],
        });
      },
    };
  },
});

const DOES: Readonly<Record<string, string>> = { deploy: 'deploys', publish: 'publishes', release: 'makes a release', migrate: 'changes a database' };

/** A push to a branch that is no other's: not the default one, not protected, not called like anything that a condition names. */
const SOME_BRANCH: RunFacts = {
  status: 'success',
  value(path) {
    if (path === 'github.event_name') return 'push';
    if (path === 'github.ref_type') return 'branch';
    if (path === 'github.ref_protected' || path === 'github.event.created' || path === 'github.event.deleted') return false;
    if (path === 'github.head_ref' || path === 'github.base_ref') return '';
    if (/^github\.event\.(?:pull_request|release|inputs|workflow_run|schedule|action)(?:\.|$)/.test(path) || path.startsWith('inputs.')) return null;
    return undefined;
  },
  test(path, how, text) {
    if (path === 'github.ref' || path === 'github.event.ref') {
      if (how === 'equals' || how === 'endsWith') return false;
      if (how === 'startsWith') return 'refs/heads/'.startsWith(text);
      return 'refs/heads/'.includes(text);
    }
    if (path === 'github.ref_name' || path.startsWith('github.event.repository.default_branch') || path === 'github.event.base_ref') return false;
    if (path === 'github.repository' || path === 'github.repository_owner' || path === 'github.event.repository.full_name') return how === 'equals' ? true : undefined;
    // People push, and say nothing special about it.
    if (path === 'github.actor' || path === 'github.triggering_actor') return false;
    if (path.startsWith('github.event.head_commit.')) return false;
    return undefined;
  },
};

/** Certainly true for such a push; what hangs on outputs, variables or inputs is not certain. */
function passes(entry: Entry | undefined): boolean {
  if (!entry) return true;
  const condition = conditionOf(entry);
  return condition !== undefined && condition.errors.length === 0 && decide(condition.root, SOME_BRANCH) === true;
}

/** A script or an input that goes by the branch: it may choose by itself. */
const REF = /\bGITHUB_(?:REF|REF_NAME|REF_TYPE|HEAD_REF)\b|github\.(?:ref|ref_name|ref_type|ref_protected|event\.ref|event\.repository\.default_branch)\b|rev-parse\s+--abbrev-ref|git\s+(?:branch|describe|symbolic-ref)\b|branch_name|BRANCH/;

function looksAtRef(text: string): boolean { return REF.test(text); }

function textOf(job: Job): string {
  const { block, start, end } = job.entry;
  // Groups of concurrency go by the branch without choosing.
  const concurrency = job.concurrency?.entry;
  return concurrency ? block.text.slice(start, concurrency.start) + block.text.slice(concurrency.end, end) : block.text.slice(start, end);
}

/** Tools that know which branch they release from, and those that make a preview of every other one. Images have the branch or commit in their name. */
const CHOOSING = /semantic-release|release-please|changesets?\b|goreleaser|lerna|auto shipit|release-drafter|vercel|netlify|pages|chromatic|expo|eas\b|firebase|surge|changelog|docker|buildx|podman|buildah|kaniko|crane|skopeo|ghcr|--dry-run|release-plz|wrangler pages|codecov|pulumi preview/i;

/** Registries and places to try things in. */
const TRYING = /test\.?pypi|localhost|127\.0\.0\.1|verdaccio|localstack|minikube|\bk3d\b|::?file:|[-\w]*(?:stage|env|environment)[= ]+["']?(?:dev|test|preview|sandbox)/i;

function choosesByItself(step: Step): boolean {
  const kinds = stepKinds(step);
  const { block, start, end } = step.node;
  const text = block.text.slice(start, end);
  if (CHOOSING.test(text) || TRYING.test(text)) return true;
  // Only what is certain: a command or an action, no name.
  if (step.run) return !argvsOf(step).length || nameOnly(step, kinds);
  return false;
}

/** The script is unknown, and it is the step's name that says what it does. */
function nameOnly(step: Step, kinds: ReadonlySet<JobKind>): boolean {
  return kinds.size > 0 && scalarText(step.name?.value) !== undefined && !/deploy|publish|release|push|apply|upgrade|upload|migrat|rsync|sync|helm|kubectl|terraform/i.test(step.run?.scalar.value ?? '');
}

function shown(step: Step): string {
  if (step.uses) return `${step.uses.owner}/${step.uses.repo}`;
  const argv = argvsOf(step).find(a => /deploy|publish|release|push|apply|upgrade|upload|migrat|sync/i.test(a.join(' '))) ?? argvsOf(step)[0] ?? [];
  return argv.slice(0, 3).filter(w => w !== undefined).join(' ');
}

function placeOf(step: Step): Span { return step.run?.entry.key ?? step.uses?.scalar ?? asMapping(step.with?.value) ?? step.item; }

function onDefaultBranch(job: Job, kind: JobKind, events: readonly string[]): Fix {
  const branch = 'github.ref_name == github.event.repository.default_branch';
  const tags = kind === 'publish' || kind === 'release' ? ' || github.ref_type == \'tag\'' : '';
  const others = events.some(e => e !== 'push') ? 'github.event_name != \'push\' || ' : '';
  const term = `${others}${branch}${tags}`;
  return {
    title: tags === '' ? 'Run on the default branch only' : 'Run on the default branch and on tags only', safety: 'unsafe', preferred: true,
    edits: ({ document }) => addToCondition(document, job, job.if && term.includes('||') ? `(${term})` : term),
  };
}
