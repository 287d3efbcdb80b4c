import { defineQuery, defineRule, type Fix } from '../../engine/rule';
import { mentionsConclusion, succeedsOnly } from '../shared/run-result';
import { outsideKinds, stepKinds } from '../shared/job-kind';
import { addToCondition, onEvent } from '../shared/condition-edits';
import type { Job, Trigger, Workflow } from '../../workflow/model';
import { asSequence, getValue, scalarList, scalarText, type ScalarNode } from '../../workflow/nodes';

/** Names that workflows of the checkout go by; null where that is not known in full. */
const workflowNames = defineQuery('workflow-run.names', ({ repository }): readonly string[] | null => {
  if (!repository) return null;
  const files = repository.files.filter(f => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(f));
  const found = files.map(f => repository.document(f));
  // A name that is an expression, or a file that can't be read: anything may be called so.
  if (files.length === 0 || found.some(d => !d?.workflow || d.problems.length > 0)) return null;
  return found.flatMap(d => [scalarText(d!.workflow!.name?.value) ?? d!.path, d!.path]);
});

/** Workflows that GitHub keeps itself: they have no file. */
const OWN = /^(?:pages-build-deployment|pages build and deployment|codeql|dependabot updates|copilot.*|automatic dependency submission.*|dependency graph.*)$/i;

export default defineRule({
  id: 'workflow-run-unchecked-result',
  category: 'triggers',
  severity: 'medium',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs that deploy or publish after another workflow without looking whether it succeeded, and waits for workflows that don\'t exist.',
    why: '`workflow_run` comes when the other workflow ends, however it ends: a deployment behind failed tests goes out like any other.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run'],
    standards: ['SEC-1'],
  },
  messages: {
    unchecked: '`{job}` {does} when {workflows} has ended, also when it has failed. Ask for `github.event.workflow_run.conclusion == \'success\'`.',
    unknown: 'No workflow here is called `{name}`, so that this one never follows it. Write the name as it stands behind `name:`.',
  },
  create(context) {
    return {
      workflow(workflow) {
        const trigger = workflow.triggers.find(t => t.event === 'workflow_run');
        if (!trigger) return;
        checkNames(trigger);
        // `requested` and `in_progress` come before there is a result.
        if (trigger.types && !trigger.types.includes('completed')) return;
        for (const job of workflow.jobs) {
          const [kind] = outsideKinds(job);
          if (!kind || job.uses) continue;
          context.instance();
          if (succeedsOnly(job, workflow)) continue;
          const step = job.steps.find(s => stepKinds(s).has(kind));
          if (!step || mentionsConclusion(workflow, job)) continue;
          context.report({
            at: job.entry.key, messageId: 'unchecked', job,
            data: { job: job.id, does: DOES[kind] ?? kind, workflows: trigger.workflows?.map(w => `\`${w}\``).join(' or ') || 'the other workflow' },
            related: [{ at: step.run?.entry.key ?? step.uses?.scalar ?? step.item, message: `Here it ${DOES[kind] ?? kind}` }, { at: trigger.node, message: 'It comes however the other workflow has ended' }],
            fixes: [afterSuccess(job, workflow)],
          });
        }
      },
    };

    function checkNames(trigger: Trigger): void {
      const list = getValue(trigger.config, 'workflows');
      const nodes: readonly ScalarNode[] = asSequence(list) || list?.kind === 'scalar' ? scalarList(list) : [];
      if (nodes.length === 0) return;
      const names = context.query(workflowNames);
      if (!names) return;
      const known = new Set(names.map(n => n.trim().toLowerCase()));
      // A pattern, or a name that is put together.
      const plain = (n: ScalarNode): boolean => !/[*?!]|\$\{\{/.test(n.value) && n.value.trim() !== '';
      for (const node of nodes.filter(plain)) {
        context.instance();
        if (!known.has(node.value.trim().toLowerCase()) && !OWN.test(node.value.trim())) context.report({ at: node, messageId: 'unknown', data: { name: node.value } });
      }
    }
  },
});

const DOES: Readonly<Record<string, string>> = { deploy: 'deploys', publish: 'publishes', release: 'makes a release', migrate: 'changes a database' };

function afterSuccess(job: Job, workflow: Workflow): Fix {
  const events = [...new Set(workflow.triggers.map(t => t.event))];
  return {
    title: 'Run after success only', safety: 'unsafe', preferred: true,
    edits: ({ document }) => addToCondition(document, job, onEvent('workflow_run', events, 'github.event.workflow_run.conclusion == \'success\'')),
  };
}
