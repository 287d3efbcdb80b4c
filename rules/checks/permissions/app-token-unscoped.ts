import { commandPermissions, mergeScopes, tokenPermissions, type Scopes } from '../../catalog';
import { defineRule, type Fix } from '../../engine/rule';
import type { TextEdit } from '../../workflow/document';
import { deleteEntry, setStepInput } from '../../workflow/edits';
import type { Step } from '../../workflow/model';
import { asMapping, getEntry, scalarText, type Entry, type MappingNode } from '../../workflow/nodes';
import { credentialUse } from '../shared/git-credentials';
import { inputsOf } from '../shared/inferred-permissions';
import { trivialCommand } from '../shared/opaque-command';
import { plainScript } from '../shared/script-commands';
import { workflowShell } from '../shared/workflow-facts';

export default defineRule({
  id: 'app-token-unscoped',
  category: 'permissions',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds tokens of GitHub Apps that can do all that the app can, reach all that it reaches, or live on after the job.',
    why: 'Apps are shared by many workflows, so a step that is taken over here can write wherever any of them may.',
    references: [
      'https://github.com/actions/create-github-app-token#inputs',
      'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/making-authenticated-api-requests-with-a-github-app-in-a-github-actions-workflow',
    ],
    standards: ['SEC-2', 'SEC-5'],
  },
  messages: {
    repositories: 'The token reaches every repository of {owner} that the app is installed in. Name the ones that the job works on in `repositories`.',
    permissions: 'The token can do everything that the app can. Name what the job needs with inputs like `permission-contents`.',
    kept: '`skip-token-revoke` leaves the token usable for an hour after it was made, when the job is long over. Remove it.',
  },
  aliases: { zizmor: ['github-app'] },
  create(context) {
    return {
      step(step) {
        const { uses } = step;
        if (!uses || uses.slug !== 'actions/create-github-app-token' || uses.path) return;
        const inputs = asMapping(step.with?.value);
        // Without any input it is still being written, and the action refuses to work.
        if (!inputs || inputs.entries.length === 0) return;
        context.instance();
        const owner = input(inputs, 'owner'), kept = input(inputs, 'skip-token-revoke');
        if (owner && !input(inputs, 'repositories') && !input(inputs, 'enterprise')) {
          const own = /^\$\{\{\s*github\.repository_owner\s*\}\}$/.test(text(owner));
          context.report({
            at: owner, messageId: 'repositories', data: { owner: own ? 'this repository\'s owner' : `\`${text(owner)}\`` },
            fixes: own ? [toThisRepository(step)] : [],
          });
        }
        if (!inputs.entries.some(e => /^permission-/i.test(e.key.value))) {
          const shell = context.query(workflowShell);
          const needed = neededScopes(step, shell);
          context.report({
            at: uses.nameSpan, messageId: 'permissions',
            adjust: [{ by: -1, reason: 'what the app itself may do is the limit' }],
            fixes: needed ? [withPermissions(step, needed)] : [],
          });
        }
        if (kept && /^true$/i.test(text(kept))) context.report({ at: kept, messageId: 'kept', fixes: [revoking(kept, inputs)] });
      },
    };
  },
});

const text = (entry: Entry): string => (scalarText(entry.value) ?? '').trim();

/** An input that says something. */
function input(inputs: MappingNode, name: string): Entry | undefined {
  const entry = getEntry(inputs, name) ?? inputs.entries.find(e => e.key.value.toLowerCase() === name);
  return entry && text(entry) !== '' ? entry : undefined;
}

function toThisRepository(step: Step): Fix {
  return {
    title: 'Limit the token to this repository', safety: 'unsafe',
    edits: ({ document }) => setStepInput(document, step, 'repositories', '${{ github.event.repository.name }}'),
  };
}

function revoking(kept: Entry, inputs: MappingNode): Fix {
  return { title: 'Remove skip-token-revoke', safety: 'unsafe', edits: ({ document }) => deleteEntry(document, kept, inputs) };
}

function withPermissions(step: Step, scopes: Scopes): Fix {
  return {
    title: 'Limit the token to what the job does with it', safety: 'unsafe',
    edits({ document }): TextEdit[] | undefined {
      const edits = Object.entries(scopes).map(([name, access]) => setStepInput(document, step, `permission-${name}`, access));
      return edits.every(e => e !== undefined) ? edits.flat() : undefined;
    },
  };
}

/** What the steps that are given the token do with it; undefined where one of them can't be read, or none is seen. */
function neededScopes(step: Step, shell: string | null): Scopes | undefined {
  const id = scalarText(step.id?.value), { job } = step;
  if (!id || !job || job.outputs) return undefined;
  const token = new RegExp(`\\bsteps\\.${id.replace(/[^\w-]/g, '')}\\.outputs\\.token\\b`, 'i');
  const after = job.steps.slice(job.steps.indexOf(step) + 1);
  const scopes: Scopes[] = [];
  for (const [i, user] of after.entries()) {
    const inputs = inputsOf(user);
    const variables = user.env?.variables.map(v => v.value?.value ?? '') ?? [];
    if (![...Object.values(inputs), ...variables, user.run?.scalar.value ?? ''].some(v => token.test(v))) continue;
    const found = user.uses ? ofAction(user, inputs, token, after.slice(i + 1), shell) : ofScript(user, shell);
    if (!found) return undefined;
    scopes.push(found);
  }
  const all = mergeScopes(...scopes);
  return Object.keys(all).length > 0 ? all : undefined;
}

function ofAction(step: Step, inputs: Readonly<Record<string, string>>, token: RegExp, later: readonly Step[], shell: string | null): Scopes | undefined {
  const { owner, repo, path, kind } = step.uses!;
  if (kind !== 'repository' || !owner || !repo) return undefined;
  if (`${owner}/${repo}`.toLowerCase() === 'actions/checkout') {
    const use = credentialUse(later, shell);
    return use === 'might' ? undefined : { contents: use === 'pushes' ? 'write' : 'read' };
  }
  const others = Object.fromEntries(Object.entries(inputs).filter(([, v]) => !token.test(v)));
  const scopes = tokenPermissions({ owner, repo, path }, others);
  return scopes && Object.fromEntries(Object.entries(scopes).filter(([name]) => name !== 'id-token'));
}

function ofScript(step: Step, shell: string | null): Scopes | undefined {
  const { commands, complete } = plainScript(step, shell);
  if (!complete) return undefined;
  const found: Scopes[] = [];
  for (const command of commands) {
    if (trivialCommand(command)) continue;
    const scopes = command.name === 'gh' || command.name === 'git' ? commandPermissions(command.name, command.args) : undefined;
    if (!scopes) return undefined;
    found.push(scopes);
  }
  return mergeScopes(...found);
}
