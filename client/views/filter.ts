import * as vscode from 'vscode';
import type { ScorecardControl } from '../../server/protocol';
import { isFailing, levelName, severityName, type SeverityName } from './labels';

/** What the tree shows of the controls: those that pass every part. Empty lists let everything pass. */
export interface TreeOptions {
  readonly failingOnly: boolean;
  readonly severities?: readonly SeverityName[];
  readonly levels?: readonly number[];
}

export const SEVERITIES: readonly SeverityName[] = ['critical', 'high', 'medium', 'low', 'info'];
export const LEVELS: readonly number[] = [1, 2, 3, 4, 5];

export function passes({ failingOnly, severities = [], levels = [] }: TreeOptions, control: ScorecardControl): boolean {
  return (!failingOnly || isFailing(control))
    && (severities.length === 0 || severities.some(severity => severity === control.severity))
    && (levels.length === 0 || levels.includes(control.level));
}

export function narrows({ failingOnly, severities = [], levels = [] }: TreeOptions): boolean {
  return failingOnly || severities.length > 0 || levels.length > 0;
}

/** In a few words, for the head of the view; empty where everything is shown. */
export function filterLabel({ failingOnly, severities = [], levels = [] }: TreeOptions): string {
  return [
    ...(failingOnly ? [vscode.l10n.t('to do')] : []),
    ...(severities.length > 0 ? [severities.map(severityName).join(', ')] : []),
    ...(levels.length > 0 ? [vscode.l10n.t('level {0}', levels.join(', '))] : []),
  ].join(' · ');
}

/** What was kept of an earlier window, which may be of another version. */
export function readFilter(kept: unknown): TreeOptions {
  const { failingOnly, severities, levels } = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<string, unknown>;
  return {
    failingOnly: failingOnly === true,
    severities: SEVERITIES.filter(severity => Array.isArray(severities) && severities.includes(severity)),
    levels: LEVELS.filter(level => Array.isArray(levels) && levels.includes(level)),
  };
}

type Choice = vscode.QuickPickItem & { readonly failingOnly?: true; readonly severity?: SeverityName; readonly level?: number };

/** Asks what is to be shown; undefined where nothing is to change. Nothing chosen shows everything. */
export async function pickFilter(now: TreeOptions, controls: readonly ScorecardControl[]): Promise<TreeOptions | undefined> {
  const heading = (label: string): Choice => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const count = (test: (control: ScorecardControl) => boolean) => String(controls.filter(test).length);
  // What would show nothing is no choice, but for the one that is to be taken back.
  const useful = ({ description, picked }: Choice) => picked === true || description !== '0';
  const choices: Choice[] = [
    { label: vscode.l10n.t('To do only'), description: count(isFailing), failingOnly: true, picked: now.failingOnly },
    heading(vscode.l10n.t('Severity')),
    ...SEVERITIES.map((severity): Choice => ({
      label: severityName(severity), description: count(control => control.severity === severity), severity, picked: now.severities?.includes(severity) ?? false,
    })).filter(useful),
    heading(vscode.l10n.t('Level')),
    ...LEVELS.map((level): Choice => ({
      label: vscode.l10n.t('Level {0} {1}', level, levelName(level)), description: count(control => control.level === level), level, picked: now.levels?.includes(level) ?? false,
    })).filter(useful),
  ];
  const picked = await vscode.window.showQuickPick(choices, {
    canPickMany: true, title: vscode.l10n.t('Filter Controls'), placeHolder: vscode.l10n.t('Choose what is shown; nothing chosen shows everything'),
  });
  return picked && {
    failingOnly: picked.some(choice => choice.failingOnly),
    severities: picked.flatMap(({ severity }) => severity ?? []),
    levels: picked.flatMap(({ level }) => level ?? []),
  };
}
