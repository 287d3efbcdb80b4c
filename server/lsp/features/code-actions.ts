import { CodeActionKind, CodeActionTriggerKind, type CodeAction, type CodeActionContext, type CodeActionParams, type Diagnostic } from 'vscode-languageserver';
import { fixEdits, gateOf, SEVERITIES, suppressionEdit, type Finding, type Fix, type Resolved, type SuppressionScope } from '../../../rules';
import type { MissingPractice } from '../../workspace/score';
import { isSaidElsewhere, isShown, rangeIn, worldOf, type FileContext } from './context';
import { findingDiagnostic, SOURCE, type DiagnosticData } from './diagnostics';
import { EditBuilder } from './edits';
import { fixAll, hasFixes } from './fix-all';
import { practiceFinding } from './practice-finding';
import { setSeverity, severityChoices, severityCommand, type ConfigPlace } from './set-severity';

export const FIX_ALL = `${CodeActionKind.SourceFixAll}.ciHardening`;
/** Not below `source.fixAll`, or saving a file would apply it. */
export const FIX_ALL_UNSAFE = 'source.fixAllUnsafe.ciHardening';
export const ADD = 'refactor.ciHardening.add';
export const KINDS = [CodeActionKind.QuickFix, FIX_ALL, FIX_ALL_UNSAFE, ADD];

/** What an action carries until it is chosen. `version` says which text it was offered for. */
export type ActionData = { readonly uri: string; readonly version: number | null } & (
  | { readonly kind: 'fix'; readonly key: string; readonly title: string }
  | { readonly kind: 'fixRule'; readonly rule: string }
  | { readonly kind: 'fixAll' | 'fixAllUnsafe' }
  | { readonly kind: 'scaffold'; readonly practice: string });

export interface ActionInput {
  readonly missing: readonly MissingPractice[];
  /** Why fixes that ask the network can't be made; undefined where they can. */
  readonly networkOff: string | undefined;
  readonly config: ConfigPlace;
}

/** All actions for the diagnostics of a request, and for the file where its kind is asked for. */
export function codeActions(file: FileContext, params: CodeActionParams, input: ActionInput): CodeAction[] {
  const { context } = params;
  const actions: CodeAction[] = [];
  if (wants(context, CodeActionKind.QuickFix)) {
    const own = context.diagnostics.filter(d => d.source === SOURCE).sort(narrowestFirst).map(d => forDiagnostic(file, d, input));
    // Where several squiggles meet, what repairs them comes before what silences any of them.
    const fixes = onePreferred([...own.flatMap(o => o.fixes), ...saidElsewhere(file, params, input)]);
    actions.push(...fixes, ...(fixes.length > 0 ? fixFile(file, context.diagnostics.filter(d => d.source === SOURCE)) : []), ...own.flatMap(o => o.others));
  }
  if (context.only && wants(context, FIX_ALL)) {
    const all = hasFixes(file, 'safe') ? fixAll(file, 'safe') : undefined;
    if (all) actions.push({ title: 'Fix all safely fixable CI hardening problems', kind: FIX_ALL, edit: all.edit });
  }
  if (context.only && wants(context, FIX_ALL_UNSAFE) && hasFixes(file, 'unsafe')) {
    actions.push(...lazily(file, { title: 'Fix all CI hardening problems (can change what a run does)', kind: FIX_ALL_UNSAFE },
      { kind: 'fixAllUnsafe' }, () => fixAll(file, 'unsafe')?.edit));
  }
  // Where there is something to repair, two dozen things to add would bury it: they are in the refactor menu.
  const asked = context.only !== undefined || (context.triggerKind === CodeActionTriggerKind.Invoked && actions.length === 0);
  if (asked && wants(context, ADD) && file.client.resolveEdit && file.file.document.workflow) {
    const add = additions(file, input);
    if (context.only) actions.push(...add);
    else {
      actions.push(...add.slice(0, MAX_ADDITIONS));
      if (add.length > MAX_ADDITIONS && file.client.commands) actions.push({
        title: 'Harden this repository…', kind: ADD, command: { title: 'Harden this repository', command: 'ciHardening.harden', arguments: [] },
      });
    }
  }
  return actions;
}

/** A menu that somebody opens without asking for more stays one that can be read. */
const MAX_ADDITIONS = 8;

/** What the repository lacks: the lowest level first. Three thresholds of one gate are one thing to add. */
function additions(file: FileContext, input: ActionInput): CodeAction[] {
  const offered = new Set<string>();
  const urgent = [...input.missing].sort((a, b) => a.practice.level - b.practice.level || SEVERITIES.indexOf(b.practice.severity) - SEVERITIES.indexOf(a.practice.severity));
  return urgent.flatMap(({ practice }): CodeAction[] => {
    const gate = gateOf(practice.id);
    if (offered.has(gate)) return [];
    offered.add(gate);
    return [{ title: practice.scaffold!.title, kind: ADD, data: dataFor(file, { kind: 'scaffold', practice: practice.id }) }];
  });
}

/** Where squiggles lie upon each other only the first fix is the one to take unseen. */
function onePreferred(actions: readonly CodeAction[]): CodeAction[] {
  const taken: Diagnostic['range'][] = [];
  return actions.map(action => {
    if (!action.isPreferred) return action;
    const ranges = (action.diagnostics ?? []).map(d => d.range);
    if (ranges.some(r => taken.some(t => meet(r, t)))) {
      const { isPreferred: _, ...rest } = action;
      return rest;
    }
    taken.push(...ranges);
    return action;
  });
}

function meet(a: Diagnostic['range'], b: Diagnostic['range']): boolean {
  const before = (x: Diagnostic['range']['end'], y: Diagnostic['range']['start']): boolean => x.line < y.line || (x.line === y.line && x.character < y.character);
  return !before(a.end, b.start) && !before(b.end, a.start);
}

/**
 * Everything safe at once, from any lightbulb; where there is but one thing the fix itself is that. It names diagnostics because editors
 * show what names none behind everything else.
 */
function fixFile(file: FileContext, diagnostics: Diagnostic[]): CodeAction[] {
  const safe = file.file.findings.filter(f => isShown(f) && f.fixes[0]?.safety === 'safe' && !f.fixes[0].needs);
  if (safe.length < 2) return [];
  return lazily(file, { title: 'Fix everything safe in this file', kind: CodeActionKind.QuickFix, diagnostics }, { kind: 'fixAll' }, () => fixAll(file, 'safe')?.edit);
}

/** Whether a kind is among those asked for: `source` asks for `source.fixAll.x`, and not for `sourceful`. */
export function wants(context: CodeActionContext, kind: string): boolean {
  return !context.only || context.only.some(o => o === '' || kind === o || kind.startsWith(`${o}.`));
}

/** Fixes of what GitHub's own extension shows: they are offered on its diagnostics, as it has none. */
function saidElsewhere(file: FileContext, { range, context }: CodeActionParams, input: ActionInput): CodeAction[] {
  const { start, end } = range;
  const hidden = file.file.findings.filter(f => isShown(f) && isSaidElsewhere(file, f) && f.fixes.length > 0);
  return hidden.flatMap(finding => {
    const diagnostic = findingDiagnostic(file, finding);
    // Its ranges are wider or narrower than ours: the line is what both have.
    if (diagnostic.range.start.line > end.line || diagnostic.range.end.line < start.line) return [];
    const theirs = context.diagnostics.filter(d => d.source !== SOURCE && d.range.start.line <= diagnostic.range.end.line && d.range.end.line >= diagnostic.range.start.line);
    return fixActions(file, diagnostic, finding, input).map(a => ({ ...a, diagnostics: theirs }));
  });
}

function narrowestFirst(a: Diagnostic, b: Diagnostic): number {
  const size = ({ range: { start, end } }: Diagnostic): number => (end.line - start.line) * 10_000 + end.character - start.character;
  return size(a) - size(b) || (a.severity ?? 4) - (b.severity ?? 4);
}

function forDiagnostic(file: FileContext, diagnostic: Diagnostic, input: ActionInput): { readonly fixes: CodeAction[]; readonly others: CodeAction[] } {
  const practice = input.missing.find(m => `practice:${m.practice.id}` === dataOf(diagnostic)?.key);
  const finding = practice ? practiceFinding(file.file.document, practice) : findingOf(file, diagnostic);
  if (!finding) return { fixes: [], others: [] };
  const fixes = practice ? addAction(file, diagnostic, practice) : [...fixActions(file, diagnostic, finding, input), ...fixRule(file, diagnostic, finding)];
  const actions: CodeAction[] = [];
  // No suppression is ever the preferred action.
  for (const scope of ['line', 'step', 'job', 'file'] as const) {
    const edits = suppression(file, finding, scope);
    if (edits) actions.push({ title: `Ignore ${finding.ruleId} for this ${scope}`, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], edit: edits });
  }
  for (const { title, severity } of severityChoices(finding.ruleId, finding.severity, file.client.commands)) {
    const edit = setSeverity(input.config, file.path, finding.ruleId, severity);
    if (edit) actions.push({ title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], edit });
  }
  if (file.client.commands) {
    if (!practice) actions.push({ ...severityCommand(file.uri, finding.ruleId), kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] });
    actions.push({
      title: `Show documentation for ${finding.ruleId}`, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic],
      command: { title: 'Show documentation', command: 'ciHardening.showRule', arguments: [finding.ruleId] },
    });
  }
  return { fixes, others: actions };
}

/** The finding that a diagnostic shows, in the analysis of now; by rule and place where the client has lost its data. */
function findingOf(file: FileContext, diagnostic: Diagnostic): Finding | undefined {
  const key = dataOf(diagnostic)?.key;
  const shown = file.file.findings.filter(isShown);
  if (key !== undefined) return shown.find(f => f.key === key);
  const place = JSON.stringify(diagnostic.range);
  return shown.find(f => f.ruleId === diagnostic.code && JSON.stringify(rangeIn(file, f.range)) === place);
}

function dataOf(diagnostic: Diagnostic): DiagnosticData | undefined {
  const data: unknown = diagnostic.data;
  return typeof data === 'object' && data !== null && typeof (data as DiagnosticData).key === 'string' ? data as DiagnosticData : undefined;
}

function fixActions(file: FileContext, diagnostic: Diagnostic, finding: Finding, input: ActionInput): CodeAction[] {
  const actions: CodeAction[] = [];
  for (const fix of finding.fixes) {
    const action: CodeAction = { title: fix.title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] };
    if (fix.needs) {
      if (input.networkOff !== undefined) {
        if (file.client.disabled) actions.push({ ...action, disabled: { reason: input.networkOff } });
        continue;
      }
      if (!file.client.resolveEdit) continue;
      action.data = dataFor(file, { kind: 'fix', key: finding.key, title: fix.title });
    } else {
      const edit = editOf(file, finding, fix);
      if (!edit) continue;
      action.edit = edit;
    }
    actions.push(action);
  }
  const preferred = actions.find(a => !a.disabled);
  if (preferred) preferred.isPreferred = true;
  return actions;
}

/** The edit of one fix, or undefined where it can't be made. */
export function editOf(file: FileContext, finding: Finding, fix: Fix, resolved?: Resolved): CodeAction['edit'] {
  const { analysis, findings, document } = file.file;
  const edits = fixEdits({ ...analysis, findings }, finding, fix, worldOf(file.file), resolved);
  if (!edits || edits.length === 0) return undefined;
  const builder = new EditBuilder(file.client);
  builder.change(file.uri, file.version, document, edits);
  return builder.build();
}

function fixRule(file: FileContext, diagnostic: Diagnostic, finding: Finding): CodeAction[] {
  const others = file.file.findings.filter(f => isShown(f) && f.ruleId === finding.ruleId && f.fixes[0] && !f.fixes[0].needs);
  if (others.length < 2) return [];
  return lazily(file, { title: `Fix all ${finding.ruleId} problems in this file`, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] },
    { kind: 'fixRule', rule: finding.ruleId }, () => fixAll(file, 'unsafe', finding.ruleId)?.edit);
}

function addAction(file: FileContext, diagnostic: Diagnostic, { practice }: MissingPractice): CodeAction[] {
  if (!file.client.resolveEdit || !practice.scaffold) return [];
  return [{
    title: practice.scaffold.title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], isPreferred: true,
    data: dataFor(file, { kind: 'scaffold', practice: practice.id }),
  }];
}

function suppression(file: FileContext, finding: Finding, scope: SuppressionScope): CodeAction['edit'] {
  const edits = suppressionEdit(file.file.document, finding, scope);
  if (!edits) return undefined;
  const builder = new EditBuilder(file.client);
  builder.change(file.uri, file.version, file.file.document, edits);
  return builder.build();
}

/** Puts the work off until the action is chosen, for clients that can wait for it. */
function lazily(file: FileContext, action: CodeAction, data: DistributiveOmit<ActionData, 'uri' | 'version'>, edit: () => CodeAction['edit']): CodeAction[] {
  if (file.client.resolveEdit) return [{ ...action, data: dataFor(file, data) }];
  const made = edit();
  return made ? [{ ...action, edit: made }] : [];
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function dataFor(file: FileContext, data: DistributiveOmit<ActionData, 'uri' | 'version'>): ActionData {
  return { uri: file.uri, version: file.version, ...data };
}
