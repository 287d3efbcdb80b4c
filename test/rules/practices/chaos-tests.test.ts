import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { withTools } from '../../support/tools';
import { deploys } from './deploys';
import { wellFormed, Workbench, type Outcome } from './run-script';
import { practice, practiceCases, repository, type Files } from './support';

const WEEKLY = 'on:\n  schedule:\n    - cron: 7 3 * * 2';
const SERVICE: Files = { Dockerfile: 'FROM x\nEXPOSE 8080\n' };
const chaos = (steps: string, on = WEEKLY): Files => deploys(steps, { on, id: 'chaos' }, SERVICE);

describe('chaos-tests', () => {
  practiceCases('chaos-tests', {
    met: {
      'latency': chaos('- run: sudo tc qdisc add dev eth0 root netem delay 200ms\n- run: npm test\n'),
      'stress': chaos('- run: stress-ng --cpu 4 --timeout 60s\n'),
      'an experiment': { ...chaos('- run: kubectl apply -f chaos/pod.yml\n'), 'chaos/pod.yml': 'apiVersion: chaos-mesh.org/v1alpha1\nkind: PodChaos\n' },
      'a script that does it': { ...chaos('- run: python3 ops/chaos.py\n'), 'ops/chaos.py': 'run("tc qdisc add dev lo root netem")\n' },
    },
    partial: { 'by hand': chaos('- run: pumba kill web\n', 'on: workflow_dispatch') },
    missing: {
      'nothing': chaos('- run: npm test\n'),
      'a decoy': chaos('- name: Chaos test with latency\n  run: echo chaos\n'),
      'a script that does not': { ...chaos('- run: python3 ops/chaos.py\n'), 'ops/chaos.py': 'print("chaos")\n' },
      'cannot fail': chaos('- run: stress-ng --cpu 4\n  continue-on-error: true\n'),
    },
    notApplicable: { 'a library': { 'package.json': '{}' }, 'an image without a port': { Dockerfile: 'FROM x\n' } },
  });

  it('adds eight scenarios with the repository\'s own commands', () => {
    const plan = practice('chaos-tests').scaffold!.plan(repository({ ...SERVICE, 'api/package.json': '{"scripts":{"test":"vitest"}}', 'api/package-lock.json': '{}', 'api/a.ts': '' }));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.equal(text.match(/^ {10}- /gm)!.length, 8);
    assert.match(text, /INSTALL: cd api && npm ci\n|INSTALL: 'cd api && npm ci'\n/);
    assert.match(text, /LOCKFILE: api\/package-lock\.json\n/);
    assert.match(text, /issues: write/);
    const none = practice('chaos-tests').scaffold!.plan(repository(SERVICE));
    assert.ok('refused' in none);
  });

  describe('chaos.py', () => {
    wellFormed('chaos.py');
    const test = withTools('python3'), git = withTools('python3', 'git');
    const run = async (scenario: string, env: Readonly<Record<string, string>>, prepare: (b: Workbench) => void = () => undefined): Promise<Outcome & { calls: string[] }> => {
      const b = new Workbench('chaos.py');
      prepare(b);
      try {
        const outcome = await b.script('chaos.py', [scenario], { LIMIT: '20', HANG: '1', RUNS: '3', MEMORY_SHARE: '0.001', ...env });
        return { ...outcome, calls: b.calls() };
      } finally { b.remove(); }
    };
    /** Fetches through the proxy, as package managers do; an empty cache, or none. */
    const FETCH = 'if [ -n "${HTTP_PROXY:-}" ]; then curl --silent --fail --max-time 60 http://registry.invalid/package; fi';

    test('latency: tests run while packets are late, and the delay is taken away whatever happens', async () => {
      const prepare = (b: Workbench): void => { b.standIn('sudo'); };
      const good = await run('latency', { TEST: 'true' }, prepare), bad = await run('latency', { TEST: 'false' }, prepare);
      assert.equal(good.code, 0, good.out);
      assert.equal(bad.code, 1);
      assert.match(bad.out, /tests with 100 ms of latency failed/);
      for (const { calls } of [good, bad]) assert.deepEqual(calls, ['sudo tc qdisc add dev lo root netem delay 100ms 20ms', 'sudo tc qdisc del dev lo root']);
      assert.equal((await run('latency', { TEST: 'true' }, b => { b.standIn('sudo', 'exit 1'); })).code, 2);
    });
    test('exhaustion: tests run beside what takes processors and memory', async () => {
      assert.equal((await run('exhaustion', { TEST: 'true' })).code, 0);
      const bad = await run('exhaustion', { TEST: 'exit 4' });
      assert.equal(bad.code, 1);
      assert.match(bad.out, /without free processors and memory failed with 4/);
    });
    test('dependency-failure: install gives up, and works again', async () => {
      const good = await run('dependency-failure', { INSTALL: FETCH, TEST: 'true' });
      assert.equal(good.code, 0, good.out);
      assert.match(good.out, /install gave up with/);
      const hangs = await run('dependency-failure', { INSTALL: 'if [ -n "${HTTP_PROXY:-}" ]; then sleep 60; fi', TEST: 'true', LIMIT: '1' });
      assert.equal(hangs.code, 1);
      assert.match(hangs.out, /still hangs/);
      const broken = await run('dependency-failure', { INSTALL: '[ -z "${HTTP_PROXY:-}" ] || { touch broken; exit 1; }', TEST: '[ ! -e broken ]' });
      assert.match(broken.out, /tests after the fault failed/);
    });
    test('timeout: an install that hangs is ended, its children too', async () => {
      const good = await run('timeout', { INSTALL: FETCH, TEST: 'true' });
      assert.equal(good.code, 0, good.out);
      assert.match(good.out, /install was ended after/);
      const broken = await run('timeout', { INSTALL: 'if [ -n "${HTTP_PROXY:-}" ]; then touch lock; sleep 60; fi', TEST: '[ ! -e lock ]' });
      assert.equal(broken.code, 1);
    });
    const commit = (b: Workbench): void => {
      b.write('lock.json', '{"integrity": "sha512-AbCdEfGhIjKl=="}\n');
      b.write('lock.right', '{"integrity": "sha512-AbCdEfGhIjKl=="}\n');
      for (const args of [['init', '-q'], ['add', '.'], ['-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'x']]) spawnSync('git', args, { cwd: b.dir });
    };
    git('corrupted-artifact: wrong hashes have to be refused', async () => {
      const env = { LOCKFILE: 'lock.json', TEST: 'true' };
      const good = await run('corrupted-artifact', { ...env, INSTALL: 'cmp -s lock.json lock.right' }, commit);
      assert.equal(good.code, 0, good.out);
      const bad = await run('corrupted-artifact', { ...env, INSTALL: 'true' }, commit);
      assert.equal(bad.code, 1);
      assert.match(bad.out, /takes packages whose hashes in lock\.json are wrong/);
      const bare = await run('corrupted-artifact', { TEST: 'true' }, commit);
      assert.equal(bare.code, 0);
      assert.match(bare.out, /there is no lockfile/);
    });
    test('flaky-test: the same code, the same result', async () => {
      assert.equal((await run('flaky-test', { TEST: 'true' })).code, 0);
      const flaky = await run('flaky-test', { TEST: 'n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) >n; [ "$n" != 1 ]' });
      assert.equal(flaky.code, 1);
      assert.match(flaky.out, /exit codes of 3 runs: \[0, 1, 0\]/);
      assert.match((await run('flaky-test', { TEST: 'false' })).out, /fail every time/);
    });
    test('parallel-failure: what runs side by side is right, and a failure is seen', async () => {
      assert.equal((await run('parallel-failure', { TEST: 'true' })).code, 0);
      // Both want the same place outside of their folders.
      const shared = await run('parallel-failure', { TEST: 'mkdir "$STAND_IN_DIR/port"' });
      assert.equal(shared.code, 1);
      assert.match(shared.out, /fail when they run side by side/);
    });
    test('cold-cache: nothing may be needed from a cache', async () => {
      const install = 'mkdir -p "${npm_config_cache:-$HOME/.npm}" && ls "${npm_config_cache:-$HOME/.npm}"';
      const prepare = (b: Workbench): void => { b.write('.npm/x', ''); };
      assert.equal((await run('cold-cache', { INSTALL: install, TEST: 'true' }, prepare)).code, 0);
      const needs = await run('cold-cache', { INSTALL: `${install} | grep x`, TEST: 'true' }, prepare);
      assert.equal(needs.code, 1);
      assert.match(needs.out, /install without a cache failed/);
    });
    test('knows no other', async () => { assert.equal((await run('monkey', {})).code, 2); });
  });
});
