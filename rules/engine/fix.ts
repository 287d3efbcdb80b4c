/** Applies fixes to a text, and proves each step: it parses as well as before, and the finding is gone. */
import { applyEdits, type SourceDocument, type TextEdit } from '../workflow/document';
import { parseSource } from '../workflow/parse';
import type { Repository } from '../repository/repository';
import { analyze, analyzeRepository, type Analysis, type EngineEnv } from './analyze';
import type { Finding } from './finding';
import type { AnyRule, Fix, FixSafety, Resolved, World } from './rule';
import { guarded } from './place';

const MAX_PASSES = 10;
/** Passes, and the halving that finds a fix that does harm. */
const MAX_ATTEMPTS = 300;

export interface FixOptions {
  /** `safe`: safe fixes only. `unsafe`: both kinds. */
  readonly safety: FixSafety;
  /** Only findings of this rule, absorbed ones included. */
  readonly rule?: string;
  readonly env: EngineEnv;
}

export interface AppliedFix { readonly ruleId: string; readonly title: string }
export interface RefusedFix extends AppliedFix { readonly reason: string }

export interface FixResult {
  readonly text: string;
  readonly applied: readonly AppliedFix[];
  /** Fixes that were tried and would have done harm, or could not be made. */
  readonly refused: readonly RefusedFix[];
}

interface Candidate { readonly finding: Finding; readonly fix: Fix; readonly edits: readonly TextEdit[] }
interface Version {
  readonly document: SourceDocument;
  readonly analysis: Analysis;
  /** Those of repository rules included. */
  readonly findings: readonly Finding[];
  readonly world: World;
}

/**
 * Applies the preferred fix of every visible finding, pass after pass, until nothing changes (ten passes at most). Fixes that need
 * the network are left out. Overlapping edits wait for the next pass. Nothing is written; `path` decides how the text is read.
 */
export function applyFixes(path: string, text: string, options: FixOptions): FixResult {
  const applied: AppliedFix[] = [];
  const refused = new Map<string, RefusedFix>();
  /** Where refused findings start now; they are not tried twice. */
  let barred: Barred[] = [];
  let now = versionOf(path, text, options);
  let passes = 0;
  let attempts = 0;
  let size = Infinity;
  while (passes < MAX_PASSES && attempts++ < MAX_ATTEMPTS) {
    const batch = withoutOverlaps(candidatesOf(now, options, barred, refused)).slice(0, size);
    if (batch.length === 0) break;
    const made = step(now, batch, path, options);
    if (made.ok) {
      if (size === Infinity) passes++;
      applied.push(...batch.map(name));
      barred = barred.map(b => shift(b, made.edits));
      now = made.next;
      size = Infinity;
    } else if (batch.length > 1) {
      // One of them misbehaves: halve until it stands alone.
      size = Math.ceil(batch.length / 2);
    } else {
      const { finding } = batch[0]!;
      barred.push({ ruleId: finding.ruleId, messageId: finding.messageId, start: finding.range.start });
      refused.set(finding.key, { ...name(batch[0]!), reason: made.reason });
      size = Infinity;
    }
  }
  return { text: now.document.text, applied, refused: [...refused.values()] };
}

/** The edits of a fix in the current document, or undefined where it can't be made without touching broken text. */
export function fixEdits(
  analysis: Analysis, finding: Finding, fix: Fix, world: World, resolved?: Resolved,
): readonly TextEdit[] | undefined {
  if (world.document !== analysis.document || !analysis.findings.includes(finding)) return undefined;
  try {
    return guarded(fix.edits(world, resolved), world.document);
  } catch {
    return undefined;
  }
}

interface Barred { readonly ruleId: string; readonly messageId: string; readonly start: number }

function shift(b: Barred, edits: readonly TextEdit[]): Barred {
  let by = 0;
  for (const e of edits) if (e.end <= b.start) by += e.newText.length - (e.end - e.start);
  return { ...b, start: b.start + by };
}

function name(c: Candidate): AppliedFix {
  return { ruleId: c.finding.ruleId, title: c.fix.title };
}

function versionOf(path: string, text: string, options: FixOptions, previous?: Version): Version {
  const document = parseSource(path, text, previous?.document);
  const repository = options.env.repository && overlay(options.env.repository, document);
  const env = { ...options.env, repository };
  const analysis = analyze(document, env, previous?.analysis);
  const wide = repositoryRules(options);
  const more = repository && wide.length > 0 ? analyzeRepository(repository, { ...env, rules: wide }).findings.get(document.path) : undefined;
  // What the second analysis says of comments the first one has said.
  const findings = [...analysis.findings, ...(more ?? []).filter(f => wide.some(r => r.id === f.ruleId))];
  return { document, analysis, findings, world: { document, repository, config: env.config } };
}

const wideRules = new WeakMap<readonly AnyRule[], readonly AnyRule[]>();

function repositoryRules({ env, rule }: FixOptions): readonly AnyRule[] {
  let wide = wideRules.get(env.rules);
  if (!wide) wideRules.set(env.rules, wide = env.rules.filter(r => r.scope === 'repository' && r.fix !== 'none'));
  return rule === undefined ? wide : wide.filter(r => r.id === rule);
}

/** The repository with one document in another version. */
function overlay(repository: Repository, document: SourceDocument): Repository {
  let documents: readonly SourceDocument[] | undefined;
  return {
    files: repository.files,
    has: path => repository.has(path),
    read: path => (path === document.path ? document.text : repository.read(path)),
    get documents() {
      return documents ??= [...repository.documents.filter(d => d.path !== document.path), document]
        .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    },
    document: path => (path === document.path ? document : repository.document(path)),
  };
}

function candidatesOf(now: Version, options: FixOptions, barred: readonly Barred[], refused: Map<string, RefusedFix>): Candidate[] {
  const found: Candidate[] = [];
  for (const finding of now.findings) {
    const asked = options.rule === undefined ? finding.absorbedBy === undefined : finding.ruleId === options.rule;
    if (finding.suppressed || !asked) continue;
    const fix = finding.fixes[0];
    if (!fix || fix.needs || (options.safety === 'safe' && fix.safety !== 'safe')) continue;
    const { ruleId, messageId, range } = finding;
    if (barred.some(b => b.ruleId === ruleId && b.messageId === messageId && b.start === range.start)) continue;
    const made = tryEdits(fix, now.world);
    if (Array.isArray(made)) found.push({ finding, fix, edits: made });
    else refused.set(`${finding.ruleId} ${finding.message}`, { ruleId: finding.ruleId, title: fix.title, reason: made as string });
  }
  return found;
}

function tryEdits(fix: Fix, world: World): readonly TextEdit[] | string {
  try {
    return guarded(fix.edits(world), world.document) ?? 'It cannot be made here without breaking something.';
  } catch (e) {
    return `It failed: ${e instanceof Error ? e.message : String(e)}`;
  }
}

/** First come, first served, in document order. Edits that two fixes agree on are made once. */
function withoutOverlaps(candidates: readonly Candidate[]): Candidate[] {
  const taken: TextEdit[] = [];
  return candidates.filter(c => {
    const fresh = c.edits.filter(e => !taken.some(t => same(e, t)));
    if (fresh.some(e => taken.some(t => e.start <= t.end && t.start <= e.end))) return false;
    taken.push(...fresh);
    return true;
  });
}

function same(a: TextEdit, b: TextEdit): boolean {
  return a.start === b.start && a.end === b.end && a.newText === b.newText && a.start !== a.end;
}

type Step =
  | { readonly ok: true; readonly next: Version; readonly edits: readonly TextEdit[] }
  | { readonly ok: false; readonly reason: string };

function step(now: Version, batch: readonly Candidate[], path: string, options: FixOptions): Step {
  const edits: TextEdit[] = [];
  for (const e of batch.flatMap(c => c.edits)) if (!edits.some(x => same(x, e))) edits.push(e);
  let text: string;
  try {
    text = applyEdits(now.document.text, edits);
  } catch (e) {
    return { ok: false, reason: e instanceof Error ? e.message : String(e) };
  }
  if (text === now.document.text) return { ok: false, reason: 'It changes nothing.' };
  const next = versionOf(path, text, options, now);
  if (next.document.problems.length > now.document.problems.length) {
    return { ok: false, reason: 'The result would not parse as well as before.' };
  }
  for (const ruleId of new Set(batch.map(c => c.finding.ruleId))) {
    const expected = count(now, ruleId) - batch.filter(c => c.finding.ruleId === ruleId).length;
    if (count(next, ruleId) > expected) return { ok: false, reason: 'The finding would still be there.' };
  }
  return { ok: true, next, edits };
}

function count(version: Version, ruleId: string): number {
  return version.findings.reduce((n, f) => n + (f.ruleId === ruleId && !f.suppressed ? 1 : 0), 0);
}
