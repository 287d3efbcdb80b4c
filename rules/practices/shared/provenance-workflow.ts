/** A workflow that builds packages for a release, describes the build, and adds both to the release. */
import type { Repository } from '../../repository';
import type { ScaffoldPlan } from '../practice';
import { buildSteps } from './build-steps';
import { freePath } from './scaffold';
import { packages } from './shippable';
import { checkoutStep, jobHead, pin, runStep } from './snippets';
import { workflowLines } from './workflow-file';

/** A plan, or why there is nothing that could be built. */
export function provenanceWorkflow(repo: Repository): ScaffoldPlan | { readonly refused: string } {
  const candidates = packages(repo).filter(p => !p.member), project = candidates.find(p => buildSteps(p, repo));
  const steps = project && buildSteps(project, repo);
  if (!project || !steps) return { refused: 'No workflow pushes an image here and there is no package that could be built by itself: publish it in a workflow first.' };
  const path = freePath(repo, 'release-build');
  const lines = workflowLines({
    name: 'Release build',
    header: ['Builds the packages of a release from its tag, states how they were built, and adds them to the release.',
      'The job that runs the build has no rights; the job that has them runs nothing of the repository.'],
    on: ['release:', '  types: [published]'],
    cancel: false,
    jobs: [
      { id: 'build', yaml: [
        ...jobHead('Build', 30), 'steps:', ...checkoutStep(), ...steps,
        '  - name: Keep the packages',
        `    uses: ${pin('actions/upload-artifact').text}`,
        '    with:', '      name: packages', '      path: dist/', '      if-no-files-found: error', '      retention-days: 7',
      ] },
      { id: 'provenance', yaml: [
        'name: Provenance',
        'needs: build',
        ...jobHead('', 15, ['contents: write # to add to the release', 'id-token: write # to sign without a key', 'attestations: write']).slice(1),
        'steps:',
        '  - name: Get the packages',
        `    uses: ${pin('actions/download-artifact').text}`,
        '    with:', '      name: packages', '      path: dist',
        '  - name: State how they were built',
        `    uses: ${pin('actions/attest-build-provenance').text}`,
        '    with:', '      subject-path: dist/*',
        ...runStep('Add them to the release', ['gh release upload "$TAG" dist/*']),
        '    env:',
        '      GH_TOKEN: ${{ github.token }}',
        '      GH_REPO: ${{ github.repository }}',
        '      TAG: ${{ github.event.release.tag_name }}',
      ] },
    ],
  });
  return {
    changes: [{ path, created: true, newText: [...lines, ''].join('\n') }],
    explanation: `Adds a workflow that builds ${project.manifest} for each release, attests how it was built, and adds the packages to the release.`,
    todo: [
      'Check the build step: does it make what you publish? Where another workflow publishes already, move the step “State how they were built” there and remove this file.',
      'A release that a workflow makes with GITHUB_TOKEN starts no other workflow: make it with the token of an app.',
      'Artifact attestations in private repositories need GitHub Enterprise Cloud.',
      'Tell people how to check: `gh attestation verify FILE --repo OWNER/REPO`.',
      ...(candidates.length > 1 ? [`Add the other packages: ${candidates.filter(p => p !== project).slice(0, 5).map(p => p.manifest).join(', ')}.`] : []),
    ],
  };
}
