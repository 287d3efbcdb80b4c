import { definePractice, type Evidence } from '../practice';
import { basename, dirname, repoFacts, type Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { ciJobs, type CiJob, type CiStep } from '../shared/ci';
import { afterFailure, tells } from '../shared/deeds';
import { deployments, evidenceOfStep, softStep } from '../shared/deployments';
import { linesOf, type Line } from '../shared/lines';
import { missing } from '../shared/verdict';
import { driftScaffold } from './scaffolds/drift';

export interface Root { readonly dir: string; readonly tool: 'terraform' | 'tofu' | 'pulumi' }

/** Modules are called by what has a state; only that can drift. */
const MODULE = /(?:^|\/)(?:modules?|examples?|tests?|\.terraform)(?:\/|$)/;
const HAS_STATE = /^\s*(?:backend\s+"|cloud\s*\{)/m;
const HAS_PROVIDER = /^\s*provider\s+"/m;
const MAX_ROOTS = 10;

/** Folders that describe what runs: Terraform's with a backend or provider, or planned by a workflow; Pulumi's projects. */
export function roots(repo: Repository): Root[] {
  const { terraform } = repoFacts(repo).stack, dirs = [...new Set(terraform.map(dirname))].filter(d => !MODULE.test(d));
  const texts = (dir: string): string => terraform.filter(f => dirname(f) === dir).map(f => repo.read(f) ?? '').join('\n');
  const stateful = dirs.filter(d => HAS_STATE.test(texts(d)));
  const found = stateful.length > 0 ? stateful : dirs.filter(d => HAS_PROVIDER.test(texts(d)) || repo.has(d === '' ? '.terraform.lock.hcl' : `${d}/.terraform.lock.hcl`));
  const tool = found.length > 0 && ciJobs(repo).some(j => j.steps.some(s => /^opentofu\/setup-opentofu/i.test(s.step.uses?.text ?? '') || linesOf(repo, s).some(l => l.words[0] === 'tofu'))) ? 'tofu' : 'terraform';
  const out: Root[] = found.map(dir => ({ dir: dir || '.', tool }));
  for (const f of repo.files) if (/^Pulumi\.ya?ml$/.test(basename(f)) && !MODULE.test(dirname(f))) out.push({ dir: dirname(f) || '.', tool: 'pulumi' });
  return out.slice(0, MAX_ROOTS);
}

/** Applies infrastructure from a workflow, wherever its files are. What a test applies it takes down again. */
function appliesIt(repo: Repository): boolean {
  return deployments(repo).some(d => /^(?:terraform|tofu|terragrunt|pulumi|cdk|dflook\/)/i.test(d.what));
}

const PLAN = /^(?:terraform|tofu|terragrunt)(?: -\S+)* (?:run-all )?plan\b|^\$ plan\b/;
const DETECTS = /^(?:driftctl scan|driftive|cdk drift|aws cloudformation detect-stack-(?:set-)?drift|argocd app diff|kubectl diff)/;
const ACTIONS = /^(?:dflook\/(?:terraform|tofu)-check|driftctl\/|snyk\/driftctl-action|cloudposse\/github-action-.*drift|diggerhq\/)/i;

/** Why a command doesn't find drift; undefined where it does; null where it has nothing to do with it. */
function objection(line: Line, inScript: boolean): string | undefined | null {
  if (DETECTS.test(line.text)) return line.soft;
  if (/^cdk diff\b/.test(line.text)) return line.soft ?? (/--fail\b/.test(line.raw) ? undefined : 'cdk diff without --fail succeeds whatever it finds');
  if (/^pulumi (?:preview|refresh)\b|^\$ preview\b/.test(line.text)) return line.soft ?? (/--expect-no-changes\b/.test(line.raw) ? undefined : 'without --expect-no-changes Pulumi succeeds whatever it finds');
  if (!PLAN.test(line.text)) return null;
  if (!/-detailed-exitcode\b/.test(line.raw)) return 'without -detailed-exitcode a plan succeeds whatever it finds';
  return inScript ? undefined : line.soft;
}

interface Found { readonly step: CiStep; readonly what: string; readonly why?: string }

function detections(repo: Repository, job: CiJob): Found[] {
  return job.steps.flatMap((step): Found[] => {
    const weak = softStep(step);
    if (step.step.uses && ACTIONS.test(step.step.uses.text)) return [{ step, what: step.step.uses.text.split('@')[0]!, why: weak }];
    const seen = linesOf(repo, step).map(l => ({ l, why: objection(l, l.file !== undefined) })).filter(x => x.why !== null);
    return seen.map(({ l, why }) => ({ step, what: l.words.slice(0, 2).join(' ').replace('$', 'terraform'), why: why ?? (alarmed(repo, job) ? undefined : weak) }));
  });
}

/** Somebody is told: a step that runs on failure or by its exit code, or a script that opens an issue. */
function alarmed(repo: Repository, job: CiJob): boolean {
  const told = (s: CiStep): boolean => tells(repo, s) || linesOf(repo, s).some(l => /^gh issue (?:create|comment)/.test(l.text));
  const behind = ciJobs(repo).filter(j => j.document === job.document && (j === job || j.job.needs.some(n => n.value === job.job.id)));
  return behind.some(j => j.steps.some(s => told(s) && (s.step.if !== undefined || j !== job || linesOf(repo, s).some(l => l.file) || afterFailure(scalarText(j.job.if?.value)))));
}

export default definePractice({
  id: 'drift-detection',
  title: 'Drift detection',
  category: 'Reliability',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'On a schedule, what runs is compared with what is written down, and somebody is told of a difference.',
    why: 'What was changed by hand is lost with the next apply, or applied over: at the worst moment.',
    references: [
      'https://developer.hashicorp.com/terraform/cli/commands/plan#detailed-exitcode',
      'https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/',
    ],
  },
  applies: repo => roots(repo).length > 0 || appliesIt(repo),
  evidence(repo) {
    const wanted = 'a scheduled plan with -detailed-exitcode (or driftctl, pulumi preview --expect-no-changes, cdk drift) that tells somebody';
    const jobs = ciJobs(repo).filter(j => j.triggers.some(t => t.event === 'schedule'));
    const scheduled = jobs.flatMap(job => detections(repo, job).map(f => ({ job, ...f }))), good = scheduled.filter(f => !f.why);
    const at = (f: Found, text: string): Evidence => evidenceOfStep(f.step, text);
    if (good.length === 0)
      return missing(wanted, ...[...new Set(scheduled.map(f => `${f.what} in ${f.job.document.path} doesn't count: ${f.why!}`))].slice(0, 8));
    const told = good.filter(f => alarmed(repo, f.job));
    if (told.length > 0) return { result: 1, evidence: told.slice(0, 12).map(f => at(f, `${f.what} looks for drift on a schedule, and somebody is told`)), lookedFor: [] };
    return { result: 0.5, evidence: good.slice(0, 12).map(f => at(f, `${f.what} looks for drift on a schedule`)),
      lookedFor: ['an alert: an issue or a message where drift is found, as nobody looks at scheduled runs'] };
  },
  scaffold: driftScaffold({ roots, there: repo => ciJobs(repo).some(j => j.triggers.some(t => t.event === 'schedule') && alarmed(repo, j) && detections(repo, j).some(f => !f.why)) }),
});
