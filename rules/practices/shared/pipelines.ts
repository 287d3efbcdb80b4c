/** The workflows that GitHub runs: templates elsewhere in the tree look like them and do nothing. */
import type { Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';

const OWN = /^\.github\/workflows\/[^/]+$/;

/** Workflows with at least one job, by path. */
export function ownWorkflows(repo: Repository): SourceDocument[] {
  return repo.documents.filter(d => OWN.test(d.path) && (d.workflow?.jobs.length ?? 0) > 0);
}

export function hasJobs(repo: Repository): boolean {
  return repo.documents.some(d => OWN.test(d.path) && (d.workflow?.jobs.length ?? 0) > 0);
}
