/** A workflow that deploys by one of three strategies. */
import type { Repository } from '../../../repository';
import type { Scaffold } from '../../practice';
import { lastPerJob, servingDeployments, type Deployment } from '../../shared/deployments';
import { environmentName, loginSteps } from '../../shared/deploy-edits';
import { SCRIPTS, workflowScaffold } from '../../shared/programme';
import { checkoutStep, jobHead, pin, yamlText } from '../../shared/snippets';
import { workflowLines } from '../../shared/workflow-file';
import { SCRIPT_TEXTS } from '../scripts';

type Target = 'kubernetes' | 'cloudrun';

function targetOf(d: Deployment): Target | undefined {
  if (/^(?:kubectl|helm)\b|azure\/k8s-deploy/i.test(d.what)) return 'kubernetes';
  return /^gcloud run\b|deploy-cloudrun/i.test(d.what) ? 'cloudrun' : undefined;
}

const OWN: Readonly<Record<Target, readonly string[]>> = {
  kubernetes: ['NAMESPACE: ${{ vars.NAMESPACE }}'],
  cloudrun: ['REGION: ${{ vars.REGION }}'],
};
const NEEDS: Readonly<Record<Target, string>> = {
  kubernetes: 'Create what the strategy needs in the cluster: for canary a deployment and an ingress-nginx ingress called APP-canary, for blue-green the deployments APP-blue and APP-green and a service that selects by the label slot.',
  cloudrun: 'Let the identity of the job deploy revisions and move traffic (roles/run.developer).',
};

export function progressiveScaffold(there: (repo: Repository) => boolean): Scaffold {
  return workflowScaffold({
    title: 'Add a deploy workflow with blue-green, canary and rolling',
    there: repo => (there(repo) ? 'Deployments move the traffic step by step already, and are checked.' : undefined),
    plan(repo) {
      const all = lastPerJob(servingDeployments(repo)), found = all.map(d => ({ d, target: targetOf(d) }));
      if (all.length === 0) return { refused: 'There is no job here that deploys a program: its target says how traffic is moved.' };
      // The last one: what is deployed behind staging.
      const chosen = found.findLast(x => x.target && /prod|live/i.test(`${x.d.job.job.id} ${environmentName(x.d.job.job) ?? ''}`)) ?? found.findLast(x => x.target);
      if (!chosen?.target) return { refused: `How ${all[0]!.what} moves traffic step by step isn't known here: the generated workflow knows Kubernetes and Cloud Run.` };
      const { d, target } = chosen, environment = environmentName(d.job.job) ?? 'production', login = loginSteps(d.job.document, d);
      const tool = target === 'kubernetes' ? 'kubectl' : 'gcloud';
      return {
        file: 'deploy',
        lines: workflowLines({
          name: 'Deploy',
          on: [
            'workflow_dispatch:',
            '  inputs:',
            '    strategy:',
            '      description: How the traffic moves to the new version',
            '      type: choice',
            '      options: [canary, blue-green, rolling]',
            '      default: canary',
            '    image:',
            '      description: What is deployed, by digest (name@sha256:…)',
            '      required: true',
            '      type: string',
          ],
          group: `deploy-${environment.replace(/[^\w-]/g, '-')}`,
          cancel: false,
          jobs: [
            {
              id: 'preflight',
              yaml: [
                ...jobHead('Preflight', 10),
                'steps:',
                ...checkoutStep(),
                '  - name: Take digests only',
                '    env:',
                '      IMAGE: ${{ inputs.image }}',
                '    run: |',
                '      if [[ ! "$IMAGE" =~ ^[a-z0-9./:_-]+@sha256:[a-f0-9]{64}$ ]]; then',
                '        echo "::error::$IMAGE is no digest: a tag may name another image tomorrow."',
                '        exit 1',
                '      fi',
                '  - name: Preflight checks',
                '    env:',
                '      PREFLIGHT_LEVEL: high',
                '      REQUIRED: |',
                "        APP=${{ vars.APP != '' }}",
                "        BASE_URL=${{ vars.BASE_URL != '' }}",
                `      TOOLS: ${tool} curl`,
                `    run: bash ${SCRIPTS}/preflight.sh`,
              ],
            },
            {
              id: 'deploy',
              yaml: [
                ...jobHead('Deploy', 60, login.scopes).flatMap(l => (l.startsWith('runs-on') ? ['needs: preflight', l] : [l])),
                `environment: ${yamlText(environment)}`,
                'steps:',
                ...checkoutStep(),
                ...login.yaml,
                '  - name: Deploy step by step',
                '    env:',
                '      STRATEGY: ${{ inputs.strategy }}',
                `      TARGET: ${target}`,
                '      APP: ${{ vars.APP }}',
                '      IMAGE: ${{ inputs.image }}',
                ...OWN[target].map(l => `      ${l}`),
                '      BASE_URL: ${{ vars.BASE_URL }}',
                '      PREVIEW_URL: ${{ vars.PREVIEW_URL }}',
                '      # One a line: path, status, text that has to be in the answer.',
                '      CHECKS: |',
                '        / 2xx',
                '      CANARY_STEPS: 10 25 50 100',
                "      BAKE_SECONDS: '60'",
                `    run: bash ${SCRIPTS}/progressive-deploy.sh`,
                '  - name: Record what was deployed',
                '    env:',
                `      DEPLOY_ENVIRONMENT: ${yamlText(environment)}`,
                '      IMAGE_DIGEST: ${{ inputs.image }}',
                `    run: bash ${SCRIPTS}/record-deployment.sh`,
                '  - name: Keep the record',
                `    uses: ${pin('actions/upload-artifact').text}`,
                '    with:',
                '      name: deploy-metadata',
                '      path: deploy-metadata.json',
                '      if-no-files-found: error',
                '      retention-days: 90',
              ],
            },
            {
              id: 'notify',
              yaml: [
                ...jobHead('Tell of a failure', 5, ['issues: write']).flatMap(l => (l.startsWith('runs-on') ? ['needs: [preflight, deploy]', 'if: failure()', l] : [l])),
                'steps:',
                '  - name: Open an issue',
                '    env:',
                '      GH_TOKEN: ${{ github.token }}',
                '      RUN: ${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}',
                '    run: |',
                '      gh issue create --repo "$GITHUB_REPOSITORY" --title "Deployment failed" --body "It was rolled back as far as it had come: $RUN"',
              ],
            },
          ],
        }),
        scripts: ['progressive-deploy.sh', 'post-deploy-verify.sh', 'preflight.sh', 'record-deployment.sh'].map(name => ({ name, text: SCRIPT_TEXTS[name as keyof typeof SCRIPT_TEXTS] })),
        explanation: 'Adds a workflow that deploys an image by blue-green, canary (10, 25, 50, 100 %) or rolling. Each step is followed by a health check; where one fails the traffic goes back to the version before.',
        todo: [
          `Set the variables APP, BASE_URL${target === 'kubernetes' ? ', NAMESPACE' : ', REGION'} and, for blue-green, PREVIEW_URL, in the repository or in the environment ${environment}.`,
          NEEDS[target],
          ...(login.yaml.length === 0 ? [`Let the job deploy log in as ${d.job.job.id} in ${d.job.document.path} does.`] : []),
          ...(login.left.length > 0 ? [`Copy these steps of ${d.job.job.id}, pinned to a commit: ${login.left.join(', ')}.`] : []),
          'Start a canary of the version that runs already: nothing may change, and every step shows.',
        ],
      };
    },
  });
}
