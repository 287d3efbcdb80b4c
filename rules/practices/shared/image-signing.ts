/** Signs images where they are pushed: by the digest of what was built, without a key. */
import type { Repository } from '../../repository';
import { insertStep, quoteIfNeeded, setStepKey } from '../../workflow/edits';
import type { SourceDocument } from '../../workflow/document';
import type { Job, Step } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { runnerNoEgressControl } from '../../checks/shared/fixing-rules';
import { outsideKinds } from '../../checks/shared/job-kind';
import { allowIdToken } from '../../checks/shared/oidc';
import type { FileChange } from '../practice';
import { ciJobs, stepInput, whyIdle, type CiJob, type CiStep } from './ci';
import { whyNotForUse } from './releases';
import { fixEverywhere, narrowed, withChanges } from './rule-fixes';
import { applied } from './scaffold';
import { pin } from './snippets';

const OF_A_RUN = /\bgithub\.(?:sha|run_id|run_number|head_ref|event\.(?:number|pull_request\.(?:number|head\.sha)))\b/;

/** Tags that nobody asks for but the jobs of the same run. */
function isOfARun(tags: string): boolean {
  const all = tags.split(/[\n,]/).map(x => x.trim()).filter(x => x !== '');
  return all.length > 0 && all.every(x => OF_A_RUN.test(x));
}

/** Steps that build an image and push it, in jobs that aren't only trying it out. */
export function imagePushes(repo: Repository): CiStep[] {
  return ciJobs(repo).flatMap(j => j.steps).filter(s => nameOf(s.step) === 'docker/build-push-action' && pushes(s.step) && whyIdle(s) === undefined
    && whyNotForUse(s.job) === undefined && !(isTrialImage(s.job) && isOfARun(stepInput(s.step, 'tags') ?? '')));
}

/** What each proposal pushes as well, for the jobs behind it, is no release. */
export function isTrialImage(job: CiJob): boolean {
  const steps = job.steps.filter(s => outsideKinds(s.step).length > 0);
  return job.onChange.some(t => t.event === 'pull_request') && job.job.if === undefined && steps.length > 0
    && steps.every(s => s.step.uses?.slug === 'docker/build-push-action' && s.step.if === undefined && stepInput(s.step, 'push') === 'true');
}

const nameOf = (step: Step): string => step.uses?.kind === 'repository' && !step.uses.path ? `${step.uses.owner}/${step.uses.repo}`.toLowerCase() : '';
const pushes = (step: Step): boolean => (stepInput(step, 'push') ?? 'false') !== 'false' || /type=registry|push=true/.test(stepInput(step, 'outputs') ?? '');

const inner = (text: string): string => /^\s*\$\{\{([^]*)\}\}\s*$/.exec(text)?.[1]?.trim() ?? text.trim();

/** When the image is in the registry: what the step asks for, and what it asks of pushing. */
function condition(step: Step): string | undefined {
  const push = stepInput(step, 'push') ?? 'true', parts = [scalarText(step.if?.value), push === 'true' ? undefined : push].filter(x => x !== undefined).map(inner);
  return parts.length === 0 ? undefined : `\${{ ${parts.length === 1 ? parts[0]! : parts.map(p => `(${p})`).join(' && ')} }}`;
}

function freeId(job: Job): string {
  const taken = new Set(job.steps.map(s => scalarText(s.id?.value)?.toLowerCase()));
  for (let n = 1; ; n++) { const id = n === 1 ? 'push' : `push-${n}`; if (!taken.has(id)) return id; }
}

function signed(repo: Repository, document: SourceDocument, job: Job, step: Step): SourceDocument | undefined {
  const tags = stepInput(step, 'tags')?.trim();
  if (!tags) return undefined;
  const known = scalarText(step.id?.value), id = known ?? freeId(job);
  const at = (d: SourceDocument | undefined): Job | undefined => d?.workflow?.jobs.find(j => j.id === job.id);
  let now = known === undefined ? applied(document, setStepKey(document, step, 'id', id)) : document;
  const when = condition(step), lines = tags.split('\n').map(l => l.trim()).filter(l => l !== '');
  const steps = [[
    '- name: Install cosign',
    ...(when === undefined ? [] : [`  if: ${when}`]),
    `  uses: ${pin('sigstore/cosign-installer').text}`,
  ], [
    '- name: Sign the image',
    ...(when === undefined ? [] : [`  if: ${when}`]),
    '  env:',
    ...(lines.length === 1 ? [`    TAGS: ${quoteIfNeeded(lines[0]!)}`] : ['    TAGS: |', ...lines.map(l => `      ${l}`)]),
    `    DIGEST: \${{ steps.${id}.outputs.digest }}`,
    '  run: |',
    "    while read -r tag; do",
    '      if [ -n "$tag" ]; then cosign sign --yes "$tag@$DIGEST"; fi',
    "    done <<< \"${TAGS//,/$'\\n'}\"",
  ]];
  for (const [i, text] of steps.entries()) {
    const owner = at(now);
    now = now && owner && applied(now, insertStep(now, owner, step.index + 1 + i, text.join('\n')));
  }
  const last = at(now);
  return now && last && applied(now, allowIdToken(now, repo, last));
}

/** The workflows in which every image that is pushed is signed, and the jobs that do so. */
export function signImages(repo: Repository): { readonly changes: readonly FileChange[]; readonly jobs: readonly string[] } {
  const docs = new Map<string, SourceDocument>(), jobs: string[] = [];
  for (const s of imagePushes(repo)) {
    if (s.outer || s.document.problems.length > 0 || jobs.includes(s.job.job.id)) continue;
    const document = docs.get(s.document.path) ?? s.document, job = document.workflow?.jobs.find(j => j.id === s.job.job.id);
    // The last push of a job: the steps behind it don't move those ahead.
    const step = job?.steps.findLast(x => nameOf(x) === 'docker/build-push-action' && pushes(x));
    const next = job && step && signed(repo, document, job, step);
    if (!next) continue;
    docs.set(document.path, next);
    jobs.push(job.id);
  }
  const changes = [...docs.values()].map(d => ({ path: d.path, created: false, newText: d.text }));
  if (changes.length === 0) return { changes, jobs };
  // The identity is worth taking: where the job connects to is watched from now on.
  const watched = fixEverywhere(withChanges(repo, changes), [narrowed(runnerNoEgressControl, data => jobs.includes(String(data['job'])))], path => docs.has(path));
  return { changes: changes.map(c => watched.changes.find(w => w.path === c.path) ?? c), jobs };
}
