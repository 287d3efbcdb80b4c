/** Documents that the product writes from what it knows, and finds again afterwards. */
import type { Repository } from '../../repository';
import type { GeneratedDocument, Scaffold, ScaffoldPlan, ScaffoldTarget } from '../practice';
import { hasJobs } from './pipelines';

export interface DocumentScaffold {
  readonly title: string;
  readonly document: GeneratedDocument;
  readonly path: string;
  /** Stands in what was generated, and nowhere else. */
  readonly mark: string;
  /** The document that does already what this one would do. */
  there(repo: Repository): string | undefined;
  readonly explanation: string;
  readonly todo: readonly string[];
}

/** A file that is written from the whole repository, and written anew where it was generated before and has grown old. */
export function documentScaffold(options: DocumentScaffold): Scaffold {
  return {
    kind: 'file',
    title: options.title,
    last: true,
    plan(repo, target) { return plan(options, repo, target); },
  };
}

function plan(o: DocumentScaffold, repo: Repository, target: ScaffoldTarget | undefined): ScaffoldPlan | { readonly refused: string } {
  if (!hasJobs(repo)) return { refused: 'There is no workflow yet that a document could be about.' };
  const there = o.there(repo);
  if (there !== undefined) return { refused: `${there} says it already.` };
  const before = repo.has(o.path) ? repo.read(o.path) : undefined;
  if (repo.has(o.path) && !before?.includes(o.mark)) return { refused: `${o.path} is there already, and somebody wrote it: nothing was changed.` };
  if (!target?.write) return { refused: 'This document is made from an analysis of the whole repository, which is not at hand here.' };
  return {
    changes: [{ path: o.path, created: before === undefined, newText: target.write(o.document) }],
    explanation: o.explanation, todo: o.todo,
  };
}
