import { practiceCases, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const image = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ Dockerfile: 'FROM x', [CI]: workflow(steps, extra) });
const TRIVY = '- uses: aquasecurity/trivy-action@v0.36.0\n  with:\n    image-ref: app\n';

describe('scan-container', () => {
  practiceCases('scan-container', {
    met: {
      'Trivy that fails': image(`${TRIVY}    exit-code: 1\n`),
      'where images are released': image('- run: grype app:latest --fail-on high\n', { on: 'on: release' }),
      'results in code scanning': image(`${TRIVY}    format: sarif\n- uses: github/codeql-action/upload-sarif@v3\n`),
    },
    partial: 'one scan that can fail is all that is asked for',
    missing: {
      nothing: image('- run: docker build .\n'),
      'it succeeds whatever it finds': image(TRIVY),
      'on a schedule alone': image(`${TRIVY}    exit-code: 1\n`, { on: 'on:\n  schedule:\n    - cron: 1 2 * * 3' }),
      'the file system': image('- run: trivy fs --exit-code 1 .\n'),
      'an image of a tool that a workflow builds': { 'tools/agent/Dockerfile': 'FROM x', [CI]: workflow('- run: docker build --file tools/agent/Dockerfile .\n') },
      'an image among the tools': { 'tools/docker/Dockerfile': 'FROM x', [CI]: workflow('- run: make\n') },
      'a name alone': image('- name: Trivy\n  run: echo\n'),
    },
    notApplicable: { 'images of helpers that no workflow builds': { 'tools/attack-surface/docker/Dockerfile': '', 'hack/Dockerfile.protos': '', 'docker/3.4.1-browsers/Dockerfile': '',
      [CI]: workflow('- run: make\n') },
    'images to develop in': { '.devcontainer/Dockerfile': '', 'dev.Dockerfile': '', 'examples/Dockerfile': '' } },
  });
});
