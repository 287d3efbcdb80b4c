import assert from 'node:assert/strict';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const py = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ 'a.py': '', [CI]: workflow(steps, extra) });
const MAY = { job: '    permissions:\n      contents: read\n      security-events: write\n' };
const UPLOAD = '- run: bandit -f sarif -o r.sarif -r .\n- uses: github/codeql-action/upload-sarif@v3\n';

describe('scan-results-published', () => {
  practiceCases('scan-results-published', {
    met: {
      'an upload': py(UPLOAD, MAY),
      'CodeQL, in a reusable workflow': { 'a.py': '', '.github/workflows/r.yml': workflow('- uses: github/codeql-action/analyze@v3\n', { on: 'on: workflow_call', ...MAY }),
        [CI]: 'on: pull_request\njobs:\n  scan:\n    uses: ./.github/workflows/r.yml\n' },
      'permissions that the file doesn’t tell': py(UPLOAD),
    },
    partial: { 'every job may': { 'a.py': '', [CI]: `${workflow(UPLOAD, { top: 'permissions:\n  security-events: write\n' })}  other:\n    runs-on: x\n    steps: [{run: make}]\n` } },
    missing: {
      nothing: { 'a.py': '' },
      'told not to': py('- uses: github/codeql-action/analyze@v3\n  with:\n    upload: never\n', MAY),
      'not allowed to': py(UPLOAD, { job: '    permissions:\n      contents: read\n' }),
      'switched off': py('- uses: github/codeql-action/upload-sarif@v3\n  if: ${{ false }}\n', MAY),
      'an artifact, called so': py('- name: Upload SARIF\n  uses: actions/upload-artifact@v4\n'),
    },
    notApplicable: { 'nothing that scanners look at': { 'README.md': '' } },
  });

  it('lets scanners write SARIF, uploads it also after a failure, and gives the right to that job alone', () => {
    const files: Files = { 'a.py': '', [CI]: workflow('- uses: actions/checkout@v4\n- uses: anchore/scan-action@v6\n  with:\n    path: .\n- run: make\n', { top: 'permissions:\n  contents: read\n' }) };
    const plan = practice('scan-results-published').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.equal(result('scan-results-published', { ...files, [CI]: text }), 1);
    assert.match(text, /output-format: sarif\n +output-file: grype\.sarif\n +- name: Publish the results\n +if: \$\{\{ !cancelled\(\) \}\}\n/);
    assert.match(text, /permissions:\n {6}contents: read\n {6}security-events: write\n/);
  });
  it('hears a scanner that was told not to upload', () => {
    const files: Files = { 'a.py': '', [CI]: workflow('- uses: github/codeql-action/analyze@v3\n  with:\n    upload: never\n    category: x\n', { job: '    permissions: {}\n' }) };
    const plan = practice('scan-results-published').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    assert.equal(result('scan-results-published', { ...files, [CI]: plan.changes[0]!.newText }), 1);
    assert.match(plan.changes[0]!.newText, /with:\n +category: x\n/);
  });
});
