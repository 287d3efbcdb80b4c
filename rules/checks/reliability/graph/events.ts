/** Events, their activity types, and the filters below them. */
import { eventInfo, eventNames } from '../../../catalog';
import type { RuleContext } from '../../../engine/rule';
import { deleteEntry, renameKey } from '../../../workflow/edits';
import type { Trigger, Workflow } from '../../../workflow/model';
import { asMapping, getEntry, scalarList, type Entry, type MappingNode } from '../../../workflow/nodes';
import { instead, MAY_BE_NEW, meant, writeScalar } from './words';

export const EVENT_MESSAGES = {
  'event-unknown': '`{event}` is no event that starts workflows, so GitHub refuses the file. Write {instead}.',
  'type-unknown': '`{event}` has no activity type `{type}`, so nothing starts with it. Write {instead}.',
  'type-merged': '`{event}` has no activity type `merged`, so nothing starts with it. Write `closed`, and ask `github.event.pull_request.merged` in an `if`.',
  'filter-unknown': '`{event}` takes no `{filter}`, so this narrows nothing. {advice}.',
  'filter-conflict': '`{event}` has both `{filter}` and `{filter}-ignore`, and GitHub takes one of them only. Put what is to be left out into `{filter}` with a `!` ahead.',
} as const;

type Context = RuleContext<keyof typeof EVENT_MESSAGES>;

/** What narrows the events that take it: on another event somebody relies on it in vain. */
const FILTERS = new Set(['types', 'branches', 'branches-ignore', 'tags', 'tags-ignore', 'paths', 'paths-ignore', 'workflows']);
const TYPES = new Set(eventNames().flatMap(name => eventInfo(name)!.types ?? []));

export function checkEvents(context: Context, workflow: Workflow): void {
  for (const trigger of workflow.triggers) {
    const { event, node } = trigger;
    if (event === '' || event.includes('${{')) continue;
    context.instance();
    const info = eventInfo(event);
    if (!info) {
      const better = meant(event, eventNames());
      context.report({
        at: node, messageId: 'event-unknown', data: { event, instead: instead(better, ['push', 'pull_request', 'workflow_dispatch', 'schedule']) }, official: true,
        ...(better === undefined ? { adjust: MAY_BE_NEW } : { fixes: [rename(trigger, workflow, better)] }),
      });
      continue;
    }
    if (!trigger.config) continue;
    checkTypes(context, trigger, info.types);
    checkFilters(context, trigger, trigger.config, info.keys);
  }
}

/** What starts on other events than it did is other than it was. */
function rename(trigger: Trigger, { on }: Workflow, better: string): ReturnType<typeof writeScalar> {
  const entry = asMapping(on?.value)?.entries.find(e => e.key === trigger.node);
  if (!entry) return writeScalar(trigger.node, better, 'unsafe');
  return { title: `Write ${better}`, safety: 'unsafe', preferred: true, edits: ({ document }) => renameKey(document, entry, better) };
}

function checkTypes(context: Context, { event, config }: Trigger, known: readonly string[] | undefined): void {
  // The sender of a `repository_dispatch` makes up its own.
  if (!known || known.length === 0) return;
  for (const type of scalarList(getEntry(config, 'types')?.value)) {
    if (type.value === '' || type.value.includes('${{') || known.includes(type.value)) continue;
    if (type.value === 'merged' && known.includes('closed')) {
      context.report({ at: type, messageId: 'type-merged', data: { event }, official: true });
      continue;
    }
    const better = meant(type.value, known);
    context.report({
      at: type, messageId: 'type-unknown', data: { event, type: type.value, instead: instead(better, known) }, official: true,
      ...(better !== undefined ? { fixes: [writeScalar(type, better, 'unsafe')] } : TYPES.has(type.value) ? {} : { adjust: MAY_BE_NEW }),
    });
  }
}

function checkFilters(context: Context, { event }: Trigger, config: MappingNode, known: readonly string[]): void {
  for (const entry of config.entries) {
    const filter = entry.key.value;
    if (filter === '' || filter === '<<' || known.includes(filter)) continue;
    const better = FILTERS.has(filter) ? undefined : meant(filter, known);
    const free = better !== undefined && !getEntry(config, better);
    const advice = better !== undefined ? `Write \`${better}\`` : known.length === 0 ? 'Remove it' : `It takes ${instead(undefined, known)}`;
    context.report({
      at: entry.key, messageId: 'filter-unknown', data: { event, filter, advice }, official: true,
      ...(better !== undefined ? { fixes: !free ? [] : [{ title: `Write ${better}`, safety: 'unsafe', preferred: true, edits: ({ document }) => renameKey(document, entry, better) }] }
        : FILTERS.has(filter) ? { fixes: config.entries.length > 1 ? [remove(entry, config)] : [] } : { adjust: MAY_BE_NEW }),
    });
  }
  for (const filter of ['branches', 'tags', 'paths']) {
    const both = [getEntry(config, filter), getEntry(config, `${filter}-ignore`)];
    if (!both[0] || !both[1] || !known.includes(filter)) continue;
    context.report({ at: both[1].key, messageId: 'filter-conflict', data: { event, filter }, related: [{ at: both[0].key, message: 'The other one' }] });
  }
}

function remove(entry: Entry, parent: MappingNode): NonNullable<Parameters<Context['report']>[0]['fixes']>[number] {
  return { title: `Remove ${entry.key.value}`, safety: 'unsafe', preferred: true, edits: ({ document }) => deleteEntry(document, entry, parent) };
}
