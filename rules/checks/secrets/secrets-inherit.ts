import { defineQuery, defineRule, type Fix } from '../../engine/rule';
import { expressionsOf, pathOf, walkExpr, type Expr } from '../../workflow/expressions';
import { setJobKey } from '../../workflow/edits';
import type { Job, UsesRef, Workflow } from '../../workflow/model';
import { asScalar, walk } from '../../workflow/nodes';

/** Names that a workflow of this repository declares as secrets, where they are all that it can use; null where that is not known. */
const declaredSecrets = defineQuery('secrets-inherit/declared', (world, path: string): readonly string[] | null => {
  const document = world.repository?.document(path);
  if (!document?.workflow || document.problems.length > 0) return null;
  const declared = document.workflow.triggers.find(t => t.event === 'workflow_call')?.secrets?.map(e => e.key.value);
  return declared && declared.length > 0 && usesOnly(document.workflow, declared) ? declared : null;
});

const isTrusted = defineQuery('secrets-inherit/trusted', ({ config }, owner: string, repo: string): boolean =>
  config.trustedOwners.some(t => [owner, `${owner}/${repo}`].includes(t.toLowerCase())));

export default defineRule({
  id: 'secrets-inherit',
  category: 'secrets',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `secrets: inherit` on jobs that call a reusable workflow.',
    why: 'It hands over every secret of the repository, its organization and its environments, those that are added later included.',
    references: [
      'https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#passing-inputs-and-secrets-to-a-reusable-workflow',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene',
    ],
    standards: ['SEC-6', 'CIS 2.3.8'],
  },
  messages: {
    external: '`secrets: inherit` hands every secret of this repository to `{callee}`, a workflow outside it. Pass only the secrets that it needs, by name.',
    local: '`secrets: inherit` hands every secret to `{callee}`, whichever it uses. Let it declare those, and pass them by name.',
  },
  aliases: { zizmor: ['secrets-inherit'] },
  create(context) {
    return {
      job(job) {
        const { uses } = job;
        if (!uses || uses.kind === 'invalid' || uses.kind === 'docker') return;
        context.instance();
        const value = asScalar(job.secrets?.value);
        if (value?.value !== 'inherit') return;
        // An alias is underlined where it stands.
        const at = job.secrets!.value!;
        if (uses.kind === 'repository') {
          const trusted = context.query(isTrusted, (uses.owner ?? '').toLowerCase(), (uses.repo ?? '').toLowerCase());
          const adjust = trusted ? [] : [{ by: 1, reason: 'The called workflow is in a repository that the configuration does not trust.' }];
          context.report({ at, messageId: 'external', data: { callee: calleeName(uses) }, adjust });
          return;
        }
        const declared = context.query(declaredSecrets, uses.path ?? '');
        context.report({
          at,
          messageId: 'local',
          data: { callee: calleeName(uses) },
          adjust: [{ by: -2, reason: 'The called workflow is in this repository.' }],
          fixes: declared ? [expansion(job, declared)] : [],
        });
      },
    };
  },
});

function calleeName(uses: UsesRef): string {
  return uses.kind === 'repository' ? `${uses.owner}/${uses.repo}` : (uses.path ?? uses.text).split('/').at(-1)!;
}

function expansion(job: Job, names: readonly string[]): Fix {
  return {
    title: `Pass ${names.length === 1 ? names[0]! : `the ${names.length} secrets that it declares`} by name`,
    safety: 'safe',
    preferred: true,
    edits: ({ document }) => setJobKey(document, job, 'secrets', Object.fromEntries(names.map(n => [n, `\${{ secrets.${n} }}`]))),
  };
}

/**
 * Whether a called workflow gets along with the secrets that it declares. Not so where it reads others, reads them by a computed
 * name, hands all of them on, or has a job with an environment: an environment's secrets reach a called workflow only by inheritance.
 */
function usesOnly(workflow: Workflow, declared: readonly string[]): boolean {
  const known = new Set(['github_token', ...declared.map(d => d.toLowerCase())]);
  for (const job of workflow.jobs) {
    if (job.environment || asScalar(job.secrets?.value)?.value === 'inherit') return false;
  }
  for (const entry of [...workflow.entries, ...workflow.jobs.map(j => j.entry)]) {
    for (const node of walk(entry.value)) {
      if (node.kind !== 'scalar' || !/secrets/i.test(node.value)) continue;
      if (!expressionsOf(node, { bare: false }).every(e => e.errors.length === 0 && reads(e.root, known))) return false;
    }
  }
  return true;
}

/** Every `secrets` of an expression is `secrets.<known name>`. */
function reads(root: Expr, known: ReadonlySet<string>): boolean {
  let contexts = 0, named = 0;
  for (const expr of walkExpr(root)) {
    if (expr.kind === 'context' && expr.name.toLowerCase() === 'secrets') contexts++;
    else if (expr.kind === 'property' || expr.kind === 'index') {
      const path = pathOf(expr);
      if (path?.length === 2 && path[0] === 'secrets' && known.has(path[1]!)) named++;
    }
  }
  return contexts === named;
}
