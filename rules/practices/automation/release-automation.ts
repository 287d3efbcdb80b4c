import { definePractice } from '../practice';
import { basename, repoFacts, type Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { isRelease, jobKinds } from '../../checks/shared/job-kind';
import { ciJobs, stepInput, type CiJob } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { isTrialImage } from '../shared/image-signing';
import { elsewhere } from '../shared/other-ci';
import { oneOf } from '../shared/tools';
import { workflowScaffold } from '../shared/programme';
import { jobHead } from '../shared/snippets';
import { met, missing } from '../shared/verdict';

const ACTIONS = oneOf(`
  googleapis/release-please-action google-github-actions/release-please-action changesets/action goreleaser/goreleaser-action
  cycjimmy/semantic-release-action release-drafter/release-drafter softprops/action-gh-release ncipollo/release-action
  marvinpinto/action-automatic-releases helm/chart-releaser-action python-semantic-release/python-semantic-release knope-dev/action
  crazy-max/ghaction-github-release elgohr/github-release-action actions/publish-immutable-action actions/publish-action
  release-plz/action marcoroth/.*release.*`);
const COMMANDS = oneOf(`
  semantic-release goreleaser release-it release-please standard-version git-cliff auto lerna cargo-release release-plz jreleaser
  bumpp changeset`);

const REHEARSAL = /(?:^|\s)--?(?:dry-?run|snapshot|help|version)\b(?!=false)/;

/** What makes the release, in a phrase. */
function release(repo: Repository, job: CiJob): string | undefined {
  if (!outside(job)) return undefined;
  const reusable = job.job.uses;
  if (reusable && /release|publish/i.test(reusable.text) && !isAboutDocs(job)) return `${reusable.text} is called`;
  for (const s of job.steps) {
    const name = s.step.uses?.kind === 'repository' ? s.step.uses.slug : '';
    if (ACTIONS.test(name) && !REHEARSAL.test(stepInput(s.step, 'args') ?? '')
      && !/^\s*(?:check|build|healthcheck|init)\b/.test(stepInput(s.step, 'args') ?? '')) return `${name} makes releases`;
    const call = toolCalls(repo, s).find(c => !c.args.some(a => REHEARSAL.test(a)) && (COMMANDS.test(c.tool)
      || (c.tool === 'gh' && c.args[0] === 'release' && c.args[1] === 'create')));
    if (call) return `${call.tool} makes releases`;
  }
  if (!isRelease(job.job) || isAboutDocs(job) || isTrialImage(job) || isProposal(repo, job)) return undefined;
  return jobKinds(job.job).has('release') ? 'makes a release' : 'publishes a package or an image';
}

/** Documentation that is published is no release of what it is about. */
function isAboutDocs(job: CiJob): boolean {
  const words = [job.job.id, scalarText(job.job.name?.value) ?? '', basename(job.document.path), job.job.uses?.text ?? ''].join(' ');
  return /(?:^|[^a-z])(?:tech|api)?(?:docs?|documentation|website)(?:$|[^a-z])/i.test(words) && !/release|npm|pypi|image|package/i.test(job.job.id);
}

/** A job that is named like a release and ends in a pull request, such as one that begins the next changelog, releases nothing. */
function isProposal(repo: Repository, job: CiJob): boolean {
  return jobKinds(job.job).has('release') && !jobKinds(job.job).has('publish') && job.steps.some(s => s.step.uses?.slug.toLowerCase() === 'peter-evans/create-pull-request'
    || toolCalls(repo, s).some(c => c.tool === 'gh' && c.args[0] === 'pr' && c.args[1] === 'create'));
}

/** Not for a pull request, where a publishing step can only be a rehearsal. */
function outside(job: CiJob): boolean {
  return job.triggers.some(t => !['pull_request', 'pull_request_target', 'merge_group'].includes(t.event));
}

/** A tag can stand on any commit: what was never reviewed or has failed is not released. */
export const RELEASE_CHECK: readonly string[] = [
  'set -euo pipefail',
  'status="$(gh api "repos/$GITHUB_REPOSITORY/compare/$DEFAULT_BRANCH...$GITHUB_SHA" --jq .status)"',
  'if [ "$status" != identical ] && [ "$status" != behind ]; then',
  '  echo "::error::The tag is not on $DEFAULT_BRANCH ($status)."',
  '  exit 1',
  'fi',
  'failed="$(gh api --paginate "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/check-runs?per_page=100" \\',
  '  --jq \'.check_runs[] | select(.conclusion == "failure" or .conclusion == "timed_out" or .conclusion == "cancelled") | .name\')"',
  'if [ -n "$failed" ]; then',
  '  echo "::error::These checks of the commit have failed: ${failed//$\'\\n\'/, }"',
  '  exit 1',
  'fi',
];

export default definePractice({
  id: 'release-automation',
  title: 'Release automation',
  category: 'Automation',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Releases are made by a workflow, from a tag or from the commits, and not on somebody’s machine.',
    why: 'A release made by hand depends on what happens to lie on one computer, and nobody else can make the next one.',
    references: [
      'https://github.com/googleapis/release-please-action',
      'https://docs.github.com/en/repositories/releasing-projects-on-github/automatically-generated-release-notes',
      'https://slsa.dev/spec/v1.1/levels',
    ],
  },
  applies(repo) {
    const { stack } = repoFacts(repo);
    return stack.projects.length > 0 || stack.dockerfiles.length > 0 || repo.has('action.yml') || repo.has('action.yaml');
  },
  evidence(repo) {
    const found = ciJobs(repo).flatMap(job => {
      const how = job.triggers.length > 0 ? release(repo, job) : undefined;
      return how ? [{ path: job.document.path, ...job.document.range(job.job.entry.key), text: `${job.job.id}: ${how}` }] : [];
    });
    return found.length > 0 ? met(found)
      : elsewhere(repo, 'release-automation', missing('a workflow that publishes: release-please, semantic-release, changesets, GoReleaser, a release or a package made on a tag'));
  },
  scaffold: workflowScaffold({
    title: 'Add a release workflow',
    there: repo => ciJobs(repo).some(job => job.triggers.length > 0 && release(repo, job) !== undefined) ? 'A workflow makes releases already.' : undefined,
    plan: () => ({
      file: 'release',
      lines: ['name: Release', '', 'on:', '  push:', "    tags: ['v*']", '', 'permissions: {}', '', '# A release that has begun is finished, and none is made twice at a time.',
        'concurrency:', '  group: release-${{ github.ref }}', '  cancel-in-progress: false', '', 'jobs:', '  release:', ...[
          ...jobHead('Release', 10, ['checks: read # whether the commit has passed', 'contents: write # makes the release']),
          'steps:',
          '  - name: Make sure that the commit is on the default branch and has passed',
          '    env:',
          '      DEFAULT_BRANCH: ${{ github.event.repository.default_branch }}',
          '      GH_TOKEN: ${{ github.token }}',
          '    run: |',
          ...RELEASE_CHECK.map(l => `      ${l}`),
          '  - name: Make the release, with notes from what was merged',
          '    env:',
          '      GH_TOKEN: ${{ github.token }}',
          '    run: gh release create "$GITHUB_REF_NAME" --repo "$GITHUB_REPOSITORY" --verify-tag --generate-notes',
        ].map(l => `    ${l}`)],
      explanation: 'Adds a workflow that makes a release from each tag v*, with notes from the merged pull requests: only where the commit is on the default branch and none of its checks has failed.',
      todo: ['Release by pushing a tag: git tag v1.2.3, git push origin v1.2.3. Protect tags v* with a ruleset, so that not everybody can.',
        'Publish packages from the same workflow, with trusted publishing instead of a stored token where the registry has it.',
        'Sort the notes by label in .github/release.yml, if you like.'],
    }),
  }),
});
