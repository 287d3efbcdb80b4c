import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import { scalarText, asMapping } from '../../workflow/nodes';
import { stepKinds } from '../../checks/shared/job-kind';
import { evidenceAt, lastPerJob, linesAhead, placeOf, servingDeployments, stepsAhead, type Deployment } from '../shared/deployments';
import { linesOf } from '../shared/lines';
import { ratio } from '../shared/verdict';
import { immutabilityScaffold } from './scaffolds/immutability';

/** Names that stay with what they named. */
const FIXED = /@sha256:|@\$\{?\w*digest|digest\b|GITHUB_SHA|github\.sha|COMMIT_SHA|GIT_SHA|\$\{?SHA\b|rev-parse|github\.event\.(?:workflow_run\.head_sha|release\.tag_name|deployment\.sha)|github\.ref_name|GITHUB_REF_NAME|(?:steps|needs)\.[\w-]+\.outputs\.|inputs\.(?:version|tag|image|ref|sha|digest)|\$\{?(?:IMAGE_TAG|VERSION|TAG|RELEASE|IMAGE)\b|:v?\d+\.\d+\.\d+/i;
/** Names that somebody else's push moves. */
export const MOVING = /[\w./-]+\/?[\w.-]+:(?:latest|main|master|dev|develop|stable|edge|prod|production|staging)\b(?!\/)/;
const IMAGE_TOOL = /^(?:kubectl .*set image|helm|aws ecs|gcloud run|az (?:webapp|containerapp)|docker|docker-compose|nomad|oc|ssh|fly|flyctl|kamal)\b/;

type State = { readonly fixed: boolean; readonly text: string };

/** How a deployment names what it deploys; undefined where the workflow doesn't say. */
export function artifactOf(repo: Repository, d: Deployment): State | undefined {
  const inputs = asMapping(d.step.step.with?.value)?.entries.map(e => scalarText(e.value) ?? '').join('\n') ?? '';
  const env = [...d.step.step.env?.variables ?? [], ...d.job.job.env?.variables ?? []].map(v => scalarText(v.entry.value) ?? '').join('\n');
  const raw = `${d.line?.raw ?? ''}\n${inputs}`;
  const moving = MOVING.exec(raw.replace(/https?:\S+/g, ''));
  if (moving) return { fixed: false, text: `${moving[0]} names another image tomorrow` };
  if (FIXED.test(raw) || (/\$/.test(raw) && FIXED.test(env))) return { fixed: true, text: 'what is deployed is named by digest, commit or version' };
  const own = d.job.steps.slice(0, d.job.steps.indexOf(d.step));
  if (own.some(s => /^actions\/download-artifact|dawidd6\/action-download-artifact/.test(s.step.uses?.text ?? ''))) return { fixed: true, text: 'it deploys the artifact of an earlier job' };
  // What stands in manifests is named there.
  const lines = [...linesAhead(repo, d), ...own.flatMap(s => linesOf(repo, s))];
  if (lines.some(l => /^(?:kustomize edit set image|sed|yq|envsubst)\b/.test(l.text) && FIXED.test(l.raw))) return { fixed: true, text: 'the image is set by digest, commit or version' };
  const built = own.find(s => stepKinds(s.step).has('build'));
  const tested = stepsAhead(repo, d).some(s => s.job === d.job && stepKinds(s.step).has('test'));
  if (built && !tested) return { fixed: false, text: 'the job builds anew what it deploys: nobody has tested that build' };
  if (built) return { fixed: true, text: 'it deploys the build that the same job has tested' };
  if (d.line && IMAGE_TOOL.test(d.line.text) && /\bset image\b/.test(d.line.text)) return { fixed: false, text: 'the image has no digest or commit in its name' };
  return undefined;
}

function subjects(repo: Repository): { d: Deployment; state: State }[] {
  return lastPerJob(servingDeployments(repo)).flatMap(d => { const state = artifactOf(repo, d); return state ? [{ d, state }] : []; });
}

export default definePractice({
  id: 'artifact-immutability',
  title: 'Immutable artifacts',
  category: 'Reliability',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'What was tested is what is deployed: by digest or commit, built once.',
    why: 'A tag such as `latest` names another image by the time it is pulled, and a second build isn\'t the one that was tested.',
    references: [
      'https://kubernetes.io/docs/concepts/containers/images/#image-names',
      'https://12factor.net/build-release-run',
      'https://slsa.dev/spec/v1.1/threats',
    ],
  },
  applies: repo => subjects(repo).length > 0,
  evidence(repo) {
    const all = subjects(repo), open = all.filter(x => !x.state.fixed);
    return ratio(all.length - open.length, all.length, all.filter(x => x.state.fixed).map(({ d, state }) => evidenceAt(d, state.text)),
      open.map(({ d, state }) => `a digest, a commit or the tested artifact in ${placeOf(d)}: ${state.text}`));
  },
  scaffold: immutabilityScaffold(repo => subjects(repo).filter(x => !x.state.fixed).map(x => x.d)),
});
