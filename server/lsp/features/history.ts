import { LSPErrorCodes, ProgressType, ResponseError, type CancellationToken, type Connection } from 'vscode-languageserver';
import type { Entry, HistoryOptions } from '../../history';
import type { HistoryParams, HistoryProgress, HistoryResult } from '../../protocol';
import type { RepositoryState } from '../../workspace/repository-state';
import { isOnDisk } from '../../workspace/uris';

/** Scores commits of the repository in a folder; what is kept and where is up to whoever starts the server. Rejects where git gives no history. */
export type ScoreCommits = (root: string, options: Pick<HistoryOptions, 'limit' | 'signal' | 'keptOnly' | 'progress'>) => Promise<Entry[]>;

const MOST = 5000;
/** A commit takes some 20 ms: each of them would be a message that nobody can read. */
const TELL_EVERY_MS = 100;
const progress = new ProgressType<HistoryProgress>();

/** The score of each commit that touched the pipelines. A cancel ends git and leaves what was done in the cache. */
export async function historyOf(
  connection: Connection, repository: RepositoryState, params: HistoryParams, token: CancellationToken, trusted: boolean, scoreCommits: ScoreCommits | undefined,
): Promise<HistoryResult> {
  const none = (unavailable: NonNullable<HistoryResult['unavailable']>, message?: string): HistoryResult => ({ entries: [], total: 0, unavailable, ...(message ? { message } : {}) });
  if (!scoreCommits || !isOnDisk(repository.root)) return none('browser');
  if (!trusted) return none('untrusted');
  const { limit = MOST, progressToken } = params;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) throw new ResponseError(LSPErrorCodes.RequestFailed, `A limit is a number from 1 to ${MOST}.`);
  const abort = new AbortController(), listener = token.onCancellationRequested(() => { abort.abort(); });
  let total = 0, told = -Infinity;
  try {
    const entries = await scoreCommits(repository.root, {
      limit, signal: abort.signal, keptOnly: params.kept === true,
      progress: (done, of) => {
        total = of;
        const now = performance.now();
        if (progressToken === undefined || (done < of && now - told < TELL_EVERY_MS)) return;
        told = now;
        void connection.sendProgress(progress, progressToken, { done, total: of });
      },
    });
    return { entries, total };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ENOENT') return none('no-git');
    if (/not a git repository/.test(message)) return none('no-repository');
    // A repository without a commit.
    return /Not a valid object name HEAD|bad revision 'HEAD'|ambiguous argument 'HEAD'|does not have any commits/.test(message) ? { entries: [], total: 0 } : none('failed', message);
  } finally {
    listener.dispose();
  }
}
