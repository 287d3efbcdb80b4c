/** An earlier report, read back: whatever a file holds, nothing of it is trusted. */
import type { Audit } from './index';

export interface Baseline {
  readonly date?: string;
  readonly score: number;
  readonly level: number;
  /** Score and level by component. */
  readonly components: ReadonlyMap<string, { readonly score: number; readonly level: number }>;
  readonly verdicts: ReadonlyMap<string, string>;
  /** How often each finding was open, by rule, file and message; undefined where the report doesn't say. */
  readonly findings?: ReadonlyMap<string, number>;
}

export interface Comparison {
  readonly since?: string;
  readonly rows: readonly { readonly component: string; readonly before: number; readonly after: number; readonly levelBefore: number; readonly levelAfter: number }[];
  /** Controls that are met now and weren't, and the other way round. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  /** Numbers of findings; undefined where the earlier report has none. */
  readonly solved?: number;
  readonly added?: number;
}

/** The JSON of `ci-hardening report` or of `ci-hardening score`; undefined for anything else. */
export function readBaseline(data: unknown): Baseline | undefined {
  if (!isRecord(data) || data.version !== 1 || !isNumber(data.score) || !isNumber(data.level)) return undefined;
  const components = new Map<string, { score: number; level: number }>();
  if (Array.isArray(data.matrix)) {
    for (const row of data.matrix) if (isRecord(row) && typeof row.component === 'string' && isNumber(row.score) && isNumber(row.current)) components.set(row.component, { score: row.score, level: row.current });
  } else if (isRecord(data.categories)) {
    for (const [name, c] of Object.entries(data.categories)) if (isRecord(c) && isNumber(c.score) && isNumber(c.level)) components.set(name, { score: c.score, level: c.level });
    components.set('Overall', { score: data.score, level: data.level });
  } else return undefined;
  const verdicts = new Map<string, string>();
  if (Array.isArray(data.controls)) for (const c of data.controls) if (isRecord(c) && typeof c.id === 'string' && typeof c.verdict === 'string') verdicts.set(c.id, c.verdict);
  let findings: Map<string, number> | undefined;
  if (Array.isArray(data.findings)) {
    findings = new Map();
    for (const f of data.findings) if (isRecord(f) && typeof f.ruleId === 'string' && typeof f.path === 'string' && typeof f.message === 'string') count(findings, keyOf(f as { ruleId: string; path: string; message: string }));
  }
  return { ...(typeof data.date === 'string' && /^\d{4}-\d\d-\d\d$/.test(data.date) ? { date: data.date } : {}), score: data.score, level: data.level, components, verdicts, ...(findings ? { findings } : {}) };
}

export function compare(before: Baseline, after: Audit): Comparison {
  const rows = after.matrix.flatMap(row => {
    const was = before.components.get(row.component);
    return was ? [{ component: row.component, before: was.score, after: row.score, levelBefore: was.level, levelAfter: row.current }] : [];
  });
  const now = new Map(after.controls.map(c => [c.id, c.verdict]));
  const common = [...now.keys()].filter(id => before.verdicts.has(id));
  const is = (id: string): boolean => now.get(id) === 'met', was = (id: string): boolean => before.verdicts.get(id) === 'met';
  // What has come to apply, or doesn't any more, is neither won nor lost.
  const applied = (id: string): boolean => now.get(id) !== 'not-applicable' && before.verdicts.get(id) !== 'not-applicable';
  return {
    ...(before.date ? { since: before.date } : {}), rows,
    gained: common.filter(id => applied(id) && is(id) && !was(id)), lost: common.filter(id => applied(id) && was(id) && !is(id)),
    ...(before.findings ? differences(before.findings, after) : {}),
  };
}

function differences(before: ReadonlyMap<string, number>, after: Audit): { solved: number; added: number } {
  const now = new Map<string, number>();
  for (const f of after.findings) count(now, keyOf(f));
  let solved = 0, added = 0;
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    const change = (now.get(key) ?? 0) - (before.get(key) ?? 0);
    if (change > 0) added += change; else solved -= change;
  }
  return { solved, added };
}

function keyOf(f: { readonly ruleId: string; readonly path: string; readonly message: string }): string { return `${f.ruleId}\n${f.path}\n${f.message}`; }
function count(into: Map<string, number>, key: string): void { into.set(key, (into.get(key) ?? 0) + 1); }
function isRecord(value: unknown): value is Record<string, unknown> { return typeof value === 'object' && value !== null && !Array.isArray(value); }
function isNumber(value: unknown): value is number { return typeof value === 'number' && Number.isFinite(value); }
