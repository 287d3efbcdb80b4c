import { newestKnown } from '../../catalog';
import { defineQuery, defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { insertStep } from '../../workflow/edits';
import { permissionsWithin, runnerOs, scopeAccess } from '../../workflow/effective';
import type { EnvMap, Job, Step } from '../../workflow/model';
import { asMapping, asScalar, type ScalarNode } from '../../workflow/nodes';
import { ownOwner } from '../shared/own-owner';
import { inheritedPermissions, isCallable, needOf } from '../shared/permission-facts';
import { executes } from '../shared/repository-code';
import { askedRunner, isHosted } from '../shared/runner-labels';
import { isIdentifierName, secretsOf } from '../shared/secrets';
import { findTokens } from '../shared/tokens';
import { workflowShell } from '../shared/workflow-facts';

/** Actions that watch or limit where a job connects to. */
const MONITORS: ReadonlySet<string> = new Set(['step-security/harden-runner', 'bullfrogsec/bullfrog', 'cycodelabs/cimon-action', 'listendev/action']);
/** GitHub's own are as trusted as the runner. */
const PLATFORM: ReadonlySet<string> = new Set(['actions', 'github']);

/** Tools that get packages of others and run what is in them; scripts of the repository itself are not meant. */
const FETCHING = /^(?:npm|npx|pnpm|yarn|bunx?|pip3?|pipenv|poetry|uv|pdm|tox|nox|hatch|cargo|go|bundle|gem|composer|dotnet|mvnw?|gradlew?|sbt|docker|docker-compose|mix|flutter|pre-commit|python -m (?:pip|build|tox|nox))(?: |$)/;

/** Secrets that every job's steps have in their environment. */
const workflowSecrets = defineQuery('runner-no-egress-control.workflow-secrets', ({ document }) => secretIn(document.workflow?.env) ?? null);

export default defineRule({
  id: 'runner-no-egress-control',
  category: 'runners',
  severity: 'low',
  confidence: 'high',
  scope: 'job',
  profile: 'strict',
  level: 5,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs with secrets that run other people\'s code while nothing watches where it connects to.',
    why: 'A compromised action or package sends the secrets out in one request, and without a record nobody learns of it.',
    references: [
      'https://docs.stepsecurity.io/harden-runner',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-10-Insufficient-Logging-And-Visibility',
    ],
    standards: ['SEC-5', 'SEC-10', 'CIS 2.2.4', 'CIS 2.2.5', 'STRIDE I'],
  },
  messages: {
    unwatched: 'Job `{job}` has {what} and runs code of others (`{code}`), and nothing records where that connects to. Begin with a step that watches outgoing connections.',
  },
  create(context) {
    return {
      job(job) {
        if (job.steps.length === 0 || job.container || runnerOs(job) !== 'linux') return;
        const runner = askedRunner(job);
        // Its agent needs a machine of its own: neither a container nor somebody's runner.
        if (!isHosted(runner) || runner.labels.some(l => l.value.toLowerCase() === 'ubuntu-slim')) return;
        const shell = context.query(workflowShell);
        const own = context.query(ownOwner);
        const code = first(job.steps, s => ofOthers(s, shell, own));
        if (code === undefined) return;
        const what = valuable(job, context.query(workflowSecrets)) ?? identity(context, job);
        if (what === undefined) return;
        context.instance();
        if (job.steps.some(s => MONITORS.has(nameOf(s)))) return;
        context.report({ at: job.entry.key, messageId: 'unwatched', data: { job: job.id, what, code }, fixes: watch(job) });
      },
    };
  },
});

function first<T>(of: readonly T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of of) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf(step: Step): string { return step.uses?.kind === 'repository' ? step.uses.slug : ''; }

function ofOthers(step: Step, shell: string | null, own: string | null): string | undefined {
  const { uses } = step;
  if (uses?.kind === 'docker') return uses.text;
  if (uses?.kind === 'repository') {
    const owner = uses.owner?.toLowerCase() ?? '';
    return PLATFORM.has(owner) || owner === own || MONITORS.has(nameOf(step)) ? undefined : uses.text.split('@')[0];
  }
  const run = step.run && executes(step, undefined, shell)?.what;
  return run && FETCHING.test(run) ? run : undefined;
}

/** It may ask for one, or uses actions that do and that fail without. */
function identity(context: Pick<RuleContext, 'query'>, job: Job): string | undefined {
  const permissions = permissionsWithin(job, context.query(inheritedPermissions));
  const given = scopeAccess(permissions, 'id-token');
  // It is never there by default: only a caller can give what the file doesn't.
  return given === 'write' || (permissions === null && context.query(isCallable) && needOf(context, job).scopes['id-token'] === 'write') ? 'an identity that clouds and registries trust' : undefined;
}

/** A secret that outlives the run, as it is shown; one that is written out is one, too. */
function secretsIn(scalar: ScalarNode | undefined): string | undefined {
  const named = secretsOf(scalar).find(s => !s.isRunToken && !isIdentifierName(s.name));
  if (named) return `the secret \`${named.name}\``;
  return scalar && findTokens(scalar.value).length > 0 ? 'a token that is written out' : undefined;
}

function secretIn(env: EnvMap | undefined): string | undefined {
  for (const v of env?.variables ?? []) {
    const found = secretsIn(v.value);
    if (found) return found;
  }
  return undefined;
}

function valuable(job: Job, outer: string | null): string | undefined {
  return outer ?? secretIn(job.env) ?? first(job.steps, secretOf);
}

function secretOf(step: Step): string | undefined {
  const inputs = asMapping(step.with?.value)?.entries.map(e => asScalar(e.value)) ?? [];
  return secretIn(step.env) ?? first([...inputs, step.run?.scalar], secretsIn);
}

function watch(job: Job): Fix[] {
  const pin = newestKnown('step-security', 'harden-runner');
  if (!pin) return [];
  const step = `- name: Watch outgoing connections\n  uses: ${pin.name}@${pin.sha} # ${pin.version}\n  with:\n    egress-policy: audit`;
  return [{ title: 'Add harden-runner in audit mode', safety: 'unsafe', preferred: true, edits: ({ document }) => insertStep(document, job, 0, step) }];
}
