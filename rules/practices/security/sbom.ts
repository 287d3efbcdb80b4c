import { definePractice, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { stepInput } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { elsewhere } from '../shared/other-ci';
import { beyond, goreleaserHas, releasesElsewhere, whyNotForUse } from '../shared/releases';
import { jobScaffold } from '../shared/scaffold';
import { images } from '../shared/shippable';
import { checkoutStep, jobHead, pin } from '../shared/snippets';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { distinct, met, missing, unique } from '../shared/verdict';

/** Steps that keep a file: an artifact, an asset of a release, an attestation, a registry. */
const KEEPERS = /^(?:actions\/(?:upload-artifact|attest(?:-sbom)?)|softprops\/action-gh-release|ncipollo\/release-action|svenstaro\/upload-release-action|actions\/upload-release-asset|alexellis\/upload-assets|goreleaser\/goreleaser-action|dependencytrack\/gh-upload-sbom|advanced-security\/spdx-dependency-submission-action|shogo82148\/actions-upload-release-asset)/;

function nameOf(s: Sighting['job']['steps'][number]): string {
  const uses = s.step.uses;
  return uses?.kind === 'repository' ? `${uses.owner}/${uses.repo}`.toLowerCase() : '';
}

/** It goes somewhere when the job has ended. */
function kept(repo: Repository, s: Sighting): boolean {
  if (!s.step) return true;
  if (s.tool === 'anchore/sbom-action') {
    const given = (name: string): boolean => stepInput(s.step!.step, name)?.trim().toLowerCase() !== 'false';
    if (given('upload-artifact') || given('upload-release-assets')) return true;
  }
  if (s.tool === 'docker/build-push-action' || s.tool === 'docker/bake-action') return !/^(?:false)?$/.test(stepInput(s.step.step, 'push') ?? '') || /registry|push=true/.test(stepInput(s.step.step, 'outputs') ?? '');
  if (s.tool === 'ko' || s.args.includes('--push')) return true;
  if (s.tool === 'mvnw' || s.tool === 'mvn') { if (s.args.includes('deploy')) return true; }
  const after = s.job.steps.slice(s.job.steps.indexOf(s.step));
  return after.some(x => KEEPERS.test(nameOf(x)) || toolCalls(repo, x).some(c =>
    (c.tool === 'gh' && c.args[0] === 'release' && ['upload', 'create'].includes(c.args[1] ?? '')) || (c.tool === 'gh' && c.args[0] === 'api')
    || (c.tool === 'cosign' && ['attest', 'attach'].includes(c.args[0] ?? '')) || (c.tool === 'oras' && ['push', 'attach'].includes(c.args[0] ?? ''))
    || (c.tool === 'aws' && c.args[0] === 's3') || c.tool === 'goreleaser'));
}

function evidence(repo: Repository): Verdict {
  const release = goreleaserHas(repo, 'sboms');
  if (release) return met([release]);
  // Syft alone lists nothing: it is there for GoReleaser.
  const seen = sightings(repo, 'sbom').filter(s => (!s.tool.endsWith('/download-syft') || releasesElsewhere(repo, s.job))
    // What is tried out on a pull request goes to a registry that ends with the job.
    && (s.tool !== 'ko' || whyNotForUse(s.job) === undefined)), good = seen.filter(s => s.idle === undefined);
  const whole = good.filter(s => kept(repo, s));
  if (whole.length > 0) return met(distinct(whole).map(s => evidenceOf(s, `${s.tool} makes a bill of materials, and it is kept`)));
  if (good.length > 0) return { result: 0.5, evidence: distinct(good).map(s => evidenceOf(s, `${s.tool} makes a bill of materials`)),
    lookedFor: ['a step that keeps it: an artifact, an asset of the release, an attestation'] };
  return missing('Syft, CycloneDX, Trivy, `npm sbom` or Docker’s `sbom: true`, kept as an artifact or attached to the release',
    ...unique(seen.map(s => `${where(s)} doesn't count: ${s.idle!}`)));
}

const FORMATS = [['SPDX', 'spdx-json', 'sbom.spdx.json'], ['CycloneDX', 'cyclonedx-json', 'sbom.cyclonedx.json']] as const;

export default definePractice({
  id: 'sbom',
  title: 'Bill of materials',
  category: 'Security',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A bill of materials lists every component of what is built, and is kept with it.',
    why: 'When the next library turns out to have a hole, the list answers in a minute which releases contain it.',
    references: [
      'https://www.cisa.gov/sbom',
      'https://github.com/anchore/sbom-action#readme',
      'https://baseline.openssf.org/versions/2025-02-25#osps-qa-02---the-project-must-provide-a-list-of-dependencies-used-by-its-software',
    ],
  },
  applies: repo => repoFacts(repo).stack.projects.length > 0 || images(repo).length > 0,
  evidence: repo => beyond(repo, elsewhere(repo, 'sbom', evidence(repo))),
  scaffold: jobScaffold({
    title: 'Add an sbom job',
    there: repo => evidence(repo).result === 1 ? 'A bill of materials is made and kept already.' : undefined,
    plan(repo) {
      if (repoFacts(repo).stack.projects.length === 0 && images(repo).length === 0) return { refused: 'There is no package manifest and no Dockerfile in this repository: there is nothing to list.' };
      return {
        jobs: [{
          id: 'sbom',
          yaml: [
            ...jobHead('Bill of materials', 15),
            'steps:',
            ...checkoutStep(),
            ...FORMATS.flatMap(([name, format, file]) => [
              `  - name: List components (${name})`,
              `    uses: ${pin('anchore/sbom-action').text}`,
              '    with:',
              '      path: .',
              `      format: ${format}`,
              `      artifact-name: ${file}`,
              // Adding to a release takes a token that can write to the repository.
              '      upload-release-assets: false',
            ]),
          ],
        }],
        explanation: 'Adds a job that lists the components of the repository with Syft, as SPDX and as CycloneDX, and keeps both as artifacts of the run.',
        todo: [
          'Attach the lists to your releases: in the workflow that makes them, add the same steps with `contents: write` and without `upload-release-assets: false`.',
          ...(images(repo).length > 0 ? ['List what is in the image as well: `sbom: true` at docker/build-push-action, or `image:` in place of `path:`.'] : []),
        ],
      };
    },
  }),
});
