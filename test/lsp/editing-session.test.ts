/**
 * An hour at the keyboard, in a minute: 500 edits of ten workflows through the server as it is shipped, typed key by key, with fixes,
 * undos, renames, branches, configuration and settings in between. After each of them the diagnostics are those of a fresh scan.
 *
 * CI_HARDENING_SESSION_EDITS=5000 makes it longer, CI_HARDENING_SESSION_SEED=n draws another session; CI_HARDENING_SESSION_LOG=1 prints its numbers.
 */
import assert from 'node:assert/strict';
import { FULL } from './client';
import { TemporaryFolder } from './folder';
import { Random } from './session/random';
import { SessionRepository } from './session/repository';
import { ServerProcess } from './session/server-process';
import { EditingSession } from './session/session';

const EDITS = Number(process.env['CI_HARDENING_SESSION_EDITS'] ?? 500);
const SEED = Number(process.env['CI_HARDENING_SESSION_SEED'] ?? 20_261_122);
const ROUND = 50;
/** What code that is compiled late and bounded tables may still add after the first rounds. A key pressed may leave no 350 bytes behind. */
const SLACK_BYTES = 3 * 1024 * 1024;

describe('language server: a long session', () => {
  let repository: SessionRepository, home: TemporaryFolder;
  let server: ServerProcess | undefined;

  before(() => {
    repository = new SessionRepository();
    home = new TemporaryFolder();
  });
  after(() => {
    server?.kill();
    repository.dispose();
    home.dispose();
  });

  it(`shows after each of ${EDITS} edits what a fresh scan shows, and holds on to nothing`, async function () {
    this.timeout(120_000 + EDITS * 600);
    server = await ServerProcess.start({ folders: [repository.folder], settings: { network: { enabled: false } }, capabilities: FULL }, home.path);
    const { client } = server;
    const errors: string[] = [];
    client.connection.onNotification('window/logMessage', ({ type, message }: { type: number; message: string }) => { if (type === 1) errors.push(message); });
    await client.request('ciHardening/scorecard', {});
    const session = new EditingSession(client, repository, new Random(SEED));
    const heap: number[] = [];
    for (let round = 0; round < Math.ceil(EDITS / ROUND); round++) {
      await session.round(Math.min(ROUND, EDITS - session.edits));
      // Always in the same state, so that only what was left behind makes a difference.
      heap.push(await server.heapUsed());
    }
    session.editor.stop();
    if (process.env['CI_HARDENING_SESSION_LOG']) console.log(JSON.stringify({ ...session.counts, ...session.editor.counts, edits: session.edits, compared: session.compared }), heap.map(h => (h / 1024 / 1024).toFixed(2)).join(' '));
    assert.deepEqual(errors, []);
    assert.ok(session.edits >= EDITS && session.editor.counts.changes > EDITS);

    const warm = heap.slice(Math.min(2, heap.length - 1)), third = Math.max(1, Math.floor(warm.length / 3));
    const first = Math.min(...warm.slice(0, third)), last = Math.min(...warm.slice(-third));
    assert.ok(last <= first + SLACK_BYTES, `the heap grew from ${first} to ${last} bytes: ${heap.join(', ')}`);

    const { code, stderr } = await server.stop();
    server = undefined;
    assert.deepEqual([code, stderr], [0, '']);
  });
});
