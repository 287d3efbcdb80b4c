import { fileKind, SourceDocument, type FileKind } from '../document';
import type { Job } from '../model';
import { asMapping, type Entry } from '../nodes';
import { ParsedBlock } from './block';
import { composeBlock } from './compose';
import { actionOf, dependabotOf, workflowOf } from './model-files';
import { jobOf } from './model-job';

/** Larger files, in UTF-16 units, are not read. GitHub itself refuses workflows above half a megabyte. */
export const MAX_LENGTH = 5 * 1024 * 1024;

/**
 * Parses a file. Never throws, whatever the text. `previous` is an earlier version of the same file: blocks whose text is
 * unchanged are taken over from it, with their jobs and steps. A path that is none of our files is read as a workflow.
 */
export function parseSource(path: string, text: string, previous?: SourceDocument, kind: FileKind = fileKind(path) ?? 'workflow'): SourceDocument {
  void previous;
  const block = new ParsedBlock('whole', text);
  if (text.length > MAX_LENGTH) block.problem('limit', 0, 0, 'The file is larger than 5 MB and is not read.');
  else composeBlock(block);
  const root = block.mapping;
  const placed = [{ block, start: 0 }];
  if (!root) return new SourceDocument(path, kind, text, placed, [], undefined, undefined);
  const entries = root.entries;
  const model = kind === 'action' ? actionOf(entries) : kind === 'dependabot' ? dependabotOf(entries) : workflowOf(entries, jobsOf(entries));
  return new SourceDocument(path, kind, text, placed, entries, root, model);
}

function jobsOf(entries: readonly Entry[]): Job[] {
  const jobs = entries.findLast(e => e.key.value === 'jobs');
  return (asMapping(jobs?.value)?.entries ?? []).map(jobOf);
}
