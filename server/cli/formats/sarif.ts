import { PRACTICES, RULES, type Severity } from '../../../rules';
import { docsUrl } from '../../docs';
import { version } from '../../version';
import type { ReportedFinding, ReportedRange, ScanResult } from '../findings';

const LEVEL: Readonly<Record<Severity, string>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note' };
/** As GitHub's code scanning sorts them. */
const SCORE: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0', info: '1.0' };

/** SARIF 2.1.0. Absorbed findings are told by the stronger one and left out; suppressed ones are marked. */
export function sarifReport(result: ScanResult): string {
  const findings = result.findings.filter(f => f.absorbedBy === undefined);
  const ids = [...new Set(findings.map(f => f.ruleId))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'CI Hardening', semanticVersion: version, rules: ids.map(descriptor) } },
      columnKind: 'utf16CodeUnits',
      originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The scanned path.' } } },
      invocations: [{
        executionSuccessful: true,
        toolExecutionNotifications: result.errors.map(e => ({
          level: 'warning', message: { text: e.message }, ...(e.file ? { locations: [{ physicalLocation: { artifactLocation: artifact(e.file) } }] } : {}),
        })),
      }],
      results: findings.map(f => sarifResult(f, ids)),
    }],
  };
  return JSON.stringify(log, undefined, 2) + '\n';
}

function descriptor(id: string): object {
  const rule = RULES.find(r => r.id === id);
  const docs = rule?.docs ?? PRACTICES.find(p => p.id === id)?.docs;
  return {
    id, helpUri: docsUrl(id),
    ...(docs ? { shortDescription: { text: docs.summary }, fullDescription: { text: docs.why }, help: { text: `${docs.summary} ${docs.why}` } } : {}),
    ...(rule ? {
      defaultConfiguration: { level: LEVEL[rule.severity] },
      properties: { tags: [rule.category], precision: rule.confidence, 'security-severity': SCORE[rule.severity] },
    } : {}),
  };
}

function sarifResult(f: ReportedFinding, ids: readonly string[]): object {
  return {
    ruleId: f.ruleId, ruleIndex: ids.indexOf(f.ruleId), level: LEVEL[f.severity], message: { text: f.message },
    locations: [location(f.file, f.range)],
    ...(f.related.length > 0 ? { relatedLocations: f.related.map((r, i) => ({ id: i + 1, ...location(r.file, r.range), message: { text: r.message } })) } : {}),
    partialFingerprints: { 'ciHardening/v1': fingerprint(f) },
    suppressions: f.suppressed ? [{ kind: f.suppressed.kind === 'comment' ? 'inSource' : 'external', ...(f.suppressed.reason ? { justification: f.suppressed.reason } : {}) }] : [],
    properties: { severity: f.severity, confidence: f.confidence },
  };
}

function location(file: string, { start, end }: ReportedRange): object {
  return {
    physicalLocation: {
      artifactLocation: artifact(file),
      region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
    },
  };
}

function artifact(file: string): object {
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
}

/** Survives that lines are moved: rule, file and message, without place. */
function fingerprint(f: ReportedFinding): string {
  let hash = 0xcbf29ce484222325n;
  for (const c of `${f.ruleId}\n${f.file}\n${f.message}`) hash = BigInt.asUintN(64, (hash ^ BigInt(c.codePointAt(0)!)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
