import { drawnWorkflows, type DrawnJob } from '../../../rules/reports/diagram/model';
import type { Repository } from '../../../rules/repository';
import type { ScorecardEvidence, ScorecardWorkflow } from '../../protocol';

/** The workflows of a repository as their jobs run: each stage holds the jobs that wait for those before it and for nothing else. */
export function pipelineOf(repository: Repository, place: (path: string, start?: number, end?: number) => Pick<ScorecardEvidence, 'uri' | 'range'>): ScorecardWorkflow[] {
  return drawnWorkflows(repository).map(workflow => {
    const document = repository.document(workflow.path);
    return {
      title: workflow.title,
      triggers: [...workflow.triggers],
      ...place(workflow.path),
      stages: stagesOf(workflow.jobs).map(jobs => jobs.map(({ id, lines, kind, needs, environment }) => {
        const job = document?.workflow?.jobs.find(j => j.id === id);
        const span = job && document?.range(job.entry.key);
        return { id, lines: lines.slice(1), kind, needs: [...needs], ...(environment ? { environment } : {}), ...place(workflow.path, span?.start, span?.end) };
      })),
    };
  });
}

/** Jobs by how many stand before them. Those in a circle never start: they come last. */
export function stagesOf(jobs: readonly DrawnJob[]): readonly DrawnJob[][] {
  const stages: DrawnJob[][] = [];
  const done = new Set<string>();
  let left = [...jobs];
  while (left.length > 0) {
    const ready = left.filter(job => job.needs.every(need => done.has(need)));
    const stage = ready.length > 0 ? ready : left;
    for (const { id } of stage) done.add(id);
    stages.push(stage);
    left = left.filter(job => !done.has(job.id));
  }
  return stages;
}
