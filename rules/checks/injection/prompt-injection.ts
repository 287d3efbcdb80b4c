import { hasPrompt, promptInput } from '../../catalog/flows';
import { defineRule, type Fix } from '../../engine/rule';
import { permissionsWithin, type EffectivePermissions } from '../../workflow/effective';
import { replaceScalar } from '../../workflow/edits';
import { expressionSpan, expressionsOf } from '../../workflow/expressions';
import type { Job } from '../../workflow/model';
import { asMapping, asScalar, scalarText, type Entry } from '../../workflow/nodes';
import { circumstances, flowsOf, localOf, type Flow } from '../shared/taint';
import { workflowToken } from '../shared/workflow-facts';

/** Proves who the run is, or pays for the model: nothing is changed in the repository with them. */
const HARMLESS: ReadonlySet<string> = new Set(['id-token', 'models', 'copilot-requests']);

export default defineRule({
  id: 'prompt-injection',
  category: 'injection',
  severity: 'high',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds what outsiders write in the prompt of a language model, in a job whose token may write.',
    why: 'A model takes orders from whatever it reads: an issue that says so makes it close, merge or publish with the job\'s token.',
    references: [
      'https://genai.owasp.org/llmrisk/llm01-prompt-injection/',
      'https://docs.github.com/en/actions/security-for-github-actions/security-guides/automatic-token-authentication#modifying-the-permissions-for-the-github_token',
    ],
    standards: ['SEC-4', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    writes: '`{action}` is told `{source}`, which {who} writes, and the job\'s token may write ({scopes}). Ask the model in a job that may only read, and act on its checked answer in another.',
    unknown: '`{action}` is told `{source}`, which {who} writes, and nothing says what the job\'s token may do. Give the job `permissions` to read only, and act on its checked answer in another.',
  },
  aliases: { codeql: ['actions/prompt-injection/critical', 'actions/prompt-injection/medium'] },
  create(context) {
    return {
      step(step) {
        const { uses, job } = step;
        if (!job || uses?.kind !== 'repository' || !uses.owner || !uses.repo || !hasPrompt(uses.owner, uses.repo)) return;
        context.instance();
        const permissions = permissionsWithin(job, context.query(workflowToken));
        const scopes = writable(permissions);
        if (scopes !== undefined && scopes.length === 0) return;
        const local = localOf(job), index = job.steps.indexOf(step);
        const inputs = asMapping(step.with?.value)?.entries ?? [];
        const asks = asksForAccess(uses.slug, inputs);
        for (const entry of inputs) {
          const scalar = asScalar(entry.value);
          if (!scalar || !promptInput(uses.owner, uses.repo, entry.key.value)) continue;
          for (const expression of expressionsOf(scalar)) {
            if (expression.errors.length > 0) continue;
            const flow = flowsOf(context, job, local.expression(expression.root, index)).find(saysMuch);
            if (!flow) continue;
            const { adjust, related } = circumstances(context, step, flow);
            const data = { action: `${uses.owner}/${uses.repo}`, source: flow.origin.what, who: flow.origin.who };
            const forks = flow.events.length > 0 && flow.events.every(e => e === 'pull_request' || e.startsWith('pull_request_review'));
            context.report({
              at: expressionSpan(scalar, expression), related,
              adjust: [
                ...adjust,
                ...(forks ? [{ by: -1, reason: 'runs of forks have a token that may only read' }] : []),
                ...(asks && !adjust.some(a => a.by < 0) ? [{ by: -1, reason: 'the action runs for people with write access only, on text of others all the same' }] : []),
              ],
              ...(scopes ? { messageId: 'writes', data: { ...data, scopes: scopes.join(', ') } } : { messageId: 'unknown', data }),
              fixes: scopes && job.permissions?.shape === 'map' ? [readOnly(job)] : [],
            });
          }
        }
      },
    };
  },
});

/** Actions that ask whether whoever set them off may write, and the values of inputs with which they do: others let more people in. */
const ASKING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'anthropics/claude-code-action': { 'allowed_non_write_users': '', 'allowed_bots': '' },
  'openai/codex-action': { 'allow-users': '', 'allow-bots': 'false', 'require-repo-write': 'true' },
};

function asksForAccess(action: string, inputs: readonly Entry[]): boolean {
  const closed = Object.hasOwn(ASKING, action) ? ASKING[action] : undefined;
  return closed !== undefined && inputs.every(i => (closed[i.key.value.toLowerCase()] ?? scalarText(i.value)) === scalarText(i.value));
}

/** Scopes that change something; undefined where the repository's setting decides. */
function writable(permissions: EffectivePermissions): readonly string[] | undefined {
  switch (permissions.shape) {
    case 'write-all': return ['write-all'];
    case 'map': return Object.entries(permissions.scopes).filter(([scope, access]) => access === 'write' && !HARMLESS.has(scope)).map(([scope]) => scope);
    case 'read-all': case 'none': return [];
    default: return undefined;
  }
}

/** Branches and addresses hold a word or two, no orders worth the name; names of files hardly more. */
function saysMuch(flow: Flow): boolean { return flow.origin.kind === 'text' || flow.origin.kind === 'serialised'; }

/** Unsafe: what the action itself was to write has to move to another job. */
function readOnly(job: Job): Fix {
  return {
    title: `Let ${job.id} only read`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      const scopes = (job.permissions?.scopes ?? []).filter(s => s.access === 'write' && !HARMLESS.has(s.name));
      const edits = scopes.map(s => {
        const scalar = asScalar(s.entry.value);
        return scalar && s.entry.value === scalar ? replaceScalar(document, scalar, 'read') : undefined;
      });
      return edits.length > 0 && edits.every(e => e !== undefined) ? edits.flat() : undefined;
    },
  };
}
