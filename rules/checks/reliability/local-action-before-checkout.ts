import { defineRule, type Fix } from '../../engine/rule';
import { newestPin } from '../../catalog';
import { insertStep } from '../../workflow/edits';
import { runnerOs } from '../../workflow/effective';
import type { Job, Step } from '../../workflow/model';
import { asMapping, deref, scalarList } from '../../workflow/nodes';

export default defineRule({
  id: 'local-action-before-checkout',
  category: 'reliability',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `uses: ./…` in a job that has not checked the repository out by then.',
    why: 'A local action is read from the working directory, which is empty until something is checked out: the step fails.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#example-using-an-action-in-the-same-repository-as-the-workflow'],
    standards: ['STRIDE-D'],
  },
  messages: {
    early: '`{uses}` is read from the working directory, where nothing is before a checkout, so this step fails. Check the repository out first.',
  },
  create(context) {
    return {
      job(job) {
        let filled = !startsEmpty(job);
        for (const step of job.steps) {
          if (step.uses?.kind === 'local') {
            context.instance();
            if (!filled) context.report({ at: step.uses.scalar, messageId: 'early', data: { uses: step.uses.text.slice(0, 80) }, step, job, fixes: [checkOut(job, step)] });
            // One finding for a job: the checkout that is missing is the same.
            filled = true;
          } else if (mayFill(step)) filled = true;
        }
      },
    };
  },
});

/** Hosted runners are new for each job. A runner of one's own may hold what an earlier job has left, and its image anything. */
function startsEmpty(job: Job): boolean {
  const value = deref(job.runsOn?.value);
  if (!value || asMapping(value)) return false;
  const labels = scalarList(value);
  return labels.length > 0 && labels.every(l => HOSTED.test(l.value) || (l.value.includes('${{') && runnerOs(job) !== 'unknown'));
}

const HOSTED = /^(?:ubuntu|windows|macos)-/i;

/** Owners whose actions set something up or report; those of others may check out as well. */
const KNOWN_OWNERS: ReadonlySet<string> = new Set(('actions docker github aws-actions azure google-github-actions step-security astral-sh pnpm hashicorp gradle ruby dtolnay actions-rs '
  + 'swatinem sigstore denoland oven-sh jdx codecov slackapi dorny tibdex').split(' '));
const FILLING_ACTION = /checkout|clone|download|cache|script/i;
const FILLING_COMMAND = /\b(?:git|gh|tar|unzip|7z|cp|mv|ln|wget|curl|rsync|svn|hg|jj|tee|install|degit|mkdir|Copy-Item|Expand-Archive|Invoke-WebRequest)\b|action\.ya?ml/;

/** Whether a step can have put files there. Everything that isn't known can. */
function mayFill(step: Step): boolean {
  if (step.run) return FILLING_COMMAND.test(step.run.scalar.value.slice(0, 50_000)) || step.run.scalar.value.length > 50_000;
  const { uses } = step;
  if (!uses) return false;
  if (uses.kind !== 'repository') return true;
  return !KNOWN_OWNERS.has((uses.owner ?? '').toLowerCase()) || FILLING_ACTION.test(`${uses.repo ?? ''}/${uses.path ?? ''}`);
}

/** The step fails as it is: nothing that works today can break. */
function checkOut(job: Job, step: Step): Fix {
  return {
    title: 'Check the repository out first',
    safety: 'safe',
    preferred: true,
    edits: ({ document }) => {
      const { uses, sha, version } = newestPin('actions', 'checkout');
      return insertStep(document, job, (step.group ?? step).index, `- uses: ${uses}@${sha} # ${version}\n  with:\n    persist-credentials: false\n`);
    },
  };
}
