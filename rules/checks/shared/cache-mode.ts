/** What a job may do with the cache: `cache-mode` of the job, of the workflow, or the event's default. */
import { defineQuery, type RuleContext } from '../../engine/rule';
import type { Job } from '../../workflow/model';
import { scalarText, type Entry } from '../../workflow/nodes';

/** `unset`: the event decides. `unknown`: an expression, or nothing that GitHub knows. */
export type CacheMode = 'read' | 'write' | 'write-only' | 'none' | 'unset' | 'unknown';

export function writtenMode(entry: Entry | undefined): CacheMode {
  if (!entry) return 'unset';
  const text = scalarText(entry.value)?.trim();
  return text === 'read' || text === 'write' || text === 'write-only' || text === 'none' ? text : 'unknown';
}

/** What the workflow says for its jobs. */
export const workflowCacheMode = defineQuery('cache.workflow-mode', ({ document }) => writtenMode(document.workflow?.cacheMode));

/** A job's own mode stands for the workflow's. */
export function cacheMode(context: Pick<RuleContext, 'query'>, job: Job): CacheMode {
  const own = writtenMode(job.cacheMode);
  return own === 'unset' ? context.query(workflowCacheMode) : own;
}

/** The mode lets a run save caches, whatever its event. */
export function mayWrite(mode: CacheMode): boolean { return mode === 'write' || mode === 'write-only'; }
