import { MarkupKind, type Hover } from 'vscode-languageserver';
import { RULES, type Finding, type OffsetRange } from '../../../rules';
import { isSaidElsewhere, isShown, rangeIn, type FileContext, docsLink } from './context';
import { contextParts } from './hover/contexts';
import { runnerParts } from './hover/runners';
import { scopeParts } from './hover/scopes';
import { suppressionParts } from './hover/suppressions';
import { triggerParts } from './hover/triggers';
import { usesParts } from './hover/uses';
import { contains, type HoverPart } from './hover/part';
import { escape } from './markdown';

/** What is known about the place: its findings, and what stands there. Null where there is nothing. */
export function hover(context: FileContext, offset: number): Hover | null {
  const parts = [
    ...findingParts(context, offset), ...usesParts(context, offset), ...scopeParts(context, offset), ...triggerParts(context, offset),
    ...contextParts(context, offset), ...runnerParts(context, offset), ...suppressionParts(context, offset),
  ];
  if (parts.length === 0) return null;
  const range = parts.reduce((a, b) => (b.range.end - b.range.start < a.range.end - a.range.start ? b : a)).range;
  return { contents: { kind: MarkupKind.Markdown, value: [...new Set(parts.map(p => p.text))].join('\n\n---\n\n') }, range: rangeIn(context, range) };
}

function findingParts(context: FileContext, offset: number): HoverPart[] {
  const found = context.file.findings.filter(f => isShown(f) && !isSaidElsewhere(context, f) && contains(f.range, offset));
  return found.map(f => ({ text: about(context, f), range: f.range as OffsetRange }));
}

/** Why it is as severe as it is; the message itself stands in the diagnostic. */
function about(context: FileContext, finding: Finding): string {
  const rule = RULES.find(r => r.id === finding.ruleId);
  const lines = [`**${finding.ruleId}** · ${finding.severity}${finding.confidence === 'high' ? '' : ` · ${finding.confidence} confidence`}`];
  if (rule) lines.push(rule.docs.why);
  if (finding.reasons.length > 0) {
    const base = rule && rule.severity !== finding.severity ? `${finding.severity} rather than ${rule.severity} because` : 'The severity counts in that';
    lines.push(`${base}:\n${finding.reasons.map(r => `- ${escape(r)}`).join('\n')}`);
  }
  lines.push(`[Documentation](${docsLink(context.client, finding.ruleId, 'hover')})`);
  return lines.join('\n\n');
}
