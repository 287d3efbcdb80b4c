/** What looks whether a deployment works. */
import type { Repository } from '../../../repository';
import { inputText } from '../../../checks/shared/action-kind';
import { waitsItself } from '../../../checks/shared/deploy-aftermath';
import { deedsOf } from '../../../checks/shared/deeds';
import { commandKinds } from '../../../checks/shared/command-kind';
import { stepKinds } from '../../../checks/shared/job-kind';
import type { CiStep } from '../../shared/ci';
import { isIdle, jobsBehind, linesBehind, onFailure, softStep, stepsBehind, type Deployment } from '../../shared/deployments';
import { linesOf, type Line } from '../../shared/lines';

/** Asks the program over the network. */
const CLIENT = /^(?:curl|wget|http|https|xh|hurl|grpcurl|grpc_health_probe|Invoke-WebRequest|Invoke-RestMethod|iwr|irm)$/i;
/** Tests what is deployed, from the outside. */
const SMOKE = /^(?:newman|k6|playwright|cypress|artillery|goss|testcafe|hurl|schemathesis|st)$/;
/** Waits until the platform calls it healthy. */
const WAITS = /^(?:kubectl (?:-\S+ )*(?:rollout status|wait)|aws (?:ecs|elasticbeanstalk|deploy|cloudformation|lambda) wait|argocd app wait|oc rollout status|docker service ps|az .*\bwait\b|nomad (?:deployment|job) status)/;
const PROBE_ACTION = /health-?check|wait-?(?:on|for)|http-status|url-health|smoke|uptime|k6|newman|playwright|cypress|lighthouse/i;
const RETRIES = /--(?:retry|tries|retry-all-errors|waitretry)\b|^curl .*--retry/;

export type Seen = { readonly kind: 'probe' | 'retried' | 'wait'; readonly what: string } | { readonly kind: 'none'; readonly why: string };

/** A script of the repository in another language, called after what it does and asking over the network. */
function asks(repo: Repository, line: Line): boolean {
  const path = line.words.find(w => /(?:smoke|health|verify|probe)[\w-]*\.(?:py|[cm]?js|ts|rb|php|go)$/i.test(w));
  return path !== undefined && /https?:|\bfetch\(|requests\.|urllib|axios|httpx|Net::HTTP|http\./.test((repo.read(path.replace(/^\.\//, '')) ?? '').slice(0, 100_000));
}

/** What a command says about a deployment's health; undefined where it says nothing. */
function lookOf(repo: Repository, line: Line): Seen | undefined {
  const name = line.words[0]!;
  if (asks(repo, line)) return soft(line) ?? { kind: 'retried', what: line.words.slice(0, 2).join(' ') };
  if (WAITS.test(line.text)) return soft(line) ?? { kind: 'wait', what: line.words.slice(0, 3).join(' ') };
  if (SMOKE.test(name) || (name === 'npx' && SMOKE.test(line.words[1] ?? ''))) return soft(line) ?? { kind: 'retried', what: name };
  if (!CLIENT.test(name) || !/https?:|\$|localhost|\.\w/.test(line.raw) || /-X\s*POST|--data\b|hooks\.slack|webhook|api\.github|--request POST| -d /i.test(line.raw)) return undefined;
  // Whoever loops until it answers, or asks for the code, looks at it.
  const fails = name !== 'curl' || /(?:^|\s)-[a-zA-Z]*f|--fail/.test(line.raw) || line.looked;
  const reason = soft(line);
  if (reason && !line.looped) return reason;
  if (!fails) return { kind: 'none', why: 'curl without --fail succeeds on any answer' };
  return { kind: RETRIES.test(line.raw) || line.looped ? 'retried' : 'probe', what: name };
}

function soft(line: Line): Seen | undefined { return line.soft ? { kind: 'none', why: line.soft } : undefined; }

/** A test runner; a script that is only called so says nothing. */
function tests(line: Line): boolean { return !line.soft && commandKinds(line.words).includes('test') && !/\.(?:py|[cm]?js|ts|rb|php|sh)(?: |$)/.test(line.words.slice(0, 3).join(' ')); }

/** What is tested behind a deployment is what runs. */
function looksOfStep(repo: Repository, s: CiStep, ownJob: boolean): Seen[] {
  const weak = softStep(s), retriedAction = s.step.uses?.repo === 'retry';
  const seen = linesOf(repo, s).flatMap(l => lookOf(repo, l) ?? []).map((x): Seen => (x.kind === 'probe' && retriedAction ? { ...x, kind: 'retried' } : x));
  if (s.step.uses && PROBE_ACTION.test(s.step.uses.text.split('@')[0]!)) seen.push({ kind: 'retried', what: s.step.uses.text.split('@')[0]! });
  else if (seen.length === 0 && (ownJob ? linesOf(repo, s).some(tests) : stepKinds(s.step).has('test'))) seen.push({ kind: 'retried', what: 'a test' });
  return weak === undefined ? seen : seen.map(() => ({ kind: 'none', why: weak }));
}

export function looksBehind(repo: Repository, d: Deployment): Seen[] {
  const seen = [...linesBehind(repo, d).flatMap(l => lookOf(repo, l) ?? []),
    ...stepsBehind(repo, d).filter(s => !onFailure(s) && !isIdle(s, d)).flatMap(s => looksOfStep(repo, s, s.job === d.job))];
  const deed = deedsOf(d.step.step, ['deploy']).find(x => x.what === d.what || d.what.startsWith(x.what));
  if (deed ? waitsItself(deed) : d.line && /--(?:wait|atomic)\b/.test(d.line.raw)) seen.push({ kind: 'wait', what: d.what });
  if (inputText(d.step.step, 'wait-for-service-stability') === 'true') seen.push({ kind: 'wait', what: 'wait-for-service-stability' });
  if (inputText(d.step.step, 'healthcheck')) seen.push({ kind: 'retried', what: d.what });
  // A workflow of somebody else that is called after a health check.
  for (const j of jobsBehind(repo, d.job)) if (j.job.uses?.kind === 'repository' && PROBE_ACTION.test(`${j.job.id} ${j.job.uses.text.split('@')[0]!}`)) seen.push({ kind: 'retried', what: j.job.id });
  return seen;
}

/** 1 where somebody asks the program and gives it time, half for either. */
export function healthOf(seen: readonly Seen[]): number {
  const has = (kind: Seen['kind']): boolean => seen.some(s => s.kind === kind);
  return has('retried') || (has('probe') && has('wait')) ? 1 : has('probe') || has('wait') ? 0.5 : 0;
}
