import { DiagnosticSeverity, DiagnosticTag, type Diagnostic } from 'vscode-languageserver';
import { directivesOf, type ConfigProblem, type Finding, type Severity, type SourceDocument } from '../../../rules';
import type { MissingPractice } from '../../workspace/score';
import { practiceFinding } from './practice-finding';
import { isSaidElsewhere, isShown, locationOf, rangeIn, type FileContext, docsLink } from './context';
import { toRange, type Encoding, type LinedText } from '../positions';

export const SOURCE = 'ci-hardening';

/** What a diagnostic carries so that a lightbulb finds its finding again without looking for problems anew. */
export interface DiagnosticData {
  readonly key: string;
  readonly fixes: readonly { readonly title: string; readonly safety: string; readonly preferred: boolean }[];
}

const SEVERITY: Readonly<Record<Severity, DiagnosticSeverity>> = {
  critical: DiagnosticSeverity.Error, high: DiagnosticSeverity.Error, medium: DiagnosticSeverity.Warning,
  low: DiagnosticSeverity.Information, info: DiagnosticSeverity.Hint,
};

/** All that is shown in a CI file: its findings, what the repository lacks where this is its main workflow, and rules that failed. */
export function fileDiagnostics(context: FileContext, missing: readonly MissingPractice[]): Diagnostic[] {
  const { file } = context;
  const shown = file.findings.filter(f => isShown(f) && !isSaidElsewhere(context, f)).map(f => findingDiagnostic(context, f));
  const practices = missing.map(practice => practiceDiagnostic(context, practice)).filter(d => d !== undefined);
  const start = { line: 0, character: 0 };
  const errors = file.errors.map((e): Diagnostic => ({
    range: { start, end: start }, severity: DiagnosticSeverity.Information, source: SOURCE, code: e.ruleId,
    message: `The rule ${e.ruleId} failed on this file, so it says nothing about it: ${e.message}`,
  }));
  const limits = file.document.problems.filter(p => p.code === 'limit').map((p): Diagnostic => ({
    range: rangeIn(context, file.document.range(p)), severity: DiagnosticSeverity.Warning, source: SOURCE, message: p.message,
  }));
  return [...shown, ...practices, ...limits, ...errors];
}

export function findingDiagnostic(context: FileContext, finding: Finding): Diagnostic {
  const related = finding.related.flatMap(r => {
    const location = locationOf(context, r.path, r.range);
    return location ? [{ location, message: r.message }] : [];
  });
  const data: DiagnosticData = {
    key: finding.key,
    fixes: finding.fixes.map((f, i) => ({ title: f.title, safety: f.safety, preferred: f.preferred ?? i === 0 })),
  };
  return {
    range: rangeIn(context, finding.range), severity: SEVERITY[finding.severity], source: SOURCE, code: finding.ruleId,
    codeDescription: { href: docsLink(context.client, finding.ruleId, 'diagnostic') }, message: finding.message,
    ...(finding.tag ? { tags: [finding.tag === 'unnecessary' ? DiagnosticTag.Unnecessary : DiagnosticTag.Deprecated] } : {}),
    ...(related.length > 0 ? { relatedInformation: related } : {}),
    data,
  };
}

function practiceDiagnostic(context: FileContext, missing: MissingPractice): Diagnostic | undefined {
  const { document } = context.file;
  const finding = practiceFinding(document, missing);
  if (!finding || isIgnored(document, finding)) return undefined;
  const { scaffold } = missing.practice;
  const data: DiagnosticData = { key: finding.key, fixes: scaffold ? [{ title: scaffold.title, safety: 'unsafe', preferred: true }] : [] };
  return {
    range: rangeIn(context, finding.range), severity: DiagnosticSeverity.Information, source: SOURCE, code: finding.ruleId,
    codeDescription: { href: docsLink(context.client, finding.ruleId, 'diagnostic') }, message: finding.message, data,
  };
}

/** Practices are no rules, so the engine leaves the comments about them to us. */
function isIgnored(document: SourceDocument, finding: Finding): boolean {
  const line = document.positionAt(finding.range.start).line;
  const today = new Date().toISOString().slice(0, 10);
  return directivesOf(document).some(d => d.tool === SOURCE && !d.invalid && (d.until === undefined || d.until >= today)
    && (d.scope === 'file' || d.target === line) && d.ids.some(i => i.id === finding.ruleId));
}

/** What is wrong with a configuration file. */
export function configDiagnostics(text: LinedText, problems: readonly ConfigProblem[], encoding: Encoding): Diagnostic[] {
  return problems.map(p => ({
    range: toRange(text, p, encoding), severity: p.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning, source: SOURCE, code: 'config', message: p.message,
  }));
}

/** The name of a set of diagnostics: the same set has the same name, also after a restart. */
export function resultId(items: readonly Diagnostic[]): string {
  const text = JSON.stringify(items);
  // cyrb53: two 32-bit mixes, enough to tell versions of one file apart and available in a browser worker.
  let a = 0xdeadbeef, b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 2654435761);
    b = Math.imul(b ^ c, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return `${items.length}-${(4294967296 * (2097151 & b) + (a >>> 0)).toString(36)}`;
}
