/** What steps do to the world outside by their action or commands. Their names say nothing here. */
import { setJobKey } from '../../workflow/edits';
import { defineQuery, type Fix } from '../../engine/rule';
import type { Job, Step } from '../../workflow/model';
import { scalarText, type Span } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { unwrap, type Command } from '../../workflow/scripts';
import { actionKinds, inputText } from './action-kind';
import { isPreview } from './job-kind';
import type { JobKind } from './kinds';
import { kindsOfCommand, scriptOf } from './step-commands';

/** A step's action, or one command of its script, that is of one of the kinds. */
export interface Deed {
  readonly step: Step;
  readonly kind: JobKind;
  /** Undefined for an action. */
  readonly command?: Command;
  /** What it is called in a message. */
  readonly what: string;
  /** The action's name, or the beginning of the command. */
  readonly at: Span;
}

/** What a step does of some kinds, in order. What is taken down again is left out. */
export function deedsOf(step: Step, kinds: readonly JobKind[]): Deed[] {
  if (step.uses) {
    const kind = actionKinds(step.uses, step).find(k => kinds.includes(k));
    return kind === undefined || inputText(step, 'command') === 'destroy' ? [] : [{ step, kind, what: step.uses.text.split('@')[0]!, at: step.uses.nameSpan }];
  }
  const script = step.run && scriptOf(step);
  if (!step.run || !script) return [];
  const deeds: Deed[] = [];
  for (const command of script.commands) {
    const kind = kindsOfCommand(command).find(k => kinds.includes(k));
    if (kind === undefined || undoes(command)) continue;
    const words = unwrap(command.words), first = words[0] ?? command.words[0]!, last = words[Math.min(words.length, 3) - 1] ?? first;
    deeds.push({ step, kind, command, what: script.text.slice(first.start, last.end).replace(/\s+/g, ' ').slice(0, 60), at: valueRangeSpan(step.run.scalar, first.start, last.end) });
  }
  return deeds;
}

/** `terraform destroy`, `helm rollback`. */
function undoes(command: Command): boolean {
  return command.words.some(w => w.literal !== undefined && /^(?:destroy|--?destroy|uninstall|rollback|undo|delete|down)$/.test(w.literal));
}

const TEARDOWN = /\b(?:destroy|tear[-_ ]?down|clean[-_ ]?up|uninstall|delete|rollback|roll[-_ ]back|undeploy|revert)\b/i;

/** A job or step that says that it takes something down, or back. */
export function isTeardown(of: Job | Step): boolean {
  return TEARDOWN.test(`${of.kind === 'job' ? of.id.replaceAll('_', '-') : ''} ${scalarText(of.name?.value) ?? ''}`);
}

/** Words of places where nobody is hurt. */
const PRACTICE_GROUND = /\b(?:preview|review|ephemeral|sandbox|staging|stage|stg|dev|develop|development|test|tests|testing|qa|uat|e2e|integration|canary|nightly|demo|playground|pr)\b/i;

/** A job that says that it deploys to somewhere else than where people use it. */
export function isPracticeGround(job: Job): boolean {
  return isPreview(job) || PRACTICE_GROUND.test([job.id, scalarText(job.name?.value) ?? '', job.environment?.name?.value ?? ''].join(' ').replaceAll('_', ' '));
}

/** In a workflow's name `test` is what it does ahead of the deployment rather than where it deploys to. */
const PRACTICE_WORKFLOW = /\b(?:preview|review[-_ ]?apps?|ephemeral|sandbox|staging|stg|dev|development|qa|uat|demo|playground|pr[-_ ](?:env|environment|deploy))\b/i;

/** Whether the workflow's name says that it deploys to somewhere else than where people use it. */
export const practiceWorkflow = defineQuery('deeds.practice-workflow', ({ document }): boolean => PRACTICE_WORKFLOW.test(scalarText(document.workflow?.name?.value) ?? ''));

const PLACES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:staging|stage|stg)\b/i, 'staging'], [/\b(?:dev|develop|development)\b/i, 'development'], [/\b(?:test|testing|qa|uat)\b/i, 'test'],
];

/** Puts a job into an environment named by what its id says. Unsafe: rules of the environment, and the identity's subject, come with it. */
export function environmentFix(job: Job): Fix {
  const name = PLACES.find(([words]) => words.test(job.id.replaceAll('_', ' ')))?.[1] ?? 'production';
  return {
    title: `Deploy through the environment “${name}”`,
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => (job.environment ? undefined : setJobKey(document, job, 'environment', name)),
  };
}
