/** What a cloud has to be told before it believes a workflow: who asks (the subject), and for whom the token is (the audience). */
import type { Repository } from '../../repository';
import type { Cloud } from './cloud-logins';

export const FOLDER = '.github/oidc';

const MANIFESTS: readonly (readonly [string, RegExp])[] = [
  ['package.json', /"repository"\s*:\s*(?:\{[^{}]{0,300}?"url"\s*:\s*)?"(?:[a-z+]{0,10}:\/\/(?:[\w-]{1,20}@)?(?:www\.)?github\.com\/|git@github\.com:|github:)?([\w-]{1,40}\/[\w.-]{1,100}?)(?:\.git)?"/],
  ['go.mod', /^module\s+github\.com\/([\w-]{1,40}\/[\w.-]{1,100})/m],
  ['Cargo.toml', /^repository\s*=\s*"https:\/\/github\.com\/([\w-]{1,40}\/[\w.-]{1,100}?)(?:\.git)?\/?"/m],
];

/** `owner/repo` as a manifest at the root names it; `OWNER/REPO` where none does. */
export function repositoryName(repo: Repository): string {
  for (const [path, named] of MANIFESTS) {
    const found = named.exec((repo.read(path) ?? '').slice(0, 20_000))?.[1];
    if (found !== undefined) return found;
  }
  return 'OWNER/REPO';
}

/** Who asks: the jobs of an environment, or of a branch. */
function subjects(name: string, environments: readonly string[]): string[] {
  return environments.length > 0 ? environments.map(e => `repo:${name}:environment:${e}`) : [`repo:${name}:ref:refs/heads/main`];
}

const ISSUER = 'token.actions.githubusercontent.com';

interface Policy { readonly file: string; readonly body: unknown; readonly todo: string }

function aws(subject: readonly string[]): Policy {
  return {
    file: 'aws-trust-policy.json',
    body: {
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::ACCOUNT_ID:oidc-provider/${ISSUER}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com', [`${ISSUER}:sub`]: subject.length === 1 ? subject[0] : subject } },
      }],
    },
    todo: `AWS: add the identity provider https://${ISSUER} (audience sts.amazonaws.com), make a role with ${FOLDER}/aws-trust-policy.json and the fewest rights, and store its ARN as the variable AWS_ROLE_ARN.`,
  };
}

function azure(subject: readonly string[]): Policy {
  return {
    file: 'azure-federated-credential.json',
    body: { name: 'github-actions', issuer: `https://${ISSUER}`, subject: subject[0], description: 'GitHub Actions', audiences: ['api://AzureADTokenExchange'] },
    todo: `Azure: \`az ad app federated-credential create --id APP_ID --parameters ${FOLDER}/azure-federated-credential.json\` (one for each subject), and store AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_SUBSCRIPTION_ID as variables.`,
  };
}

function gcp(subject: readonly string[], name: string): Policy {
  const condition = subject.map(s => `assertion.sub == '${s}'`).join(' || ');
  return {
    file: 'gcp-workload-identity-provider.json',
    body: {
      displayName: 'GitHub Actions',
      attributeMapping: { 'google.subject': 'assertion.sub', 'attribute.repository': 'assertion.repository' },
      attributeCondition: `assertion.repository == '${name}' && (${condition})`,
      oidc: { issuerUri: `https://${ISSUER}` },
    },
    todo: `Google Cloud: make a workload identity pool and a provider with ${FOLDER}/gcp-workload-identity-provider.json, let principalSet://…/attribute.repository/${name} use the service account, and store GCP_WORKLOAD_IDENTITY_PROVIDER and GCP_SERVICE_ACCOUNT as variables.`,
  };
}

function vault(subject: readonly string[], name: string): Policy {
  return {
    file: 'vault-role.json',
    body: {
      role_type: 'jwt', user_claim: 'repository', bound_audiences: [`https://github.com/${name.split('/')[0]!}`],
      bound_claims_type: 'string', bound_claims: { sub: subject }, token_policies: ['ci'], token_ttl: '10m', token_max_ttl: '10m',
    },
    todo: `Vault: \`vault auth enable jwt\`, \`vault write auth/jwt/config oidc_discovery_url=https://${ISSUER} bound_issuer=https://${ISSUER}\`, \`vault write auth/jwt/role/ci @${FOLDER}/vault-role.json\`, and store VAULT_ROLE (ci) as a variable.`,
  };
}

const MAKERS: Readonly<Record<Cloud, (subject: readonly string[], name: string) => Policy>> = { aws, azure, gcp, vault };

/** The file that a cloud is set up with, and what to do with it. `environments` are those of the jobs that log in. */
export function trustPolicy(repo: Repository, cloud: Cloud, environments: readonly string[]): { readonly path: string; readonly text: string; readonly todo: string } {
  const name = repositoryName(repo), { file, body, todo } = MAKERS[cloud](subjects(name, environments), name);
  return { path: `${FOLDER}/${file}`, text: `${JSON.stringify(body, null, 2)}\n`, todo };
}
