/** `inputs.x` of a workflow or action that declares no such input. */
import type { ExpressionSite, RuleContext } from '../../../engine/rule';
import type { ActionFile, InputDecl, Workflow } from '../../../workflow/model';
import { asMapping, deref, getEntry } from '../../../workflow/nodes';
import { accesses } from './references';
import { meant, oneOf, writeName } from './words';

export const CONTEXT_MESSAGES = {
  'input-undeclared': '`{access}.{input}` is empty: {owner} declares no such input. {advice}.',
} as const;

/** The inputs that a file declares; undefined where they can't be known. */
export interface Declared {
  readonly owner: string;
  readonly names: readonly string[];
  /** Those of `workflow_dispatch` alone; undefined where the event may be a caller's. */
  readonly event?: readonly string[];
  /** GitHub's own extension knows the inputs, too: those of workflows. */
  readonly official: boolean;
}

const namesOf = (inputs: readonly InputDecl[] | undefined): string[] => (inputs ?? []).map(i => i.name);

export function declaredBy(workflow: Workflow): Declared | undefined {
  const takers = workflow.triggers.filter(t => t.event === 'workflow_call' || t.event === 'workflow_dispatch');
  for (const { config } of takers) {
    const inputs = deref(getEntry(config, 'inputs')?.value);
    if (inputs && (inputs.kind !== 'mapping' || inputs.entries.some(e => e.key.value === '<<'))) return undefined;
  }
  // Half typed, or meant for a caller that the file doesn't name yet.
  if (workflow.triggers.length === 0) return undefined;
  const dispatch = takers.find(t => t.event === 'workflow_dispatch');
  const event = dispatch && takers.length === 1 ? namesOf(dispatch.inputs) : undefined;
  return { owner: 'this workflow', names: takers.flatMap(t => namesOf(t.inputs)), official: true, ...(event ? { event } : {}) };
}

export function declaredByAction(action: ActionFile): Declared | undefined {
  const inputs = action.entries.find(e => e.key.value === 'inputs');
  if (inputs && deref(inputs.value) && !asMapping(inputs.value)) return undefined;
  return { owner: 'this action', names: namesOf(action.inputs), official: false };
}

export function checkInputsAccess(context: RuleContext<keyof typeof CONTEXT_MESSAGES>, site: ExpressionSite, declared: Declared): void {
  if (!/inputs/i.test(site.expression.source)) return;
  for (const { path, last, span } of accesses(site, 'inputs')) {
    if (path.length === 2) say(declared.names, 'inputs', last, span);
  }
  if (!declared.event) return;
  for (const { path, last, span } of accesses(site, 'github')) {
    if (path.length === 4 && path[1] === 'event' && path[2] === 'inputs') say(declared.event, 'github.event.inputs', last, span);
  }

  function say(known: readonly string[], access: string, last: { readonly name: string }, span: Parameters<typeof writeName>[0]): void {
    if (known.some(n => n.toLowerCase() === last.name.toLowerCase())) return;
    const better = meant(last.name, known);
    const advice = better !== undefined ? `Write \`${better}\`` : known.length > 0 ? `It has ${oneOf(known)}` : 'Declare it under `inputs`';
    context.report({
      at: span, messageId: 'input-undeclared', data: { access, input: last.name, owner: declared.owner, advice }, official: declared.official, step: site.step, job: site.job,
      fixes: better === undefined ? [] : [writeName(span, last.name, better)],
    });
  }
}
