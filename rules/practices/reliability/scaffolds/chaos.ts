/** A workflow that makes eight things go wrong, once a week. */
import { basename, repoFacts, type Repository } from '../../../repository';
import type { Scaffold } from '../../practice';
import { offHour, SCRIPTS, workflowScaffold } from '../../shared/programme';
import { checkoutStep, jobHead, yamlText } from '../../shared/snippets';
import { testJobs } from '../../shared/test-jobs';
import { workflowLines } from '../../shared/workflow-file';
import { SCRIPT_TEXTS } from '../scripts';

const SCRIPT = 'chaos.py';
const SCENARIOS = ['latency', 'exhaustion', 'dependency-failure', 'timeout', 'corrupted-artifact', 'flaky-test', 'parallel-failure', 'cold-cache'];

interface Commands { readonly setup: readonly string[]; readonly install: string; readonly test: string }

/** The steps of a generated test job, taken apart: what sets up, what installs, what tests. */
function takeApart(yaml: readonly string[]): Commands | undefined {
  const steps: string[][] = [];
  for (const line of yaml.slice(yaml.indexOf('steps:') + 1)) if (line.startsWith('  - ')) steps.push([line]); else steps.at(-1)?.push(line);
  const setup: string[] = [], install: string[] = [];
  let test: string | undefined;
  for (const step of steps) {
    const run = step.findIndex(l => /^ {4}run: /.test(l));
    if (run < 0) {
      // The cache is what some of the scenarios take away.
      if (!step.some(l => l.includes('actions/checkout@'))) setup.push(...step);
      continue;
    }
    const folder = /^ {4}working-directory: (.*)$/.exec(step.find(l => l.startsWith('    working-directory: ')) ?? '')?.[1];
    const first = step[run]!.slice('    run: '.length), text = first === '|' ? step.slice(run + 1).map(l => l.trim()).join(' && ') : first;
    const command = folder === undefined ? text : `cd ${folder} && ${text}`;
    if (step[0] === '  - name: Test') test = command;
    else if (/Enable|Install Poetry/.test(step[0]!)) setup.push(...step);
    else install.push(command);
  }
  return test === undefined ? undefined : { setup, install: install.join(' && '), test };
}

/** What is fetched where nothing is installed by a step of its own. */
const FETCH: Readonly<Record<string, string>> = { go: 'go mod download', cargo: 'cargo fetch --locked', swift: 'swift package resolve' };

export function chaosScaffold(there: (repo: Repository) => boolean): Scaffold {
  return workflowScaffold({
    title: 'Add a chaos-test workflow',
    there: repo => (there(repo) ? 'Faults are made on a schedule already.' : undefined),
    plan(repo) {
      const { jobs, todo } = testJobs(repo), found = jobs[0] && takeApart(jobs[0].yaml);
      if (!found) return { refused: 'There are no tests here that a generated workflow could run while something fails.' };
      const project = repoFacts(repo).stack.projects.find(p => !p.member), { minute, hour } = offHour(repo, 'chaos');
      const install = found.install || FETCH[project?.manager ?? ''] || '';
      const lockfile = project?.lockfile ?? (repo.has('requirements.txt') ? 'requirements.txt' : undefined);
      return {
        file: 'chaos-test',
        lines: workflowLines({
          name: 'Chaos test',
          on: ['schedule:', `  - cron: '${minute} ${hour} * * 2'`, 'workflow_dispatch:'],
          cancel: false,
          jobs: [
            {
              id: 'chaos',
              yaml: [
                ...jobHead('Chaos', 45),
                'strategy:',
                '  fail-fast: false',
                '  matrix:',
                '    scenario:',
                ...SCENARIOS.map(s => `      - ${s}`),
                'steps:',
                ...checkoutStep(),
                ...found.setup,
                '  - name: Make it fail',
                '    env:',
                '      SCENARIO: ${{ matrix.scenario }}',
                ...(install === '' ? [] : [`      INSTALL: ${quoted(install)}`]),
                `      TEST: ${quoted(found.test)}`,
                ...(lockfile === undefined ? [] : [`      LOCKFILE: ${yamlText(lockfile)}`]),
                `    run: python3 ${SCRIPTS}/${SCRIPT} "$SCENARIO"`,
              ],
            },
            {
              id: 'report',
              yaml: [
                ...jobHead('Report', 5, ['issues: write']).flatMap(l => (l.startsWith('runs-on') ? ['needs: chaos', 'if: failure()', l] : [l])),
                'steps:',
                '  - name: Open or update the issue',
                '    env:',
                '      GH_TOKEN: ${{ github.token }}',
                '      GH_REPO: ${{ github.repository }}',
                '      RUN: ${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}',
                '    run: |',
                '      number=$(gh issue list --state open --search \'in:title "Chaos test failed"\' --json number --jq \'.[0].number // empty\')',
                '      if [ -n "$number" ]; then',
                '        gh issue comment "$number" --body "Again: $RUN"',
                '      else',
                '        gh issue create --title "Chaos test failed" --body "A scenario was not taken as it should: $RUN"',
                '      fi',
              ],
            },
          ],
        }),
        scripts: [{ name: SCRIPT, text: SCRIPT_TEXTS[SCRIPT] }],
        explanation: `Adds a weekly workflow with eight scenarios: ${SCENARIOS.join(', ')}. Each runs install and tests (${basename(found.test.split(' ')[0]!)} …) while something fails, and says whether that was taken as it should.`,
        todo: [...todo, 'Look at the first run: a scenario that fails there is a finding, and no defect of the workflow.'],
      };
    },
  });
}

function quoted(command: string): string { return /^[A-Za-z./][\w ./:=-]*$/.test(command) && !/: /.test(command) ? command : `'${command.replaceAll("'", "''")}'`; }
