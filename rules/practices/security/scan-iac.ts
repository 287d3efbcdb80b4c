import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import { infrastructure, type Framework } from '../shared/infrastructure';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold } from '../shared/scaffold';
import { checkoutStep, jobHead, pin } from '../shared/snippets';
import { sightings } from '../shared/sightings';
import { toolVerdict } from '../shared/verdict';

/** As Checkov calls them. */
const FRAMEWORKS: Readonly<Record<Framework, string | undefined>> = {
  terraform: 'terraform', kubernetes: 'kubernetes', helm: 'helm', kustomize: 'kustomize', cloudformation: 'cloudformation', bicep: 'bicep',
  ansible: 'ansible', serverless: 'serverless',
};
const NAMES: Readonly<Record<Framework, string>> = {
  terraform: 'Terraform', kubernetes: 'Kubernetes', helm: 'Helm', kustomize: 'Kustomize', cloudformation: 'CloudFormation', bicep: 'Bicep',
  ansible: 'Ansible', serverless: 'the Serverless Framework',
};

function evidence(repo: Repository): ReturnType<typeof toolVerdict> {
  return toolVerdict(repo, 'iac', 'Checkov, Trivy config, tfsec, KICS, Terrascan, Snyk IaC or another scanner of infrastructure that runs on pull requests and can fail');
}

export default definePractice({
  id: 'scan-iac',
  title: 'Infrastructure scanning',
  category: 'Security',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Terraform, Kubernetes and other infrastructure code is checked for unsafe settings in every pull request.',
    why: 'A bucket that is open to the world or a container that runs as root is one line in a review, and an incident afterwards.',
    references: [
      'https://www.checkov.io/1.Welcome/Quick%20Start.html',
      'https://cheatsheetseries.owasp.org/cheatsheets/Infrastructure_as_Code_Security_Cheat_Sheet.html',
    ],
  },
  applies: repo => infrastructure(repo).size > 0,
  evidence: repo => elsewhere(repo, 'scan-iac', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add an iac-scan job',
    there: repo => sightings(repo, 'iac').some(s => !s.problem) ? 'Infrastructure code is scanned on pull requests already.' : undefined,
    plan(repo) {
      const found = [...infrastructure(repo).keys()].sort();
      if (found.length === 0) return { refused: 'There is no infrastructure code in this repository.' };
      return {
        jobs: [{
          id: 'iac-scan',
          yaml: [
            ...jobHead('Infrastructure scan', 15),
            'steps:',
            ...checkoutStep(),
            '  - name: Scan infrastructure code',
            `    uses: ${pin('bridgecrewio/checkov-action').text}`,
            '    with:',
            '      directory: .',
            `      framework: ${found.map(f => FRAMEWORKS[f]).join(',')}`,
            '      output_format: cli',
            '      quiet: true',
            // Modules of others are fetched from wherever the code says.
            '      download_external_modules: false',
          ],
        }],
        explanation: `Adds a job that checks ${found.map(f => NAMES[f]).join(', ')} with Checkov; it fails on unsafe settings.`,
        todo: [
          'If there are findings that can’t be fixed at once: run `checkov --directory . --create-baseline`, commit .checkov.baseline, and add `baseline: .checkov.baseline` to the step.',
          'Skip a check where it doesn’t apply with a comment at the resource: `checkov:skip=CKV_AWS_20: the bucket is public on purpose`.',
        ],
      };
    },
  }),
});
