/** What comes behind a deployment: whether somebody looks that it works, and how one gets back. */
import type { Job, Step, Workflow } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { unwrap } from '../../workflow/scripts';
import { inputText, reachesOut } from './action-kind';
import { deedsOf, isTeardown, type Deed } from './deeds';
import { deploysForUse } from './deploy-gate';
import { jobKinds, stepKinds } from './job-kind';
import { dependentsOf } from './started';
import { argvsOf, scriptOf } from './step-commands';

/** Tools that change infrastructure rather than a program that serves; what they change has no front door to knock at. */
const INFRASTRUCTURE = /^(?:terraform|tofu|terragrunt|pulumi|ansible-playbook|dflook\/|pulumi\/|aws cloudformation|aws s3|jakejarvis\/s3-sync|rsync|az deployment|azure\/(?:arm|bicep)-deploy|aws-actions\/aws-cloudformation)/i;

/** Scripts and targets of the project: they may look, and go back, by themselves. */
const OPAQUE = /^(?:(?:npx|bash|sh|python3?|node|sudo) )?(?:\S*\.(?:sh|bash|py|js|mjs|ts|rb|ps1|php)\b|(?:npm|pnpm|yarn|bun|make|just|task|mage|rake|invoke|turbo|nx|gulp|ant|deploy|migrate)\b)/;

/** The deployments of a program that people use: no pages, previews, infrastructure, copied files, or scripts nobody can look into. */
export function servingDeeds(job: Job): Deed[] {
  if (!deploysForUse(job) || isTeardown(job)) return [];
  return job.steps.filter(s => !isTeardown(s)).flatMap(s => deedsOf(s, ['deploy'])).filter(d => !INFRASTRUCTURE.test(d.what) && (d.command ? !OPAQUE.test(d.what) : !d.step.uses || !reachesOut(d.step.uses)));
}

const PROBE_NAME = /smoke|health|verif|probe|wait|check|ready|rollout|monitor|e2e|acceptance|sanity|ping|stable|stability|test/i;
const PROBE_COMMAND = /^(?:curl|wget|http|https|httpie|xh|k6|newman|hurl|artillery|nc|grpcurl|grpc_health_probe|goss|playwright|cypress)$/;
const PROBE_PHRASE = /\b(?:rollout status|wait|get pods|describe-services|services-stable|app wait|status)\b/;

/** Whether a step looks that what is deployed works. */
export function probes(step: Step): boolean {
  if (PROBE_NAME.test(`${scalarText(step.name?.value) ?? ''} ${step.uses?.text.split('@')[0] ?? ''}`) || stepKinds(step).has('test')) return true;
  for (const command of scriptOf(step)?.commands ?? []) {
    const words = unwrap(command.words).map(w => w.literal ?? '$');
    if (PROBE_COMMAND.test((words[0] ?? '').replace(/^.*\//, '')) || PROBE_PHRASE.test(words.slice(0, 4).join(' ')) || PROBE_NAME.test(words[0] ?? '')) return true;
  }
  return false;
}

/** Tools that go on only once what they have deployed answers. */
const WAITS_ITSELF = /^(?:superfly\/|fly(?:ctl)? |google-github-actions\/deploy-|gcloud (?:run|app|functions) |kamal |cf push|(?:npx )?(?:wrangler|firebase|vercel|netlify|cdk|sam|serverless|sls|supabase)\b|copilot |eb deploy|clever |railway |cloudflare\/|amondnet\/|nwtgck\/|netlify\/|firebaseextended\/|serverless\/|digitalocean\/|azure\/(?:container-apps|k8s)|einaregilsson\/)/i;

/** Whether a deployment waits for its own health: by nature, or as it is told. */
export function waitsItself(deed: Deed): boolean {
  if (WAITS_ITSELF.test(deed.what) || inputText(deed.step, 'wait-for-service-stability') === 'true') return true;
  return deed.command?.words.some(w => w.literal !== undefined && /^--(?:wait(?:-for-jobs)?|atomic|rollback-on-failure|sync|detach=false)(?:=true)?$/.test(w.literal)) ?? false;
}

/** Whether something behind a deployment looks that it works, in its job or in one that waits for it. */
export function isProbed(workflow: Workflow, job: Job, deed: Deed): boolean {
  if (waitsItself(deed)) return true;
  if (job.steps.some(s => s.index > deed.step.index && probes(s))) return true;
  // In the script itself, behind the command.
  if (deed.command && (scriptOf(deed.step)?.commands ?? []).some(c => c.start > deed.command!.end && (PROBE_COMMAND.test(c.name ?? '') || PROBE_PHRASE.test(textOf(c.words))))) return true;
  const dependents = dependentsOf(workflow), seen = new Set<Job>([job]), queue = [job];
  for (let at = queue.pop(); at; at = queue.pop()) {
    for (const d of dependents.get(at) ?? []) {
      if (seen.has(d)) continue;
      seen.add(d);
      if (seen.size > MAX_SEEN) return true;
      // A called workflow, or a script whose name says nothing, may well look.
      if (d.uses || jobKinds(d).has('test') || PROBE_NAME.test(`${d.id} ${scalarText(d.name?.value) ?? ''}`) || d.steps.some(probes)) return true;
      queue.push(d);
    }
  }
  return false;
}

/** More jobs than anybody reads: they are taken to look. */
const MAX_SEEN = 200;

function textOf(words: readonly { readonly literal?: string }[]): string { return words.slice(0, 4).map(w => w.literal ?? '$').join(' '); }

const BACK = /roll[-_ ]?back|\bundo\b|revert|previous|restore|\babort\b|circuit[-_ ]breaker|canary|blue[-_ ]?green/i;
const VERSION_INPUT = /^(?:.*[-_])?(?:version|tag|ref|sha|commit|release|revision|image|image[-_]tag|build)(?:[-_].*)?$/i;

const waysBack = new WeakMap<Workflow, boolean>();

/** Whether there is a way back: a step or job for it, a tool that goes back by itself, or an input that takes an earlier version. */
export function knowsWayBack(workflow: Workflow, job: Job): boolean {
  let known = waysBack.get(workflow);
  if (known === undefined) waysBack.set(workflow, known = hasWayBack(workflow));
  return known || goesBack(job);
}

function hasWayBack(workflow: Workflow): boolean {
  return workflow.triggers.some(t => t.event === 'workflow_dispatch' && (t.inputs ?? []).some(i => VERSION_INPUT.test(i.name) || BACK.test(i.name)))
    || workflow.jobs.some(j => BACK.test(`${j.id} ${scalarText(j.name?.value) ?? ''}`) || (runsOnFailure(j.if?.value) && goesBack(j)));
}

function goesBack(job: Job): boolean {
  return job.steps.some(s => BACK.test(`${scalarText(s.name?.value) ?? ''} ${s.uses?.text ?? ''}`)
    || argvsOf(s).some(a => a.some(w => w !== undefined && (/^--(?:atomic|rollback-on-failure|auto-rollback|cleanup-on-fail)(?:=true)?$/.test(w) || BACK.test(w)))));
}

function runsOnFailure(value: Parameters<typeof scalarText>[0]): boolean { return /\bfailure\s*\(/.test(scalarText(value) ?? ''); }
