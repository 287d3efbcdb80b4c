import { defineRule, type Fix } from '../../engine/rule';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { deleteEntry, renameKey, replaceValue, setKey } from '../../workflow/edits';
import { expressionsOf, pathOf, walkExpr } from '../../workflow/expressions';
import type { EnvMap, Job, Step, Workflow } from '../../workflow/model';
import { asMapping, asScalar, type Entry, type MappingNode, type ScalarNode } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import type { Command } from '../../workflow/scripts';
import { allowIdToken, isOwnMapping } from '../shared/oidc';
import { secretVariables, secretsOf } from '../shared/secrets';
import { scriptOf } from '../shared/step-commands';

interface Login {
  readonly cloud: string;
  /** Inputs that hold the key; the first that is given is shown. */
  readonly keys: readonly string[];
  /** With any of these the keys are short-lived. */
  readonly unless?: readonly string[];
  /** What stands in place of the first key, what comes besides, and what goes. */
  readonly instead?: { readonly first: readonly [string, string]; readonly more?: Readonly<Record<string, string>>; readonly drop?: readonly string[] };
}

const value = (name: string): string => `\${{ vars.${name} }}`;

const LOGINS = new Map<string, Login>([
  ['aws-actions/configure-aws-credentials', {
    cloud: 'AWS', keys: ['aws-access-key-id', 'aws-secret-access-key'], unless: ['aws-session-token'],
    instead: { first: ['role-to-assume', value('AWS_ROLE_ARN')], drop: ['aws-secret-access-key'] },
  }],
  ['azure/login', {
    cloud: 'Azure', keys: ['creds'],
    instead: { first: ['client-id', value('AZURE_CLIENT_ID')], more: { 'tenant-id': value('AZURE_TENANT_ID'), 'subscription-id': value('AZURE_SUBSCRIPTION_ID') } },
  }],
  ['google-github-actions/auth', {
    cloud: 'Google Cloud', keys: ['credentials_json'],
    instead: { first: ['workload_identity_provider', value('GCP_WORKLOAD_IDENTITY_PROVIDER')], more: { service_account: value('GCP_SERVICE_ACCOUNT') } },
  }],
  ['google-github-actions/setup-gcloud', { cloud: 'Google Cloud', keys: ['service_account_key'] }],
  ['hashicorp/vault-action', { cloud: 'Vault', keys: ['token', 'secretid'], instead: { first: ['role', value('VAULT_ROLE')], more: { method: 'jwt' }, drop: ['roleid'] } }],
]);

const VARIABLES: Readonly<Record<string, string>> = {
  AWS_SECRET_ACCESS_KEY: 'AWS', ARM_CLIENT_SECRET: 'Azure', AZURE_CLIENT_SECRET: 'Azure', AZURE_CREDENTIALS: 'Azure', GOOGLE_CREDENTIALS: 'Google Cloud',
};
/** Storage of others that speaks S3 has no identities of GitHub. */
const OTHER_STORAGE = /endpoint|r2\.cloudflarestorage|digitaloceanspaces|wasabi|backblaze|minio|localstack|scaleway|hetzner/i;
const OTHER_SECRET = /(?:^|_)(?:R2|CF|CLOUDFLARE|MINIO|SPACES|DO|B2|WASABI|SCW|SCALEWAY|HETZNER|S3COMPAT|LINODE|OVH|TIGRIS)(?:_|$)/i;

export default defineRule({
  id: 'cloud-static-credentials',
  category: 'secrets',
  severity: 'medium',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds long-lived keys of AWS, Azure, Google Cloud and Vault where a job could log in with OpenID Connect.',
    why: 'A stored key works from anywhere and until somebody changes it; an identity token of GitHub works for one job, for minutes.',
    references: [
      'https://docs.github.com/en/actions/concepts/security/openid-connect',
      'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-cloud-providers',
    ],
    standards: ['SEC-6', 'STRIDE S', 'STRIDE I'],
  },
  messages: {
    action: '`{input}` logs in to {cloud} with a stored key, which works from anywhere until it is changed. Let the job prove who it is: `{instead}` and `id-token: write`.',
    command: '`{command}` logs in to {cloud} with a stored key, which works from anywhere until it is changed. Log in with OpenID Connect in a step in front instead.',
    variable: '`{variable}` holds a stored {cloud} key, which works from anywhere until it is changed. Log in with OpenID Connect in a step instead, which sets short-lived variables.',
  },
  keepsState: true,
  create(context) {
    const check = (env: EnvMap | undefined, around: { readonly job?: Job; readonly workflow?: Workflow }): void => {
      for (const { name, secrets, variable } of secretVariables(env)) {
        const cloud = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
        if (cloud === undefined || secrets.every(s => s.isRunToken)) continue;
        context.instance();
        if (cloud === 'AWS' && (env!.variables.some(v => v.name === 'AWS_SESSION_TOKEN') || secrets.some(s => OTHER_SECRET.test(s.name)) || otherStorage(env, around))) continue;
        context.report({ at: variable.entry, messageId: 'variable', data: { variable: name, cloud }, ...(around.job ? { job: around.job } : {}) });
      }
    };
    const login = (step: Step, workflow: Workflow | undefined): void => {
      const text = step.run?.scalar.value;
      if (text === undefined || !/aws configure|service-?account|service-principal/.test(text)) return;
      const given = [...secretVariables(step.env).flatMap(v => v.secrets), ...secretVariables(step.job?.env).flatMap(v => v.secrets), ...secretsOf(step.run!.scalar)];
      const stored = given.filter(s => !s.isRunToken);
      if (stored.length === 0) return;
      for (const command of scriptOf(step)?.commands ?? []) {
        const cloud = loginCommand(command);
        if (cloud === undefined) continue;
        context.instance();
        if (cloud === 'AWS' && (stored.some(s => OTHER_SECRET.test(s.name)) || otherStorage(step.env, { job: step.job, workflow }))) continue;
        const words = command.words.slice(0, 3).map(w => w.literal ?? '…').join(' ');
        context.report({ at: valueRangeSpan(step.run!.scalar, command.start, command.end), messageId: 'command', data: { command: words, cloud } });
        return;
      }
    };
    let whole: Workflow | undefined;
    return {
      workflow(workflow) {
        whole = workflow;
        check(workflow.env, { workflow });
      },
      job(job) { check(job.env, { job, workflow: whole }); },
      step(step) {
        check(step.env, { job: step.job, workflow: whole });
        login(step, whole);
        const action = step.uses && step.uses.slug;
        const inRegistry = action === 'docker/login-action' ? registryLogin(step) : undefined;
        if (inRegistry) {
          context.instance();
          context.report({ at: inRegistry.at, messageId: 'command', data: { command: 'docker/login-action', cloud: inRegistry.cloud } });
        }
        const known = action === undefined ? undefined : LOGINS.get(action);
        if (!known) return;
        context.instance();
        const inputs = asMapping(step.with?.value);
        const find = (name: string): Entry | undefined => inputs?.entries.find(e => e.key.value.toLowerCase() === name);
        const key = known.keys.map(find).find(e => e && isStored(asScalar(e.value)));
        if (!key || known.unless?.some(n => find(n))) return;
        const fix = replacement(step, known, key, find);
        context.report({
          at: key, messageId: 'action',
          data: { input: key.key.value, cloud: known.cloud, instead: known.instead?.first[0] ?? 'google-github-actions/auth' }, fixes: fix ? [fix] : [],
        });
      },
    };
  },
});

/** A cloud's own registry, with a stored key of the cloud for a password. */
function registryLogin(step: Step): { readonly cloud: string; readonly at: Entry } | undefined {
  const inputs = asMapping(step.with?.value)?.entries ?? [];
  const find = (name: string): Entry | undefined => inputs.find(e => e.key.value.toLowerCase() === name);
  const text = (name: string): string => asScalar(find(name)?.value)?.value ?? '';
  const password = find('password');
  if (!password || !isStored(asScalar(password.value))) return undefined;
  const cloud = /^_json_key(?:_base64)?$/.test(text('username').trim()) ? 'Google Cloud'
    : /\.dkr\.ecr\.[\w-]+\.amazonaws\.com/.test(text('registry')) && text('username').trim() !== 'AWS' ? 'AWS' : undefined;
  return cloud === undefined ? undefined : { cloud, at: password };
}

/** The cloud that a command stores a key for; the key's identifier alone is none. */
function loginCommand(command: Command): string | undefined {
  const words = command.words.map(w => w.literal);
  const has = (...wanted: string[]): boolean => wanted.every(w => words.includes(w));
  if (command.name === 'aws') return has('configure', 'set', 'aws_secret_access_key') ? 'AWS' : undefined;
  if (command.name === 'gcloud') return has('auth', 'activate-service-account') ? 'Google Cloud' : undefined;
  return command.name === 'az' && has('login', '--service-principal') && !has('--federated-token') ? 'Azure' : undefined;
}

/** A secret or plain text; what an earlier step gives may be short-lived, and what an input or a variable holds is not known. */
function isStored(scalar: ScalarNode | undefined): boolean {
  if (!scalar || scalar.value.trim() === '') return false;
  const expressions = expressionsOf(scalar, { bare: false });
  if (expressions.length === 0) return true;
  if (expressions.some(e => [...walkExpr(e.root)].some(n => ['steps', 'needs'].includes(pathOf(n)?.[0] ?? '')))) return false;
  return secretsOf(scalar).some(s => !s.isRunToken);
}

/** Whether anything near the key says that the storage isn't Amazon's. */
function otherStorage(env: EnvMap | undefined, { job, workflow }: { readonly job?: Job; readonly workflow?: Workflow }): boolean {
  if ([env, job?.env, workflow?.env].some(e => e?.variables.some(v => OTHER_STORAGE.test(v.name) || OTHER_STORAGE.test(v.value?.value ?? '')))) return true;
  return (job ? [job] : workflow?.jobs ?? []).some(j => j.steps.some(s =>
    (s.run && OTHER_STORAGE.test(s.run.scalar.value)) || asMapping(s.with?.value)?.entries.some(e => OTHER_STORAGE.test(e.key.value) || OTHER_STORAGE.test(asScalar(e.value)?.value ?? ''))
    || s.env?.variables.some(v => OTHER_STORAGE.test(v.name))));
}

/** The key's line becomes the identity's. Unsafe: the cloud has to trust the repository first, and the variables have to be set. */
function replacement(step: Step, login: Login, key: Entry, find: (name: string) => Entry | undefined): Fix | undefined {
  const { instead } = login, { job } = step;
  const mapping = step.with?.value;
  if (!instead || !job || !isOwnMapping(step.with) || mapping?.kind !== 'mapping' || key.value?.kind !== 'scalar' || key.value.anchor) return undefined;
  const [name, text] = instead.first;
  return {
    title: `Log in to ${login.cloud} with OpenID Connect`,
    safety: 'unsafe',
    preferred: true,
    edits({ document, repository }) {
      const drop = [...(instead.drop ?? []), ...login.keys].map(find).filter((e, i, all): e is Entry => e !== undefined && e !== key && all.indexOf(e) === i);
      const kept = find(name);
      const edits: (TextEdit[] | undefined)[] = [allowIdToken(document, repository, job)];
      const gone = kept ? [key, ...drop] : drop;
      if (mapping.flow && gone.length > 1) return undefined;
      if (!kept) edits.push(renameKey(document, key, name), replaceValue(document, key, text));
      for (const entry of gone) edits.push(deleteEntry(document, entry, mapping));
      const more = Object.entries(instead.more ?? {}).filter(([n]) => !find(n));
      if (more.length > 0) edits.push(insertAll(document, mapping, key, more));
      const method = find('method');
      if (login.cloud === 'Vault' && method) edits.push(replaceValue(document, method, 'jwt'));
      return edits.every(e => e !== undefined) ? edits.flat() : undefined;
    },
  };
}

/** Several keys at one place are one edit. */
function insertAll(document: SourceDocument, mapping: MappingNode, behind: Entry, keys: readonly (readonly [string, string])[]): TextEdit[] | undefined {
  const parts = keys.map(([name, text]) => setKey(document, mapping, name, text, { after: behind.key.value }));
  const [first] = parts;
  if (!first?.[0] || parts.some(p => p?.length !== 1)) return undefined;
  return [{ ...first[0], newText: parts.map(p => p![0]!.newText).join('') }];
}
