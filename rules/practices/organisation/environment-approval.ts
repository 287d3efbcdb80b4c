import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { deployNoEnvironment } from '../../checks/shared/fixing-rules';
import { isPages, PROPOSALS } from '../../checks/shared/deploy-gate';
import { isTeardown } from '../../checks/shared/deeds';
import { isPreview } from '../../checks/shared/job-kind';
import { deployJobs, type CiJob } from '../shared/ci';
import { fixEverywhere } from '../shared/rule-fixes';
import { unique } from '../shared/verdict';

/** Jobs that bring something to people: no previews, no pages, nothing that a pull request starts. */
function jobs(repo: Repository): CiJob[] {
  const seen = new Set<unknown>();
  return deployJobs(repo).filter(j => !j.job.uses && !isPages(j.job) && !isPreview(j.job) && !isTeardown(j.job) && j.triggers.some(t => !PROPOSALS.has(t.event)))
    .filter(j => !seen.has(j.job) && seen.add(j.job));
}

function evidence(repo: Repository): Verdict {
  const all = jobs(repo), named = all.filter(j => j.job.environment), bare = all.filter(j => !j.job.environment);
  const wanted = bare.map(j => `an environment for ${j.job.id} in ${j.document.path}`);
  // Nobody can be asked where there is no environment; where there is one, only GitHub knows who is.
  if (named.length === 0) return { result: 0, evidence: [], lookedFor: wanted };
  const names = unique(named.map(j => j.job.environment!.name?.value ?? '').filter(n => n !== '' && !n.includes('${{')));
  return {
    result: 'unknown',
    evidence: named.slice(0, 12).map(j => ({ path: j.document.path, ...j.document.range(j.job.environment!.entry), text: `${j.job.id} deploys through an environment` })),
    lookedFor: [...wanted, `required reviewers on ${names.length > 0 ? names.slice(0, 6).join(', ') : 'the environments that jobs deploy to'}: needs a GitHub token, or a look at Settings → Environments`],
  };
}

export default definePractice({
  id: 'environment-approval',
  title: 'Environment approval',
  category: 'Organisation',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Deployments go through an environment, and somebody has to approve those to production.',
    why: 'Whoever can push to a branch can otherwise bring anything to the people who use it, alone and at any hour.',
    references: [
      'https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments',
    ],
  },
  applies: repo => jobs(repo).length > 0,
  evidence,
  scaffold: {
    kind: 'edit',
    title: 'Deploy through environments',
    plan(repo) {
      const all = jobs(repo);
      if (all.length === 0) return { refused: 'No job of this repository deploys to people, so nobody has to approve anything.' };
      const { changes, titles } = fixEverywhere(repo, [deployNoEnvironment]);
      if (changes.length === 0) return { refused: all.some(j => !j.job.environment)
        ? 'The jobs that deploy without an environment are calls, or can’t be told for sure: name an environment there by hand.'
        : 'Every job that deploys names an environment; who approves is set at GitHub under Settings → Environments.' };
      return {
        changes,
        explanation: `${titles.join('; ')}. The environment is made with the first run; reviewers are not.`,
        todo: [
          'Settings → Environments: add required reviewers to production, and tick “Prevent self-review”.',
          'Limit the environment to the branch or tags that are deployed (Deployment branches and tags).',
          'Move the secrets of the deployment from the repository to the environment.',
          'If a cloud trusts this repository by OpenID Connect: the subject is `repo:OWNER/REPO:environment:NAME` from now on.',
        ],
      };
    },
  },
});
