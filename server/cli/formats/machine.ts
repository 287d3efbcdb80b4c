import { isOpen, type ReportedFinding, type ScanResult } from '../findings';

/** The report that other programs read. */
export function jsonReport(result: ScanResult): string {
  return JSON.stringify({ version: 1, files: result.files, findings: result.findings, errors: result.errors }, undefined, 2) + '\n';
}

/** Workflow commands: annotations on the lines of a pull request. */
export function githubReport(result: ScanResult): string {
  const lines = result.findings.filter(isOpen).map(f => {
    const { start, end } = f.range;
    const properties = [
      `file=${property(f.file)}`, `line=${start.line}`, `endLine=${end.line}`,
      // Columns of a place over several lines are refused.
      ...(start.line === end.line ? [`col=${start.column}`, `endColumn=${end.column}`] : []), `title=${property(f.ruleId)}`,
    ];
    return `::${command(f)} ${properties.join(',')}::${data(f.message)}`;
  });
  const errors = result.errors.map(e => `::warning file=${property(e.file)},title=ci-hardening::${data(e.message)}`);
  return [...lines, ...errors].map(l => `${l}\n`).join('');
}

function command(f: ReportedFinding): string {
  return f.severity === 'critical' || f.severity === 'high' ? 'error' : f.severity === 'medium' ? 'warning' : 'notice';
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** For a job summary or a comment. */
export function markdownReport(result: ScanResult): string {
  const open = result.findings.filter(isOpen);
  const out = ['# CI Hardening', ''];
  if (open.length === 0) out.push(`No problems in ${result.files} files.`, '');
  else {
    out.push(`${open.length} problems in ${result.files} files.`, '', '| Severity | Rule | Place | Problem |', '|---|---|---|---|');
    for (const f of open) out.push(`| ${f.severity} | ${cell(f.ruleId)} | ${cell(`${f.file}:${f.range.start.line}`)} | ${cell(f.message)} |`);
    out.push('');
  }
  if (result.errors.length > 0) out.push('## Could not be checked', '', ...result.errors.map(e => `- ${cell(e.file)}: ${cell(e.message)}`), '');
  return out.join('\n');
}

/** Text of a repository is not Markdown, and a table's cell is one line. */
export function cell(text: string): string {
  return text.replace(/[\\`*_[\]<>|#~@]/g, '\\$&').replace(/\s*[\r\n]+\s*/g, ' ');
}
