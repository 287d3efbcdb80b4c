import { definePractice, type FileChange, type ScaffoldPlan, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { addStepEnv, setStepInput } from '../../workflow/edits';
import type { SourceDocument } from '../../workflow/document';
import type { Step } from '../../workflow/model';
import { allowIdToken } from '../../checks/shared/oidc';
import { ciJobs, stepInput, whyIdle, type CiJob, type CiStep } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { imagePushes } from '../shared/image-signing';
import { elsewhere } from '../shared/other-ci';
import { provenanceWorkflow } from '../shared/provenance-workflow';
import { beyond, npmPublishes, stepEvidence, whyNotForUse } from '../shared/releases';
import { applied } from '../shared/scaffold';
import { ships } from '../shared/shippable';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { distinct, met, missing, unique } from '../shared/verdict';

function objection(s: Sighting): string | undefined {
  return s.idle ?? whyNotForUse(s.job) ?? s.soft;
}

/** A builder that describes what it builds: Docker's own, which comes with the daemon, may not. */
function hasBuilder(repo: Repository, job: CiJob): boolean {
  return job.steps.some(s => (s.step.uses?.kind === 'repository' && `${s.step.uses.owner}/${s.step.uses.repo}`.toLowerCase() === 'docker/setup-buildx-action')
    || toolCalls(repo, s).some(c => c.tool === 'docker' && c.args[0] === 'buildx' && c.args[1] === 'create'));
}

/** Steps whose commands build an image and push it, and say nothing about provenance. */
function pushedByCommand(repo: Repository): CiStep[] {
  return ciJobs(repo).filter(j => whyNotForUse(j) === undefined && hasBuilder(repo, j)).flatMap(j => j.steps).filter(s => whyIdle(s) === undefined
    && toolCalls(repo, s).some(c => c.tool === 'docker' && c.args[0] === 'buildx' && c.args[1] === 'build' && c.args.includes('--push')
      && !c.args.some(a => /^--(?:provenance|attest)(?:=|$)/.test(a))));
}

function evidence(repo: Repository): Verdict {
  const seen = sightings(repo, 'provenance'), good = seen.filter(s => objection(s) === undefined);
  const npm = npmPublishes(repo).filter(p => p.described);
  if (good.length + npm.length > 0) return met([...distinct(good).map(s => evidenceOf(s, `${s.tool} states how it was built`)),
    ...npm.map(p => stepEvidence(p.s, 'npm states how the package was built'))]);
  const byDefault = [...imagePushes(repo).filter(s => stepInput(s.step, 'provenance') === undefined), ...pushedByCommand(repo)];
  if (byDefault.length > 0) return { result: 0.5, evidence: byDefault.map(s => stepEvidence(s, 'BuildKit describes the build by default')),
    lookedFor: ['provenance: mode=max at the push, or actions/attest-build-provenance: by default private repositories state next to nothing, and nothing is signed'] };
  return missing('actions/attest-build-provenance, the SLSA generator, npm’s or PyPI’s provenance, or provenance of an image that is pushed',
    ...unique(seen.map(s => `${where(s)} doesn't count: ${objection(s)!}`)));
}

/** A statement for what is published already: images that are pushed, packages for npm. */
function edited(repo: Repository): { changes: FileChange[]; what: string[] } {
  const docs = new Map<string, SourceDocument>(), what: string[] = [];
  const change = (s: CiStep, edit: (d: SourceDocument, step: Step) => SourceDocument | undefined): void => {
    const document = docs.get(s.document.path) ?? s.document;
    const step = (document.workflow?.jobs.find(j => j.id === s.job.job.id)?.steps ?? document.action?.steps)?.[s.step.index];
    const next = step && document.problems.length === 0 ? edit(document, step) : undefined;
    if (next && next.text !== document.text) { docs.set(document.path, next); what.push(s.job.job.id); }
  };
  for (const s of imagePushes(repo)) if (/^(?:false)?$/.test(stepInput(s.step, 'provenance') ?? ''))
    change(s, (d, step) => applied(d, setStepInput(d, step, 'provenance', 'mode=max')));
  for (const { s, described } of npmPublishes(repo)) if (!described && !s.outer)
    change(s, (d, step) => {
      const next = applied(d, addStepEnv(d, step, 'NPM_CONFIG_PROVENANCE', 'true')), job = next?.workflow?.jobs.find(j => j.id === s.job.job.id);
      return next && job && applied(next, allowIdToken(next, repo, job));
    });
  return { changes: [...docs.values()].map(d => ({ path: d.path, created: false, newText: d.text })), what };
}

export default definePractice({
  id: 'provenance',
  title: 'Provenance',
  category: 'Security',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A signed statement says from which commit, and by which workflow, each artifact was built.',
    why: 'It lets whoever installs the artifact check that it comes from your source and from nobody’s laptop.',
    references: [
      'https://slsa.dev/spec/v1.1/provenance',
      'https://docs.github.com/en/actions/concepts/security/artifact-attestations',
      'https://docs.npmjs.com/generating-provenance-statements',
    ],
  },
  // What an unread pipeline of another CI system signs or publishes is shipped, whatever the manifests say.
  applies: repo => ships(repo) || elsewhere(repo, 'artifact-signing', missing()).result === 'unknown',
  evidence: repo => beyond(repo, elsewhere(repo, 'provenance', evidence(repo))),
  scaffold: {
    kind: 'workflow',
    title: 'Add provenance to what is published',
    plan(repo): ScaffoldPlan | { readonly refused: string } {
      if (evidence(repo).result === 1) return { refused: 'What is published says how it was built already.' };
      if (!ships(repo)) return { refused: 'Nothing here says that an image or a package is published, so there is nothing to describe.' };
      const { changes, what } = edited(repo);
      if (changes.length > 0) return {
        changes,
        explanation: `What ${unique(what).join(', ')} ${unique(what).length === 1 ? 'publishes' : 'publish'} comes with a statement of how it was built.`,
        todo: ['Tell people how to check: `docker buildx imagetools inspect IMAGE --format "{{ json .Provenance }}"`, or `npm audit signatures`.'],
      };
      return provenanceWorkflow(repo);
    },
  },
});
