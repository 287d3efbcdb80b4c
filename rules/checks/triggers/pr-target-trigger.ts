import { defineRule, type Fix } from '../../engine/rule';
import { renameKey, replaceScalar } from '../../workflow/edits';
import { permissionsWithin, workflowPermissions, type EffectivePermissions } from '../../workflow/effective';
import { dottedPath, expressionsOf, walkExpr } from '../../workflow/expressions';
import type { Trigger, Workflow } from '../../workflow/model';
import { asMapping, walk } from '../../workflow/nodes';
import { inferJob, mergeNeeds, surroundingsOf } from '../shared/inferred-permissions';

/** Events that the trigger may stand beside: their runs don't say what a run for a pull request needs. */
const ALIKE = new Set(['pull_request_target', 'pull_request', 'merge_group', 'push', 'workflow_dispatch', 'schedule']);

export default defineRule({
  id: 'pr-target-trigger',
  category: 'triggers',
  severity: 'medium',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds `pull_request_target` in workflows that neither write nor use secrets.',
    why: 'It gives runs for strangers\' pull requests the repository\'s secrets and a token that may write, and here nothing needs them.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target',
      'https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/',
    ],
    standards: ['SEC-4', 'STRIDE E'],
  },
  messages: {
    needless: '`pull_request_target` runs with the repository\'s secrets for pull requests of strangers, and nothing in this workflow needs them. Use `pull_request`.',
  },
  aliases: { zizmor: ['dangerous-triggers'] },
  create(context) {
    return {
      workflow(workflow) {
        const trigger = workflow.triggers.find(t => t.event === 'pull_request_target');
        if (!trigger || workflow.jobs.length === 0) return;
        context.instance();
        if (workflow.triggers.some(t => !ALIKE.has(t.event)) || !needsNothing(workflow)) return;
        context.report({ at: trigger.node, messageId: 'needless', fixes: workflow.triggers.some(t => t.event === 'pull_request') ? [] : [asPullRequest(trigger)] });
      },
    };
  },
});

/** Every job is known to get by with a token that reads: nothing is written, no secret is named, nothing is out of sight. */
function needsNothing(workflow: Workflow): boolean {
  const around = surroundingsOf(workflow, undefined);
  // An environment may hold variables of its own, and protection.
  if (workflow.jobs.some(j => j.uses || j.secrets || j.environment || j.steps.length === 0)) return false;
  const need = mergeNeeds(workflow.jobs.map(job => inferJob(job, around)));
  if (need.unknown.length > 0 || need.handed.length > 0 || Object.values(need.scopes).includes('write')) return false;
  // What somebody has asked for by name is needed until they say otherwise.
  const tokens = workflow.jobs.map(job => permissionsWithin(job, workflowPermissions(workflow)));
  return !tokens.some(asksToWrite) && !namesSecrets(workflow);
}

function asksToWrite(token: EffectivePermissions): boolean {
  return token.shape === 'write-all' || token.shape === 'invalid' || Object.values(token.scopes).includes('write');
}

function namesSecrets(workflow: Workflow): boolean {
  const roots = [...workflow.entries.filter(e => e !== workflow.jobsEntry), ...workflow.jobs.map(j => j.entry)];
  for (const entry of roots) {
    for (const node of walk(entry.value)) {
      if (node.kind !== 'scalar' || !/secrets|github\.token|github\[/i.test(node.value)) continue;
      for (const e of expressionsOf(node, { bare: true })) {
        for (const x of walkExpr(e.root)) {
          const path = x.kind === 'context' && x.name.toLowerCase() === 'secrets' ? 'secrets' : dottedPath(x);
          if (path === undefined) continue;
          if (path.startsWith('secrets') && path !== 'secrets.github_token' && !(path === 'secrets' && onlyToken(node.value))) return true;
        }
      }
    }
  }
  return false;
}

/** The run's own token is no secret that `pull_request` would withhold. */
function onlyToken(text: string): boolean { return !/secrets\s*(?:\.\s*(?!GITHUB_TOKEN\b)|\[|\)|,|\}|$)/i.test(text); }

function asPullRequest(trigger: Trigger): Fix {
  return {
    title: 'Use pull_request', safety: 'unsafe', preferred: true,
    edits: ({ document }) => {
      const found = document.workflow?.triggers.find(t => t.event === 'pull_request_target' && t.node === trigger.node);
      const entry = asMapping(document.workflow?.on?.value)?.entries.find(e => e.key === trigger.node);
      if (!found) return undefined;
      return entry ? renameKey(document, entry, 'pull_request') : replaceScalar(document, trigger.node, 'pull_request');
    },
  };
}
