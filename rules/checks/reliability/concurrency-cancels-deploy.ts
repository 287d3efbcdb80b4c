import { defineRule, type Fix } from '../../engine/rule';
import { replaceValue } from '../../workflow/edits';
import { expressionsOf, pathOf, walkExpr } from '../../workflow/expressions';
import type { Concurrency, Job, Workflow } from '../../workflow/model';
import { asScalar, scalarText, type Entry } from '../../workflow/nodes';
import { deedsOf } from '../shared/deeds';
import { isPages } from '../shared/deploy-gate';
import { isPreview, outsideKinds, type JobKind } from '../shared/job-kind';

export default defineRule({
  id: 'concurrency-cancels-deploy',
  category: 'reliability',
  severity: 'high',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds `cancel-in-progress: true` over jobs that deploy, migrate, publish or release.',
    why: 'A deployment that is killed half-way leaves behind whatever it had changed by then: a locked state, half a migration, some of the packages.',
    references: ['https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency'],
    standards: ['STRIDE-D', 'STRIDE-T'],
  },
  messages: {
    job: 'A newer run kills job `{job}` while it {doing}. Set `cancel-in-progress: false`, so that runs wait for each other.',
    workflow: 'A newer run kills this one while job `{job}` {doing}. Set `cancel-in-progress: false`, so that runs wait for each other.',
    pulls: 'A newer run kills this one while job `{job}` {doing}. Cancel only runs of pull requests, and let the others wait for each other.',
  },
  create(context) {
    return {
      workflow(workflow) {
        const jobs = workflow.jobs.filter(j => changesSomething(j, workflow));
        if (workflow.concurrency && jobs.length > 0) {
          context.instance();
          const entry = alwaysCancels(workflow.concurrency, workflow);
          if (entry) {
            const onPulls = workflow.triggers.some(t => t.event === 'pull_request');
            context.report({
              at: entry,
              messageId: onPulls ? 'pulls' : 'workflow',
              data: dataOf(jobs[0]!),
              adjust: weight(jobs),
              related: jobs.map(j => ({ at: j.entry.key, message: `Job \`${j.id}\` ${doing(j)}.` })),
              fixes: [onPulls ? fix(entry, '${{ github.event_name == \'pull_request\' }}', 'Cancel only runs of pull requests') : fix(entry, false, 'Set cancel-in-progress to false')],
            });
          }
        }
        for (const job of jobs) {
          if (!job.concurrency) continue;
          context.instance();
          const entry = alwaysCancels(job.concurrency, workflow);
          if (entry) context.report({ at: entry, messageId: 'job', data: dataOf(job), adjust: weight([job]), job, fixes: [fix(entry, false, 'Set cancel-in-progress to false')] });
        }
      },
    };
  },
});

const OUTSIDE: readonly JobKind[] = ['deploy', 'publish', 'release', 'migrate'];
const PULL_EVENTS = new Set(['pull_request', 'pull_request_target', 'pull_request_review', 'merge_group']);

/** A preview may be cut short: the next run replaces it. So may whatever runs for pull requests only. */
function changesSomething(job: Job, workflow: Workflow): boolean {
  if (outsideKinds(job).length === 0 || isPreview(job) || isPages(job) || isWhole(job)) return false;
  return workflow.triggers.length > 0 && !workflow.triggers.every(t => PULL_EVENTS.has(t.event));
}

/**
 * One package or image, or one site of a host that switches over once all of it is there: it has arrived as a whole or not at all, and
 * the newer run brings a newer one.
 */
const WHOLE = new RegExp('^(?:(?:npx |bunx |pnpm |yarn |bun )?(?:npm publish|pnpm publish|yarn publish|yarn npm publish|bun publish|cargo publish|vsce publish|ovsx publish|gem push|docker push|vercel|'
  + 'netlify deploy|wrangler (?:pages )?(?:deploy|publish)|surge)|docker/build-push-action|amondnet/vercel-action|nwtgck/actions-netlify|netlify/actions|cloudflare/(?:wrangler|pages)-action|'
  + 'firebaseextended/action-hosting-deploy|azure/static-web-apps-deploy)(?![\\w-])', 'i');
const SEVERAL = /^(?:-r|--recursive|-ws|--workspaces?|--filter(?:=.*)?|--all|--packages)$/;
/** Pages, under any other name: they are replaced as a whole. */
const SITE = /(?:^|[^a-z])(?:(?:tech)?docs?|documentation|website|site|storybook|wiki)(?:[^a-z]|$)/i;

/** Nothing half-done is left behind wherever it is cancelled. */
function isWhole(job: Job): boolean {
  const deeds = job.steps.flatMap(s => deedsOf(s, OUTSIDE));
  if (deeds.length === 0) return SITE.test(`${job.id} ${scalarText(job.name?.value) ?? ''}`);
  const [only, ...more] = deeds;
  return more.length === 0 && job.strategy === undefined && WHOLE.test(only!.what) && !(only!.command?.words.some(w => SEVERAL.test(w.literal ?? '')) ?? false);
}

/** The `cancel-in-progress` that is true whatever happens, where the group can hold more than one run. */
function alwaysCancels(concurrency: Concurrency, workflow: Workflow): Entry | undefined {
  const entry = concurrency.cancelInProgress;
  const scalar = asScalar(entry?.value);
  if (!entry || !scalar || isOwnGroup(concurrency, workflow)) return undefined;
  if (scalar.type === 'boolean') return /^true$/i.test(scalar.value) ? entry : undefined;
  const [only, ...more] = expressionsOf(scalar, { bare: false });
  return only?.root.kind === 'literal' && only.root.value === true && more.length === 0 ? entry : undefined;
}

/**
 * Each run, or each commit, has a group to itself: nothing newer can cancel it. As a fallback (`github.head_ref || github.run_id`)
 * it holds for everything but pull requests, and these deploy nothing.
 */
function isOwnGroup(concurrency: Concurrency, workflow: Workflow): boolean {
  if (!concurrency.group) return false;
  // A tag or a release comes once.
  const perTag = workflow.triggers.every(t => t.event === 'release' || (t.event === 'push' && t.tags !== undefined && !t.branches && !t.branchesIgnore));
  const unique = perTag ? /^github\.(?:run_id|run_number|sha|ref|ref_name|event\.release\..*)$/ : /^github\.(?:run_id|run_number|sha)$/;
  for (const { root } of expressionsOf(concurrency.group, { bare: false })) {
    for (const e of walkExpr(root)) if (unique.test(pathOf(e)?.join('.') ?? '')) return true;
  }
  return false;
}

const DOING: Readonly<Partial<Record<JobKind, string>>> = { deploy: 'deploys', migrate: 'migrates a database', publish: 'publishes', release: 'releases' };

function doing(job: Job): string { return DOING[outsideKinds(job)[0]!]!; }
function dataOf(job: Job): Record<string, string> { return { job: job.id, doing: doing(job) }; }

function weight(jobs: readonly Job[]): { by: number; reason: string }[] {
  return jobs.every(j => outsideKinds(j).every(k => k === 'publish')) ? [{ by: -1, reason: 'What is published comes in one piece more often than a deployment.' }] : [];
}

/** Unsafe: runs that wait are replaced by newer ones, where they ran side by side with none before. */
function fix(entry: Entry, value: string | boolean, title: string): Fix {
  return { title, safety: 'unsafe', preferred: true, edits: ({ document }) => replaceValue(document, entry, value) };
}
