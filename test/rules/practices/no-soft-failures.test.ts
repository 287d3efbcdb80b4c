import assert from 'node:assert/strict';
import { applied } from './plans';
import { planOf, refusalOf } from './judge';
import { practiceCases, result, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [WORKFLOW]: workflow(steps, extra) });

describe('no-soft-failures', () => {
  practiceCases('no-soft-failures', {
    met: {
      'gates that can fail': ci('- run: npm test\n- run: npx eslint .\n'),
      'a build that finds wrong types': { 'tsconfig.json': '{}', ...ci('- run: npm run build\n') },
      'an outcome that is looked at': ci("- id: t\n  run: npm test\n  continue-on-error: true\n- if: steps.t.outcome == 'failure'\n  run: exit 1\n"),
      'an action that runs itself, and has no other check': { 'action.yml': 'runs:\n  using: node24\n  main: a.js\n', 'a.js': '', ...ci('- uses: ./\n- run: which tool\n') },
    },
    partial: { 'one of two': ci('- run: npm test\n- run: npx eslint . || true\n') },
    missing: {
      'continue-on-error': ci('- run: npm test\n  continue-on-error: true\n'),
      'of the job': ci('- run: npm test\n', { job: '    continue-on-error: true\n' }),
      '|| true': ci('- run: npm test || true\n'),
      'a flag': ci('- run: bandit -r . --exit-zero\n'),
      'an audit by a script of their own': { ...ci('- name: Audit the dependencies\n  run: python3 ci/audit.py\n  continue-on-error: true\n'), 'ci/audit.py': '' },
      'turned off': ci('- run: npm test\n  if: false\n'),
      'an action whose only run may fail': { 'action.yml': 'runs:\n  using: node24\n  main: a.js\n', 'a.js': '', ...ci('- uses: ./\n  continue-on-error: true\n') },
    },
    notApplicable: { 'what packs a release': { 'tsconfig.json': '{}', ...ci('- run: npm run package\n', { on: 'on: workflow_dispatch' }) }, 'a build without types': { 'a.py': '', ...ci('- run: hatch build\n') },
      'what mends tests is no test': ci('- name: Fix a flaky test\n  run: helper mend\n'), 'no gates': ci('- run: echo hello\n'), 'another action': ci('- uses: ./setup\n') },
  });

  const hardened = (files: Files): string => {
    const plan = planOf('no-soft-failures', files);
    assert.equal(result('no-soft-failures', applied(files, plan)), 1, plan.changes[0]!.newText);
    assert.match(refusalOf('no-soft-failures', applied(files, plan)), /can fail already/);
    return plan.changes[0]!.newText;
  };
  it('lets each kind fail, and leaves the rest as it is', () => {
    const before = ci(`- run: npm test # all of them
  continue-on-error: true
- run: |
    # comments stay
    pytest || true
    make lint || echo "never mind"
    echo "|| true"
- run: bandit -r src --exit-zero -q
- run: gitleaks git . --exit-code 0
`, { job: '    continue-on-error: \${{ true }}\n' });
    assert.equal(hardened(before), workflow(`- run: npm test # all of them
- run: |
    # comments stay
    pytest
    make lint
    echo "|| true"
- run: bandit -r src -q
- run: gitleaks git . --exit-code 1
`));
  });
  it('keeps line endings, and edits composite actions where they stand', () => {
    const crlf = ci('- run: |\n    npm test || true\n    echo done\n')[WORKFLOW]!.replaceAll('\n', '\r\n');
    assert.equal(hardened({ [WORKFLOW]: crlf }), crlf.replace(' || true', ''));
    const files: Files = { ...ci('- uses: ./.github/actions/t\n'), '.github/actions/t/action.yml': 'runs:\n  using: composite\n  steps:\n    - run: go test ./... || true\n      shell: bash\n' };
    const plan = planOf('no-soft-failures', files);
    assert.deepEqual(plan.changes.map(c => c.path), ['.github/actions/t/action.yml']);
    assert.match(plan.changes[0]!.newText, /run: go test \.\/\.\.\.\n/);
  });
  it('leaves decisions to people', () => {
    assert.match(refusalOf('no-soft-failures', ci('- run: npm test\n  if: false\n')), /decision of its own: .*if: false/);
    const plan = planOf('no-soft-failures', ci('- run: npm test\n  if: false\n- run: pytest || true\n'));
    assert.ok(plan.todo.some(t => /^Decide about npm in .*if: false/.test(t)));
    assert.match(plan.explanation, /1 of 2 gates/);
  });
});
