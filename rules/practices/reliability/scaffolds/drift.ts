/** A workflow that looks for drift every night. */
import type { Repository } from '../../../repository';
import type { Scaffold } from '../../practice';
import { offHour, SCRIPTS, workflowScaffold } from '../../shared/programme';
import { checkoutStep, jobHead, pin, yamlText } from '../../shared/snippets';
import { workflowLines } from '../../shared/workflow-file';
import type { Root } from '../drift-detection';
import { SCRIPT_TEXTS } from '../scripts';

const SCRIPT = 'drift.sh';

export function driftScaffold({ roots, there }: { roots(repo: Repository): readonly Root[]; there(repo: Repository): boolean }): Scaffold {
  return workflowScaffold({
    title: 'Add a drift-detection workflow',
    there: repo => (there(repo) ? 'Drift is looked for on a schedule already, and somebody is told.' : undefined),
    plan(repo) {
      const all = roots(repo), tool = all[0]?.tool;
      if (!tool) return { refused: 'There is no Terraform, OpenTofu or Pulumi project here whose state could be compared.' };
      if (tool === 'tofu') return { refused: 'OpenTofu can\'t be set up by an action that the catalogue knows: add a scheduled job that runs tofu plan -detailed-exitcode.' };
      const dirs = all.filter(r => r.tool === tool).map(r => r.dir), { minute, hour } = offHour(repo, 'drift');
      return {
        file: 'drift-detection',
        lines: workflowLines({
          name: 'Drift detection',
          on: ['schedule:', `  - cron: '${minute} ${hour} * * *'`, 'workflow_dispatch:'],
          cancel: false,
          jobs: [{
            id: 'drift',
            yaml: [
              ...jobHead('Drift', 30, ['contents: read', 'issues: write']),
              'strategy:',
              '  fail-fast: false',
              '  matrix:',
              '    folder:',
              ...dirs.map(d => `      - ${yamlText(d)}`),
              'steps:',
              ...checkoutStep(),
              ...(tool === 'terraform' ? ['  - name: Set up Terraform', `    uses: ${pin('hashicorp/setup-terraform').text}`, '    with:', '      terraform_wrapper: false'] : []),
              '  - name: Compare with what runs',
              '    env:',
              '      FOLDER: ${{ matrix.folder }}',
              '      GH_TOKEN: ${{ github.token }}',
              `    run: bash ${SCRIPTS}/${SCRIPT} ${tool} "$FOLDER"`,
            ],
          }],
        }),
        scripts: [{ name: SCRIPT, text: SCRIPT_TEXTS[SCRIPT] }],
        explanation: `Adds a workflow that compares ${dirs.join(', ')} with what runs every night. Where they differ it opens an issue, or adds to the one that is open, and fails.`,
        todo: [
          'Let the job log in with an identity that may only read: a step ahead of the comparison, as in the job that applies.',
          ...(tool === 'pulumi' ? ['Select the stack: set PULUMI_STACK, and PULUMI_ACCESS_TOKEN or the backend.'] : []),
        ],
      };
    },
  });
}
