import assert from 'node:assert/strict';
import { FAILURE_TRIAGE } from '../../../rules/practices/automation/scripts/failure-triage';
import { checkScript, exportsOf, runScript, type Asked } from './github-stand-in';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CI: Files = { '.github/workflows/ci.yml': workflow('- run: make test\n') };
const triage = (steps: string, job = "    if: github.event.workflow_run.conclusion == 'failure'\n", top = ''): Files => ({ ...CI,
  '.github/workflows/triage.yml': workflow(steps, { on: 'on:\n  workflow_run:\n    workflows: [CI]\n    types: [completed]', job, top }) });

interface Exports {
  patternOf(workflow: string, job: string, step: string): string;
  score(facts: object): { risk: number; streak: number };
  priority(risk: number): string;
  trend(runs: readonly object[], today: string): { day: string; runs: number; failed: number }[];
}

const run = (n: number, conclusion: string, more: object = {}): object => ({ id: n, conclusion, status: 'completed', created_at: `2026-03-0${n}T10:00:00Z`,
  event: 'push', head_branch: 'main', ...more });
/** As the API has them, less what isn't read. */
const RUN = { id: 7, workflow_id: 3, name: 'CI', event: 'push', head_branch: 'main', head_sha: 'c'.repeat(40), run_attempt: 1, created_at: '2026-03-07T10:00:00Z',
  conclusion: 'failure', html_url: 'https://github.com/o/r/actions/runs/7' };
const job = (id: number, name: string, conclusion: string, step = 'Run tests'): object => ({ id, name, conclusion, html_url: `https://github.com/o/r/job/${id}`,
  steps: [{ name: 'Set up', conclusion: 'success' }, { name: step, conclusion }] });

describe('failure-triage', () => {
  practiceCases('failure-triage', {
    met: {
      'commands that look first': triage('- run: |\n    gh issue list --label ci\n    gh issue create --title x --body y\n'),
      'an action that updates': triage('- uses: JasonEtco/create-an-issue@v2\n  with:\n    update_existing: true\n'),
      'a script of the repository': { ...triage('- run: node .github/scripts/t.js\n'), '.github/scripts/t.js':
        'await github.rest.issues.listForRepo(x);\nawait github.rest.issues.create(y);\n' },
      'github-script': triage('- uses: actions/github-script@v7\n  with:\n    script: |\n      const old = await github.rest.search.issuesAndPullRequests({q});\n      await github.rest.issues.create({});\n'),
    },
    partial: {
      'an answer on the pull request': triage('- run: gh pr comment 1 --body-file verdict.md\n'),
      'an answer by a reusable workflow': { ...CI,
        '.github/workflows/after.yml': 'on:\n  workflow_run:\n    workflows: [CI]\n    types: [completed]\njobs:\n  read:\n    runs-on: x\n    outputs:\n      has_failures: ${{ steps.r.outputs.f }}\n    steps:\n      - id: r\n        run: ./read.sh\n  answer:\n    needs: read\n    if: needs.read.outputs.has_failures == \'true\'\n    uses: ./.github/workflows/answer.yml\n',
        '.github/workflows/answer.yml': workflow('- uses: actions/github-script@v7\n  with:\n    script: await github.rest.issues.createComment({})\n', { on: 'on: workflow_call' }) },
      'a new issue each time': triage('- run: gh issue create --title x --body y\n'),
      'a job of its own for that': { '.github/workflows/fuzz.yml': `${workflow('- run: make\n', { on: 'on: push' })}  tell:\n    needs: check\n    if: failure()\n    runs-on: x\n    steps:\n      - run: gh issue list && gh issue create --title x\n` },
      'a workflow that looks after itself': { '.github/workflows/nightly.yml':
        workflow('- run: make\n- if: failure()\n  run: gh issue create --title x\n', { on: 'on:\n  schedule: [{cron: 1 2 * * *}]' }) },
    },
    missing: {
      'nothing': CI,
      'an issue that is only spoken of (decoy)': triage('- name: Failure triage, opens an issue\n  run: echo gh issue create\n'),
      'a comment whatever the run has come to': triage('- run: gh pr comment 1 --body-file coverage.md\n', "    if: github.event.workflow_run.conclusion == 'success'\n"),
      'one that never asks for the conclusion': triage('- run: gh issue create --title x\n', ''),
      'a token that may not': triage('- run: |\n    gh issue list\n    gh issue create\n', "    if: github.event.workflow_run.conclusion == 'failure'\n",
        'permissions:\n  contents: read\n'),
      'a job that is turned off': triage('- run: gh issue create --title failure\n', '    if: false\n'),
    },
    notApplicable: { 'no workflow': { 'README.md': '' } },
  });

  it('follows every workflow that starts by itself, by the name that GitHub knows', () => {
    const made = practice('failure-triage').scaffold!.plan(repository({ ...CI, '.github/workflows/b.yml': "name: It's b\non: push\njobs:\n  x:\n    runs-on: u\n",
      '.github/workflows/c.yml': 'on: push\njobs:\n  x:\n    runs-on: u\n', '.github/workflows/called.yml': 'name: called\non: workflow_call\njobs:\n  x:\n    runs-on: u\n' }));
    assert.ok(!('refused' in made));
    assert.match(made.changes[0]!.newText, /workflows:\n {6}- '\.github\/workflows\/c\.yml'\n {6}- 'CI'\n {6}- 'It''s b'\n {4}types/);
    assert.ok('refused' in practice('failure-triage').scaffold!.plan(repository({ ...CI, '.github/scripts/failure-triage.mjs': '// another' })));
  });

  describe('its script', () => {
    it('is one that Node can read', () => checkScript(FAILURE_TRIAGE));

    it('scores from 0 to 1, and sorts at 0.7 and 0.4', async () => {
      const s = await exportsOf<Exports>(FAILURE_TRIAGE);
      const bad = [1, 2, 3].map(n => run(n, 'failure')), mixed = [run(1, 'success'), run(2, 'success'), run(3, 'failure')];
      const worst = s.score({ onDefaultBranch: true, deploys: true, history: bad, jobs: 2, failedJobs: 2 });
      assert.deepEqual([worst.risk, worst.streak, s.priority(worst.risk)], [1, 3, 'P0']);
      const middle = s.score({ onDefaultBranch: true, deploys: false, history: bad.slice(0, 2), jobs: 1, failedJobs: 1 });
      assert.deepEqual([middle.risk, s.priority(middle.risk)], [0.7, 'P1']);
      const mild = s.score({ onDefaultBranch: false, deploys: false, history: mixed, jobs: 10, failedJobs: 1 });
      assert.deepEqual([mild.risk, s.priority(mild.risk)], [0.09, 'P2']);
      assert.deepEqual([0.71, 0.7, 0.41, 0.4].map(s.priority), ['P0', 'P1', 'P1', 'P2']);
    });

    it('takes the matrix, numbers and commits out of a pattern', async () => {
      const s = await exportsOf<Exports>(FAILURE_TRIAGE);
      assert.equal(s.patternOf('CI', 'test (20, ubuntu-latest)', 'Build 0a1b2c3d4e'), s.patternOf('CI', 'test (22, windows)', 'Build fedcba98'));
      assert.notEqual(s.patternOf('CI', 'test', 'Build'), s.patternOf('CI', 'lint', 'Build'));
      assert.deepEqual(s.trend([run(7, 'failure'), run(7, 'success'), run(1, 'failure'), run(6, 'cancelled')], '2026-03-07T12:00:00Z').map(d => [d.day.slice(8), d.runs, d.failed]),
        [['01', 1, 1], ['02', 0, 0], ['03', 0, 0], ['04', 0, 0], ['05', 0, 0], ['06', 0, 0], ['07', 2, 1]]);
    });

    const answers = (jobs: readonly object[], issues: readonly object[]) => (a: Asked) =>
      a.path.startsWith('/actions/runs/7/jobs') ? { body: { jobs } } : a.path === '/actions/runs/7' ? { body: RUN }
      : a.path.startsWith('/actions/workflows/3/runs') ? { body: { workflow_runs: [run(6, 'success'), run(7, 'failure')] } }
      : a.method === 'GET' && a.path.startsWith('/issues') ? { body: issues } : a.path.startsWith('/issues') ? { body: {} } : undefined;
    const env = { RUN_ID: '7', DEFAULT_BRANCH: 'main' };

    it('opens one issue per pattern', async () => {
      const done = await runScript(FAILURE_TRIAGE, [], env, answers([job(1, 'test (20)', 'failure'), job(2, 'test (22)', 'failure'), job(3, 'lint', 'failure', 'Lint'),
        job(4, 'docs', 'success')], []));
      assert.equal(done.code, 0, done.output);
      const posts = done.asked.filter(a => a.method === 'POST').map(a => a.body as { title: string; body: string; labels: string[] });
      assert.deepEqual(posts.map(p => p.title), ['[P1] CI / test / Run tests fails', '[P1] CI / lint / Lint fails']);
      assert.deepEqual(posts[0]!.labels, ['ci-failure', 'P1']);
      assert.match(posts[0]!.body, /^<!-- failure-triage: [0-9a-f]{16} -->\n[^]*2 failed job\(s\)[^]*50 % of the runs/);
      assert.match(done.summary, /## P1: CI[^]*\| 2026-03-07 \| 1 \| 1 \| # \|/);
      // The second time the same issue is written anew.
      const again = await runScript(FAILURE_TRIAGE, [], env, answers([job(5, 'test (24)', 'timed_out')], [{ number: 12, body: posts[0]!.body },
        { number: 13, body: posts[0]!.body, pull_request: {} }]));
      assert.deepEqual(again.asked.filter(a => a.method !== 'GET').map(a => [a.method, a.path]), [['PATCH', '/issues/12']]);
    });

    it('lets no name be Markdown, and fails aloud where there is no run', async () => {
      const done = await runScript(FAILURE_TRIAGE, [], env, answers([job(1, '<img src=x> @everyone `](http://evil)', 'failure')], []));
      const { title, body } = done.asked.find(a => a.method === 'POST')!.body as { title: string; body: string };
      assert.ok(!/[<>`\]]|@everyone/.test(title.replace(/^\[P\d\]/, '')), title);
      assert.ok(!/<img|@everyone/.test(body), body);
      const none = await runScript(FAILURE_TRIAGE, [], env, () => undefined);
      assert.equal(none.code, 1);
      assert.match(none.output, /::error::there is no run 7/);
    });
  });
});
