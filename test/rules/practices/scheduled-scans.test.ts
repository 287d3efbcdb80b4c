import assert from 'node:assert/strict';
import { daysBetween } from '../../../rules/practices/automation/scheduled-scans';
import { parseSource } from '../../../rules/workflow/parse';
import { applied } from './plans';
import { findings, practice, practiceCases, repository, workflow, type Files } from './support';

const CODE: Files = { 'requirements.txt': 'x==1\n', 'a.py': '' };
const PATH = '.github/workflows/scan.yml';
const scan = (on: string, steps = '- run: pip-audit --strict\n', job = ''): Files => ({ ...CODE, [PATH]: workflow(steps, { on, job }) });
const cron = (line: string): string => `on:\n  pull_request:\n  schedule:\n    - cron: '${line}'`;

describe('scheduled-scans', () => {
  practiceCases('scheduled-scans', {
    met: {
      'weekly': scan(cron('17 4 * * 1')),
      'daily, and on a schedule alone': scan("on:\n  schedule:\n    - cron: '17 4 * * *'"),
      'CodeQL': scan(cron('17 4 * * 1'), '- uses: github/codeql-action/analyze@v3\n'),
      'called': { ...CODE, [PATH]: 'on:\n  schedule:\n    - cron: 1 2 * * 3\njobs:\n  s:\n    uses: ./.github/workflows/c.yml\n',
        '.github/workflows/c.yml': workflow('- run: osv-scanner -r .\n', { on: 'on: workflow_call' }) },
    },
    partial: { 'monthly': scan(cron('17 4 1 * *')) },
    missing: {
      'on pull requests alone': scan('on: pull_request'),
      'one that can’t fail': scan(cron('17 4 * * 1'), '- run: pip-audit --strict || true\n'),
      'skipped on schedules': scan(cron('17 4 * * 1'), undefined, "    if: github.event_name == 'pull_request'\n"),
      'a name alone (decoy)': scan(cron('17 4 * * 1'), '- name: Weekly security scan\n  run: echo pip-audit\n'),
    },
    notApplicable: { 'there is nothing to scan': { 'README.md': '' } },
  });

  it('reads how often a schedule runs', () => {
    assert.deepEqual(['1 2 * * *', '1 2 * * 1', '1 2 */3 * *', '1 2 1,15 * *', '1 2 1 * *', '1 2 1 */3 *', '1 */6 * * *'].map(daysBetween), [1, 7, 3, 15.5, 31, 360, 1]);
  });

  it('adds a schedule where everything may run by night, however the triggers are written', () => {
    for (const on of ['on: pull_request', 'on: [push, pull_request]', 'on:\n  pull_request:\n    branches: [main]', 'on:\r\n  pull_request:\r\n']) {
      const files = scan(on), made = practice('scheduled-scans').scaffold!.plan(repository(files));
      assert.ok(!('refused' in made), on);
      const { workflow: after, problems } = parseSource(PATH, made.changes[0]!.newText);
      assert.deepEqual(problems, []);
      assert.equal(after!.triggers.at(-1)!.event, 'schedule');
      assert.match(after!.triggers.at(-1)!.cron![0]!.value, /^\d+ [2-6] \* \* 1$/);
      assert.equal(practice('scheduled-scans').evidence(repository(applied(files, made))).result, 1);
    }
  });

  it('copies the scans out of a workflow that deploys', () => {
    const files: Files = { ...CODE, [PATH]: `${workflow('- run: pip-audit --strict\n', { on: 'on: [push, pull_request]', job: '    timeout-minutes: 5\n    permissions:\n      contents: read\n' })}
  deploy:
    needs: check
    runs-on: ubuntu-latest
    steps:
      - run: kubectl apply -f k8s
` };
    const made = practice('scheduled-scans').scaffold!.plan(repository(files));
    assert.ok(!('refused' in made), JSON.stringify(made));
    assert.equal(made.changes[0]!.path, '.github/workflows/scheduled-scans.yml');
    assert.deepEqual(parseSource('.github/workflows/x.yml', made.changes[0]!.newText).workflow!.jobs.map(j => j.id), ['check']);
    const after = applied(files, made);
    assert.deepEqual(findings(after).filter(f => f.path.endsWith('scheduled-scans.yml')).map(f => f.ruleId), []);
    assert.equal(practice('scheduled-scans').evidence(repository(after)).result, 1);
  });

  it('says what to add first where there is no scan', () => {
    const made = practice('scheduled-scans').scaffold!.plan(repository(CODE));
    assert.ok('refused' in made && /no scan yet/.test(made.refused));
  });
});
