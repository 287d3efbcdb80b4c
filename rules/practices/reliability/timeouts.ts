import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import type { Job } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { askedRunner, isHosted } from '../../checks/shared/runner-labels';
import { isShort } from '../../checks/shared/short-jobs';
import { timeoutMissing } from '../../checks/shared/fixing-rules';
import { fixEverywhere } from '../shared/rule-fixes';
import { ratio } from '../shared/verdict';

/** Jobs that run on a runner, for longer than it takes to say something: calls of reusable workflows take their limits from there. */
function jobs(repo: Repository): { document: SourceDocument; job: Job }[] {
  return repo.documents.flatMap(document => (document.workflow?.jobs ?? []).filter(j => j.node && !j.uses && !isShort(j)).map(job => ({ document, job })));
}

function bounded(job: Job): boolean {
  return (job.timeoutMinutes !== undefined && !isBeyond(job)) || (job.steps.length > 0 && job.steps.every(s => s.timeoutMinutes !== undefined));
}

/** GitHub's own machines end each job after six hours: a limit above that limits nothing. */
const LONGEST = 360;

function isBeyond(job: Job): boolean {
  return Number(scalarText(job.timeoutMinutes?.value) ?? '') > LONGEST && isHosted(askedRunner(job));
}

function wanted({ document, job }: { document: SourceDocument; job: Job }): string {
  return isBeyond(job) ? `timeout-minutes of ${job.id} in ${document.path} below ${LONGEST}: GitHub ends the job then anyway, so ${scalarText(job.timeoutMinutes?.value)!} limits nothing`
    : `timeout-minutes of ${job.id} in ${document.path}`;
}

export default definePractice({
  id: 'timeouts',
  title: 'Timeouts',
  category: 'Reliability',
  level: 2,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Every job has `timeout-minutes`.',
    why: 'A job that hangs blocks its branch and costs runner time for six hours, the default, before anybody sees that it failed.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes',
      'https://docs.github.com/en/actions/reference/limits',
    ],
  },
  applies: repo => jobs(repo).length > 0,
  evidence(repo) {
    const all = jobs(repo), open = all.filter(j => !bounded(j.job));
    return ratio(all.length - open.length, all.length,
      all.filter(j => bounded(j.job)).map(({ document, job }) =>
        ({ path: document.path, ...document.range(job.timeoutMinutes ?? job.entry.key), text: `${job.id} has a timeout` })),
      open.map(wanted));
  },
  scaffold: {
    kind: 'edit',
    title: 'Set timeout-minutes on each job',
    plan(repo) {
      const { changes } = fixEverywhere(repo, [timeoutMissing], path => jobs(repo).some(j => j.document.path === path && !bounded(j.job)));
      const beyond = [...new Set(jobs(repo).filter(j => isBeyond(j.job)).map(j => j.document.path))];
      if (changes.length === 0) return { refused: beyond.length > 0 ? `Every job has a time limit. Those above ${LONGEST} minutes limit nothing; what suits them, only you can tell: ${beyond.slice(0, 4).join(', ')}.`
        : 'Every job whose text can be edited has a time limit.' };
      return {
        changes,
        explanation: 'Sets a limit on each job that has none: 15 minutes for linters and housekeeping, 30 for builds and tests, 60 for deployments, releases and end-to-end tests.',
        todo: ['Compare with how long each job takes on a slow day, and set two to three times of that.',
          ...(beyond.length > 0 ? [`Lower the limits above ${LONGEST} minutes, which limit nothing: ${beyond.slice(0, 4).join(', ')}.`] : [])],
      };
    },
  },
});
