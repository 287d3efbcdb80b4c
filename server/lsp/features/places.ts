/** Walks through a CI file for what hovers, hints, links and completions are about. */
import type { SourceDocument } from '../../../rules';
import type { Job, Permissions, UsesRef } from '../../../rules/workflow/model';
import { walk, type ScalarNode } from '../../../rules/workflow/nodes';

/** Every `uses` of a file, of steps and of jobs. */
export function usesIn(document: SourceDocument): UsesRef[] {
  const steps = document.action?.steps ?? document.workflow?.jobs.flatMap(j => j.steps) ?? [];
  return [...steps.map(s => s.uses), ...(document.workflow?.jobs.map(j => j.uses) ?? [])].filter(u => u !== undefined);
}

/** Every `permissions` of a workflow, with the job that it belongs to. */
export function permissionsIn(document: SourceDocument): { readonly permissions: Permissions; readonly job?: Job }[] {
  const { workflow } = document;
  if (!workflow) return [];
  return [...(workflow.permissions ? [{ permissions: workflow.permissions }] : []), ...workflow.jobs.flatMap(job => (job.permissions ? [{ permissions: job.permissions, job }] : []))];
}

/** The scalar at an offset, with the key that it is the value of, if it is one; undefined elsewhere. */
export function scalarAt(document: SourceDocument, offset: number): { readonly scalar: ScalarNode; readonly key?: string } | undefined {
  for (const entry of [...document.entries, ...(document.workflow?.jobs.map(j => j.entry) ?? [])]) {
    const { start, end } = document.range(entry);
    if (offset < start || offset > end) continue;
    for (const node of walk(entry.value)) {
      if (node.kind === 'mapping') {
        for (const e of node.entries) {
          if (e.value?.kind === 'scalar' && holds(document, e.value, offset)) return { scalar: e.value, key: e.key.value };
        }
      } else if (node.kind === 'scalar' && holds(document, node, offset)) return { scalar: node, ...(node === entry.value ? { key: entry.key.value } : {}) };
    }
  }
  return undefined;
}

function holds(document: SourceDocument, scalar: ScalarNode, offset: number): boolean {
  const { start, end } = document.range(scalar);
  return start <= offset && offset <= end;
}
