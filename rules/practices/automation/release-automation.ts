import { definePractice } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import { isRelease } from '../../checks/shared/job-kind';
import { ciJobs, type CiJob } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { oneOf } from '../shared/tools';
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

/** What makes the release, in a phrase. */
function release(repo: Repository, job: CiJob): string | undefined {
  const reusable = job.job.uses;
  if (reusable && /release|publish/i.test(reusable.text) && outside(job)) return `${reusable.text} is called`;
  for (const s of job.steps) {
    const name = s.step.uses?.kind === 'repository' ? s.step.uses.slug : '';
    if (ACTIONS.test(name)) return `${name} makes releases`;
    const call = toolCalls(repo, s).find(c => COMMANDS.test(c.tool)
      || (c.tool === 'gh' && c.args[0] === 'release' && c.args[1] === 'create'));
    if (call) return `${call.tool} makes releases`;
  }
  return isRelease(job.job) && outside(job) ? 'publishes a release' : undefined;
}

/** Not for a pull request, where a publishing step can only be a rehearsal. */
function outside(job: CiJob): boolean {
  return job.triggers.some(t => !['pull_request', 'pull_request_target', 'merge_group'].includes(t.event));
}

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
      : missing('a workflow that publishes: release-please, semantic-release, changesets, GoReleaser, a release or a package made on a tag');
  },
  scaffold: null,
});
