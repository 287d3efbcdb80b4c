import { defineQuery, defineRule, type Fix, type Report } from '../../engine/rule';
import { nearest } from '../../engine/suggest';
import { METADATA_TAG_NAMES, METADATA_TAGS, metadataText, staticName, triggerNames, workflowMetadata, type MetadataEntry } from '../../workflow/metadata';
import type { Workflow } from '../../workflow/model';
import type { Span } from '../../workflow/nodes';

/** Is there such a workflow? True also where nothing is known of the checkout. */
const exists = defineQuery('workflow-metadata.file', ({ repository }, name: string): boolean =>
  repository === undefined || repository.has(name.includes('/') ? name.replace(/^\.\//, '') : `.github/workflows/${name}`));

type Message = 'unknown' | 'repeated' | 'empty' | 'value' | 'number' | 'name' | 'notDeclared' | 'notNamed' | 'gone';

export default defineRule({
  id: 'workflow-metadata-invalid',
  category: 'governance',
  severity: 'info',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `@workflow-…` tags above a workflow that are misspelt, empty or not true any more.',
    why: 'Who looks for the owner of a broken pipeline, or for what starts it, believes the comment above it.',
    references: ['https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax'],
  },
  messages: {
    unknown: 'There is no tag `@{tag}`, so nothing reads this line. {hint}',
    repeated: '`@{tag}` stands here a second time. Keep one of them.',
    empty: '`@{tag}` has no value. Write one, for instance `{example}`, or remove the line.',
    value: '`{value}` is no {what}. Write {choice}.',
    number: '`{value}` has no number in it, so nobody can tell whether it is kept. Promise something that can be measured, for instance `{example}`.',
    name: 'The workflow is called `{name}`, and this comment calls it `{value}`. Let both say the same.',
    notDeclared: '`{event}` does not start this workflow. Name the events under `on`.',
    notNamed: '`{event}` starts this workflow, too. Name all the events under `on`.',
    gone: 'There is no workflow `{file}`. Name the files that are there, or `none`.',
  },
  create(context) {
    return {
      workflow(workflow) {
        const tags = workflowMetadata(workflow);
        const seen = new Set<string>();
        const report = (at: Span, messageId: Message, data: Record<string, string>, ...fixes: (Fix | undefined)[]): void => {
          context.report({ at, messageId, data, fixes: fixes.filter(f => f !== undefined) } satisfies Report<Message>);
        };
        for (const entry of tags) {
          context.instance();
          const info = METADATA_TAGS.find(t => t.tag === entry.tag);
          if (!info) {
            const near = nearest(entry.tag, METADATA_TAG_NAMES.filter(t => !tags.some(x => x.tag === t)));
            report(entry.tagSpan, 'unknown', { tag: entry.tag, hint: near ? `Did you mean \`@${near}\`?` : `Write one of ${METADATA_TAG_NAMES.map(t => `\`@${t}\``).join(', ')}.` },
              near ? replace(`Change to @${near}`, entry.tagSpan, `@${near}`) : undefined);
          } else if (seen.has(entry.tag)) report(entry.tagSpan, 'repeated', { tag: entry.tag });
          else if (entry.value === '') report(entry.tagSpan, 'empty', { tag: entry.tag, example: info.example });
          else check(entry, workflow, report, file => context.query(exists, file));
          seen.add(entry.tag);
        }
      },
    };
  },
});

function check(entry: MetadataEntry, workflow: Workflow, report: (at: Span, id: Message, data: Record<string, string>, ...fixes: (Fix | undefined)[]) => void, isThere: (file: string) => boolean): void {
  const { tag, value, valueSpan } = entry, info = METADATA_TAGS.find(t => t.tag === tag)!;
  const shown = short(value);
  switch (tag) {
    case 'workflow-name': {
      const name = staticName(workflow);
      // Compared as it would be written here: a comment can't hold everything that a name can.
      if (name !== undefined && metadataText(name) !== metadataText(value)) report(valueSpan, 'name', { name: short(name), value: shown }, replace(`Call it ${short(metadataText(name))} here, too`, valueSpan, metadataText(name)));
      return;
    }
    case 'workflow-criticality': {
      const lower = value.toLowerCase(), near = info.values!.find(v => v === lower) ?? nearest(lower, info.values!);
      if (!info.values!.includes(value)) report(valueSpan, 'value', { value: shown, what: 'criticality', choice: info.values!.map(v => `\`${v}\``).join(', ') }, near ? replace(`Change to ${near}`, valueSpan, near) : undefined);
      return;
    }
    case 'workflow-maturity':
      if (!/^(?:level\s*)?[1-5](?:[.,]\d)?(?:\s*\/\s*5)?\b|^(?:initial|guarded|managed|hardened|verified|experimental|alpha|beta|stable|mature|production|deprecated|legacy)\b/i.test(value)) {
        report(valueSpan, 'value', { value: shown, what: 'level of maturity', choice: 'a level from `1` to `5`, or its name' });
      }
      return;
    case 'workflow-slo':
      if (!/\d/.test(value) && !/^(?:none|n\/a|-)$/i.test(value)) report(valueSpan, 'number', { value: shown, example: info.example });
      return;
    case 'workflow-triggers': {
      const declared = triggerNames(workflow);
      // Prose is left alone: only a list of names can be held against the file.
      const names = value.split(/[\s,;|/]+/).map(n => n.replace(/^[`'"]|[`'"]$/g, '')).filter(n => n !== '');
      if (declared.length === 0 || !names.every(n => /^[a-z]+(?:_[a-z]+)*$/.test(n))) return;
      const fix = replace('Name the events under `on`', valueSpan, declared.join(', '));
      const wrong = names.find(n => !declared.includes(n)), open = declared.find(d => !names.includes(d));
      if (wrong !== undefined) report(valueSpan, 'notDeclared', { event: wrong }, fix);
      else if (open !== undefined) report(valueSpan, 'notNamed', { event: open }, fix);
      return;
    }
    case 'workflow-dependencies':
      for (const file of value.split(/[\s,;|]+/).map(n => n.replace(/^[`'"(]|[`'")]$/g, ''))) {
        if (/^(?:\.?\/?\.github\/workflows\/)?[\w.-]+\.ya?ml$/.test(file) && !isThere(file)) return report(valueSpan, 'gone', { file });
      }
  }
}

function replace(title: string, at: Span, text: string): Fix {
  return { title, safety: 'safe', preferred: true, edits: ({ document }) => [{ ...document.range(at), newText: text }] };
}

function short(text: string): string {
  const flat = text.replace(/`/g, '').trim();
  return flat.length <= 60 ? flat : `${flat.slice(0, 59)}…`;
}
