/** Names that stand for two things: GitHub compares them without case. */
import type { RuleContext } from '../../../engine/rule';
import type { Step, Workflow } from '../../../workflow/model';
import { asScalar, type ScalarNode } from '../../../workflow/nodes';

export const ID_MESSAGES = {
  'id-duplicate': 'Two steps of one job have the id `{id}`, so GitHub refuses the file. Give this one another id, or none.',
  'id-case': '`{id}` and `{other}` are the same id to GitHub, which ignores case, so it refuses the file. Give this step another id.',
  'id-invalid': '`{id}` can\'t be the {what}, so GitHub refuses the file: {why}. Write another one.',
  'job-duplicate': '`{id}` and `{other}` are the same job to GitHub, which ignores case, so it refuses the file. Rename one of them.',
} as const;

type Context = RuleContext<keyof typeof ID_MESSAGES>;

/** Steps by their id in lower case; the first of each. */
export type Steps = ReadonlyMap<string, Step>;

export function idOf(step: Step): ScalarNode | undefined {
  const scalar = asScalar(step.id?.value);
  return scalar && scalar.value !== '' && !scalar.value.includes('${{') ? scalar : undefined;
}

export function stepsById(steps: readonly Step[]): Steps {
  const found = new Map<string, Step>();
  for (const step of steps) {
    const id = idOf(step)?.value.toLowerCase();
    if (id !== undefined && !found.has(id)) found.set(id, step);
  }
  return found;
}

const MAX_LENGTH = 100;

/** Why a name can't be that of a job or step; undefined where it can. */
export function idProblem(id: string): string | undefined {
  if (!/^[A-Za-z_]/.test(id)) return 'it has to begin with a letter or `_`';
  if (!/^[\w-]*$/.test(id)) return 'it takes letters, digits, `-` and `_` only';
  if (id.startsWith('__')) return 'names with `__` ahead are GitHub\'s own';
  return id.length >= MAX_LENGTH ? `it is longer than ${MAX_LENGTH - 1} characters` : undefined;
}

export function checkStepIds(context: Context, steps: readonly Step[], byId: Steps): void {
  for (const step of steps) {
    const id = idOf(step);
    if (!id) continue;
    const why = idProblem(id.value);
    if (why !== undefined) context.report({ at: id, messageId: 'id-invalid', data: { id: id.value, what: 'id of a step', why }, official: step.job !== undefined, step, job: step.job });
    const first = byId.get(id.value.toLowerCase())!;
    if (first === step) continue;
    const other = idOf(first)!;
    const same = other.value === id.value;
    context.report({
      at: id, messageId: same ? 'id-duplicate' : 'id-case', data: { id: id.value, other: other.value }, official: same && step.job !== undefined, step, job: step.job,
      related: [{ at: other, message: 'The first one' }],
    });
  }
}

export function checkJobNames(context: Context, workflow: Workflow): void {
  const seen = new Map<string, ScalarNode>();
  for (const { id, entry: { key } } of workflow.jobs) {
    const name = id.toLowerCase();
    const why = id === '' || id === '<<' ? undefined : idProblem(id);
    if (why !== undefined) context.report({ at: key, messageId: 'id-invalid', data: { id, what: 'name of a job', why }, official: true });
    const other = seen.get(name);
    if (!other) seen.set(name, key);
    // Keys that are the same to the letter are YAML's own business.
    else if (other.value !== id) context.report({ at: key, messageId: 'job-duplicate', data: { id, other: other.value }, official: true, related: [{ at: other, message: 'The first one' }] });
  }
}
