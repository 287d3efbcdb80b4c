import { leavesOf, taintOf } from '../../catalog/contexts';
import { defineQuery, defineRule, type RuleContext } from '../../engine/rule';
import { permissionsWithin } from '../../workflow/effective';
import { expressionSpan } from '../../workflow/expressions';
import type { ActionFile, Job, Step } from '../../workflow/model';
import { sinkOf } from '../shared/script-sink';
import { asTaint, circumstances, flowsOf, indirect, inputFacts, isProduced, localOf, ownerOfStep, reachingEvents, type Atom, type Circumstances } from '../shared/taint';
import { workflowToken, workflowVariables } from '../shared/workflow-facts';

/** Whoever starts these may write to the repository. */
const STARTED: ReadonlySet<string> = new Set(['workflow_dispatch', 'repository_dispatch']);

/** Inputs that only people with write access fill are worth a finding where much is asked for, and only where the run has more than they have. */
const everything = defineQuery('injection-caller-input.everything', ({ config }): boolean =>
  config.profile === 'strict' || config.rules['injection-caller-input']?.severity !== undefined);

/** An action at the root is for other repositories, whatever its own tests pass; one below `.github` is for this one. */
const meantFor = defineQuery('injection-caller-input.meant-for', ({ document }): 'others' | 'itself' | null =>
  !document.path.includes('/') ? 'others' : document.path.startsWith('.github/') ? 'itself' : null);

export default defineRule({
  id: 'injection-caller-input',
  category: 'injection',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `${{ inputs.… }}` and `client_payload` pasted into scripts of workflows and actions that others start or call.',
    why: 'A script that pastes its inputs is only as safe as each of its callers, and one that passes a title or branch name hands over the job.',
    references: [
      'https://docs.github.com/en/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions#understanding-the-risk-of-script-injections',
      'https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows',
    ],
    standards: ['SEC-4', 'STRIDE T'],
  },
  messages: {
    passed: '`{path}` is pasted into this script before {reader} reads it, and a caller passes `{source}`, which {who} writes. Pass it through `env:` and use the variable.',
    open: '`{path}` is pasted into this script before {reader} reads it, so that whoever calls or starts it decides what runs. Pass it through `env:` and use the variable.',
  },
  aliases: { zizmor: ['template-injection'], codeql: ['actions/code-injection/medium'] },
  create(context) {
    /** The first input that somebody may fill freely, with what that means here. */
    const judge = (step: Step, action: ActionFile | undefined, atoms: readonly Atom[]): { source?: string; who?: string; circumstances: Circumstances } | undefined => {
      for (const atom of atoms) {
        if (atom.kind !== 'input') continue;
        const facts = context.query(inputFacts, atom.name);
        if (!facts.text) continue;
        const [flow] = facts.flows;
        if (flow) {
          const { adjust, related } = circumstances(context, step, flow);
          return { source: flow.origin.what, who: flow.origin.who, circumstances: { adjust: [{ by: 1, reason: 'a caller in this repository passes what an outsider writes' }, ...adjust], related } };
        }
        // Whoever fills an input that is code by its name knows that it is run; the JSON of a matrix is no text that somebody passes on.
        if (isCode(atom.name) || atom.hops.some(h => h.at.part === 'matrix')) continue;
        const events = context.query(reachingEvents);
        // What sets off a caller fills the caller's inputs; these here are filled by the caller.
        const started = events.some(r => STARTED.has(r.event) && r.file === undefined);
        const meant = action ? context.query(meantFor) : null, callers = meant === 'others' ? 0 : facts.callers;
        if (callers > 0 && facts.literal && !started) continue;
        const insiders = action ? callers > 0 || meant === 'itself' : !events.some(r => r.event === 'workflow_call');
        if (insiders && !(context.query(everything) && direct(atom) && hasMore(context, step.job))) continue;
        if (action && insiders) return { circumstances: { adjust: [{ by: -1, reason: 'no caller in this repository passes what an outsider writes' }], related: [] } };
        if (!action && insiders) {
          const reason = started ? 'whoever starts it may write to the repository' : 'no caller in this repository passes what an outsider writes';
          return { circumstances: { adjust: [{ by: -1, reason }], related: [] } };
        }
        return { circumstances: { adjust: [], related: [] } };
      }
      return undefined;
    };

    return {
      step(step, { action }) {
        const sink = sinkOf(context, step), owner = sink && ownerOfStep(step, action);
        if (!sink || !owner) return;
        const local = localOf(owner), index = owner.steps.indexOf(step);
        let looked = false;
        for (const expression of sink.expressions) {
          if (!/inputs|client_payload|env|steps|needs|matrix/i.test(expression.source) || expression.errors.length > 0) continue;
          const atoms = indirect(local, expression, index);
          const payload = /client_payload/i.test(expression.source) && leavesOf(expression.root).find(l => l.path[1] === 'event' && l.path[2] === 'client_payload' && l.path.length > 3);
          if (!payload && !atoms.some(a => a.kind === 'input')) continue;
          if (taintOf(expression.root).length > 0 || flowsOf(context, owner, atoms.filter(isProduced)).length > 0) continue;
          if (!looked) context.instance();
          looked = true;
          const found = judge(step, action, atoms)
            ?? (payload && context.query(everything) && hasMore(context, step.job) && { circumstances: { adjust: [{ by: -1, reason: 'whoever sends it may write to the repository' }], related: [] } });
          if (!found) continue;
          const path = expression.source.trim().replace(/\s+/g, ' ');
          const fix = sink.fix(expression, asTaint(nameOf(path), undefined, expression), true);
          const data = { path: path.length > 80 ? `${path.slice(0, 79)}…` : path, reader: sink.reader };
          context.report({
            at: expressionSpan(sink.scalar, expression), ...found.circumstances, fixes: fix ? [fix] : [],
            ...('source' in found && found.source !== undefined ? { messageId: 'passed', data: { ...data, source: found.source, who: found.who ?? '' } } : { messageId: 'open', data }),
          });
        }
      },
    };
  },
});

/** As it was passed, or by way of a variable: what steps make of it is no text that somebody chooses. */
function direct(atom: Atom): boolean { return atom.hops.every(h => h.at.part === 'env'); }

/** Names have lost their case. */
function isCode(name: string): boolean { return /(?:command|cmd)s?$|(?:^|[-_])scripts?$|^run$/i.test(name); }

/** Something that people with write access don't have anyway. Of an action nobody knows whose job it runs in. */
function hasMore(context: Pick<RuleContext, 'query'>, job: Job | undefined): boolean {
  if (!job || job.environment) return true;
  const { shape, scopes } = permissionsWithin(job, context.query(workflowToken));
  if (shape === 'write-all' || Object.values(scopes).includes('write')) return true;
  const { block, start, end } = job.entry;
  return OWN_SECRET.test(block.text.slice(start, end)) || context.query(workflowVariables).variables.some(v => OWN_SECRET.test(v.value ?? ''));
}

const OWN_SECRET = /\bsecrets\s*(?:\.\s*(?!GITHUB_TOKEN\b)\w|\[)/i;

function nameOf(path: string): string {
  const found = /(?:inputs|client_payload|env|steps|needs)(?:\.[\w-]+)+/.exec(path)?.[0];
  return found ?? 'inputs.value';
}
