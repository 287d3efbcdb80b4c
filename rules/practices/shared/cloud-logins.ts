/** Logins to clouds: with an identity that GitHub gives for one job, or with a key that is kept. */
import type { Repository } from '../../repository';
import { effectivePermissions, scopeAccess } from '../../workflow/effective';
import { cloudStaticCredentials } from '../../checks/shared/fixing-rules';
import type { Evidence } from '../practice';
import { ciJobs, stepInput, type CiStep } from './ci';
import { toolCalls } from './commands';
import { countRule } from './rule-fixes';

export type Cloud = 'aws' | 'azure' | 'gcp' | 'vault';

export interface CloudLogin {
  readonly cloud: Cloud;
  readonly evidence: Evidence;
  /** Why it can't work, or is none. */
  readonly problem?: string;
  readonly step: CiStep;
}

type Input = (name: string) => string | undefined;

/** Actions that log in with an identity, where they are told to. */
const ACTIONS: Readonly<Record<string, { readonly cloud: Cloud; readonly when: (i: Input) => boolean }>> = {
  'aws-actions/configure-aws-credentials': { cloud: 'aws', when: i => i('role-to-assume') !== undefined && i('aws-access-key-id') === undefined && i('role-chaining') !== 'true' },
  'azure/login': { cloud: 'azure', when: i => i('client-id') !== undefined && i('creds') === undefined && (i('auth-type') ?? 'SERVICE_PRINCIPAL') === 'SERVICE_PRINCIPAL' },
  'google-github-actions/auth': { cloud: 'gcp', when: i => i('workload_identity_provider') !== undefined && i('credentials_json') === undefined },
  'hashicorp/vault-action': { cloud: 'vault', when: i => i('method') === 'jwt' && i('token') === undefined },
};

/** Inputs that name who the job becomes. Many wrap the clouds' own actions in one of theirs, where these inputs keep their names. */
const IDENTITIES: readonly { readonly cloud: Cloud; readonly names: readonly string[]; readonly keys: readonly string[] }[] = [
  { cloud: 'aws', names: ['role-to-assume', 'role-arn', 'role_arn', 'aws-role-arn', 'aws-role-to-assume'],
    keys: ['aws-access-key-id', 'aws_access_key_id', 'aws-secret-access-key', 'access-key-id'] },
  { cloud: 'gcp', names: ['workload_identity_provider', 'workload-identity-provider'], keys: ['credentials_json', 'credentials-json', 'service_account_key'] },
];

/** An action that nobody knows, told whom to become, in a job that says that it asks for an identity. */
function byInputs(s: CiStep, access: string): Cloud | undefined {
  if (s.step.uses?.kind !== 'repository' || access !== 'write') return undefined;
  const given = (names: readonly string[]): boolean => names.some(n => (stepInput(s.step, n) ?? '') !== '');
  return IDENTITIES.find(i => given(i.names) && !given(i.keys))?.cloud;
}

/** Logins with an identity, in order. */
export function identityLogins(repo: Repository): CloudLogin[] {
  return ciJobs(repo).flatMap(j => j.steps).flatMap(s => {
    const uses = s.step.uses, found = uses?.kind === 'repository' && !uses.path ? ACTIONS[`${uses.owner}/${uses.repo}`.toLowerCase()] : undefined;
    // A reusable workflow may get its permissions from its caller, a composite action from its job.
    const access = scopeAccess(effectivePermissions(s.job.job, s.job.document.workflow), 'id-token');
    const cloud = found ? (found.when(n => stepInput(s.step, n)) ? found.cloud : undefined) : byInputs(s, access);
    const login = cloud ? { cloud, at: uses!.scalar } : byCommand(repo, s);
    if (!login) return [];
    return [{ cloud: login.cloud, step: s, evidence: { path: s.document.path, ...s.document.range(login.at), text: `${s.job.job.id} logs in with an identity of its own` },
      ...(access === 'none' || access === 'read' ? { problem: 'its job lacks id-token: write' } : {}) }];
  });
}

function byCommand(repo: Repository, s: CiStep): { cloud: Cloud; at: { start: number; end: number; block: CiStep['step']['node']['block'] } } | undefined {
  for (const c of toolCalls(repo, s)) {
    const cloud = c.tool === 'aws' && c.args.includes('assume-role-with-web-identity') ? 'aws' : c.tool === 'az' && c.args[0] === 'login' && c.args.includes('--federated-token') ? 'azure'
      : c.tool === 'vault' && c.args[0] === 'write' && c.args.some(a => a.includes('auth/jwt')) ? 'vault' : undefined;
    if (cloud) return { cloud, at: s.step.run!.entry.key };
  }
  return undefined;
}

const CLOUD_OF: readonly (readonly [RegExp, Cloud])[] = [[/AWS/, 'aws'], [/Azure/, 'azure'], [/Google Cloud/, 'gcp'], [/Vault/, 'vault']];

export interface StoredLogin {
  readonly cloud: Cloud;
  readonly path: string;
  readonly message: string;
  /** Offset of the job it stands in; undefined for one that stands above all jobs. */
  readonly job?: number;
}

/** Logins with a key that is kept, as the rule about them finds them. */
export function storedLogins(repo: Repository): StoredLogin[] {
  return countRule(repo, cloudStaticCredentials).findings.flatMap(f => {
    const cloud = CLOUD_OF.find(([words]) => words.test(f.message))?.[1];
    return cloud ? [{ cloud, path: f.path, ...(f.job ? { job: f.job.start } : {}), message: f.message.split('. ')[0]!.replaceAll('`', '') }] : [];
  });
}
