import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { parseSource } from '../../../rules/workflow/parse';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const ci = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ [CI]: workflow(steps, extra) });
const DEEP = '- uses: actions/checkout@v4\n  with:\n    fetch-depth: 0\n';
const IMAGE = (flag: string): string => `inputs:
  scanner:
    default: registry.example/team/trufflehog
  tag:
    default: latest
runs:
  using: composite
  steps:
    - shell: bash
      env:
        SCANNER: \${{ inputs.scanner }}
        TAG: \${{ inputs.tag }}
      run: docker run --rm -v .:/src "\${SCANNER}:$TAG" git file:///src ${flag}
`;

describe('scan-secrets', () => {
  practiceCases('scan-secrets', {
    met: {
      'Gitleaks over the history': ci(`${DEEP}- uses: gitleaks/gitleaks-action@v2\n`),
      'a scanner of files': ci('- uses: actions/checkout@v4\n- run: detect-secrets-hook --baseline .secrets.baseline\n'),
      'Trivy over files, which looks for secrets unless it is told otherwise': ci('- uses: aquasecurity/trivy-action@v0.36.0\n  with:\n    scan-type: fs\n    exit-code: 1\n'),
      'the same on the command line': ci('- run: trivy fs --exit-code 1 .\n'),
      'pushes to every branch': ci(`${DEEP}- run: gitleaks git .\n`, { on: 'on: push' }),
      'an image that an input of the action at the root names': { ...ci(`${DEEP}- uses: ./\n`), 'action.yml': IMAGE('--fail') },
    },
    partial: { 'one commit': ci('- uses: actions/checkout@v4\n- uses: gitleaks/gitleaks-action@v2\n') },
    missing: {
      nothing: {},
      'swallowed': ci(`${DEEP}- run: gitleaks git . || true\n`),
      'on a schedule alone': ci(`${DEEP}- run: gitleaks git .\n`, { on: 'on:\n  schedule:\n    - cron: 1 2 * * 3' }),
      'TruffleHog that never fails': ci(`${DEEP}- run: trufflehog git file://.\n`),
      'Trivy, told to look for vulnerabilities': ci('- uses: aquasecurity/trivy-action@v0.36.0\n  with:\n    scan-type: fs\n    scanners: vuln\n    exit-code: 1\n- run: trivy fs --scanners=vuln,license --exit-code 1 .\n'),
      'Trivy that succeeds whatever it finds': ci('- run: trivy fs .\n'),
      'such an image that never fails': { ...ci(`${DEEP}- uses: ./\n`), 'action.yml': IMAGE('--no-update') },
      'an image that only the run knows': { ...ci(`${DEEP}- uses: ./\n`), 'action.yml': IMAGE('--fail').replace('default: registry.example/team/trufflehog', 'required: true') },
      'a name alone': ci('- name: Gitleaks\n  run: echo\n'),
    },
    notApplicable: 'every repository can hold a secret',
  });

  it('runs one pinned image, without a network, over the whole history', () => {
    const plan = practice('scan-secrets').scaffold!.plan(repository({}));
    assert.ok(!('refused' in plan));
    const script = parseSource(CI, plan.changes[0]!.newText).workflow!.jobs[0]!.steps.find(s => s.run)!.run!.scalar.value;
    const made = spawnSync('bash', ['-e', '-c', `docker() { printf '%s\\n' "$@"; }\n${script}`], { encoding: 'utf8', env: { ...process.env, GITHUB_WORKSPACE: '/home/a b' } });
    assert.equal(made.status, 0);
    assert.deepEqual(made.stdout.trim().split('\n').map(a => a.replace(/:v[\d.]+@sha256:[0-9a-f]{64}$/, ':pinned')),
      ['run', '--rm', '--network', 'none', '--volume', '/home/a b:/repo:ro', 'ghcr.io/gitleaks/gitleaks:pinned', 'git', '--redact', '--verbose', '--no-banner', '/repo']);
  });
});
