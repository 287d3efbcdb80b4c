import { CompletionItemKind, MarkupKind, type CompletionItem, type Hover } from 'vscode-languageserver';
import type { OffsetRange, SourceDocument } from '../../../rules';
import { findCodeowners, ownerRule, type Repository } from '../../../rules/repository';
import { METADATA_TAGS, staticName, triggerNames, workflowMetadata, type MetadataTagInfo } from '../../../rules/workflow/metadata';
import { toRange, type Encoding } from '../positions';

/** Tags in the comment above a workflow, and what fits behind them. Empty anywhere else. */
export function metadataCompletion(document: SourceDocument, offset: number, repository: Repository | undefined, encoding: Encoding): CompletionItem[] {
  const { text, workflow } = document;
  if (!workflow || !inHeader(document, offset)) return [];
  const lineStart = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1, before = text.slice(lineStart, offset);
  const rest = /^[^\r\n]*/.exec(text.slice(offset, offset + 500))![0];
  const present = new Set(workflowMetadata(workflow).map(e => e.tag));
  const tag = /^[ \t]*#+[ \t]*(?:[*-][ \t]+)?(@[\w-]*)$/.exec(before);
  if (tag) {
    const end = offset + /^[\w-]*/.exec(rest)![0].length, range = toRange(document, { start: offset - tag[1]!.length, end }, encoding);
    const followed = /^[\w-]*[ \t]*:/.test(rest);
    return METADATA_TAGS.filter(t => !present.has(t.tag) || `@${t.tag}` === text.slice(offset - tag[1]!.length, end)).map((t, i) => ({
      label: `@${t.tag}`, kind: CompletionItemKind.Property, documentation: { kind: MarkupKind.Markdown, value: t.about }, sortText: String(i), filterText: `@${t.tag}`,
      textEdit: { range, newText: followed ? `@${t.tag}` : `@${t.tag}: ${proposals(t, document, repository)[0] ?? ''}` },
    }));
  }
  const value = /^[ \t]*#+[ \t]*(?:[*-][ \t]+)?@(workflow-[\w-]*)[ \t]*:[ \t]*([^\r\n]*)$/.exec(before), info = value && METADATA_TAGS.find(t => t.tag === value[1]);
  if (!value || !info) return [];
  const range = toRange(document, { start: offset - value[2]!.length, end: offset + rest.trimEnd().length }, encoding);
  const documentation = { kind: MarkupKind.Markdown, value: info.about };
  return [...new Set([...proposals(info, document, repository), ...info.values ?? []])]
    .map(v => ({ label: v, kind: CompletionItemKind.EnumMember, documentation, filterText: v, textEdit: { range, newText: v } }));
}

/** What the file and its checkout say themselves. */
function proposals(info: MetadataTagInfo, document: SourceDocument, repository: Repository | undefined): string[] {
  const workflow = document.workflow!;
  switch (info.tag) {
    case 'workflow-name': return [staticName(workflow)].filter(n => n !== undefined);
    case 'workflow-triggers': return triggerNames(workflow).length > 0 ? [triggerNames(workflow).join(', ')] : [];
    case 'workflow-owner': {
      const rules = repository && findCodeowners(repository)?.rules;
      const owners = rules && ownerRule(rules, document.path)?.owners;
      return owners && owners.length > 0 ? [owners.join(' ')] : [];
    }
    case 'workflow-dependencies': {
      const called = workflow.jobs.filter(j => j.uses?.kind === 'local' || j.uses?.kind === 'self').map(j => (j.uses!.path ?? '').replace(/^.*\//, '')).filter(n => /^[\w.-]+$/.test(n));
      return [called.length > 0 ? [...new Set(called)].join(', ') : 'none'];
    }
    default: return [];
  }
}

/** What a tag is for, where the pointer is on it or on its value. */
export function metadataHover(document: SourceDocument, offset: number, encoding: Encoding): Hover | null {
  if (!document.workflow || !inHeader(document, offset)) return null;
  for (const entry of workflowMetadata(document.workflow)) {
    const range: OffsetRange = { start: document.range(entry.tagSpan).start, end: document.range(entry.valueSpan).end };
    const info = METADATA_TAGS.find(t => t.tag === entry.tag);
    if (!info || offset < range.start || offset > range.end) continue;
    const lines = [`**@${info.tag}**`, info.about];
    if (info.values) lines.push(`${info.closed ? 'One of' : 'For instance'} ${info.values.map(v => `\`${v}\``).join(', ')}.`);
    else lines.push(`For instance \`${info.example}\`.`);
    return { contents: { kind: MarkupKind.Markdown, value: lines.join('\n\n') }, range: toRange(document, range, encoding) };
  }
  return null;
}

/** Above the first key, as far as a key has been typed. */
function inHeader(document: SourceDocument, offset: number): boolean {
  const first = document.workflow?.entries[0];
  return first !== undefined && offset < document.range(first).start;
}
