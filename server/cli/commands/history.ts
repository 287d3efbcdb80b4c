import { defineCommand } from 'citty';
import { resolve } from 'node:path';
import { history, type Entry } from '../../history';
import { version } from '../../version';
import { cacheFolder } from '../../workspace/cache-folder';
import { finish, oneOf } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { table } from '../formats/table';
import { printable, write } from '../print';

const FORMATS = ['text', 'json'] as const;
const MOST = 5000;

export default defineCommand({
  meta: { name: 'history', description: 'Say how the score has changed with each commit that touched the pipelines' },
  args: {
    path: { type: 'positional', required: false, description: 'The repository (default: the current folder)' },
    format: { type: 'string', description: FORMATS.join(' | '), default: 'text' },
    limit: { type: 'string', description: 'Look at this many commits at most', default: '50' },
    offline: { type: 'boolean', description: 'Never use the network (this never does)' },
  },
  async run({ args }) {
    const format = oneOf('--format', args.format, FORMATS);
    if (!/^[1-9]\d{0,3}$/.test(args.limit) || Number(args.limit) > MOST) throw new CannotRun(`--limit has to be a number from 1 to ${MOST}, not ${JSON.stringify(args.limit)}`);
    if (args._.length > 1) throw new CannotRun('history takes one path');
    const abort = new AbortController(), stop = (): void => { abort.abort(); };
    process.once('SIGINT', stop);
    const shows = process.stderr.isTTY === true;
    let entries: Entry[];
    try {
      entries = await history(resolve(args.path ?? '.'), { limit: Number(args.limit), signal: abort.signal, cache: cacheFolder(), version,
        progress: shows ? (done, of) => { process.stderr.write(`\r${done} of ${of} commits${done === of ? '\n' : ''}`); } : undefined });
    } catch (error) {
      throw new CannotRun(`git gave no history: ${printable(error instanceof Error ? error.message : String(error))}`);
    } finally {
      process.off('SIGINT', stop);
    }
    if (abort.signal.aborted) await write('stopped: what is missing is looked at the next time\n', process.stderr);
    await write(format === 'json' ? `${JSON.stringify({ version: 1, commits: entries }, undefined, 2)}\n` : text(entries));
    finish(EXIT.ok);
  },
});

/** Oldest first, as a line that goes down the page. */
function text(entries: readonly Entry[]): string {
  if (entries.length === 0) return 'No commit touched the pipelines.\n';
  const rows = [...entries].reverse().map((e, i, all) => {
    const change = i === 0 ? 0 : e.score - all[i - 1]!.score;
    return [e.date, e.commit.slice(0, 10), String(e.score).padStart(3), change > 0 ? `+${change}` : change < 0 ? String(change) : '', String(e.level), `${e.open.critical + e.open.high}`, '█'.repeat(Math.round(e.score / 4))];
  });
  return table(['Date', 'Commit', 'Score', 'Change', 'Level', 'Severe', ''], rows);
}
