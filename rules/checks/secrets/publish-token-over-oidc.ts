import { isRunToken, newestKnown } from '../../catalog';
import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import type { TextEdit } from '../../workflow/document';
import { insertStep, replaceValue } from '../../workflow/edits';
import { envWithin } from '../../workflow/effective';
import { expressionsOf } from '../../workflow/expressions';
import type { EnvVariable, Job, Step } from '../../workflow/model';
import { asMapping, asScalar, scalarList, type Entry } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import type { Command } from '../../workflow/scripts';
import { allowIdToken, isOwnMapping, removeEntries } from '../shared/oidc';
import { publishesTo, type Registry } from '../shared/publish-tokens';
import { givenSecrets, secretVariables, secretsOf } from '../shared/secrets';
import { argvOf, scriptOf } from '../shared/step-commands';
import { workflowEvents, workflowVariables } from '../shared/workflow-facts';

interface PublishAction { readonly registry: string; readonly token: string; readonly target: readonly string[]; readonly own: RegExp; readonly drop?: readonly string[] }

const ACTIONS = new Map<string, PublishAction>([
  ['pypa/gh-action-pypi-publish', { registry: 'PyPI', token: 'password', target: ['repository-url', 'repository_url'], own: /^https:\/\/(?:upload|test)\.pypi\.org\//, drop: ['user', 'password'] }],
  ['js-devtools/npm-publish', { registry: 'npm', token: 'token', target: ['registry'], own: /registry\.npmjs\.org/ }],
  ['katyo/publish-crates', { registry: 'crates.io', token: 'registry-token', target: [], own: /^$/ }],
]);

/** What a script that publishes has to say: parsing is for those. */
const PUBLISHES = /\b(?:p?npm|yarn|lerna|twine|uv|poetry|hatch|flit|pdm|maturin|cargo|gem|nuget)\s[^\n]{0,80}?\b(?:publish|upload|push|release)\b/;

/** Commands that ask for an identity by themselves once there is no token. */
const BY_ITSELF = /^(?:npm publish|pnpm publish|uv publish|pdm publish)$/;

export default defineRule({
  id: 'publish-token-over-oidc',
  category: 'secrets',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds packages that are published with a stored token to a registry that trusts workflows by their identity.',
    why: 'A stolen publishing token lets anybody release anything under the package\'s name; an identity can only be had in the workflow that the registry was told about.',
    references: [
      'https://docs.pypi.org/trusted-publishers/', 'https://docs.npmjs.com/trusted-publishers', 'https://crates.io/docs/trusted-publishing',
      'https://guides.rubygems.org/trusted-publishing/', 'https://learn.microsoft.com/en-us/nuget/nuget-org/trusted-publishing',
    ],
    standards: ['SEC-6', 'SLSA Build L2', 'STRIDE S'],
  },
  messages: {
    token: '`{what}` publishes to {registry} with a stored token, which works from anywhere until it is revoked. Name this workflow as a trusted publisher there, and drop the token.',
    instead: '`{what}` publishes to {registry} with a stored token, which works from anywhere until it is revoked. Name this workflow as a trusted publisher there: {instead}.',
  },
  aliases: { zizmor: ['use-trusted-publishing'] },
  create(context) {
    return {
      step(step) {
        const { job } = step;
        if (!job) return;
        if (step.uses) byAction(context, job, step);
        else if (step.run) byCommand(context, job, step);
      },
    };
  },
});

type Context = RuleContext<'token' | 'instead', unknown>;

/** PyPI takes no identity of a workflow that others call; npm takes none from machines that aren't GitHub's. */
function cannotBeTrusted(context: Context, job: Job, registry: string): boolean {
  if (registry === 'PyPI') return context.query(workflowEvents).every(e => e === 'workflow_call');
  return registry === 'npm' && scalarList(job.runsOn?.value).some(l => l.value === 'self-hosted');
}

function byAction(context: Context, job: Job, step: Step): void {
  const name = step.uses!.slug, action = ACTIONS.get(name);
  if (!action) return;
  context.instance();
  const inputs = asMapping(step.with?.value)?.entries ?? [];
  const find = (n: string): Entry | undefined => inputs.find(e => e.key.value.toLowerCase() === n);
  const token = find(action.token);
  if (!token || !secretsOf(asScalar(token.value)).some(s => !s.isRunToken) || cannotBeTrusted(context, job, action.registry)) return;
  if (action.target.some(t => { const e = find(t); return e && !action.own.test(asScalar(e.value)?.value ?? ''); })) return;
  const drop = action.drop?.map(find).filter((e): e is Entry => e !== undefined) ?? [];
  const fix = drop.length > 0 && isOwnMapping(step.with) && (drop.length === inputs.length || drop.length === 1 || !step.with.value.flow)
    ? without(job, step, step.with, drop, 'Publish without a token') : undefined;
  context.report({ at: token, messageId: 'token', data: { what: name, registry: action.registry }, fixes: fix ? [fix] : [] });
}

function byCommand(context: Context, job: Job, step: Step): void {
  if (!PUBLISHES.test(step.run!.scalar.value)) return;
  const ast = scriptOf(step);
  if (!ast) return;
  for (const command of ast.commands) {
    const registry = publishesTo(argvOf(command));
    if (!registry || cannotBeTrusted(context, job, registry.name)) continue;
    const { variables } = envWithin(step, job, context.query(workflowVariables));
    if (variables.some(v => registry.targetVariables.test(v.name) && !registry.own.test(v.value ?? '')) || (registry.name === 'npm' && otherNpm(job))) continue;
    context.instance();
    const what = named(command, registry);
    const data = { what, registry: registry.name, instead: registry.instead };
    const held = tokenVariable(step, job, registry);
    if (held) {
      const fix = heldFix(job, step, held, registry, what);
      context.report({ at: held.entry, messageId: fix && BY_ITSELF.test(what) ? 'token' : 'instead', data, fixes: fix ? [fix] : [] });
      return;
    }
    const outer = variables.some(v => v.source === 'workflow' && registry.variables.includes(v.name) && /\bsecrets\s*[.[]/.test(v.value ?? '') && !isRunToken(v.value ?? ''));
    const pasted = tokenArgument(step, command, registry) ?? (outer ? command : undefined);
    if (pasted) {
      context.report({ at: valueRangeSpan(step.run!.scalar, pasted.start, pasted.end), messageId: 'instead', data });
      return;
    }
  }
}

/** `npm publish`, `twine upload`, `dotnet nuget push`. */
function named(command: Command, registry: Registry): string {
  const shown = argvOf(command).map(w => w ?? '…').slice(0, registry.name === 'NuGet.org' ? 3 : 4);
  return (/^(?:python3?|npx|yarn)$/.test(shown[0] ?? '') ? shown.slice(shown[1] === '-m' ? 2 : 1) : shown.slice(0, registry.name === 'NuGet.org' ? 3 : 2)).slice(0, 3).join(' ');
}

/** `actions/setup-node` was told about another registry. */
function otherNpm(job: Job): boolean {
  return job.steps.some(s => asMapping(s.with?.value)?.entries.some(e => e.key.value.toLowerCase() === 'registry-url' && !/registry\.npmjs\.org/.test(asScalar(e.value)?.value ?? '')));
}

/** The variable that gives the command its token: a secret that isn't the run's own. */
function tokenVariable(step: Step, job: Job, registry: Registry): EnvVariable | undefined {
  for (const env of [step.env, job.env]) {
    const found = secretVariables(env).find(v => registry.variables.includes(v.name) && v.secrets.some(s => !s.isRunToken));
    if (found) return found.variable;
    // One of the same name with another value hides what stands outside.
    if (env?.variables.some(v => registry.variables.includes(v.name))) return undefined;
  }
  return undefined;
}

/** The word behind `--token` and its like, where it is a secret or a variable that holds one. */
function tokenArgument(step: Step, command: Command, registry: Registry): { readonly start: number; readonly end: number } | undefined {
  const text = step.run!.scalar.value;
  const held = new Set([...secretVariables(step.env), ...secretVariables(step.job?.env)].filter(v => v.secrets.some(s => !s.isRunToken)).map(v => v.name));
  for (const [i, word] of command.words.entries()) {
    const source = text.slice(word.start, word.end);
    const option = source.split('=', 1)[0]!;
    const joined = option !== source && registry.options.test(option);
    if (!joined && !registry.options.test(command.words[i - 1]?.literal ?? '')) continue;
    const secrets = expressionsOf(step.run!.scalar).filter(e => word.start <= e.start && e.end <= word.end).flatMap(givenSecrets);
    if (secrets.some(s => !s.isRunToken)) return word;
    const name = /\$(?:env:|\{)?(\w+)\}?"?$/.exec(source)?.[1];
    if (name !== undefined && held.has(name)) return word;
  }
  return undefined;
}

function heldFix(job: Job, step: Step, held: EnvVariable, registry: Registry, what: string): Fix | undefined {
  // A job's variable may serve other steps, and comes into its own once the step's is gone.
  if (!isOwnMapping(step.env?.entry) || !step.env!.variables.includes(held)) return undefined;
  if (step.env!.variables.concat(job.env?.variables ?? []).some(v => v !== held && registry.variables.includes(v.name))) return undefined;
  if (BY_ITSELF.test(what)) return without(job, step, step.env!.entry, [held.entry], 'Publish without a token');
  return registry.name === 'crates.io' ? exchange(job, step, held) : undefined;
}

/** Unsafe: publishing fails until the registry knows the workflow. */
function without(job: Job, step: Step, owner: Entry, drop: readonly Entry[], title: string): Fix {
  return {
    title, safety: 'unsafe', preferred: true,
    edits({ document, repository }) {
      const allowed = allowIdToken(document, repository, job), removed = removeEntries(document, step, owner, drop);
      return allowed && removed ? [...allowed, ...removed] : undefined;
    },
  };
}

/** A step in front that changes the identity into a token for half an hour. */
function exchange(job: Job, step: Step, held: EnvVariable): Fix | undefined {
  const pin = newestKnown('rust-lang', 'crates-io-auth-action');
  const id = 'crates-io-auth';
  if (!pin || step.group || job.steps.some(s => asScalar(s.id?.value)?.value === id)) return undefined;
  return {
    title: 'Ask crates.io for a short-lived token', safety: 'unsafe', preferred: true,
    edits({ document, repository }) {
      const parts: (TextEdit[] | undefined)[] = [
        allowIdToken(document, repository, job),
        insertStep(document, job, step.index, `- id: ${id}\n  uses: ${pin.name}@${pin.sha} # ${pin.version}`),
        replaceValue(document, held.entry, `\${{ steps.${id}.outputs.token }}`),
      ];
      return parts.every(p => p !== undefined) ? parts.flat() : undefined;
    },
  };
}
