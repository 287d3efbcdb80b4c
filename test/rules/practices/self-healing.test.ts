import assert from 'node:assert/strict';
import { SELF_HEALING } from '../../../rules/practices/automation/scripts/self-healing';
import { checkScript, exportsOf, runScript, type Asked } from './github-stand-in';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CI: Files = { '.github/workflows/ci.yml': workflow('- run: make test\n') };
const heal = (steps: string, job = '', on = 'on:\n  workflow_run:\n    workflows: [CI]\n    types: [completed]'): Files => ({ ...CI,
  '.github/workflows/heal.yml': workflow(steps, { on, job }) });

interface Cause { id: string }
interface Plan { heal: boolean; why?: string; clearsCaches?: boolean; causes?: { cause?: Cause }[] }
interface Exports { causeOf(log: string): Cause | undefined; decide(facts: object): Plan }

const RUN = { id: 7, workflow_id: 3, name: 'CI', event: 'push', head_branch: 'main', run_attempt: 1, conclusion: 'failure', updated_at: '2026-03-07T10:00:00Z',
  html_url: 'https://github.com/o/r/actions/runs/7', repository: { full_name: 'o/r' }, head_repository: { full_name: 'o/r' } };
/** Ends of logs as tools write them. */
const LOGS: Readonly<Record<string, readonly string[]>> = {
  'cache-corruption': ['npm error code EINTEGRITY\nnpm error sha512-x integrity checksum failed when using sha512', 'tar: Unexpected EOF in archive\ntar: Error is not recoverable: exiting now',
    'gzip: stdin: unexpected end of file'],
  'network-timeout': ['npm error code ETIMEDOUT', 'curl: (6) Could not resolve host: example.com', 'Get "https://x": net/http: TLS handshake timeout', 'error: 503 Service Unavailable'],
  'disk-space': ['cp: error writing x: No space left on device', "Error: ENOSPC: no space left on device, write"],
  'rate-limit': ['HTTP 403: API rate limit exceeded for installation ID 1', 'toomanyrequests: You have reached your pull rate limit', '429 Client Error: Too Many Requests for url'],
  'dependency-conflict': ['npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree', 'ERROR: ResolutionImpossible: for help visit', 'version solving failed.'],
  'flaky-test': ['Tests: 1 failed, 20 passed, 21 total', '--- FAIL: TestX (0.01s)', '== 3 failed, 10 passed in 2.11s =='],
};

describe('self-healing', () => {
  practiceCases('self-healing', {
    met: {
      'a bounded re-run that reads the log': heal('- run: |\n    gh run view "$ID" --log-failed | grep ETIMEDOUT\n    gh run rerun "$ID" --failed\n',
        '    if: github.event.workflow_run.run_attempt < 3\n'),
      'github-script': heal('- uses: actions/github-script@v7\n  with:\n    script: |\n      if (context.payload.workflow_run.run_attempt > 2) return;\n      const log = await github.rest.actions.downloadJobLogsForWorkflowRun({});\n      await github.rest.actions.reRunWorkflowFailedJobs({});\n'),
    },
    partial: { 'a re-run without a limit': heal('- run: gh run view "$ID" --log-failed && gh run rerun "$ID" --failed\n'),
      'a limit, and no look': heal('- run: gh run rerun "$ID"\n', '    if: github.event.workflow_run.run_attempt < 2\n') },
    missing: {
      'nothing': CI,
      'one that is spoken of (decoy)': heal('- name: Self-healing\n  run: |\n    # gh run rerun "$ID" --failed\n    echo "gh run rerun"\n'),
      'one that people start': heal('- run: gh run rerun "$ID"\n', '', 'on: workflow_dispatch'),
      'one that is turned off': heal('- run: gh run rerun "$ID"\n', '    if: false\n'),
    },
    notApplicable: { 'no workflow': { 'README.md': '' } },
  });

  it('never follows what deploys or releases', () => {
    const deploy = { '.github/workflows/cd.yml': workflow('- run: kubectl apply -f k8s\n', { on: 'on: push' }).replace('name: CI', 'name: CD') };
    const made = practice('self-healing').scaffold!.plan(repository({ ...CI, ...deploy }));
    assert.ok(!('refused' in made));
    assert.match(made.changes[0]!.newText, /workflows:\n {6}- 'CI'\n {4}types/);
    assert.ok('refused' in practice('self-healing').scaffold!.plan(repository(deploy)));
  });

  describe('its script', () => {
    it('is one that Node can read', () => checkScript(SELF_HEALING));

    it('knows six causes from the logs of tools, and no other', async () => {
      const { causeOf } = await exportsOf<Exports>(SELF_HEALING);
      for (const [id, logs] of Object.entries(LOGS)) for (const log of logs) assert.equal(causeOf(`${'x\n'.repeat(50)}${log}\n`)?.id, id, log);
      for (const log of ['error TS2322: Type string is not assignable', 'bash: -c: line 3: syntax error: unexpected end of file', 'make: *** [all] Error 2', ''])
        assert.equal(causeOf(log), undefined, log);
    });

    it('is bounded, and leaves alone what is not trusted', async () => {
      const { decide } = await exportsOf<Exports>(SELF_HEALING);
      const facts = (run: object, log = LOGS['network-timeout']![0]!, more: object = {}) =>
        decide({ run: { ...RUN, ...run }, logs: [{ job: 'test', log }], repeats: 0, passedBefore: true, ...more });
      assert.equal(facts({}).heal, true);
      assert.equal(facts({ run_attempt: 2 }).heal, true);
      assert.match(facts({ run_attempt: 3 }).why!, /attempt 3 of 3/);
      assert.match(facts({ head_repository: { full_name: 'fork/r' } }).why!, /another repository/);
      assert.match(facts({ head_repository: null }).why!, /another repository/);
      assert.match(facts({ event: 'pull_request_target' }).why!, /rights/);
      assert.match(facts({ conclusion: 'cancelled' }).why!, /has not failed/);
      assert.match(facts({}, undefined, { repeats: 10 }).why!, /10 runs were repeated/);
      assert.match(facts({}, 'error TS2322').why!, /reason of its own/);
      assert.match(facts({}, LOGS['flaky-test']![0]!, { passedBefore: false }).why!, /ever passed/);
      assert.equal(facts({ run_attempt: 2 }, LOGS['flaky-test']![0]!).heal, false);
      assert.equal(facts({}, LOGS['cache-corruption']![0]!).clearsCaches, true);
      // One job that the change has broken is enough to leave the run alone.
      assert.equal(decide({ run: RUN, repeats: 0, passedBefore: true, logs: [{ job: 'a', log: 'ETIMEDOUT' }, { job: 'b', log: 'error TS2322' }] }).heal, false);
      assert.equal(decide({ run: RUN, repeats: 0, passedBefore: true, logs: [] }).heal, false);
    });

    const answers = (log: string, run: object = {}) => (a: Asked) =>
      a.path === '/actions/runs/7' ? { body: { ...RUN, ...run } }
      : a.path.startsWith('/actions/runs/7/jobs') ? { body: { jobs: [{ id: 1, name: 'test', conclusion: 'failure' }, { id: 2, name: 'lint', conclusion: 'success' }] } }
      : a.path === '/actions/jobs/1/logs' ? { body: log }
      : a.path.startsWith('/actions/workflows/3/runs') ? { body: { total_count: 1, workflow_runs: [{ run_attempt: 1 }] } }
      : a.path.startsWith('/actions/caches?') ? { body: { actions_caches: [{ id: 5 }, { id: 6 }] } }
      : a.method === 'DELETE' ? { status: 204 } : a.method === 'POST' ? { status: 201, body: {} } : undefined;

    it('deletes the branch’s caches and runs failed jobs again', async () => {
      const done = await runScript(SELF_HEALING, [], { RUN_ID: '7' }, answers('npm error code EINTEGRITY'));
      assert.equal(done.code, 0, done.output);
      assert.deepEqual(done.asked.filter(a => a.method !== 'GET').map(a => `${a.method} ${a.path}`),
        ['DELETE /actions/caches/5', 'DELETE /actions/caches/6', 'POST /actions/runs/7/rerun-failed-jobs']);
      assert.ok(done.asked.some(a => a.path.includes('ref=refs%2Fheads%2Fmain')));
      assert.match(done.summary, /Run again: CI[^]*cache-corruption/);
    });

    it('changes nothing where the failure is the change’s own, or the run a fork’s', async () => {
      for (const [log, run] of [['error TS2322', {}], ['ETIMEDOUT', { head_repository: { full_name: 'fork/r' } }]] as const) {
        const done = await runScript(SELF_HEALING, [], { RUN_ID: '7' }, answers(log, run));
        assert.equal(done.code, 0, done.output);
        assert.deepEqual(done.asked.filter(a => a.method !== 'GET'), []);
        assert.match(done.summary, /Left alone/);
      }
    });
  });
});
