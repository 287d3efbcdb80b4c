/**
 * The arithmetic of the scorecard: results of controls in, levels, scores and intervals out. It knows nothing of repositories.
 *
 * It is a ladder and not an average: a level counts when all levels below it are complete, so that an exotic practice never
 * makes up for a missing basic one. Weights and tolerances are judgement and stand in one place, here.
 */
import { SCORE_CATEGORIES, type Level, type ScoreCategory } from '../practices/practice';
import type { Severity } from '../engine/rule';

export const CATEGORY_WEIGHTS: Readonly<Record<ScoreCategory, number>> = {
  Security: 25, Quality: 20, Reliability: 20, Automation: 15, 'Developer Experience': 10, Organisation: 10,
};
export const SEVERITY_WEIGHTS: Readonly<Record<Severity, number>> = { info: 1, low: 1, medium: 2, high: 3, critical: 5 };
/** Share of a level's lesser controls that has to be met for the level to count. */
export const LEVEL_TOLERANCE = 0.8;
/** How much less a control counts for each level that it is above the next one. */
export const LEVEL_DECAY = 0.5;
/** A category with a broken critical control gets no higher than this. */
export const CRITICAL_CAP = { level: 2, score: 39 } as const;
export const LEVEL_NAMES = ['Initial', 'Guarded', 'Managed', 'Hardened', 'Verified'] as const;

/** Sums of weights don't come out exactly; nothing real is this close to a threshold. */
const EPSILON = 1e-9;

/** `Guarded` for 2. */
export function levelName(level: number): string {
  return LEVEL_NAMES[Math.min(Math.max(Math.trunc(level), 1), 5) - 1]!;
}

export type Result = number | 'unknown' | 'not-applicable';

/** All that the arithmetic needs of a control. */
export interface ScoredControl {
  readonly id: string;
  readonly category: ScoreCategory;
  readonly level: Level;
  readonly severity: Severity;
  /** 0 (missing) to 1 (met). `unknown` needs GitHub; `not-applicable` counts nowhere. */
  readonly result: Result;
}

export interface CategoryScore {
  readonly name: ScoreCategory;
  /** 0–100, unknown controls counted as missing. 0 where nothing applies. */
  readonly score: number;
  /** 1–5, unknown controls counted as missing. */
  readonly level: number;
  /** Score with every unknown control missing, and with every one met. */
  readonly interval: readonly [number, number];
  readonly levels: readonly [number, number];
  /** False where no control applies: the category is left out of the overall score. */
  readonly applicable: boolean;
  /** Controls that keep the next level from being complete, weightiest first. Unknown ones included. */
  readonly blockers: readonly string[];
}

export interface Score {
  /** 0–100: the low end of the interval. */
  readonly score: number;
  /** 1–5, at the low end. */
  readonly level: number;
  readonly interval: readonly [number, number];
  readonly levels: readonly [number, number];
  /** All six, in their fixed order. */
  readonly categories: readonly CategoryScore[];
}

interface Known { readonly id: string; readonly level: Level; readonly severity: Severity; readonly r: number }

/** Computes everything for a set of controls. Results outside 0–1 are clamped; an id may stand only once (the caller's duty). */
export function score(controls: readonly ScoredControl[]): Score {
  const low = evaluate(controls, 0), high = evaluate(controls, 1);
  const categories = SCORE_CATEGORIES.map((name, i): CategoryScore => {
    const l = low.categories[i], h = high.categories[i];
    if (!l || !h) return { name, score: 0, level: 1, interval: [0, 0], levels: [1, 1], applicable: false, blockers: [] };
    return { name, score: l.score, level: l.level, interval: [l.score, h.score], levels: [l.level, h.level], applicable: true,
      blockers: l.blockers };
  });
  return { score: low.score, level: low.level, interval: [low.score, high.score], levels: [low.level, high.level], categories };
}

/** Only the overall score (its low end), for "what if": cheaper than everything. */
export function overallScore(controls: readonly ScoredControl[]): number {
  return evaluate(controls, 0).score;
}

interface Evaluated { score: number; level: number; categories: ({ score: number; level: number; blockers: string[] } | undefined)[] }

function evaluate(controls: readonly ScoredControl[], unknown: 0 | 1): Evaluated {
  const categories = SCORE_CATEGORIES.map(name => {
    const known: Known[] = [];
    for (const c of controls) {
      if (c.category !== name || c.result === 'not-applicable') continue;
      const r = c.result === 'unknown' ? unknown : Math.min(Math.max(c.result, 0), 1);
      known.push({ id: c.id, level: c.level, severity: c.severity, r });
    }
    return known.length > 0 ? scoreCategory(known) : undefined;
  });
  let sum = 0, weights = 0, lowest = 5;
  categories.forEach((c, i) => {
    if (!c) return;
    const weight = CATEGORY_WEIGHTS[SCORE_CATEGORIES[i]!];
    sum += weight * c.score;
    weights += weight;
    lowest = Math.min(lowest, c.level);
  });
  if (weights === 0) return { score: 0, level: 1, categories };
  const total = sum / weights;
  return { score: total, level: Math.min(1 + Math.floor((total + EPSILON) / 20), 1 + lowest, 5), categories };
}

function scoreCategory(controls: readonly Known[]): { score: number; level: number; blockers: string[] } {
  let level = 1;
  while (level < 5 && complete(controls.filter(c => c.level === level + 1))) level++;
  const p = level < 5
    ? mean(controls.filter(c => c.level > level), c => LEVEL_DECAY ** (c.level - level - 1))
    : Math.max(0, (mean(controls, () => 1) - LEVEL_TOLERANCE) / (1 - LEVEL_TOLERANCE));
  const value = 20 * (level - 1) + 20 * Math.min(p, 1);
  const broken = controls.filter(c => c.severity === 'critical' && !met(c));
  const next = level < 5 ? controls.filter(c => c.level === level + 1 && !met(c)) : [];
  const capped = broken.length > 0 && (level > CRITICAL_CAP.level || value > CRITICAL_CAP.score);
  const blockers = (capped ? broken : next).sort((a, b) => weight(b) * (1 - b.r) - weight(a) * (1 - a.r) || compare(a.id, b.id));
  return {
    level: broken.length > 0 ? Math.min(level, CRITICAL_CAP.level) : level,
    score: broken.length > 0 ? Math.min(value, CRITICAL_CAP.score) : value,
    blockers: blockers.map(c => c.id),
  };
}

/** A level that asks nothing of this repository is complete. */
function complete(controls: readonly Known[]): boolean {
  const strict = controls.filter(c => c.severity === 'high' || c.severity === 'critical');
  const others = controls.filter(c => c.severity !== 'high' && c.severity !== 'critical');
  return strict.every(met) && (others.length === 0 || mean(others, () => 1) >= LEVEL_TOLERANCE - EPSILON);
}

function met(c: Known): boolean { return c.r >= 1 - EPSILON; }
function weight(c: Known): number { return SEVERITY_WEIGHTS[c.severity]; }
function compare(a: string, b: string): number { return a < b ? -1 : a > b ? 1 : 0; }

function mean(controls: readonly Known[], factor: (c: Known) => number): number {
  let sum = 0, weights = 0;
  for (const c of controls) {
    const w = weight(c) * factor(c);
    sum += w * c.r;
    weights += w;
  }
  return weights === 0 ? 1 : sum / weights;
}

export interface Action {
  readonly controlId: string;
  /** Points on the overall score (its low end) when this control alone were met. Never negative. */
  readonly gain: number;
  readonly effort: number;
}

/**
 * What to do next: the exact gain of meeting one control, by effort, best first. Controls that gain nothing by themselves
 * (because a lower level is open) come last, weightiest first.
 */
export function nextBestActions(controls: readonly ScoredControl[], effort: (control: ScoredControl) => number): Action[] {
  const now = overallScore(controls);
  const open = controls.filter(c => c.result === 'unknown' || (typeof c.result === 'number' && c.result < 1 - EPSILON));
  const actions = open.map(control => {
    const better = controls.map(c => c === control ? { ...c, result: 1 } : c);
    const gain = Math.max(0, overallScore(better) - now);
    return { control, action: { controlId: control.id, gain: gain < EPSILON ? 0 : gain, effort: effort(control) } };
  });
  actions.sort((a, b) =>
    b.action.gain / b.action.effort - a.action.gain / a.action.effort
    || a.control.level - b.control.level
    || SEVERITY_WEIGHTS[b.control.severity] - SEVERITY_WEIGHTS[a.control.severity]
    || compare(a.control.id, b.control.id));
  return actions.map(a => a.action);
}

/** Points as they are shown: rounded down, so that the number never claims a level that isn't reached. */
export function shownPoints(points: number): number {
  return Math.floor(points + EPSILON);
}
