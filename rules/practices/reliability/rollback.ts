import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { ciJobs, type CiJob, type CiStep } from '../shared/ci';
import { evidenceAt, jobOnFailure, jobsBehind, lastPerJob, linesAhead, linesBehind, onFailure, placeOf, servingDeployments, softStep,
  type Deployment } from '../shared/deployments';
import { linesOf, type Line } from '../shared/lines';
import { deedsOf } from '../../checks/shared/deeds';
import { ratio } from '../shared/verdict';
import { rollbackScaffold } from './scaffolds/rollback';

/** Platforms that keep what was deployed before, and put it back with one command or click. */
const KEEPS_EARLIER = /(?:^|[\s/])(?:wrangler|wrangler-action|pages-action|vercel|vercel-action|netlify|actions-netlify|firebase|action-hosting-deploy)(?:\s|$)|^netlify\//i;
/** Goes back by itself where the deployment fails. */
const BY_ITSELF = /--(?:atomic|rollback-on-failure|auto-rollback)(?:[=\s]|$)|deploymentCircuitBreaker|rollback=true|rollbackonhealthcheckfailed:\s*["']?true/;
const GOES_BACK = /\b(?:rollout undo|rollback|roll-back|roll_back|revert|undo|restore|--revision|--to-revision|releases:rollback|previous)\b|previous|rollback|restore/i;
const TALKS = /^(?:echo|printf|cat|:|true|gh|curl|slack)$/;
const VERSION_INPUT = /^(?:.*[-_])?(?:version|tag|ref|sha|commit|release|revision|image|rollback)(?:[-_].*)?$/i;

type Way = { readonly kind: 'automatic' | 'unlimited' | 'manual'; readonly what: string };

function isBack(line: Line): boolean { return !line.soft && !TALKS.test(line.words[0]!) && GOES_BACK.test(line.raw); }

/** A step that puts an earlier version back: by a command that says so, or by deploying once more. */
function stepBack(repo: Repository, s: CiStep): string | undefined {
  if (softStep(s)) return undefined;
  const line = linesOf(repo, s).find(isBack);
  if (line) return line.words.slice(0, 3).join(' ');
  if (s.step.uses && /roll-?back|revert/i.test(s.step.uses.text.split('@')[0]!)) return s.step.uses.text.split('@')[0]!;
  return deedsOf(s.step, ['deploy'])[0]?.what;
}

const limited = (job: CiJob, s: CiStep): boolean => job.job.timeoutMinutes !== undefined || s.step.timeoutMinutes !== undefined;

function wayOf(repo: Repository, d: Deployment): Way | undefined {
  const found: Way[] = [];
  const add = (job: CiJob, s: CiStep, what: string): void => { found.push({ kind: limited(job, s) ? 'automatic' : 'unlimited', what }); };
  if (d.line && BY_ITSELF.test(d.line.raw)) add(d.job, d.step, d.line.words.slice(0, 2).join(' '));
  if (d.step.step.with && BY_ITSELF.test(d.step.step.with.block.text.slice(d.step.step.with.start, d.step.step.with.end))) add(d.job, d.step, d.what);
  const inScript = [...linesAhead(repo, d).filter(l => l.sometimes || l.words[0] === 'trap'), ...linesBehind(repo, d).filter(l => l.sometimes || l.looked)].find(isBack);
  if (inScript) add(d.job, d.step, inScript.words.slice(0, 3).join(' '));
  for (const s of d.job.steps.slice(d.job.steps.indexOf(d.step) + 1)) {
    const what = onFailure(s) || linesOf(repo, s).some(l => isBack(l) && l.sometimes) ? stepBack(repo, s) : undefined;
    if (what) add(d.job, s, what);
  }
  for (const j of jobsBehind(repo, d.job)) {
    if (!jobOnFailure(j.job) && !jobOnFailure(j.caller?.job ?? j.job) && !j.workflow.triggers.some(t => t.event === 'workflow_run')) continue;
    if (j.job.uses?.kind === 'repository' && /roll-?back|revert/i.test(`${j.job.id} ${j.job.uses.text}`)) found.push({ kind: 'automatic', what: j.job.id });
    for (const s of j.steps) { const what = stepBack(repo, s); if (what) add(j, s, what); }
  }
  return found.find(w => w.kind === 'automatic') ?? found[0] ?? manualWay(repo, d);
}

/** An input that takes an earlier version, or a workflow that is there to go back. */
function manualWay(repo: Repository, d: Deployment): Way | undefined {
  const input = d.job.workflow.triggers.filter(t => t.event === 'workflow_dispatch').flatMap(t => t.inputs ?? []).find(i => VERSION_INPUT.test(i.name));
  if (input) return { kind: 'manual', what: `the input ${input.name}` };
  const other = ciJobs(repo).find(j => j.triggers.some(t => t.event === 'workflow_dispatch')
    && /roll-?back|revert/i.test(`${j.document.path} ${scalarText(j.workflow.name?.value) ?? ''} ${j.job.id}`) && j.steps.some(s => stepBack(repo, s)));
  return other && { kind: 'manual', what: `${other.job.id} in ${other.document.path}` };
}

const WORTH = { automatic: 1, unlimited: 0.8, manual: 0.5 } as const;

function subjects(repo: Repository): Deployment[] {
  return lastPerJob(servingDeployments(repo)).filter(d => !KEEPS_EARLIER.test(d.what));
}

function wanted(d: Deployment, way: Way | undefined): string {
  if (way?.kind === 'manual') return `a path on failure that puts the previous release back for ${placeOf(d)}: ${way.what} needs somebody who starts it`;
  if (way) return `timeout-minutes for ${way.what}, which takes ${placeOf(d)} back: a way back that hangs is none`;
  return `a step or job on failure() that puts the previous release back for ${placeOf(d)}, or a tool that does so by itself`;
}

export default definePractice({
  id: 'rollback',
  title: 'Rollback',
  category: 'Reliability',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Where a deployment fails, the previous release is put back, within a time limit.',
    why: 'When a release breaks, whoever is on duty has to find out under pressure how the previous one is put back.',
    references: [
      'https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_undo/',
      'https://helm.sh/docs/helm/helm_rollback/',
      'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html',
    ],
  },
  applies: repo => subjects(repo).length > 0,
  evidence(repo) {
    const all = subjects(repo).map(d => ({ d, way: wayOf(repo, d) }));
    return ratio(all.reduce((n, x) => n + (x.way ? WORTH[x.way.kind] : 0), 0), all.length,
      all.flatMap(({ d, way }) => (way ? [evidenceAt(d, `${way.what} takes it back`)] : [])),
      all.filter(x => x.way?.kind !== 'automatic').map(({ d, way }) => wanted(d, way)));
  },
  scaffold: rollbackScaffold(repo => subjects(repo).filter(d => wayOf(repo, d)?.kind !== 'automatic')),
});
