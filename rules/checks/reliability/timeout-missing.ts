import { defineRule } from '../../engine/rule';
import { setJobKey } from '../../workflow/edits';
import type { Job } from '../../workflow/model';
import { asMapping, getEntry } from '../../workflow/nodes';
import { jobKinds, type JobKind } from '../shared/job-kind';
import { isShort } from '../shared/short-jobs';

export default defineRule({
  id: 'timeout-missing',
  category: 'reliability',
  severity: 'low',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that neither have `timeout-minutes` nor a limit on each of their steps.',
    why: 'A step that hangs holds its runner, and everything queued behind it, for six hours: GitHub\'s default limit is 360 minutes.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes'],
    standards: ['STRIDE-D'],
  },
  messages: {
    missing: 'Job `{job}` has no `timeout-minutes`, so a step that hangs holds a runner for six hours. Set a limit; {minutes} minutes suit {kind}.',
  },
  options: {
    short: { description: 'Minutes proposed for jobs that lint or keep house.', default: 15 },
    normal: { description: 'Minutes proposed for jobs that build or test, and for those whose purpose can\'t be told.', default: 30 },
    long: { description: 'Minutes proposed for jobs that deploy, release or test end to end, and for builds over a matrix.', default: 60 },
  },
  create(context) {
    return {
      job(job) {
        // A job that calls a reusable workflow can't have a limit; one without steps is not finished.
        if (job.uses || !job.node || job.steps.length === 0 || isShort(job)) return;
        context.instance();
        if (job.timeoutMinutes || everyStepLimited(job)) return;
        const { length, kind } = lengthOf(job);
        const minutes = context.options[length];
        context.report({
          at: job.entry.key,
          messageId: 'missing',
          data: { job: job.id, minutes, kind },
          fixes: [{
            title: `Set timeout-minutes to ${minutes}`,
            safety: 'unsafe',
            preferred: true,
            edits: ({ document }) => setJobKey(document, job, 'timeout-minutes', minutes),
          }],
        });
      },
    };
  },
});

function everyStepLimited(job: Job): boolean {
  return job.steps.filter(s => s.run || s.uses).every(s => s.timeoutMinutes || s.group?.timeoutMinutes) && job.steps.some(s => s.timeoutMinutes);
}

const LONG: readonly JobKind[] = ['deploy', 'migrate', 'publish', 'release', 'e2e'];
const SHORT: readonly JobKind[] = ['lint', 'housekeeping', 'notify'];

function lengthOf(job: Job): { readonly length: 'short' | 'normal' | 'long'; readonly kind: string } {
  const kinds = jobKinds(job);
  const long = LONG.find(k => kinds.has(k));
  if (long) return { length: 'long', kind: { deploy: 'a deployment', migrate: 'a migration', publish: 'publishing', release: 'a release', e2e: 'end-to-end tests' }[long as 'e2e'] };
  const matrix = asMapping(job.strategy?.value) && getEntry(job.strategy?.value, 'matrix');
  if (matrix && kinds.has('build')) return { length: 'long', kind: 'a build over a matrix' };
  if (kinds.size > 0 && [...kinds].every(k => SHORT.includes(k))) return { length: 'short', kind: kinds.has('lint') ? 'a linter' : 'housekeeping' };
  const kind = kinds.has('test') ? 'tests' : kinds.has('build') ? 'a build' : kinds.has('scan') ? 'a scan' : 'most jobs';
  return { length: 'normal', kind };
}
