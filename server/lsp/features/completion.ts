import { CompletionItemKind, MarkupKind, type CompletionItem } from 'vscode-languageserver';
import { completeConfig, PRACTICES, RULES } from '../../../rules';
import { toRange, type Encoding, type LinedText } from '../positions';

/** Rule ids inside the brackets of a suppression comment. */
export function suppressionCompletion(text: LinedText, offset: number, encoding: Encoding): CompletionItem[] {
  const lineStart = Math.max(text.text.lastIndexOf('\n', offset - 1), text.text.lastIndexOf('\r', offset - 1)) + 1;
  const before = text.text.slice(lineStart, offset);
  const open = /#\s*ci-hardening\s*:\s*ignore(?:-file)?\[([^\]#]*)$/.exec(before);
  if (!open) return [];
  const typed = /[\w-]*$/.exec(open[1]!)![0];
  const taken = new Set(open[1]!.slice(0, open[1]!.length - typed.length).split(',').map(s => s.trim()));
  const rest = /^[\w-]*/.exec(text.text.slice(offset, offset + 80))![0];
  const range = toRange(text, { start: offset - typed.length, end: offset + rest.length }, encoding);
  const known = [...RULES.map(r => ({ id: r.id, about: r.docs.summary })), ...PRACTICES.map(p => ({ id: p.id, about: p.docs.summary }))];
  // A sentence is documentation: editors break a detail in the middle of words.
  return known.filter(k => !taken.has(k.id)).map(k => ({
    label: k.id, kind: CompletionItemKind.EnumMember, documentation: { kind: MarkupKind.Markdown, value: k.about }, textEdit: { range, newText: k.id },
  }));
}

/** Keys and values of the configuration file. */
export function configCompletion(text: LinedText, offset: number, encoding: Encoding): CompletionItem[] {
  return completeConfig(text.text, offset).map((c, i) => ({
    // Severities have an order that is not the alphabet's.
    sortText: String(i).padStart(4, '0'),
    label: c.label, kind: c.kind === 'key' ? CompletionItemKind.Property : CompletionItemKind.EnumMember,
    ...(c.detail || c.documentation ? { documentation: { kind: MarkupKind.Markdown, value: [c.detail, c.documentation].filter(Boolean).join('\n\n') } } : {}),
    textEdit: { range: toRange(text, c.range, encoding), newText: c.insertText },
  }));
}
