import { defineRule, type Fix } from '../../engine/rule';
import { replaceScalar } from '../../workflow/edits';
import { expressionsOf } from '../../workflow/expressions';
import { asMapping, asScalar, getEntry, type ScalarNode, type YamlNode } from '../../workflow/nodes';

export default defineRule({
  id: 'container-credentials-hardcoded',
  category: 'secrets',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds registry passwords that are written out in `credentials` of `container:` and `services:`.',
    why: 'Everybody who can read the repository, its forks or its history can use the registry with it.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idcontainercredentials',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene',
    ],
    standards: ['SEC-6', 'CIS 1.5.1', 'CIS 2.3.8'],
  },
  messages: {
    literal: 'The registry password of {what} is written here, where everybody who reads the repository or its history has it. Change it at the registry, store it as a secret and read it with `${{ secrets.… }}`.',
  },
  aliases: { zizmor: ['hardcoded-container-credentials'], actionlint: ['credentials'] },
  create(context) {
    const check = (image: YamlNode | null, what: string, wanted: string): void => {
      const credentials = asMapping(getEntry(image, 'credentials')?.value);
      const password = getEntry(credentials, 'password');
      const scalar = asScalar(password?.value);
      if (!password || !scalar) return;
      context.instance();
      if (!isLiteral(scalar)) return;
      // An anchored password stands for others too: an edit would change them unseen.
      context.report({ at: password.value!, messageId: 'literal', data: { what }, fixes: password.value === scalar && !scalar.anchor ? [replacement(scalar, wanted)] : [] });
    };
    return {
      job(job) {
        if (job.container) check(job.container.value, 'the job\'s container', 'REGISTRY_PASSWORD');
        for (const service of asMapping(job.services?.value)?.entries ?? []) {
          const name = service.key.value;
          check(service.value, `the service \`${name}\``, `${name.toUpperCase().replace(/\W/g, '_')}_REGISTRY_PASSWORD`);
        }
      },
    };
  },
});

/** A text, alone or as the only thing that an expression says. An empty one is no password. */
function isLiteral(scalar: ScalarNode): boolean {
  const expressions = expressionsOf(scalar, { bare: false });
  if (expressions.length === 0) return scalar.value.trim() !== '' && scalar.type !== 'null';
  const [only] = expressions;
  return expressions.length === 1 && only!.errors.length === 0 && only!.root.kind === 'literal' && typeof only!.root.value === 'string' && only!.root.value !== '';
}

/** Unsafe: until the secret is there, pulling fails. */
function replacement(scalar: ScalarNode, wanted: string): Fix {
  const name = /^\d|^GITHUB_/.test(wanted) ? `REGISTRY_${wanted}` : wanted;
  return {
    title: `Read it from secrets.${name}`,
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => replaceScalar(document, scalar, `\${{ secrets.${name} }}`),
  };
}
