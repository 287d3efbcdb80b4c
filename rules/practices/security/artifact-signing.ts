import { definePractice, type Evidence, type Verdict } from '../practice';
import { basename, repoFacts, type Repository } from '../../repository';
import { ciJobs, whyIdle, whySoft, type CiJob, type CiStep } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { signImages } from '../shared/image-signing';
import { linesOf } from '../shared/lines';
import { elsewhere } from '../shared/other-ci';
import { workflowScaffold } from '../shared/programme';
import { beyond, goreleaserHas, npmPublishes, releasesElsewhere, runsGoreleaser, stepEvidence, whyNotForUse } from '../shared/releases';
import { SECURITY_COMMANDS } from '../shared/security-tools';
import { ships } from '../shared/shippable';
import { jobHead, pin, runStep } from '../shared/snippets';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { distinct, met, missing, unique } from '../shared/verdict';
import { workflowLines } from '../shared/workflow-file';

const PROPOSALS = new Set(['pull_request', 'pull_request_target', 'merge_group']);

function objection(s: Sighting): string | undefined {
  if (s.idle !== undefined) return s.idle;
  return whyNotForUse(s.job) ?? (s.tool === 'sigstore/cosign-installer' ? NOTHING : s.soft);
}

const NOTHING = 'nothing is signed with it';

/** Signing that is part of a build tool's own publishing. */
function byBuild(repo: Repository): { path: string; text: string }[] {
  const manifests = repoFacts(repo).stack.projects.map(p => p.manifest);
  const has = (name: string, pattern: RegExp): string | undefined => manifests.find(f => basename(f) === name && pattern.test(repo.read(f)?.slice(0, 200_000) ?? ''));
  const pom = has('pom.xml', /maven-gpg-plugin|sigstore-maven-plugin/), gradle = has('build.gradle', /^\s*(?:id\s*\(?['"]signing|signing\s*\{|signAllPublications)/m)
    ?? has('build.gradle.kts', /^\s*(?:signing\s*$|id\("signing"\)|signing\s*\{|signAllPublications)/m);
  const publishing = (job: CiJob): boolean => job.triggers.some(t => !PROPOSALS.has(t.event)) && job.steps.some(s => toolCalls(repo, s).some(c =>
    (pom !== undefined && /^mvnw?$/.test(c.tool) && c.args.some(a => a === 'deploy' || a === 'release:perform'))
    || (gradle !== undefined && /^gradlew?$/.test(c.tool) && c.args.some(a => /(?:^|:)publish/.test(a)))));
  const path = pom ?? gradle;
  return path !== undefined && ciJobs(repo).some(publishing) ? [{ path, text: 'what is published is signed by the build' }] : [];
}

/** Signing that a script of the checkout or a Makefile does, which a step calls. */
function byScript(repo: Repository): Evidence[] {
  return forUse(repo).flatMap(s => linesOf(repo, s).flatMap(l => {
    if (l.file === undefined || l.soft !== undefined) return [];
    const tool = l.words[0]!.toLowerCase(), args = l.words.slice(1);
    return SIGNERS.some(t => t.tool.test(tool) && (t.when?.(args) ?? true))
      ? [{ path: s.document.path, ...s.document.range(l.at), text: `${tool} signs what is published${l.file === '' ? '' : `, in ${l.file}`}` }] : [];
  }));
}

const SIGNERS = SECURITY_COMMANDS.filter(t => t.kind === 'sign');

/** Steps that run for what people get. */
function forUse(repo: Repository): CiStep[] {
  return ciJobs(repo).filter(j => j.triggers.length > 0 && whyNotForUse(j) === undefined).flatMap(j => j.steps)
    .filter(s => s.step.run !== undefined && whyIdle(s) === undefined && whySoft(s) === undefined);
}

/** What a job calls that has cosign installed for it, and can't be read: whether it signs is said by nothing but its name. */
function unread(repo: Repository): { readonly s: CiStep; readonly called: string; readonly signs: boolean }[] {
  const jobs = new Set(sightings(repo, 'sign').filter(s => s.tool === 'sigstore/cosign-installer' && objection(s) === NOTHING).map(s => s.job));
  const makefile = ['Makefile', 'makefile', 'GNUmakefile'].find(f => repo.has(f));
  return forUse(repo).filter(s => jobs.has(s.job)).flatMap(s => linesOf(repo, s).flatMap(l => {
    if (l.file !== undefined) return [];
    const made = l.words[0] === 'make' ? l.words.slice(1).find(w => /^[\w./-]+$/.test(w) && !w.startsWith('-')) : undefined;
    const script = l.raw.split(/[\s"']+/).map(w => w.replace(/^\.\//, '')).find(w => /\.(?:sh|bash|py|rb|js|mjs|cjs|ts|pl)$/.test(w) && repo.has(w));
    if (!(made !== undefined && makefile !== undefined && repo.read(makefile) === undefined)
      && !(script !== undefined && repo.read(script) === undefined)) return [];
    const called = made === undefined ? script! : `make ${made}`;
    return [{ s, called, signs: /(?:^|[^a-z])(?:co|code)?sign(?:$|[^a-z])/i.test(called) }];
  }));
}

function evidence(repo: Repository): Verdict {
  const release = goreleaserHas(repo, 'signs', 'docker_signs', 'binary_signs');
  const seen = sightings(repo, 'sign');
  const installed = seen.filter(s => s.tool === 'sigstore/cosign-installer' && s.idle === undefined && releasesElsewhere(repo, s.job));
  const good = [...seen.filter(s => objection(s) === undefined), ...installed];
  const closed = unread(repo), named = closed.filter(c => c.signs);
  const all = [...(release ? [release] : []), ...byScript(repo), ...named.map(c => stepEvidence(c.s, `${c.called} signs with the cosign that is installed for it`)), ...distinct(good).map(s => evidenceOf(s, `${s.tool} signs what is published`)), ...byBuild(repo),
    ...npmPublishes(repo).filter(p => p.described).map(p => stepEvidence(p.s, 'npm signs a statement about the package with the identity of the workflow'))];
  if (all.length > 0) return met(all);
  if (closed.length > 0) return { result: 'unknown', evidence: closed.map(c => stepEvidence(c.s, `cosign is installed for ${c.called}`)).slice(0, 12),
    lookedFor: unique(closed.map(c => `whether ${c.called}, which could not be read, signs with it`)) };
  return missing('cosign, Sigstore, an attestation or GPG over what is published', ...(runsGoreleaser(repo) ? ['signs in GoReleaser’s settings'] : []),
    ...unique(seen.map(s => `${where(s)} doesn't count: ${objection(s)!}`)));
}

const SIGN = [
  'mkdir assets',
  'if ! gh release download "$TAG" --dir assets; then',
  '  echo "::error title=Nothing to sign::Release $TAG has no assets that could be downloaded."',
  '  exit 1',
  'fi',
  'cd assets || exit 1',
  'for file in ./*; do',
  '  case "$file" in *.sigstore.json) continue ;; esac',
  '  if [ -e "$file.sigstore.json" ]; then continue; fi',
  '  cosign sign-blob --yes --bundle "$file.sigstore.json" "$file"',
  '  gh release upload "$TAG" "$file.sigstore.json"',
  'done',
] as const;

/** Assets of releases are signed when the release is there: whatever makes it, and whatever is in it. */
const RELEASES = workflowScaffold({
  title: 'Add a workflow that signs releases',
  there: () => undefined,
  plan() {
    return {
      file: 'sign-release',
      lines: workflowLines({
        name: 'Sign release',
        header: ['Signs every asset of a release with the identity of this workflow, and puts the signatures beside them.'],
        on: ['release:', '  types: [published]', 'workflow_dispatch:', '  inputs:', '    tag:', '      description: Tag of a release that is there already', '      required: true', '      type: string'],
        group: 'sign-release-${{ inputs.tag || github.event.release.tag_name }}',
        cancel: false,
        jobs: [{
          id: 'sign-artifacts',
          yaml: [
            ...jobHead('Sign release assets', 15, ['contents: write # to add the signatures', 'id-token: write # to sign without a key']),
            'steps:',
            '  - name: Watch outgoing connections',
            `    uses: ${pin('step-security/harden-runner').text}`,
            '    with:',
            '      egress-policy: audit',
            '  - name: Install cosign',
            `    uses: ${pin('sigstore/cosign-installer').text}`,
            ...runStep('Sign every asset', SIGN),
            '    env:',
            '      GH_TOKEN: ${{ github.token }}',
            '      GH_REPO: ${{ github.repository }}',
            '      TAG: ${{ inputs.tag || github.event.release.tag_name }}',
          ],
        }],
      }),
      explanation: 'Adds a workflow that signs the assets of each release with cosign, without a key: the signature names this workflow.',
      todo: [
        'The assets have to be there when the release is published: make it as a draft, add them, then publish. A package that goes to a registry alone needs provenance instead.',
        'A release that a workflow makes with GITHUB_TOKEN starts no other workflow: start this one by hand, or make the release with the token of an app.',
        'Where releases are immutable (Settings → General), assets can’t be added after publishing: sign before that, in the workflow that makes the release.',
        'Tell people how to check: `cosign verify-blob --bundle FILE.sigstore.json --certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-identity-regexp "^https://github.com/OWNER/REPO/" FILE`.',
      ],
    };
  },
});

export default definePractice({
  id: 'artifact-signing',
  title: 'Signed artifacts',
  category: 'Security',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'What is published carries a signature that tells which workflow made it.',
    why: 'Without one nobody can tell your release from one that somebody else has put in its place.',
    references: [
      'https://docs.sigstore.dev/cosign/signing/signing_with_blobs/',
      'https://github.com/ossf/scorecard/blob/main/docs/checks.md#signed-releases',
      'https://baseline.openssf.org/versions/2025-02-25#osps-br-06---the-project-must-produce-all-released-software-assets-with-signatures-and-hashes',
    ],
  },
  // What another CI system signs is shipped, whatever the manifests say.
  applies: repo => ships(repo) || elsewhere(repo, 'artifact-signing', missing()).result === 'unknown',
  evidence: repo => beyond(repo, elsewhere(repo, 'artifact-signing', evidence(repo))),
  scaffold: {
    kind: 'workflow',
    title: 'Sign what is published',
    plan(repo, target) {
      if (evidence(repo).result === 1) return { refused: 'What is published is signed already.' };
      if (!ships(repo)) return { refused: 'Nothing here says that an image or a package is published, so there is nothing to sign.' };
      const { changes, jobs } = signImages(repo);
      return changes.length === 0 ? RELEASES.plan(repo, target) : {
        changes,
        explanation: `Lets ${unique(jobs).join(', ')} sign each image that ${unique(jobs).length === 1 ? 'it pushes' : 'they push'} with cosign, without a key: the signature names the workflow.`,
        todo: ['Tell people how to check: `cosign verify --certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-identity-regexp "^https://github.com/OWNER/REPO/" IMAGE`.'],
      };
    },
  },
});
