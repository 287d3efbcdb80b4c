/** Plans of scaffolds as the product makes them: with a writer of documents at hand. */
import { assess, documentWriter } from '../../../rules/reports';
import type { ScaffoldPlan, ScaffoldTarget } from '../../../rules/practices/practice';
import { practice, repository, type Files } from './support';

/** What a scaffold of a document is given. */
export function withDocuments(files: Files): ScaffoldTarget {
  const repo = repository(files);
  return { write: documentWriter(repo, () => assess(repo, { today: '2026-01-01' })) };
}

export function planned(id: string, files: Files): ScaffoldPlan | { readonly refused: string } {
  return practice(id).scaffold!.plan(repository(files), withDocuments(files));
}

export function applies(files: Files, plan: ScaffoldPlan): Files {
  return { ...files, ...Object.fromEntries(plan.changes.map(c => [c.path, c.newText])) };
}
