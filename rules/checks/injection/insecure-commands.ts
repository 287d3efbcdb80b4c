import { defineRule, type Fix } from '../../engine/rule';
import { deleteEntry, deleteTopLevelKey, hasOwnLineComment } from '../../workflow/edits';
import type { EnvMap, EnvVariable } from '../../workflow/model';
import { asMapping, type MappingNode } from '../../workflow/nodes';
import { expressionsOf } from '../../workflow/expressions';

const NAME = 'ACTIONS_ALLOW_UNSECURE_COMMANDS';

export default defineRule({
  id: 'insecure-commands',
  category: 'injection',
  severity: 'high',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: `Finds \`${NAME}: true\` in the environment of a workflow, job or step.`,
    why: 'It lets any text that a step prints set environment variables and `PATH` for the steps that follow, and with them run code.',
    references: [
      'https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/',
      'https://github.com/actions/toolkit/security/advisories/GHSA-mfwh-5m23-j46w',
    ],
    standards: ['SEC-4', 'SEC-7'],
  },
  messages: {
    allowed: `\`${NAME}\` lets anything that is printed here set variables and \`PATH\` for later steps. Remove it, and write to \`$GITHUB_ENV\` and \`$GITHUB_PATH\` instead.`,
  },
  aliases: { zizmor: ['insecure-commands'] },
  create(context) {
    const check = (env: EnvMap | undefined, owner: MappingNode | undefined): void => {
      for (const variable of env?.variables ?? []) {
        if (variable.name.toUpperCase() !== NAME) continue;
        context.instance();
        if (isTrue(variable)) context.report({ at: variable.entry, messageId: 'allowed', fixes: [removal(env!, variable, owner)] });
      }
    };
    return {
      workflow(workflow) { check(workflow.env, undefined); },
      job(job) { check(job.env, job.node); },
      step(step) { check(step.env, step.node); },
    };
  },
});

/** Runners read the value as .NET reads a boolean: `true` in any case, nothing else. */
function isTrue(variable: EnvVariable): boolean {
  if (!variable.value) return false;
  if (/^true$/i.test(variable.value.value.trim())) return true;
  const [only, ...more] = expressionsOf(variable.value, { bare: false });
  return only !== undefined && more.length === 0 && only.root.kind === 'literal' && /^true$/i.test(String(only.root.value));
}

/** Unsafe: a step that still prints `::set-env` or `::add-path` fails without it. */
function removal(env: EnvMap, variable: EnvVariable, owner: MappingNode | undefined): Fix {
  return {
    title: `Remove ${NAME}`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      const map = asMapping(env.entry.value);
      if (!map || map !== env.entry.value) return undefined;
      if (map.entries.length > 1 || hasOwnLineComment(document, env.entry)) return deleteEntry(document, variable.entry, map);
      return owner ? deleteEntry(document, env.entry, owner) : deleteTopLevelKey(document, env.entry);
    },
  };
}
