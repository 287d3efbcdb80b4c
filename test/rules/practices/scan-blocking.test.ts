import assert from 'node:assert/strict';
import { practice, practiceCases, repository, result, verdict, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [CI]: workflow(steps, extra) });

describe('scan-blocking', () => {
  practiceCases('scan-blocking', {
    met: {
      'a scanner that fails': ci('- run: gitleaks git .\n'),
      'one run for the report, one for the verdict': ci('- uses: aquasecurity/trivy-action@v0.36.0\n  with:\n    image-ref: a\n- uses: aquasecurity/trivy-action@v0.36.0\n  with:\n    image-ref: a\n    exit-code: 1\n'),
      'looked at later': ci('- id: scan\n  run: bandit -r src\n  continue-on-error: true\n- if: steps.scan.outcome == \'failure\'\n  run: exit 1\n'),
      'handed to code scanning': ci('- run: semgrep scan --sarif -o r.sarif\n- uses: github/codeql-action/upload-sarif@v3\n'),
    },
    partial: { 'one of two': ci('- run: gitleaks git .\n- run: npm audit || true\n') },
    missing: {
      'continue-on-error': ci('- run: gitleaks git .\n  continue-on-error: true\n'),
      'its own switch': ci('- uses: bridgecrewio/checkov-action@v12\n  with:\n    soft_fail: true\n'),
      'switched off': ci('- run: gitleaks git .\n  if: false\n'),
      'a tool that succeeds unless told otherwise': ci('- run: grype dir:.\n'),
    },
    notApplicable: { 'no scanner': ci('- name: gitleaks\n  run: echo\n'), 'a list is no scan': ci('- uses: aquasecurity/trivy-action@v0.36.0\n  with:\n    image-ref: a\n    format: cyclonedx\n') },
  });

  it('takes away what keeps scanners quiet, and leaves tests alone', () => {
    const files = ci('- run: npm audit || true\n- run: npm test\n  continue-on-error: true\n- run: gitleaks git .\n  continue-on-error: true # noisy\n- uses: aquasecurity/trivy-action@v0.36.0\n  with:\n    scan-type: fs\n    exit-code: 0\n');
    assert.equal(result('scan-blocking', files), 0);
    const plan = practice('scan-blocking').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.equal(result('scan-blocking', { [CI]: text }), 1);
    assert.match(text, /- run: npm test\n +continue-on-error: true\n/);
    assert.equal(text.match(/continue-on-error/g)!.length, 1);
  });
  it('says of each scanner how it blocks', () => {
    const says = (files: Files): string => verdict('scan-blocking', files)!.evidence[0]!.text;
    assert.equal(says(ci('- run: gitleaks git .\n')), 'gitleaks can fail');
    assert.equal(says(ci('- run: semgrep scan --sarif -o r.sarif\n- uses: github/codeql-action/upload-sarif@v3\n')), 'semgrep hands its results to code scanning');
    assert.equal(says(ci('- uses: github/codeql-action/analyze@v3\n')), 'github/codeql-action/analyze hands its results to code scanning');
  });
  it('says what it can’t change', () => {
    const plan = practice('scan-blocking').scaffold!.plan(repository(ci('- run: grype dir:.\n')));
    assert.ok('refused' in plan);
    assert.match(plan.refused, /grype in .*without --fail-on/);
  });
});
