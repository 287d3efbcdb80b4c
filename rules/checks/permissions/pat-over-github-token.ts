import { isRunToken, lookupAction, tokenPermissions, type Scopes } from '../../catalog';
import { defineRule, type Fix } from '../../engine/rule';
import { permissionsWithin, scopeAccess, type EffectivePermissions } from '../../workflow/effective';
import { replaceValue } from '../../workflow/edits';
import type { Step } from '../../workflow/model';
import { asMapping, asScalar, scalarText, type Entry } from '../../workflow/nodes';
import { credentialUse } from '../shared/git-credentials';
import { inputsOf } from '../shared/inferred-permissions';
import { inheritedPermissions } from '../shared/permission-facts';
import { workflowShell } from '../shared/workflow-facts';

const TOKENS = new Set(['token', 'github-token', 'github_token', 'repo-token', 'repo_token', 'gh-token', 'gh_token']);
/** Names that people give to tokens of their own accounts. */
const PERSONAL = /^\$\{\{\s*secrets\.((?:\w{0,60}_)?(?:PAT|GH_TOKEN|PERSONAL_(?:ACCESS_)?TOKEN|GH_ACCESS_TOKEN|GITHUB_ACCESS_TOKEN)(?:_\w{0,60})?)\s*\}\}$/i;
/** Inputs that point at another repository, an organization, or something that only a person may see. */
const ELSEWHERE = ['repository', 'repo', 'owner', 'organization', 'org', 'submodules', 'project-url', 'project', 'github-server-url', 'run-id', 'workflow', 'team'];

export default defineRule({
  id: 'pat-over-github-token',
  category: 'permissions',
  severity: 'low',
  confidence: 'medium',
  scope: 'job',
  profile: 'strict',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds personal access tokens given to actions that only read this repository.',
    why: 'A personal token can do what its owner can in every repository and for months; the run\'s own ends with the job.',
    references: [
      'https://docs.github.com/en/actions/concepts/security/github_token',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-2', 'SEC-6'],
  },
  messages: {
    personal: '`{action}` only reads this repository, and gets `{secret}` for that, a token of somebody\'s account. The run\'s own token is enough.',
  },
  create(context) {
    return {
      step(step) {
        const { uses, job } = step;
        if (!job || uses?.kind !== 'repository' || !uses.owner || !uses.repo) return;
        const entry = asMapping(step.with?.value)?.entries.find(e => TOKENS.has(e.key.value.toLowerCase()));
        const value = entry && scalarText(entry.value)?.trim();
        if (!entry || value === undefined) return;
        context.instance();
        const secret = PERSONAL.exec(value)?.[1];
        if (!secret || isRunToken(value) || !readsHere(step, entry, context.query(workflowShell))) return;
        const inputs = Object.fromEntries(Object.entries(inputsOf(step)).filter(([name]) => name !== entry.key.value.toLowerCase()));
        const scopes = tokenPermissions({ owner: uses.owner, repo: uses.repo, path: uses.path }, inputs);
        if (!scopes || !covered(scopes, permissionsWithin(job, context.query(inheritedPermissions)))) return;
        context.report({
          at: entry, messageId: 'personal', data: { action: uses.text.split('@')[0] ?? uses.text, secret }, fixes: [fix(entry)],
        });
      },
    };
  },
});

/** Everything that it does with the token is reading this repository. */
function readsHere(step: Step, entry: Entry, shell: string | null): boolean {
  const { owner = '', repo = '', path } = step.uses!;
  const inputs = inputsOf(step);
  if (ELSEWHERE.some(n => (inputs[n] ?? '').trim() !== '' && !/^false$/i.test(inputs[n]!.trim()))) return false;
  // On a server of one's own they download from github.com, for which they ask for a token from there.
  if (owner.toLowerCase() === 'actions' && repo.toLowerCase().startsWith('setup-')) return false;
  const action = lookupAction(owner, repo, path);
  if (!action || !asScalar(entry.value)) return false;
  if (`${owner}/${repo}`.toLowerCase() !== 'actions/checkout') return action.tokenInputs.includes(entry.key.value.toLowerCase());
  // What is pushed with a personal token starts other workflows, and git may be asked for other repositories later.
  const later = step.job!.steps.slice(step.job!.steps.indexOf(step) + 1);
  const kept = !/^false$/i.test((inputs['persist-credentials'] ?? '').trim());
  return !kept || credentialUse(later, shell) === 'no';
}

/** The run's own token has it all; reading what is public needs nothing. */
function covered(scopes: Scopes, granted: EffectivePermissions): boolean {
  return Object.entries(scopes).every(([name, access]) => access === 'read'
    && (name === 'contents' || ['read', 'write'].includes(scopeAccess(granted, name))));
}

function fix(entry: Entry): Fix {
  return {
    title: 'Use the run\'s own token', safety: 'unsafe', preferred: true,
    edits: ({ document }) => replaceValue(document, entry, '${{ github.token }}'),
  };
}
