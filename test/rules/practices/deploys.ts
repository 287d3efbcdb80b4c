/** Repositories that deploy, for the tests of practices about it. */
import type { Files } from './support';

/** A workflow that deploys on pushes to main; steps at column 0. */
export function deploys(steps: string, extra: { readonly on?: string; readonly job?: string; readonly jobs?: string; readonly id?: string } = {}, files: Files = {}): Files {
  const { on = 'on:\n  push:\n    branches: [main]', job = '', jobs = '', id = 'deploy' } = extra;
  return { ...files, '.github/workflows/deploy.yml': `name: Deploy\n${on}\njobs:\n  ${id}:\n    runs-on: ubuntu-latest\n${job}    steps:\n${steps.replace(/^(?=.)/gm, '      ')}${jobs}` };
}

export const APPLY = '- uses: actions/checkout@v4\n- run: kubectl apply -f k8s\n';
