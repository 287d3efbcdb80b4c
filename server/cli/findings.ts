import { readFileSync } from 'node:fs';
import { SEVERITIES, type Finding, type OnlineFacts, type Severity, type SourceDocument } from '../../rules';
import { lineStartsOf } from '../../rules';
import { mainWorkflow } from '../../rules/practices/shared/scaffold';
import { toPosition, type LinedText } from '../lsp/positions';
import type { FileError } from '../workspace/files';
import { missingPractices, scorecardOf } from '../workspace/score';
import { CannotRun } from './exit';
import type { Target } from './targets';

/** 1-based; columns in UTF-16 units; the end is exclusive. */
export interface ReportedRange { readonly start: { readonly line: number; readonly column: number }; readonly end: { readonly line: number; readonly column: number } }

export interface ReportedFinding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly confidence: string;
  readonly message: string;
  readonly file: string;
  readonly range: ReportedRange;
  readonly related: readonly { readonly file: string; readonly range: ReportedRange; readonly message: string }[];
  readonly fixes: readonly { readonly title: string; readonly safety: string; readonly preferred: boolean }[];
  readonly suppressed: null | { readonly kind: string; readonly reason: string };
  readonly absorbedBy?: string;
}

export interface ScanResult {
  readonly files: number;
  /** Sorted by file, line, column, rule. */
  readonly findings: readonly ReportedFinding[];
  readonly errors: readonly FileError[];
}

export interface ScanOptions {
  readonly minSeverity: Severity;
  readonly practices: boolean;
  /** What was asked on the network before the scan. */
  readonly online?: OnlineFacts;
}

/** Everything found in the targets, suppressed and absorbed findings included and marked. */
export function scanTargets(targets: Iterable<Target>, options: ScanOptions): ScanResult {
  const findings: ReportedFinding[] = [];
  const errors: FileError[] = [];
  let files = 0;
  for (const target of targets) {
    const { state } = target;
    state.online = options.online;
    errors.push(...state.unreadable.map(e => ({ file: target.display(e.file), message: e.message })));
    for (const path of target.paths) {
      const file = state.analysis(path);
      if (!file) continue;
      files++;
      for (const e of file.errors) errors.push({ file: target.display(path), message: `The rule ${e.ruleId} failed: ${e.message}` });
      const broken = file.document.problems.find(p => p.code !== 'duplicate-key');
      if (broken) {
        const at = file.document.positionAt(file.document.range(broken).start);
        errors.push({ file: target.display(path), message: `Line ${at.line + 1}, column ${at.character + 1} does not parse, and nothing is checked there: ${broken.message}` });
      }
      findings.push(...file.findings.filter(f => rank(f.severity) >= rank(options.minSeverity)).map(f => reported(target, file.document, f)));
    }
    for (const e of state.repositoryAnalysis()?.errors ?? []) errors.push({ file: target.display(''), message: `The rule ${e.ruleId} failed: ${e.message}` });
    for (const file of state.ownFiles.filter(f => !target.paths.includes(f))) {
      for (const problem of configProblems(target, file)) errors.push(problem);
    }
    if (options.practices) findings.push(...practiceFindings(target));
  }
  return sorted({ files, findings, errors });
}

/** The order of reports: by file, line, column, rule. */
export function sorted(result: ScanResult): ScanResult {
  const errors = [...result.errors].sort((a, b) => order(a.file, b.file) || order(a.message, b.message));
  return { files: result.files, findings: [...result.findings].sort(compare), errors };
}

/** What a user is told of: not suppressed, and not told by a stronger finding. */
export function isOpen(finding: ReportedFinding): boolean {
  return !finding.suppressed && finding.absorbedBy === undefined;
}

export function rank(severity: Severity): number { return SEVERITIES.indexOf(severity); }

/**
 * Marks what an earlier report (`scan --format json`) already holds. Lines may have moved since: rule, file and message count, as
 * often as they stand there.
 */
export function applyBaseline(result: ScanResult, file: string): ScanResult {
  let before: unknown;
  try {
    before = (JSON.parse(readFileSync(file, 'utf8')) as { findings?: unknown }).findings;
  } catch {
    throw new CannotRun(`the baseline ${file} can't be read`);
  }
  if (!Array.isArray(before)) throw new CannotRun(`${file} is no report of \`ci-hardening scan --format json\``);
  const left = new Map<string, number>();
  for (const f of before as Partial<ReportedFinding>[]) {
    const key = fingerprint(f);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  const findings = result.findings.map(f => {
    const key = fingerprint(f), n = left.get(key) ?? 0;
    if (n === 0) return f;
    left.set(key, n - 1);
    return f.suppressed ? f : { ...f, suppressed: { kind: 'baseline', reason: 'in the baseline' } };
  });
  return { ...result, findings };
}

function fingerprint(f: Partial<ReportedFinding>): string {
  return JSON.stringify([f.ruleId, f.file, f.message]);
}

function reported(target: Target, document: SourceDocument, f: Finding): ReportedFinding {
  return {
    ruleId: f.ruleId, severity: f.severity, confidence: f.confidence, message: f.message, file: target.display(f.path),
    range: rangeOf(document, f.range.start, f.range.end),
    related: f.related.flatMap(r => {
      const text = r.path === f.path ? document : textOf(target, r.path);
      return text ? [{ file: target.display(r.path), range: rangeOf(text, r.range.start, r.range.end), message: r.message }] : [];
    }),
    fixes: f.fixes.map((x, i) => ({ title: x.title, safety: x.safety, preferred: x.preferred ?? i === 0 })),
    suppressed: f.suppressed,
    ...(f.absorbedBy === undefined ? {} : { absorbedBy: f.absorbedBy }),
  };
}

export function rangeOf(text: LinedText, start: number, end: number): ReportedRange {
  const a = toPosition(text, start, 'utf-16'), b = toPosition(text, end, 'utf-16');
  return { start: { line: a.line + 1, column: a.character + 1 }, end: { line: b.line + 1, column: b.character + 1 } };
}

function textOf({ state }: Target, path: string): LinedText | undefined {
  const document = state.document(path);
  if (document) return document;
  const text = state.read(path);
  return text === undefined ? undefined : { text, lineStarts: lineStartsOf(text) };
}

function configProblems(target: Target, file: string): FileError[] {
  const text = target.state.read(file);
  if (text === undefined) return [];
  const lined = { text, lineStarts: lineStartsOf(text) };
  return target.state.configFor(file).problems.map(p => {
    const { line, column } = rangeOf(lined, p.start, p.end).start;
    return { file: target.display(file), message: `Line ${line}, column ${column}: ${p.message}` };
  });
}

function practiceFindings(target: Target): ReportedFinding[] {
  const card = scorecardOf(target.state);
  const { repository } = target.state;
  if (!card || !repository) return [];
  const document = mainWorkflow(repository);
  const jobs = document?.workflow?.jobsEntry;
  const at = document && jobs ? document.range(jobs.key) : { start: 0, end: 0 };
  const text: LinedText = document ?? { text: '', lineStarts: [0] };
  return missingPractices(card).map(({ practice, message }) => ({
    ruleId: practice.id, severity: 'info', confidence: 'high', message, file: target.display(document?.path ?? ''), range: rangeOf(text, at.start, at.end), related: [],
    fixes: practice.scaffold ? [{ title: practice.scaffold.title, safety: 'unsafe', preferred: true }] : [], suppressed: null,
  }));
}

function compare(a: ReportedFinding, b: ReportedFinding): number {
  return order(a.file, b.file) || a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column || order(a.ruleId, b.ruleId)
    || a.range.end.line - b.range.end.line || a.range.end.column - b.range.end.column || order(a.message, b.message);
}

function order(a: string, b: string): number { return a < b ? -1 : a > b ? 1 : 0; }
