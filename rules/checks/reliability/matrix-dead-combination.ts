import { defineRule, type Fix } from '../../engine/rule';
import { deleteEntry, deleteItem } from '../../workflow/edits';
import type { Job } from '../../workflow/model';
import { asMapping, asSequence, deref, getEntry, type Entry, type MappingNode, type SequenceItem, type SequenceNode, type YamlNode } from '../../workflow/nodes';

export default defineRule({
  id: 'matrix-dead-combination',
  category: 'reliability',
  severity: 'low',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds matrix values that are there twice, and `exclude` entries that exclude nothing.',
    why: 'A value that is there twice runs the same job twice; an exclusion that matches nothing lets run what somebody meant to leave out.',
    references: ['https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations'],
    standards: ['STRIDE-D'],
  },
  messages: {
    duplicate: '`{value}` is in `{name}` already, so the same job runs twice. Remove it.',
    exclude: 'This excludes nothing, as `{name}` is never `{value}`. Correct it to a value that the matrix has, or remove it.',
    key: 'This excludes nothing, as the matrix has no `{name}`. Correct the name, or remove the entry.',
  },
  aliases: { actionlint: ['matrix'] },
  create(context) {
    return {
      job(job) {
        const strategy = asMapping(job.strategy?.value), matrix = asMapping(getEntry(strategy, 'matrix')?.value);
        if (!matrix) return;
        context.instance();
        const vectors = matrix.entries.filter(e => e.key.value !== 'include' && e.key.value !== 'exclude');
        for (const vector of vectors) {
          const list = asSequence(vector.value), seen = new Set<string>();
          for (const item of list?.items ?? []) {
            const text = exactText(item.value);
            if (text === undefined) continue;
            if (list && seen.has(text)) {
              const indexed = job.node !== undefined && /strategy\s*\.\s*job-/.test(job.node.block.text.slice(job.node.start, job.node.end));
              context.report({
                at: item.value ?? item, messageId: 'duplicate', data: { value: shown(item.value), name: vector.key.value }, job, tag: 'unnecessary',
                // Shards that count themselves would be fewer.
                fixes: [{ title: 'Remove the second one', safety: indexed ? 'unsafe' : 'safe', preferred: true, edits: ({ document }) => deleteItem(document, item, list) }],
              });
            }
            seen.add(text);
          }
        }
        excluded(job, matrix, vectors);
      },
    };

    function excluded(job: Job, matrix: MappingNode, vectors: readonly Entry[]): void {
      const entry = getEntry(matrix, 'exclude'), list = asSequence(entry?.value);
      if (!entry || !list) return;
      const byName = new Map(vectors.map(v => [v.key.value.toLowerCase(), { name: v.key.value, values: knownValues(v) }]));
      for (const item of list.items) {
        const keys = asMapping(item.value)?.entries ?? [];
        for (const key of keys) {
          const vector = byName.get(key.key.value.toLowerCase());
          const value = comparable(key.value);
          if (!vector) {
            context.report({ at: key.key, messageId: 'key', data: { name: key.key.value }, job, tag: 'unnecessary', fixes: [remove(item, list, entry, matrix)] });
            break;
          }
          // What is known only at run time may match.
          if (value === undefined || !vector.values || vector.values.has(value)) continue;
          context.report({ at: key.value ?? key.key, messageId: 'exclude', data: { name: vector.name, value: shown(key.value) }, job, tag: 'unnecessary', fixes: [remove(item, list, entry, matrix)] });
          break;
        }
      }
    }
  },
});

const MAX_DEPTH = 5;

/** A value with its types, as one text; undefined where it isn't known before the run. */
function exactText(node: YamlNode | null, depth = 0): string | undefined {
  const value = deref(node);
  if (!value || depth > MAX_DEPTH) return undefined;
  if (value.kind === 'scalar') return value.value.includes('${{') ? undefined : `${value.type}:${JSON.stringify(value.value)}`;
  const parts = value.kind === 'sequence'
    ? value.items.map(i => exactText(i.value, depth + 1))
    : value.entries.map(e => { const text = exactText(e.value, depth + 1); return text === undefined ? undefined : `${JSON.stringify(e.key.value)}=${text}`; }).sort();
  return parts.includes(undefined) ? undefined : `${value.kind}(${parts.join(',')})`;
}

/** A scalar as GitHub compares it, at its most lenient: as text without case, numbers by what they are worth. */
function comparable(node: YamlNode | null): string | undefined {
  const value = deref(node);
  if (value?.kind !== 'scalar' || value.value.includes('${{')) return undefined;
  const number = value.value.trim() === '' ? NaN : Number(value.value);
  return Number.isNaN(number) ? value.value.toLowerCase() : String(number);
}

/** All values of a list; undefined where one isn't known before the run, or where there are none. */
function knownValues(vector: Entry): ReadonlySet<string> | undefined {
  const values = asSequence(vector.value)?.items.map(i => comparable(i.value)) ?? [];
  return values.length === 0 || values.includes(undefined) ? undefined : new Set(values as string[]);
}

function shown(node: YamlNode | null): string {
  const value = deref(node);
  const text = value?.kind === 'scalar' ? value.value : value ? value.block.text.slice(value.start, value.end).replace(/\s+/g, ' ') : '';
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** What matches nothing changes nothing when it is gone. */
function remove(item: SequenceItem, list: SequenceNode, entry: Entry, matrix: MappingNode): Fix {
  return {
    title: 'Remove the exclusion', safety: 'safe', preferred: true,
    edits: ({ document }) => (list.items.length > 1 ? deleteItem(document, item, list) : deleteEntry(document, entry, matrix)),
  };
}
