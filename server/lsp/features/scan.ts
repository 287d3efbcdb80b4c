import type { ScanResult } from '../../protocol';
import type { Session } from '../session';
import { isShown } from './context';

/** A tool's answer is read by a model: what is listed has to fit. */
const MOST = 200;
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];

/** What is found in the workspace, or in one file, the most severe first. */
export function scan(session: Session, uri?: string): ScanResult {
  const one = uri === undefined ? undefined : session.workspace.locate(uri);
  const places = one ? [one] : uri !== undefined ? [] : session.workspace.repositories.flatMap(repository => repository.ownFiles.map(path => ({ repository, path })));
  const findings = places.flatMap(({ repository, path }) => (repository.analysis(path)?.findings ?? []).filter(isShown).map(f => ({
    rule: f.ruleId, severity: f.severity as string, message: f.message, file: session.workspace.uri(repository, path),
    line: (repository.document(path)?.positionAt(f.range.start).line ?? 0) + 1, fixable: f.fixes.length > 0,
  })));
  findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return {
    findings: findings.slice(0, MOST), omitted: Math.max(0, findings.length - MOST),
    scores: session.scorecards().reports.map(r => ({ repository: r.name, score: Math.floor(r.score), level: r.level, headline: r.headline })),
  };
}
