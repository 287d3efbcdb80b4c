/** Calls of reusable workflows of the checkout: GitHub refuses those that don't fit what the workflow declares. */
import type { RuleContext } from '../../../engine/rule';
import { renameKey } from '../../../workflow/edits';
import type { Job } from '../../../workflow/model';
import { asMapping, deref, type Entry } from '../../../workflow/nodes';
import { callee, type Slot } from './facts';
import { instead, meant, oneOf } from './words';

export const CALL_MESSAGES = {
  'callee-missing': 'There is no `{file}` in this repository, so GitHub refuses the file. Name a workflow that is there.',
  'callee-closed': '`{file}` can\'t be called: it has no `workflow_call` trigger, so GitHub refuses the file. Add the trigger there.',
  'call-unknown': '`{file}` declares no {kind} `{name}`, so GitHub refuses the file. Write {instead}.',
  'call-missing': '`{file}` needs the {kind} {name}, which is not given, so GitHub refuses the file. Add it under `{key}`.',
} as const;

type Context = RuleContext<keyof typeof CALL_MESSAGES>;

export function checkCall(context: Context, job: Job): void {
  const { uses } = job;
  if (!uses || (uses.kind !== 'local' && uses.kind !== 'self')) return;
  const called = context.query(callee, uses.path ?? '');
  if (!called) return;
  context.instance();
  const file = uses.path!.split('/').at(-1)!;
  if (called.kind !== 'workflow') {
    context.report({ at: uses.scalar, messageId: called.kind === 'missing' ? 'callee-missing' : 'callee-closed', data: { file: called.kind === 'missing' ? uses.path! : file }, official: true, job });
    return;
  }
  checkSlots(context, job, file, 'input', job.with, called.inputs);
  // `secrets: inherit` gives all there are.
  checkSlots(context, job, file, 'secret', job.secrets, called.secrets);
}

function checkSlots(context: Context, job: Job, file: string, kind: 'input' | 'secret', entry: Entry | undefined, slots: readonly Slot[]): void {
  const value = deref(entry?.value);
  if (value && value.kind !== 'mapping') return;
  const given = asMapping(value)?.entries ?? [];
  if (given.some(e => e.key.value === '<<')) return;
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const names = slots.map(s => s.name);
  for (const e of given) {
    const name = e.key.value;
    if (name === '' || names.some(n => same(n, name))) continue;
    const better = meant(name, names.filter(n => !given.some(g => same(g.key.value, n))));
    context.report({
      at: e.key, messageId: 'call-unknown', data: { file, kind, name, instead: names.length > 0 ? instead(better, names) : 'none: it declares none' }, official: true, job,
      fixes: better === undefined ? [] : [{ title: `Write ${better}`, safety: 'safe', preferred: true, edits: ({ document }) => (document.has(e) ? renameKey(document, e, better) : undefined) }],
    });
  }
  const absent = slots.filter(s => s.required && !given.some(e => same(e.key.value, s.name))).map(s => s.name);
  const lost = absent.filter(name => !given.some(e => !names.some(n => same(n, e.key.value)) && meant(e.key.value, [name]) !== undefined));
  if (lost.length === 0) return;
  context.report({
    at: job.uses!.scalar, messageId: 'call-missing', official: true, job,
    data: { file, kind, name: oneOf(lost).replace(' or ', ' and '), key: kind === 'input' ? 'with' : 'secrets' },
  });
}
