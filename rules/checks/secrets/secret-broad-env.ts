import { defineRule, type Fix } from '../../engine/rule';
import type { TextEdit } from '../../workflow/document';
import { addStepEnv, deleteEntry, deleteTopLevelKey, hasOwnLineComment } from '../../workflow/edits';
import type { EnvMap, Job, Step } from '../../workflow/model';
import { asMapping, type MappingNode } from '../../workflow/nodes';
import { executes } from '../shared/repository-code';
import { secretVariables, type SecretVariable } from '../shared/secrets';
import { argvsOf } from '../shared/step-commands';

/** Their actions are the platform's own: who doesn't trust them has no secrets at all. */
const PLATFORM = /^(?:actions|github)$/i;

/** A step that runs code of others, and doesn't name the variable. */
interface Bystander { readonly step: Step; readonly what: string }
interface Use { readonly named: readonly Step[]; readonly bystanders: readonly Bystander[] }

export default defineRule({
  id: 'secret-broad-env',
  category: 'secrets',
  severity: 'medium',
  confidence: 'medium',
  scope: 'workflow',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds secrets in the `env` of a workflow or job that has steps which run code of others and don\'t name them.',
    why: 'Every action, package script and test of the job can read the variable, and one of them with bad intent is enough.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene',
    ],
    standards: ['SEC-6', 'STRIDE I'],
  },
  messages: {
    job: '`{variable}` is a secret for every step of this job, and so for {other}, which does not name it. Set it on the steps that use it.',
    workflow: '`{variable}` is a secret for every job of this workflow, and so for {other} in `{job}`, which does not name it. Set it on the steps that use it.',
  },
  create(context) {
    return {
      workflow(workflow) {
        const jobs = workflow.jobs.filter(j => !j.uses);
        for (const held of secretVariables(workflow.env)) {
          if (jobs.length < 2) continue;
          context.instance();
          const use = useOf(jobs.filter(j => !j.env?.variables.some(v => v.name === held.name)), held.name);
          const first = reportable(use);
          if (!first) continue;
          const fix = pushDown(workflow.env!, held, use.named, undefined, [workflow.env!, ...jobs]);
          context.report({
            at: held.variable.entry, messageId: 'workflow', data: { variable: held.name, other: first.what, job: first.step.job?.id ?? '' },
            adjust: adjustment(held), related: related(use), fixes: fix ? [fix] : [],
          });
        }
      },
      job(job) {
        for (const held of secretVariables(job.env)) {
          if (job.steps.length < 2) continue;
          context.instance();
          const use = useOf([job], held.name);
          const first = reportable(use);
          if (!first) continue;
          const fix = job.node && pushDown(job.env!, held, use.named, job.node, [job]);
          context.report({
            at: held.variable.entry, messageId: 'job', data: { variable: held.name, other: first.what },
            adjust: adjustment(held), related: related(use), fixes: fix ? [fix] : [], job,
          });
        }
      },
    };
  },
});

function adjustment({ secrets }: SecretVariable): { by: number; reason: string }[] {
  return secrets.every(s => s.isRunToken) ? [{ by: -1, reason: 'this token ends with the job, and every action can ask for it anyway' }] : [];
}

function related({ bystanders }: Use): { at: Step['node']; message: string }[] {
  return bystanders.slice(0, 5).map(b => ({ at: b.step.node, message: 'Can read it, and does not name it' }));
}

function useOf(jobs: readonly Job[], name: string): Use {
  const named: Step[] = [], bystanders: Bystander[] = [];
  for (const step of jobs.flatMap(j => j.steps)) {
    if (step.parallel || step.env?.variables.some(v => v.name === name)) continue;
    if (names(step.node.block.text.slice(step.node.start, step.node.end), name) || looksFor(step, name)) named.push(step);
    else {
      const what = foreign(step);
      if (what !== undefined) bystanders.push({ step, what });
    }
  }
  return { named, bystanders };
}

/** Also where it stands in an expression, a comment or a script of another language: this errs on the side of silence. */
function names(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/\w/.test(text[at - 1] ?? '') && !/\w/.test(text[at + name.length] ?? '')) return true;
  }
  return false;
}

/** Programs that find a variable by its name. */
const LOOKS_FOR: readonly (readonly [RegExp, RegExp])[] = [
  [/^(?:GH|GITHUB)_TOKEN$/, /^(?:gh|hub|goreleaser|semantic-release)$/],
  [/^(?:NODE_AUTH_TOKEN|NPM_TOKEN)$/, /^(?:npm|pnpm|yarn)$/],
  [/^AWS_/, /^(?:aws|terraform|tofu|terragrunt|cdk|sam|eksctl|packer|pulumi|serverless|sls)$/],
  [/^(?:ARM|AZURE)_/, /^(?:az|terraform|tofu|terragrunt|pulumi)$/],
  [/^(?:GOOGLE|CLOUDSDK)_/, /^(?:gcloud|gsutil|terraform|tofu|pulumi)$/],
  [/^TF_/, /^(?:terraform|tofu|terragrunt)$/],
  [/^(?:TWINE|UV_PUBLISH)_/, /^(?:twine|uv|python3?)$/],
  [/^CARGO_/, /^cargo$/], [/^DOCKER_/, /^docker$/], [/^KUBE/, /^(?:kubectl|helm|kustomize|argocd)$/], [/^SENTRY_/, /^sentry-cli$/], [/^VAULT_/, /^vault$/],
];

function looksFor(step: Step, name: string): boolean {
  const programs = LOOKS_FOR.filter(([variable]) => variable.test(name)).map(([, program]) => program);
  return programs.length > 0 && argvsOf(step).some(argv => argv.some(w => w !== undefined && programs.some(p => p.test(w))));
}

/**
 * Install scripts of packages are strangers. What else a command runs (tests, a Makefile, a compose file) is the repository's own, and may
 * read the variable in a file that isn't seen here.
 */
const INSTALLS = /^(?:npm (?:ci|i|install)|pnpm (?:i|install)|yarn(?: install)?|bun (?:i|install)|pip3? install|python -m pip|poetry install|uv sync|bundle install|composer install)$/;

/** An image that is used as an action has no inputs of its own: it is meant to read variables. */
function foreign(step: Step): string | undefined {
  const { uses } = step;
  if (uses?.kind === 'repository') return PLATFORM.test(uses.owner ?? '') ? undefined : `\`${uses.owner}/${uses.repo}\``;
  const run = step.run ? executes(step, undefined, null) : undefined;
  return run && INSTALLS.test(run.what) ? `\`${run.what}\`` : undefined;
}

/** Where no step names the variable, something finds it by its name, and each of the steps may be the one that does. */
function reportable({ named, bystanders }: Use): Bystander | undefined {
  if (named.length === 0) return undefined;
  return bystanders.find(b => b.step.uses && b.step.uses.kind !== 'local') ?? bystanders[0];
}

/** Unsafe: a step that doesn't name the variable may read it all the same. */
function pushDown(env: EnvMap, { name, variable }: SecretVariable, named: readonly Step[], owner: MappingNode | undefined, places: readonly (Job | EnvMap)[]): Fix | undefined {
  const map = asMapping(env.entry.value);
  if (named.length === 0 || !map || map !== env.entry.value || map.anchor || variable.entry.value !== variable.value || variable.value?.anchor) return undefined;
  if (named.some(s => s.env && asMapping(s.env.entry.value) !== s.env.entry.value)) return undefined;
  if (places.some(p => 'kind' in p ? namedOutsideOfSteps(p, name, env) : p.variables.some(v => v.name !== name && names(v.value?.value ?? '', name)))) return undefined;
  return {
    title: named.length === 1 ? 'Move it to the step that names it' : `Move it to the ${named.length} steps that name it`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      const gone = map.entries.length > 1 || hasOwnLineComment(document, env.entry) ? deleteEntry(document, variable.entry, map)
        : owner ? deleteEntry(document, env.entry, owner) : deleteTopLevelKey(document, env.entry);
      const edits: (TextEdit[] | undefined)[] = [gone];
      for (const step of named) edits.push(addStepEnv(document, step, name, variable.value!.value));
      return edits.every(e => e !== undefined) ? edits.flat() : undefined;
    },
  };
}

/** Outputs, containers and services may read it, too. */
function namedOutsideOfSteps(job: Job, name: string, env: EnvMap): boolean {
  return job.node?.entries.some(e => {
    if (e === job.stepsEntry) return false;
    if (e !== env.entry) return names(e.block.text.slice(e.start, e.end), name);
    return env.variables.some(v => v.name !== name && names(v.value?.value ?? '', name));
  }) ?? false;
}
