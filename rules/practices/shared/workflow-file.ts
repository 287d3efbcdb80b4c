/** Workflows of their own: what doesn't belong among the jobs that test pull requests. */
import type { GeneratedJob } from './scaffold';

export interface WorkflowText {
  readonly name: string;
  /** Lines below `on:`, at two-space indentation. */
  readonly on: readonly string[];
  /** What runs of it wait for each other by; the ref where absent. */
  readonly group?: string;
  /** Whether a newer run takes the place of an older one. Nothing that publishes may be stopped half-way. */
  readonly cancel: boolean;
  /** Sentences above it, each a line. */
  readonly header?: readonly string[];
  readonly jobs: readonly GeneratedJob[];
}

/** The lines of a workflow file: no permissions but those of its jobs, and one run at a time. */
export function workflowLines(w: WorkflowText): string[] {
  return [
    ...(w.header ?? []).map(line => `# ${line}`),
    `name: ${w.name}`,
    '',
    'on:',
    ...w.on.map(line => `  ${line}`),
    '',
    'permissions: {}',
    '',
    'concurrency:',
    `  group: ${w.group ?? '${{ github.workflow }}-${{ github.ref }}'}`,
    `  cancel-in-progress: ${w.cancel}`,
    '',
    'jobs:',
    ...w.jobs.flatMap((j, i) => [...(i > 0 ? [''] : []), `  ${j.id}:`, ...j.yaml.map(line => line === '' ? '' : `    ${line}`)]),
  ];
}
