/** Turns what a rule said about a block into what a user is shown in this version of the document. */
import { OwnMemo } from '../workflow/block-memo';
import type { OffsetRange, SourceDocument, TextEdit } from '../workflow/document';
import { walk, type Block, type Span, type YamlNode } from '../workflow/nodes';
import type { Finding } from './finding';
import type { Fix, Locator, RemotePlace, World } from './rule';
import type { RawReport } from './run';
import { shiftSeverity, type EnabledRule } from './select';

/** A finding with the report it came from, while an analysis is made. */
export interface Placed {
  finding: Finding;
  readonly report: RawReport;
}

const NONE: readonly never[] = [];

/** Undefined where the report stands on text that does not parse: nothing is known about it then. */
export function place(enabled: EnabledRule, report: RawReport, world: World): Placed | undefined {
  const { document } = world;
  const { rule } = enabled;
  if (overlapsProblem(report.at)) return undefined;
  const range = document.range(report.at);
  const message = fill(rule.messages as Readonly<Record<string, string>>, report);
  const { adjust = NONE, related: relatedPlaces = NONE } = report;
  const reasons = adjust.length === 0 ? NONE : adjust.filter(a => a.by !== 0).map(a => a.reason);
  const severity = adjust.length === 0 ? enabled.severity : adjust.reduce((s, a) => shiftSeverity(s, a.by), enabled.severity);
  const related = relatedPlaces.length === 0 ? NONE : relatedPlaces.flatMap(r => {
    const at = locate(r.at, world);
    return at ? [{ ...at, message: r.message }] : [];
  });
  const finding: Finding = {
    ruleId: rule.id,
    messageId: report.messageId,
    message,
    severity,
    confidence: report.confidence ?? rule.confidence,
    reasons,
    path: document.path,
    range,
    related,
    fixes: fixesOf(report, document),
    suppressed: null,
    key: `${rule.id}:${report.messageId}:${range.start}-${range.end}:${message}`,
    tag: report.tag,
    official: report.official,
    places: report.places,
    step: report.step && document.has(report.step.item) ? document.range(report.step.item) : undefined,
    job: report.job && document.has(report.job.entry) ? document.range(report.job.entry) : undefined,
  };
  return { finding, report };
}

function fill(messages: Readonly<Record<string, string>>, report: RawReport): string {
  const template = messages[report.messageId];
  if (template === undefined) throw new Error(`no message "${report.messageId}"`);
  let parts = templates.get(template);
  if (!parts) templates.set(template, parts = template.split(/\{(\w+)\}/));
  let message = parts[0]!;
  for (let i = 1; i < parts.length; i += 2) {
    const value = report.data?.[parts[i]!];
    if (value === undefined) throw new Error(`message "${report.messageId}" was given no "${parts[i]!}"`);
    message += String(value) + parts[i + 1]!;
  }
  return message;
}

/** Text and names in turn, by template: there are as many as rules have messages. */
const templates = new Map<string, readonly string[]>();

/** Where a related place is, or undefined where it can't be told (any more). */
function locate(at: Span | Locator, world: World): { readonly path: string; readonly range: OffsetRange } | undefined {
  const found: Span | RemotePlace | undefined = typeof at === 'function' ? at(world) : at;
  if (!found) return undefined;
  if ('path' in found) return { path: found.path, range: { start: found.start, end: found.end } };
  if (world.document.has(found)) return { path: world.document.path, range: world.document.range(found) };
  const other = world.repository?.documents.find(d => d.has(found));
  return other && { path: other.path, range: other.range(found) };
}

function fixesOf(report: RawReport, document: SourceDocument): readonly Fix[] {
  const fixes = report.fixes ?? [];
  if (fixes.length === 0) return fixes;
  const preferred = Math.max(0, fixes.findIndex(f => f.preferred));
  return [fixes[preferred]!, ...fixes.filter((_f, i) => i !== preferred)].map((fix, i) => ({
    title: fix.title,
    safety: fix.safety,
    preferred: i === 0,
    needs: fix.needs,
    edits: (world, resolved) => guarded(fix.edits(world, resolved), world.document ?? document),
  }));
}

/** Edits are withheld where they would touch a line that does not parse, and where they are not sound. */
export function guarded(edits: readonly TextEdit[] | undefined, document: SourceDocument): readonly TextEdit[] | undefined {
  if (!edits || edits.length === 0) return undefined;
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  for (const e of sorted) {
    if (e.start < at || e.end < e.start || e.end > document.text.length) return undefined;
    at = e.end;
  }
  for (const [first, last] of brokenLines(document)) {
    for (const e of sorted) {
      if (document.positionAt(e.start).line <= last && document.positionAt(e.end).line >= first) return undefined;
    }
  }
  return sorted;
}

type Lines = readonly [first: number, last: number];
const broken = new OwnMemo<SourceDocument, readonly Lines[]>();
/** A file with more of them is edited nowhere. */
const MAX_PROBLEMS = 100;

/** First and last line of what does not parse: of each problem, and of the text that it is about. */
function brokenLines(document: SourceDocument): readonly Lines[] {
  return broken.get(document, findBroken);
}

function findBroken(document: SourceDocument): readonly Lines[] {
  const problems = document.problems.filter(p => p.code !== 'duplicate-key');
  if (problems.length > MAX_PROBLEMS) return [[0, Infinity]];
  return problems.map(p => {
    let { start, end } = document.range(p);
    for (const node of leavesOf(document, p.block)) {
      // An unclosed quote is reported where the text ends, and the text is broken from its beginning.
      if (node.start > p.end || node.end < p.start) continue;
      const range = document.range(node);
      start = Math.min(start, range.start);
      end = Math.max(end, range.end);
    }
    return [document.positionAt(start).line, document.positionAt(Math.max(start, end - 1)).line];
  });
}

function* leavesOf(document: SourceDocument, block: Block): Generator<YamlNode> {
  const entries = [...document.entries, ...(document.workflow?.jobs.map(j => j.entry) ?? [])];
  for (const entry of entries) {
    if (entry.block !== block) continue;
    for (const node of walk(entry.value)) if (node.kind === 'scalar' || node.kind === 'alias') yield node;
  }
}

function overlapsProblem(span: Span): boolean {
  return span.block.problems.length > 0 && span.block.problems.some(p => p.code === 'syntax' && touches(p, span));
}

function touches(a: OffsetRange, b: OffsetRange): boolean {
  if (a.start === a.end || b.start === b.end) return a.start <= b.end && b.start <= a.end;
  return a.start < b.end && b.start < a.end;
}
