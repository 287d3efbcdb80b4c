/** Inputs of actions: those that an action doesn't have, and those that it can't do without. */
import { knownInputs, type KnownInputs } from '../../../catalog';
import { CatalogMemo } from '../../../catalog/memo';
import { nearest } from '../../../engine/suggest';
import type { RuleContext } from '../../../engine/rule';
import { renameKey } from '../../../workflow/edits';
import type { Job, Step, UsesRef } from '../../../workflow/model';
import { asMapping, deref, getEntry, type Entry } from '../../../workflow/nodes';
import { localAction } from './facts';
import { instead, meant, oneOf } from './words';

export const INPUT_MESSAGES = {
  'input-unknown': '`{action}` has no input `{input}`, so it is ignored. Write {instead}.',
  'input-missing': '`{action}` needs the input {input}, which is not given. Add it under `with`.',
} as const;

type Context = RuleContext<keyof typeof INPUT_MESSAGES>;
interface Where { readonly step: Step; readonly job?: Job; readonly official: boolean }

/** What every action takes that runs in a container. */
const DOCKER = ['args', 'entrypoint'];

export function checkActionInputs(context: Context, uses: UsesRef, step: Step, job: Job | undefined): void {
  if (step.with && deref(step.with.value)?.kind === 'scalar') return;
  const given = asMapping(step.with?.value)?.entries ?? [];
  if (given.some(e => e.key.value === '<<')) return;
  if (uses.kind === 'local' || uses.kind === 'self') checkLocal(context, uses, step, job, given);
  else if (uses.kind === 'repository') checkKnown(context, uses, step, job, given);
}

function checkLocal(context: Context, uses: UsesRef, step: Step, job: Job | undefined, given: readonly Entry[]): void {
  if (uses.kind === 'local' && job && isElsewhere(step, job)) return;
  const action = context.query(localAction, uses.path ?? '');
  if (!action) return;
  context.instance();
  // GitHub's extension looks behind `$/`, and not behind `./`.
  const official = uses.kind === 'self';
  const all = action.inputs.map(i => i.name);
  for (const entry of given) {
    const input = entry.key.value;
    if (has(all, input) || (action.docker && has(DOCKER, input))) continue;
    unknown(context, uses.text, entry, all, given, meant(input, all), { step, job, official });
  }
  missing(context, uses, given, action.inputs.filter(i => i.required).map(i => i.name), { step, job, official });
}

const inputsByUse = new CatalogMemo<KnownInputs | undefined>();

function checkKnown(context: Context, uses: UsesRef, step: Step, job: Job | undefined, given: readonly Entry[]): void {
  if (uses.ref === undefined || !uses.owner || !uses.repo) return;
  const { owner, repo, ref, path } = uses;
  const known = inputsByUse.get(uses.text, () => knownInputs(owner, repo, ref, path));
  if (!known) return;
  context.instance();
  const name = uses.text.slice(0, uses.text.indexOf('@'));
  for (const entry of given) {
    const input = entry.key.value;
    if (has(known.all, input) || has(DOCKER, input)) continue;
    const better = nearest(input, known.all, 2);
    // Another version may have had it; a slip of the finger is none of its versions'.
    if (known.fit !== 'version' && (better === undefined || !isSlip(input, better))) continue;
    unknown(context, name, entry, known.all, given, better, { step, job, official: true });
  }
  if (known.fit !== 'other') missing(context, uses, given, known.required, { step, job, official: true });
}

/**
 * False where the two names differ in a way in which names change from one version to the next: singular and plural, `_` and `-`, one
 * word or two, or a name too short to tell.
 */
export function isSlip(written: string, known: string): boolean {
  const plain = (name: string): string => name.toLowerCase().split(/[-_]/).map(w => w.replace(/s$/, '')).join('');
  const marks = (name: string): number => name.split(/[-_]/).length;
  const joined = (name: string): string => name.toLowerCase().replace(/[-_]/g, '');
  // The same letters with as many marks between them: one of the marks has slipped.
  if (joined(written) === joined(known)) return marks(written) === marks(known) && written.toLowerCase().replaceAll('_', '-') !== known.toLowerCase().replaceAll('_', '-');
  const [a, b] = [plain(written), plain(known)];
  return a !== b && Math.min(a.length, b.length) >= 5 && !a.startsWith(b) && !b.startsWith(a);
}

function unknown(
  context: Context, action: string, entry: Entry, all: readonly string[], given: readonly Entry[], better: string | undefined, where: Where,
): void {
  const free = better !== undefined && !given.some(e => e.key.value.toLowerCase() === better.toLowerCase());
  context.report({
    at: entry.key, messageId: 'input-unknown', ...where,
    data: { action, input: entry.key.value, instead: all.length > 0 ? instead(better, all) : 'nothing: it has no inputs' },
    fixes: free ? [{ title: `Write ${better}`, safety: 'unsafe', preferred: true, edits: ({ document }) => (document.has(entry) ? renameKey(document, entry, better) : undefined) }] : [],
  });
}

function missing(context: Context, uses: UsesRef, given: readonly Entry[], required: readonly string[], where: Where): void {
  const absent = required.filter(name => !given.some(e => e.key.value.toLowerCase() === name.toLowerCase()));
  // A slip in the name is told at the name.
  const lost = absent.filter(name => !given.some(e => !has(required, e.key.value) && nearest(e.key.value, [name], 2) !== undefined));
  if (lost.length === 0) return;
  context.report({ at: uses.scalar, messageId: 'input-missing', ...where, data: { action: uses.text, input: oneOf(lost).replace(' or ', ' and ') } });
}

function has(names: readonly string[], name: string): boolean {
  const low = name.toLowerCase();
  return names.some(n => n.toLowerCase() === low);
}

/** Whether another repository or version may lie where `./` points to. */
function isElsewhere(step: Step, job: Job): boolean {
  return job.steps.some(s => {
    if (s.index >= step.index || s.uses?.owner?.toLowerCase() !== 'actions' || s.uses.repo !== 'checkout') return false;
    return getEntry(s.with?.value, 'repository') !== undefined || getEntry(s.with?.value, 'ref') !== undefined;
  });
}
