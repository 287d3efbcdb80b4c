import { defineRule, type Fix } from '../../engine/rule';
import { setStepInput } from '../../workflow/edits';
import { uploadOf, type Upload, type UploadPattern } from '../shared/artifact-uploads';

export default defineRule({
  id: 'artifact-secret-files',
  category: 'artifacts',
  severity: 'medium',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds artifacts of files that by their names hold keys, passwords or state: `.env`, `.npmrc`, `*.key`, `kubeconfig`, `*.tfstate`.',
    why: 'Everybody who can read the repository can download the artifact for as long as it is kept, and secrets in files are not masked.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use',
      'https://developer.hashicorp.com/terraform/language/state/sensitive-data',
    ],
    standards: ['SEC-6', 'STRIDE I'],
  },
  messages: {
    secret: '`{path}` is uploaded, and such a file holds {what}. Leave it out of the artifact, or encrypt it before.',
  },
  aliases: { codeql: ['actions/secrets-in-artifacts'] },
  create(context) {
    return {
      step(step) {
        const upload = uploadOf(step);
        if (!upload) return;
        context.instance();
        for (const pattern of upload.patterns) {
          const what = pattern.excludes ? undefined : secretIn(pattern.path, upload);
          if (what === undefined || takenOut(pattern, upload)) continue;
          context.report({ at: pattern.at, messageId: 'secret', data: { path: pattern.text, what }, fixes: leaveOut(upload, pattern) });
        }
      },
    };
  },
});

/** File names by what is in them. `hidden`: a file or folder that begins with a dot, which stays behind unless hidden files go along. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\/)\.env(?:\.[\w*-]+)*$/, 'passwords and keys of an environment'],
  [/(?:^|\/)(?:\.npmrc|\.pypirc|\.netrc|_netrc|\.git-credentials|\.htpasswd|\.pgpass|\.my\.cnf)$/, 'passwords or tokens'],
  [/(?:^|\/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|[\w.*-]+\.(?:ppk|p12|pfx|jks|keystore)|[\w.*-]*(?:private|secret|signing|server|client|tls|ssl)[\w.*-]*\.key)$/i, 'private keys'],
  [/(?:^|\/)\*\.(?:pem|key)$/i, 'private keys'],
  [/(?:^|\/)[\w.*-]*(?:private|privkey|secret)[\w.*-]*\.pem$/i, 'private keys'],
  [/(?:^|\/)(?:kubeconfig(?:\.ya?ml)?|[\w*-]+\.kubeconfig)$|(?:^|\/)\.kube(?:\/config|\/\*{1,2})?$/, 'credentials of a cluster'],
  [/(?:^|\/)\.(?:aws|azure|ssh|gnupg)(?:\/[^/]+)?$|(?:^|\/)\.docker\/config\.json$/, 'credentials'],
  [/(?:^|\/)[\w.*-]*\.tfstate(?:\.backup|\*)?$/, 'every value that Terraform knows, passwords among them'],
  [/(?:^|\/)(?:gha-creds-[\w*-]+\.json|(?:service[-_]?account|gcp|google)[-_]?(?:key|credentials|creds)\.json|application_default_credentials\.json)$/i, 'the key of a service account'],
];

/** Samples, and what is public by its nature. */
const HARMLESS = /(?:^|[./_-])(?:example|sample|template|dist|test|tests|fixture|fixtures|mock|public|pub|debug)(?:[./_-]|$)/i;

function secretIn(path: string, upload: Upload): string | undefined {
  if (HARMLESS.test(path)) return undefined;
  const found = SECRETS.find(([name]) => name.test(path));
  if (!found) return undefined;
  // `tools/.env`: hidden files and what is in hidden folders stay behind.
  if (!upload.hidden && /(?:^|\/)\.[^./]/.test(path)) return undefined;
  // Certificates that go with signatures: nothing in them is secret.
  if (/\.pem$/i.test(path) && upload.patterns.some(p => /\.(?:sig|sigstore|asc|sha256|bundle)$|\.sigstore\.json$/i.test(p.path))) return undefined;
  return found[1];
}

function takenOut(pattern: UploadPattern, upload: Upload): boolean {
  const name = pattern.path.split('/').at(-1)!;
  return upload.patterns.some(p => p.excludes && (p.path === pattern.path || p.path === name || p.path === `**/${name}`));
}

/** Only where something else is left to upload. */
function leaveOut(upload: Upload, pattern: UploadPattern): Fix[] {
  const lines = upload.scalar.value.split('\n');
  const left = lines.filter(l => l.trim() !== pattern.text);
  if (!left.some(l => l.trim() !== '' && !/^[!#]/.test(l.trim()))) return [];
  return [{
    title: `Leave ${pattern.text} out of the artifact`, safety: 'unsafe', preferred: true,
    edits: ({ document }) => setStepInput(document, upload.step, 'path', left.length === 1 || left.filter(l => l.trim() !== '').length === 1
      ? left.find(l => l.trim() !== '')!.trim() : left.join('\n')),
  }];
}
