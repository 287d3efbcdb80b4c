import * as vscode from 'vscode';
import type { ScorecardControl, ScorecardReport } from '../../server/protocol';
import type { ScorecardNode } from './nodes';
import { categoryLabel, controlTitle, failingControls, intervalLabel, levelLabel, plain, resultLabel, score } from './labels';

/** How a row of the tree looks and what a screen reader says of it. */
export function treeItem(node: ScorecardNode): vscode.TreeItem {
  const item = build(node);
  item.id = node.id;
  return item;
}

function build(node: ScorecardNode): vscode.TreeItem {
  switch (node.kind) {
    case 'repository': return repositoryItem(node.report);
    case 'summary': return summaryItem(node.report);
    case 'category': return categoryItem(node);
    case 'control': return controlItem(node.control);
    case 'evidence': return evidenceItem(node);
    case 'looked-for': return lookedForItem(node.text);
  }
}

function repositoryItem(report: ScorecardReport): vscode.TreeItem {
  const item = new vscode.TreeItem(report.name, vscode.TreeItemCollapsibleState.Collapsed);
  item.description = `${score(report.score)} · ${levelLabel(report.level)}`;
  item.iconPath = new vscode.ThemeIcon('repo');
  item.tooltip = summaryTooltip(report);
  item.contextValue = 'repository';
  item.accessibilityInformation = { label: vscode.l10n.t('{0}: score {1} of 100, {2}', report.name, score(report.score), levelLabel(report.level)) };
  return item;
}

function summaryItem(report: ScorecardReport): vscode.TreeItem {
  const item = new vscode.TreeItem(`${intervalLabel(report.interval)} · ${levelLabel(report.level)}`);
  const failing = failingControls(report).length;
  item.description = failing === 0 ? vscode.l10n.t('nothing to do') : vscode.l10n.t('{0} to do', failing);
  item.iconPath = new vscode.ThemeIcon('shield');
  item.tooltip = summaryTooltip(report);
  item.contextValue = 'summary';
  item.command = { command: 'ciHardening.openScorecard', title: vscode.l10n.t('Open Scorecard'), arguments: [report.root] };
  item.accessibilityInformation = {
    label: vscode.l10n.t('Overall score {0} of 100, {1}, {2} controls to do. Opens the scorecard.', intervalLabel(report.interval), levelLabel(report.level), failing),
  };
  return item;
}

function summaryTooltip(report: ScorecardReport): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  tooltip.appendText(report.headline);
  if (report.heldBackBy) tooltip.appendMarkdown('\n\n').appendText(report.heldBackBy);
  return tooltip;
}

function categoryItem({ report, category }: Extract<ScorecardNode, { kind: 'category' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(categoryLabel(category.name), vscode.TreeItemCollapsibleState.Collapsed);
  item.description = category.applicable ? `${intervalLabel(category.interval)} · ${levelLabel(category.level)}` : vscode.l10n.t('does not apply');
  item.iconPath = new vscode.ThemeIcon(CATEGORY_ICONS[category.name] ?? 'checklist');
  item.contextValue = 'category';
  const failing = failingControls(report).filter(control => control.category === category.name).length;
  item.tooltip = vscode.l10n.t('{0}: {1} controls to do', categoryLabel(category.name), failing);
  item.accessibilityInformation = {
    label: vscode.l10n.t('{0}: score {1} of 100, {2}, {3} controls to do', categoryLabel(category.name), intervalLabel(category.interval), levelLabel(category.level), failing),
  };
  return item;
}

const CATEGORY_ICONS: Readonly<Record<string, string>> = {
  'Security': 'lock', 'Quality': 'beaker', 'Reliability': 'pulse', 'Automation': 'gear', 'Developer Experience': 'rocket', 'Organisation': 'organization',
};

function controlItem(control: ScorecardControl): vscode.TreeItem {
  const places = control.evidence.length + control.lookedFor.length;
  const item = new vscode.TreeItem(controlTitle(control), places > 0 ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None);
  item.description = `${resultLabel(control)} · ${vscode.l10n.t('level {0}', control.level)}`;
  item.iconPath = controlIcon(control);
  item.tooltip = controlTooltip(control);
  item.contextValue = ['control', control.kind, ...(canAdd(control) ? ['add'] : []), ...(canFix(control) ? ['fix'] : [])].join(' ');
  item.accessibilityInformation = {
    label: vscode.l10n.t('{0}: {1}, level {2}, severity {3}', controlTitle(control), resultLabel(control), control.level, control.severity),
  };
  return item;
}

export function canAdd(control: ScorecardControl): boolean {
  return control.addTitle !== undefined && (control.verdict === 'missing' || control.verdict === 'partial');
}

export function canFix(control: ScorecardControl): boolean {
  return control.fixable === true && (control.verdict === 'missing' || control.verdict === 'partial');
}

function controlIcon({ verdict, severity }: ScorecardControl): vscode.ThemeIcon {
  switch (verdict) {
    case 'met': return new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed'));
    case 'unknown': return new vscode.ThemeIcon('question', new vscode.ThemeColor('descriptionForeground'));
    case 'not-applicable': return new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('disabledForeground'));
    case 'partial': return new vscode.ThemeIcon('warning', urgency(severity));
    case 'missing': return new vscode.ThemeIcon(isUrgent(severity) ? 'error' : 'circle-large-outline', urgency(severity));
  }
}

function isUrgent(severity: string): boolean {
  return severity === 'critical' || severity === 'high';
}

function urgency(severity: string): vscode.ThemeColor {
  return new vscode.ThemeColor(isUrgent(severity) ? 'problemsErrorIcon.foreground' : 'problemsWarningIcon.foreground');
}

function controlTooltip(control: ScorecardControl): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString('', true);
  tooltip.appendMarkdown('**').appendText(controlTitle(control)).appendMarkdown('**\n\n');
  if (control.kind === 'rule') tooltip.appendText(plain(control.title)).appendMarkdown('\n\n');
  tooltip.appendText(`${resultLabel(control)} · ${control.category} · ${levelLabel(control.level)} · ${control.severity}`);
  if (control.addTitle && canAdd(control)) tooltip.appendMarkdown('\n\n$(add) ').appendText(control.addTitle);
  if (canFix(control)) tooltip.appendMarkdown('\n\n$(wand) ').appendText(vscode.l10n.t('Can be fixed'));
  return tooltip;
}

function evidenceItem({ evidence }: Extract<ScorecardNode, { kind: 'evidence' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(evidence.text));
  item.contextValue = 'evidence';
  if (!evidence.uri) {
    item.iconPath = new vscode.ThemeIcon('search');
    return item;
  }
  const uri = vscode.Uri.parse(evidence.uri);
  const place = placeLabel(uri, evidence.range?.start.line);
  item.description = place;
  item.tooltip = new vscode.MarkdownString().appendText(`${place}\n\n${plain(evidence.text)}`);
  item.iconPath = new vscode.ThemeIcon('go-to-file');
  item.command = { command: 'ciHardening.reveal', title: vscode.l10n.t('Go to Evidence'), arguments: [evidence] };
  item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1}', evidence.text, place) };
  return item;
}

export function placeLabel(uri: vscode.Uri, line: number | undefined): string {
  const path = vscode.workspace.asRelativePath(uri, false);
  return line === undefined ? path : `${path}:${line + 1}`;
}

function lookedForItem(text: string): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(text));
  item.iconPath = new vscode.ThemeIcon('search', new vscode.ThemeColor('descriptionForeground'));
  item.contextValue = 'looked-for';
  item.tooltip = plain(text);
  item.accessibilityInformation = { label: vscode.l10n.t('Looked for: {0}', text) };
  return item;
}
