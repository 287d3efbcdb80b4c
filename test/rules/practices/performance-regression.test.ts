import assert from 'node:assert/strict';
import { commands, judged, planOf, refusalOf } from './judge';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/bench.yml';
const RUST: Files = { 'Cargo.toml': '[package]\n', 'Cargo.lock': '', 'src/lib.rs': '', 'benches/sort.rs': '' };
const ci = (steps: string, on?: string): Files => ({ [WORKFLOW]: workflow(steps, { on }) });
const TIMED = '- run: echo "NEW_TIME=$(/usr/bin/time -f %e ./new 2>&1)" >> $GITHUB_ENV\n'
  + '- run: echo "BASE_TIME=$(/usr/bin/time -f %e ./base 2>&1)" >> $GITHUB_ENV\n'
  + '- run: |\n    if [ "$(echo "$NEW_TIME > 2 * $BASE_TIME" | bc)" = 1 ]; then\n      exit 3\n    fi\n';

describe('performance-regression', () => {
  practiceCases('performance-regression', {
    met: {
      'github-action-benchmark that fails': { ...RUST, ...ci('- run: cargo bench\n- uses: benchmark-action/github-action-benchmark@v1\n  with:\n    fail-on-alert: true\n') },
      CodSpeed: { ...RUST, ...ci('- uses: CodSpeedHQ/action@v4\n  with:\n    run: cargo codspeed run\n') },
      'pytest-benchmark': { 'benchmarks/test_a.py': '', ...ci('- run: pytest benchmarks --benchmark-compare --benchmark-compare-fail=median:10%\n') },
      'a step that holds the results to a baseline': { ...RUST, ...ci('- run: npm run test:benchmark\n- run: node tools/compare.js --results out.json --baseline base.json\n') },
      'k6, told of the results of before': { 'benchmarks/api.js': 'if (slower) fail(`slower`);', ...ci('- uses: grafana/run-k6-action@v1\n  env:\n    PREVIOUS_SUMMARY: before.json\n  with:\n    path: benchmarks/api.js\n') },
      'asv': { 'benchmarks/a.py': '', ...ci('- run: asv continuous origin/main HEAD\n') },
      'a script with a history': { ...RUST, 'scripts/bench.py': 'baseline = load(); sys.exit(slower)', ...ci('- run: python scripts/bench.py\n', 'on:\n  push:\n    branches: [main]') },
      'a job that takes the time of both by hand': { ...RUST, ...ci(TIMED) },
    },
    partial: {
      'a baseline that is only written': { ...RUST, ...ci('- run: cargo bench\n- run: node tools/compare.js --results out.json --baseline base.json --update-baseline\n') },
      'a comparison that nobody hears': { ...RUST, ...ci('- run: cargo bench\n- run: node tools/compare.js --results out.json --baseline base.json || true\n') },
      'a baseline of something else': { ...RUST, ...ci('- run: cargo bench\n- run: detect-secrets scan --baseline .secrets\n') },
      'k6, told of nothing': { 'benchmarks/api.js': 'if (slow) fail(`slow`);', ...ci('- uses: grafana/run-k6-action@v1\n  with:\n    path: benchmarks/api.js\n') },
      'measured': { ...RUST, ...ci('- run: cargo bench\n') },
      'comments': { ...RUST, ...ci('- uses: benchmark-action/github-action-benchmark@v1\n  with:\n    comment-on-alert: true\n') },
    },
    missing: {
      nothing: RUST,
      'times that are only printed': { ...RUST, ...ci(TIMED.replace('exit 3', 'echo slower')) },
      'times that nobody is stopped by': { ...RUST, ...ci(`${TIMED}  continue-on-error: true\n`) },
      'two figures of something else': { ...RUST, ...ci(TIMED.replaceAll('/usr/bin/time', 'cat')) },
      'thrown away': { ...RUST, ...ci('- run: cargo bench || true\n') },
      'built': { ...RUST, ...ci('- run: cargo build --benches\n') },
      'turned off': { ...RUST, ...ci('- run: cargo bench\n  if: false\n') },
      'left out': { 'benchmarks/test_a.py': '', ...ci('- run: pytest --benchmark-skip\n') },
      'called so': { ...RUST, ...ci('- name: Benchmark\n  run: echo cargo bench\n') },
    },
    notApplicable: { 'no benchmarks': { 'Cargo.toml': '', 'src/lib.rs': '' }, 'a bench that is furniture': { 'src/furniture/workbench.py': '' } },
  });

  it('does not know what a script does with the results of before that can not be read', () => {
    const files: Files = ci('- uses: grafana/run-k6-action@v1\n  env:\n    PREVIOUS_SUMMARY: before.json\n  with:\n    path: benchmarks/api.js\n');
    const seen = practice('performance-regression').evidence(createRepository(['benchmarks/api.js', WORKFLOW], f => files[f]));
    assert.deepEqual([seen.result, seen.lookedFor], ['unknown', ['whether benchmarks/api.js, which could not be read, fails where it is slower than before']]);
  });

  it('measures what is there, and keeps the history of the main branch', async () => {
    const text = await judged('performance-regression', RUST);
    assert.match(text, /--read target\/criterion/);
    assert.match(text, /actions\/cache\/restore@[^]*actions\/cache\/save@/);
    assert.match(text, /- name: Keep the history\n\s+if: \$\{\{ !cancelled\(\) && github\.event_name != 'pull_request' \}\}/);
    assert.ok(commands(text).includes('cargo bench --workspace --locked'));
    assert.ok(commands(await judged('performance-regression', { 'go.mod': '', 'a.go': '', 'a_bench_test.go': '' })).some(c => c.startsWith("go test -run '^$' -bench . -count 5")));
    assert.match(await judged('performance-regression', { 'requirements.txt': 'pytest-benchmark==5\npytest==8\n', 'a.py': '', 'benchmarks/test_a.py': '' }), /--benchmark-only --benchmark-json/);
    assert.match(await judged('performance-regression', { 'package.json': '{"scripts":{"test":"vitest run"},"devDependencies":{"vitest":"3"}}', 'package-lock.json': '{}', 'src/a.bench.ts': '' }), /vitest bench --run --outputJson/);
  });
  it('times the tests for want of something better, and says so', async () => {
    const files: Files = { 'package.json': '{"scripts":{"test":"jest"}}', 'package-lock.json': '{}', 'bench/a.js': '' };
    assert.match(await judged('performance-regression', files), /--time 'test suite' 'npm test'/);
    assert.ok(planOf('performance-regression', files).todo.some(t => t.includes('benchmark of what matters')));
  });
  it('refuses where nothing could be measured', () => assert.match(refusalOf('performance-regression', { 'bench/a.cpp': '' }), /^Nothing says/));
});
