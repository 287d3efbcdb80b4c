import assert from 'node:assert/strict';
import {
  effectiveEnv, effectivePermissions, effectiveShell, matrixValues, parseSource, runnerOs, scopeAccess, shellOf, triggerFacts, workflowPermissions,
  workflowShellDefault, type Workflow,
} from '../../../rules/workflow';

function workflow(text: string): Workflow { return parseSource('.github/workflows/x.yml', text).workflow!; }

function job(lines: string, head = ''): { w: Workflow; j: Workflow['jobs'][number] } {
  const w = workflow(`${head}jobs:\n  j:\n${lines.split('\n').map(l => `    ${l}`).join('\n')}\n`);
  return { w, j: w.jobs[0]! };
}

function shell(jobLines: string, stepLines = '', head = ''): string {
  const { w, j } = job(`${jobLines}\nsteps:\n- run: x${stepLines && `\n  ${stepLines}`}`, head);
  const found = effectiveShell(j.steps[0]!, j, w);
  assert.deepEqual(shellOf(j.steps[0]!, j, workflowShellDefault(w)), found);
  return `${found.shell}${found.explicit ? ' explicit' : ''}${found.pipefail ? ' pipefail' : ''}`;
}

const DEFAULTS = (s: string) => `defaults: {run: {shell: ${s}}}\n`;
const MATRIX = (os: string) => `runs-on: \${{ matrix.os }}\nstrategy: {matrix: {os: ${os}}}`;

describe('effective: shell', () => {
  const cases: [job: string, step: string, head: string, expected: string][] = [
    ['runs-on: ubuntu-latest', '', '', 'bash'],
    ['runs-on: windows-2022', '', '', 'pwsh'],
    ['runs-on: [self-hosted, Windows]', '', '', 'pwsh'],
    ['runs-on: [self-hosted, my-box]', '', '', 'bash'],
    ['runs-on: {group: big, labels: windows-16}', '', '', 'pwsh'],
    ['runs-on: macos-15', '', '', 'bash'],
    ['runs-on: darwin-box', '', '', 'bash'],
    ['runs-on: ubuntu-latest\ncontainer: alpine', '', '', 'sh'],
    ['runs-on: ubuntu-latest', 'shell: bash', '', 'bash explicit pipefail'],
    ['runs-on: windows-latest', 'shell: bash', '', 'bash explicit pipefail'],
    ['runs-on: ubuntu-latest', 'shell: bash -e {0}', '', 'bash explicit'],
    ['runs-on: ubuntu-latest', 'shell: /bin/bash -eo pipefail {0}', '', 'bash explicit pipefail'],
    ['runs-on: ubuntu-latest', 'shell: bash -l -e -o pipefail {0}', '', 'bash explicit pipefail'],
    ['runs-on: ubuntu-latest', 'shell: bash {0} pipefail', '', 'bash explicit'],
    ['runs-on: windows-latest', 'shell: C:\\msys\\bash.exe -e {0}', '', 'bash explicit'],
    ['runs-on: ubuntu-latest', 'shell: python3 {0}', '', 'python explicit'],
    ['runs-on: ubuntu-latest', 'shell: node {0}', '', 'node explicit'],
    ['runs-on: ubuntu-latest', 'shell: nix develop -c bash {0}', '', 'other explicit'],
    ['runs-on: ubuntu-latest', '', DEFAULTS('bash'), 'bash explicit pipefail'],
    [`runs-on: ubuntu-latest\n${DEFAULTS('pwsh').trim()}`, '', DEFAULTS('bash'), 'pwsh explicit'],
    [`runs-on: ubuntu-latest\n${DEFAULTS('pwsh').trim()}`, 'shell: cmd', DEFAULTS('bash'), 'cmd explicit'],
    [MATRIX('[ubuntu-latest, macos-latest]'), '', '', 'bash'],
    [MATRIX('[windows-2022, windows-2025]'), '', '', 'pwsh'],
    [MATRIX('[ubuntu-latest, windows-latest]'), '', '', 'unknown'],
    [MATRIX('"${{ fromJSON(x) }}"'), '', '', 'unknown'],
    ['runs-on: ${{ inputs.os }}', '', '', 'unknown'],
    ['runs-on: ubuntu-${{ inputs.version }}', '', '', 'bash'],
    ['runs-on: ${{ matrix.os }}-latest\nstrategy: {matrix: {os: [windows]}}', '', '', 'pwsh'],
    ['runs-on: ubuntu-latest\nstrategy: {matrix: {s: [bash, "bash -e {0}"]}}', 'shell: ${{ matrix.s }}', '', 'bash explicit'],
    ['runs-on: ubuntu-latest\nstrategy: {matrix: {s: [bash, pwsh]}}', 'shell: ${{ matrix.s }}', '', 'unknown explicit'],
    ['name: no runner', '', '', 'unknown'],
  ];
  for (const [lines, step, head, expected] of cases) {
    it(`${JSON.stringify([lines, step, head])} is ${expected}`, () => { assert.equal(shell(lines, step, head), expected); });
  }

  it('asks composite steps for their own shell', () => {
    const { steps } = parseSource('action.yml', 'runs:\n  using: composite\n  steps:\n    - run: x\n      shell: bash\n    - run: y\n').action!;
    assert.deepEqual(steps.map(s => effectiveShell(s, undefined, undefined).shell), ['bash', 'unknown']);
  });

  it('knows matrix values, their includes and nested paths', () => {
    const { j } = job('strategy:\n  matrix:\n    os: [a, b, a]\n    include:\n      - {os: c, cfg: {n: 1}}\n      - cfg: {n: 2}');
    assert.deepEqual([matrixValues(j, ['os']), matrixValues(j, ['cfg', 'n']), matrixValues(j, ['cfg']), matrixValues(j, ['none'])],
      [['a', 'b', 'c'], ['1', '2'], undefined, []]);
    assert.equal(matrixValues(job('strategy: {matrix: "${{ x }}"}').j, ['os']), undefined);
    assert.equal(matrixValues(job('strategy: {matrix: {os: [a], include: "${{ x }}"}}').j, ['os']), undefined);
    assert.equal(runnerOs(job('runs-on: [ubuntu-latest]').j), 'linux');
  });
});

describe('effective: permissions', () => {
  it('takes the job’s whole or the workflow’s whole', () => {
    const head = 'permissions: {contents: read}\n';
    const own = job('permissions: {issues: write}', head), inherited = job('name: x', head), none = job('name: x');
    const access = ({ w, j }: typeof own, scope: string) => { const p = effectivePermissions(j, w); return [p.source, scopeAccess(p, scope)]; };
    assert.deepEqual([access(own, 'issues'), access(own, 'contents'), access(inherited, 'contents'), access(inherited, 'issues'), access(none, 'contents')],
      [['job', 'write'], ['job', 'none'], ['workflow', 'read'], ['workflow', 'none'], ['default', 'unknown']]);
    assert.deepEqual(workflowPermissions(own.w), { source: 'workflow', shape: 'map', scopes: { contents: 'read' } });
  });

  it('reads the short forms', () => {
    const access = (p: string, scope: string) => scopeAccess(workflowPermissions(workflow(`permissions: ${p}\n`)), scope);
    assert.deepEqual([access('write-all', 'contents'), access('read-all', 'contents'), access('read-all', 'id-token'), access('{}', 'contents'), access('x', 'contents'),
      access('{contents: wrong}', 'contents'), access('{contents: read}', 'constructor')], ['write', 'read', 'none', 'none', 'unknown', 'unknown', 'none']);
  });
});

describe('effective: env and triggers', () => {
  it('lets the innermost variable win', () => {
    const { w, j } = job('env: {B: job, C: job}\nsteps:\n- run: x\n  env: {C: step, D: }', 'env: {A: w, B: w}\n');
    assert.deepEqual(effectiveEnv(j.steps[0], j, w), {
      complete: true,
      variables: [
        { name: 'A', value: 'w', source: 'workflow' }, { name: 'B', value: 'job', source: 'job' }, { name: 'C', value: 'step', source: 'step' },
        { name: 'D', value: null, source: 'step' },
      ],
    });
    assert.equal(effectiveEnv(undefined, undefined, workflow('env: ${{ x }}\n')).complete, false);
    assert.equal(effectiveEnv(undefined, undefined, workflow('env:\n')).complete, true);
  });

  it('tells what starts a workflow, and who can', () => {
    assert.deepEqual(triggerFacts(workflow('on:\n  push: {branches: [main]}\n  pull_request_target:\n  workflow_call:\n  schedule: [{cron: x}]\n  pull_request_review:\n')), {
      events: ['push', 'pull_request_target', 'workflow_call', 'schedule', 'pull_request_review'], privileged: ['pull_request_target'],
      outsider: ['pull_request_target', 'pull_request_review'], callable: true, scheduled: true, dispatchable: false, push: 'filtered',
    });
    assert.deepEqual(triggerFacts(workflow('on: [push, push, workflow_dispatch]\n')), {
      events: ['push', 'workflow_dispatch'], privileged: [], outsider: [], callable: false, scheduled: false, dispatchable: true, push: 'unfiltered',
    });
    assert.equal(triggerFacts(undefined).push, 'none');
  });
});
