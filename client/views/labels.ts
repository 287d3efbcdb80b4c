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

/** Practices by their title; rules by their id in words, as a sentence on what a rule finds is too long for a row. */
export function controlTitle({ kind, id, title }: ScorecardControl): string {
  if (kind === 'practice') return title;
  const words = id.split('-').map(word => (ABBREVIATIONS.has(word) ? word.toUpperCase() : word)).join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const ABBREVIATIONS: ReadonlySet<string> = new Set(['pr', 'oidc', 'sbom', 'iac', 'sast', 'sca', 'dast', 'ci', 'os', 'url', 'yaml']);

/** Text for a place that shows no code: without its backticks. */
export function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** How a control stands: a practice is met, a rule has found something. */
export function resultLabel(control: ScorecardControl): string {
  const { kind, verdict, result } = control;
  if (verdict === 'partial' && result !== null) {
    const percent = Math.floor(result * 100);
    return kind === 'rule' ? vscode.l10n.t('{0} % in order', percent) : vscode.l10n.t('{0} % met', percent);
  }
  if (kind === 'rule' && verdict === 'met') return vscode.l10n.t('in order');
  if (kind === 'rule' && verdict === 'missing') return vscode.l10n.t('found');
  return verdictLabel(verdict);
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

/** A category's name comes from the server, as it is written in reports. */
export function categoryLabel(name: string): string {
  switch (name) {
    case 'Security': return vscode.l10n.t('Security');
    case 'Quality': return vscode.l10n.t('Quality');
    case 'Reliability': return vscode.l10n.t('Reliability');
    case 'Automation': return vscode.l10n.t('Automation');
    case 'Developer Experience': return vscode.l10n.t('Developer Experience');
    case 'Organisation': return vscode.l10n.t('Organisation');
    default: return name;
  }
}

export type SeverityName = 'critical' | 'high' | 'medium' | 'low' | 'info';

export function severityName(severity: SeverityName): string {
  switch (severity) {
    case 'critical': return vscode.l10n.t('Critical');
    case 'high': return vscode.l10n.t('High');
    case 'medium': return vscode.l10n.t('Medium');
    case 'low': return vscode.l10n.t('Low');
    case 'info': return vscode.l10n.t('Info');
  }
}

/** A severity as a person chooses it. */
export function severityLabel(severity: 'critical' | 'high' | 'medium' | 'low' | 'info' | 'off'): string {
  switch (severity) {
    case 'critical': return vscode.l10n.t('Critical: shown as an error');
    case 'high': return vscode.l10n.t('High: shown as an error');
    case 'medium': return vscode.l10n.t('Medium: shown as a warning');
    case 'low': return vscode.l10n.t('Low: shown as information');
    case 'info': return vscode.l10n.t('Info: shown as a hint');
    case 'off': return vscode.l10n.t('Off: not checked');
  }
}

/** What is partly met can be the most urgent: both are to do. */
const isToDo = ({ verdict }: ScorecardControl): boolean => verdict === 'missing' || verdict === 'partial';
const isUrgent = ({ severity }: ScorecardControl): boolean => severity === 'critical' || severity === 'high';
const VERDICT_ORDER: readonly Verdict[] = ['missing', 'partial', 'unknown', 'met', 'not-applicable'];
const SEVERITY_ORDER = ['critical', 'high', 'medium', 'low', 'info'];

/** What needs work first, and of it what is severe; within it the lowest level. */
export function byNeed(a: ScorecardControl, b: ScorecardControl): number {
  return Number(isToDo(b)) - Number(isToDo(a))
    || (isToDo(a) ? Number(isUrgent(b)) - Number(isUrgent(a)) : 0)
    || VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict)
    || a.level - b.level
    || SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity)
    || controlTitle(a).localeCompare(controlTitle(b));
}
