import { SEVERITIES, type Severity } from '../../../rules';
import { isOpen, type ReportedFinding, type ScanResult } from '../findings';
import { colours, plural, printable, type Colours } from '../print';

/** For people: grouped by file, one line for each finding. */
export function textReport(result: ScanResult, colour: boolean): string {
  const c = colours(colour);
  const out: string[] = [];
  const open = result.findings.filter(isOpen);
  let file: string | undefined;
  for (const f of open) {
    if (f.file !== file) {
      if (file !== undefined) out.push('');
      out.push(c.underline(printable(f.file)));
      file = f.file;
    }
    out.push(findingLine(f, c));
    const fix = f.fixes.find(x => x.preferred);
    if (fix) out.push(c.dim(`${' '.repeat(10)}fix: ${printable(fix.title)} (${fix.safety})`));
  }
  if (open.length > 0) out.push('');
  for (const e of result.errors) out.push(`${c.red('error')} ${printable(e.file || '.')}: ${printable(e.message)}`);
  if (result.errors.length > 0) out.push('');
  out.push(summary(result, open, c));
  return out.join('\n') + '\n';
}

function findingLine(f: ReportedFinding, c: Colours): string {
  const place = `${f.range.start.line}:${f.range.start.column}`.padStart(8);
  return `${c.dim(place)}  ${paint(f.severity, c)} ${printable(f.message)}  ${c.dim(f.ruleId)}`;
}

function paint(severity: Severity, c: Colours): string {
  const text = severity.padEnd(8);
  if (severity === 'critical' || severity === 'high') return c.red(text);
  return severity === 'medium' ? c.yellow(text) : severity === 'low' ? c.blue(text) : c.dim(text);
}

function summary(result: ScanResult, open: readonly ReportedFinding[], c: Colours): string {
  const suppressed = result.findings.filter(f => f.suppressed).length;
  const aside = suppressed > 0 ? `, ${suppressed} suppressed` : '';
  const where = `in ${plural(result.files, 'file')}`;
  if (open.length === 0) return c.green(`No problems ${where}${aside}.`);
  const bySeverity = [...SEVERITIES].reverse().map(s => [s, open.filter(f => f.severity === s).length] as const).filter(([, n]) => n > 0);
  const fixable = open.filter(f => f.fixes.length > 0).length;
  return `${plural(open.length, 'problem')} ${where} (${bySeverity.map(([s, n]) => `${n} ${s}`).join(', ')})${fixable > 0 ? `, ${fixable} with a fix` : ''}${aside}.`;
}
