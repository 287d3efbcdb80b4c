import assert from 'node:assert/strict';
import { PIPELINE_METRICS } from '../../../rules/practices/organisation/scripts/pipeline-metrics';
import { checkScript, exportsOf, runScript } from './github-stand-in';
import { practiceCases, workflow, type Files } from './support';

const CI: Files = { '.github/workflows/ci.yml': workflow('- run: make\n') };
const weekly = (steps: string, on = 'on:\n  schedule:\n    - cron: 3 4 * * 1'): Files => ({ ...CI, '.github/workflows/m.yml': workflow(steps, { on }) });
const ALL = 'runs = api("/actions/runs")\nsuccess_rate = 1\nduration = 2\ndeployment_frequency = 3\nmttr = 4\nchange_failure_rate = 5\nopen(os.environ["GITHUB_STEP_SUMMARY"])\n';

interface Metrics { runs: number; success?: number; p50?: number; p95?: number; p99?: number; deploymentsPerWeek?: number; changeFailureRate?: number; timeToRecovery?: number;
  workflows: { name: string; runs: number }[] }
interface Exports { percentile(values: number[], p: number): number | undefined; metrics(runs: readonly object[], options: object): Metrics; page(m: Metrics, days: number): string }

/** A run of `minutes` that ended at an hour of a day. */
const run = (end: string, conclusion: string, minutes: number, more: object = {}): object => ({ status: 'completed', conclusion, updated_at: end, event: 'push',
  run_started_at: new Date(Date.parse(end) - minutes * 60_000).toISOString(), head_branch: 'main', workflow_id: 1, name: 'CI', path: '.github/workflows/ci.yml', ...more });
const CD = { workflow_id: 2, name: 'CD', path: '.github/workflows/cd.yml' };
const RECORDED = [
  run('2026-03-01T10:00:00Z', 'success', 4), run('2026-03-01T11:00:00Z', 'failure', 6), run('2026-03-01T11:30:00Z', 'failure', 5), run('2026-03-01T12:00:00Z', 'success', 8),
  run('2026-03-02T10:00:00Z', 'success', 3, CD), run('2026-03-02T11:00:00Z', 'failure', 2, CD), run('2026-03-02T11:20:00Z', 'success', 2, CD),
  run('2026-03-02T12:00:00Z', 'cancelled', 50), run('2026-03-02T12:00:00Z', 'failure', 1, { event: 'pull_request', head_branch: 'topic' }), { ...run('2026-03-02T13:00:00Z', 'success', 1), status: 'in_progress' },
];

describe('pipeline-metrics', () => {
  practiceCases('pipeline-metrics', {
    met: {
      'a script that computes all of it': { ...weekly('- run: python3 scripts/metrics.py\n'), 'scripts/metrics.py': ALL },
      'an action for DORA figures': weekly('- uses: DeveloperMetrics/deployment-frequency@v1\n'),
    },
    partial: { 'two figures': weekly('- run: |\n    gh run list --json conclusion,startedAt,updatedAt > runs.json\n    jq .duration runs.json >> "$GITHUB_STEP_SUMMARY"\n') },
    missing: {
      'nothing': CI,
      'a look for a run to wait for': weekly('- run: gh run list --limit 1 --json conclusion\n'),
      'by hand alone': { ...weekly('- run: python3 scripts/metrics.py\n', 'on: workflow_dispatch'), 'scripts/metrics.py': ALL },
      'a name alone (decoy)': weekly('- name: Report success rate, MTTR and durations of /actions/runs\n  run: echo metrics\n'),
    },
    notApplicable: { 'no workflow': { 'README.md': '' } },
  });

  describe('its script', () => {
    it('is one that Node can read', () => checkScript(PIPELINE_METRICS));

    it('takes percentiles by nearest rank', async () => {
      const { percentile } = await exportsOf<Exports>(PIPELINE_METRICS);
      assert.deepEqual([50, 95, 99].map(p => percentile([5, 1, 3, 2, 4], p)), [3, 5, 5]);
      assert.equal(percentile([], 50), undefined);
      assert.equal(percentile(Array.from({ length: 100 }, (_, i) => i + 1), 95), 95);
    });

    it('computes its figures from recorded runs', async () => {
      const { metrics } = await exportsOf<Exports>(PIPELINE_METRICS);
      const m = metrics(RECORDED, { days: 7, deploys: ['cd.yml'], defaultBranch: 'main' });
      assert.equal(m.runs, 8);
      assert.equal(m.success, 50);
      assert.deepEqual([m.p50, m.p95], [3, 8]);
      assert.equal(m.deploymentsPerWeek, 2);
      assert.equal(Math.round(m.changeFailureRate!), 33);
      // An hour from the first failure of CI, twenty minutes for CD.
      assert.equal(m.timeToRecovery, 40);
      assert.deepEqual(m.workflows.map(w => [w.name, w.runs]), [['CI', 5], ['CD', 3]]);
    });

    it('says nothing where there is nothing', async () => {
      const { metrics, page } = await exportsOf<Exports>(PIPELINE_METRICS);
      const m = metrics([], { days: 30, deploys: [], defaultBranch: 'main' });
      assert.deepEqual([m.success, m.p50, m.deploymentsPerWeek, m.changeFailureRate, m.timeToRecovery], [undefined, undefined, undefined, undefined, undefined]);
      assert.match(page(m, 30), /\| success rate \| nothing yet \|/);
    });

    it('reads pages of runs, and writes the summary', async () => {
      const many = Array.from({ length: 100 }, () => run('2026-03-01T10:00:00Z', 'success', 4));
      const done = await runScript(PIPELINE_METRICS, [], { DAYS: '30', DEPLOYS: 'cd.yml', DEFAULT_BRANCH: 'main' }, a => ({ body: { workflow_runs: a.path.endsWith('page=1') ? many : RECORDED } }));
      assert.equal(done.code, 0, done.output);
      assert.equal(done.asked.length, 2);
      assert.match(done.summary, /\| success rate \| 96\.3 % \|[^]*\| CI \| 105 \|/);
      const failing = await runScript(PIPELINE_METRICS, [], {}, () => ({ status: 503, body: 'busy' }));
      assert.equal(failing.code, 1);
      assert.equal(failing.asked.length, 3);
    });
  });
});
