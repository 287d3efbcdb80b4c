import * as vscode from 'vscode';
import type { ScorecardControl, ScorecardReport } from '../../server/protocol';

type Verdict = ScorecardControl['verdict'];

export function levelName(level: number): string {
  switch (level) {
    case 1: return vscode.l10n.t('Initial');
    case 2: return vscode.l10n.t('Guarded');
    case 3: return vscode.l10n.t('Managed');
    case 4: return vscode.l10n.t('Hardened');
    default: return vscode.l10n.t('Verified');
  }
}

export function levelLabel(level: number): string {
  return vscode.l10n.t('Level {0} {1}', level, levelName(level));
}

export function verdictLabel(verdict: Verdict): string {
  switch (verdict) {
    case 'met': return vscode.l10n.t('met');
    case 'partial': return vscode.l10n.t('partly met');
    case 'missing': return vscode.l10n.t('not met');
    case 'not-applicable': return vscode.l10n.t('does not apply');
    case 'unknown': return vscode.l10n.t('not known');
  }
}

/** A result of 0..1 as the share that is in order. */
export function shareLabel(control: ScorecardControl): string {
  if (control.verdict !== 'partial' || control.result === null) return verdictLabel(control.verdict);
  return vscode.l10n.t('{0} % met', Math.floor(control.result * 100));
}

export function score(value: number): string {
  return String(Math.floor(value));
}

/** `12–18`, or one number where both ends show the same. */
export function intervalLabel([low, high]: readonly [number, number]): string {
  return score(low) === score(high) ? score(low) : `${score(low)}–${score(high)}`;
}

export function isFailing(control: ScorecardControl): boolean {
  return control.verdict === 'missing' || control.verdict === 'partial';
}

export function failingControls(report: ScorecardReport): ScorecardControl[] {
  return report.controls.filter(isFailing);
}

const VERDICT_ORDER: readonly Verdict[] = ['missing', 'partial', 'unknown', 'met', 'not-applicable'];
const SEVERITY_ORDER = ['critical', 'high', 'medium', 'low', 'info'];

/** What needs work first; within it the lowest level, then the most severe. */
export function byNeed(a: ScorecardControl, b: ScorecardControl): number {
  return VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict)
    || a.level - b.level
    || SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity)
    || a.title.localeCompare(b.title);
}
