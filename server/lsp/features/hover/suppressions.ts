import { directivesOf, PRACTICES, RULES } from '../../../../rules';
import { docsLink, type FileContext } from '../context';
import { contains, type HoverPart } from './part';

/** What a suppression comment keeps from being shown, for how long, and whether it does anything. */
export function suppressionParts(context: FileContext, offset: number): HoverPart[] {
  const { document, findings } = context.file;
  const today = new Date().toISOString().slice(0, 10);
  return directivesOf(document).filter(d => contains(d.range, offset)).map(d => {
    const where = d.scope === 'file' ? 'in this file' : 'here';
    const lines = [`**Suppression** of ${d.tool === 'zizmor' ? 'what zizmor calls ' : ''}${d.ids.map(i => `\`${i.id}\``).join(', ') || 'nothing'} ${where}`];
    if (d.invalid) lines.push('It suppresses nothing as it is written.');
    const id = d.ids.find(i => contains(i, offset)) ?? (d.ids.length === 1 ? d.ids[0] : undefined);
    const known = id && d.tool === 'ci-hardening' ? RULES.find(r => r.id === id.id) ?? PRACTICES.find(p => p.id === id.id) : undefined;
    if (known) lines.push(known.docs.summary);
    const line = document.positionAt(d.range.start).line;
    const unused = findings.some(f => f.ruleId === 'unused-suppression' && document.positionAt(f.range.start).line === line);
    if (d.until !== undefined && d.until < today) lines.push(`It has run out on ${d.until}: the findings are shown again.`);
    else if (unused) lines.push('Nothing is found here that it would suppress.');
    else if (d.until !== undefined) lines.push(`It counts until ${d.until}; from the day after, the findings are shown again.`);
    if (known) lines.push(`[Documentation](${docsLink(context.client, known.id, 'hover')})`);
    return { text: lines.join('\n\n'), range: d.range };
  });
}
