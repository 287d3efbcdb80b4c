/** A repository that is an action, and runs itself: that is its test. */
import type { Repository } from '../../repository';
import { ciJobs, whyIdle, whyNotOnChange, whySoft } from './ci';
import type { Sighting } from './sightings';

export function isAction(repo: Repository): boolean {
  return repo.has('action.yml') || repo.has('action.yaml');
}

/** Steps that run the action at the root (`uses: ./`), as tests; none where there is no such action. */
export function ownActionRuns(repo: Repository): Sighting[] {
  if (!isAction(repo)) return [];
  return ciJobs(repo).flatMap(j => j.steps)
    .filter(s => s.step.uses?.kind === 'local' && ['', '.'].includes((s.step.uses.path ?? '').replace(/\/$/, '')))
    .map(s => {
      const absent = whyNotOnChange(s), soft = whySoft(s);
      return { kind: 'test' as const, tool: 'the action itself', document: s.document, span: s.step.uses!.scalar, job: s.job, step: s, args: [],
        absent, soft, idle: whyIdle(s), problem: absent ?? soft };
    });
}
