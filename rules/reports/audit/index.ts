/** The audit of a repository as data: what is printed, and what a later audit is compared with. */
import { RULES } from '../../checks';
import { SEVERITIES, type Config, type Severity } from '../../engine/rule';
import type { Finding } from '../../engine/finding';
import { gateOf } from '../../practices/practice';
import { levelName, levelText, shownPoints, type ControlVerdict, type Scorecard } from '../../scorecard';
import { isOpen, type Assessment } from '../assess';
import { complianceMap, type MappedStandard } from '../compliance';
import { placeAt, type Place } from '../places';
import { compare, type Baseline, type Comparison } from './baseline';

export type Priority = 'critical' | 'high' | 'medium' | 'low' | 'none';

export interface MatrixRow {
  readonly component: string;
  readonly score: number;
  /** Levels, 1 to 5. */
  readonly current: number;
  readonly target: number;
  /** Levels that are missing; 0 where the target is reached. */
  readonly gap: number;
  readonly priority: Priority;
}

/** What one rule found, with what it means. Findings of one rule say the same of different places. */
export interface AuditFinding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly message: string;
  /** Why it is as severe as it is here. */
  readonly risk: string;
  readonly impact: string;
  readonly recommendation: string;
  readonly places: readonly Place[];
}

export interface Strength { readonly id: string; readonly title: string; readonly component: string; readonly text: string; readonly places: readonly Place[] }

export interface PlanStep { readonly id: string; readonly title: string; readonly why: string; /** Points on the overall score; 0 where it brings none by itself. */ readonly gain: number; readonly kind: 'add' | 'fix' | 'manual' }
export interface Phase { readonly name: 'This week' | 'Within two weeks' | 'Within a month'; readonly steps: readonly PlanStep[] }

export interface Audit {
  readonly version: 1;
  readonly name: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly score: number;
  readonly level: number;
  readonly levelName: string;
  /** The level in words, with what is possible at best where something is unknown. */
  readonly levelText: string;
  readonly interval: readonly [number, number];
  readonly headline: string;
  readonly heldBackBy?: string;
  readonly workflows: number;
  readonly open: Readonly<Record<Severity, number>>;
  /** Findings that were answered by a suppression. */
  readonly accepted: number;
  readonly matrix: readonly MatrixRow[];
  readonly severe: readonly AuditFinding[];
  readonly strengths: readonly Strength[];
  readonly plan: readonly Phase[];
  readonly standards: readonly MappedStandard[];
  readonly manual: readonly string[];
  readonly controls: readonly { readonly id: string; readonly verdict: string }[];
  /** Open findings without their places, which move: rule, file and message. */
  readonly findings: readonly { readonly ruleId: string; readonly severity: Severity; readonly path: string; readonly message: string }[];
  readonly comparison?: Comparison;
}

export interface AuditOptions {
  readonly name: string;
  readonly date: string;
  /** Level aimed at for every component; else what the configuration says, else level 3, or the next one above it. */
  readonly target?: number;
  readonly targets?: Config['targets'];
  readonly baseline?: Baseline;
}

const MAX_STRENGTHS = 20;
const MAX_STEPS = 8;
/** Steps of the first week beside holes: small ones, and those that bring the most. */
const EASY = 4, BEST = 2;
/** A rule of which fewer places were asked says little about a repository. */
const MIN_PLACES = 3;

export function audit({ repo, card, findings }: Assessment, options: AuditOptions): Audit {
  const open = findings.filter(isOpen);
  const counts = Object.fromEntries(SEVERITIES.map(s => [s, open.filter(f => f.severity === s).length])) as Record<Severity, number>;
  const severe = severeFindings(open, (path, offset) => placeAt(repo, path, offset));
  const made: Audit = {
    version: 1, name: options.name, date: options.date,
    score: shownPoints(card.score), level: card.level, levelName: card.levelName, levelText: levelText(card), interval: [shownPoints(card.interval[0]), shownPoints(card.interval[1])],
    headline: card.headline, ...(card.heldBackBy ? { heldBackBy: card.heldBackBy } : {}),
    workflows: repo.documents.filter(d => d.workflow).length,
    open: counts, accepted: findings.filter(f => f.suppressed && f.absorbedBy === undefined).length,
    matrix: matrix(card, open, options),
    severe,
    strengths: strengths(card, (path, offset) => placeAt(repo, path, offset)),
    plan: plan(card, severe),
    standards: complianceMap(repo, card, findings),
    manual: manual(card),
    controls: card.controls.map(v => ({ id: v.control.id, verdict: v.verdict })),
    findings: open.map(f => ({ ruleId: f.ruleId, severity: f.severity, path: f.path, message: f.message })),
  };
  return options.baseline ? { ...made, comparison: compare(options.baseline, made) } : made;
}

function targetOf(name: string, current: number, options: AuditOptions): number {
  const wanted = (key: string): number | undefined => Object.entries(options.targets ?? {}).find(([k]) => k.toLowerCase() === key.toLowerCase())?.[1].level;
  return options.target ?? wanted(name) ?? wanted('overall') ?? Math.min(5, Math.max(3, current + (current >= 3 ? 1 : 0)));
}

function matrix(card: Scorecard, open: readonly Finding[], options: AuditOptions): MatrixRow[] {
  const homes = new Map<string, string>();
  for (const v of card.controls) for (const id of [v.control.id, ...v.control.sameAs]) homes.set(id, v.control.category);
  const row = (component: string, score: number, current: number, worst: Severity | undefined): MatrixRow => {
    const target = targetOf(component, current, options), gap = Math.max(0, target - current);
    const priority: Priority = worst === 'critical' ? 'critical' : worst === 'high' || gap >= 2 ? 'high' : gap === 1 ? 'medium' : worst === 'medium' ? 'low' : 'none';
    return { component, score: shownPoints(score), current, target, gap, priority };
  };
  const worstOf = (findings: readonly Finding[]): Severity | undefined => [...SEVERITIES].reverse().find(s => findings.some(f => f.severity === s));
  return [
    ...card.categories.filter(c => c.applicable).map(c => row(c.name, c.score, c.level, worstOf(open.filter(f => homes.get(f.ruleId) === c.name)))),
    row('Overall', card.score, card.level, worstOf(open)),
  ];
}

function severeFindings(open: readonly Finding[], place: (path: string, offset: number) => Place): AuditFinding[] {
  const groups = new Map<string, Finding[]>();
  for (const f of open) if (f.severity === 'critical' || f.severity === 'high') groups.set(`${f.severity} ${f.ruleId}`, [...groups.get(`${f.severity} ${f.ruleId}`) ?? [], f]);
  return [...groups.values()].map(group => {
    const [first] = group, rule = RULES.find(r => r.id === first!.ruleId);
    const reasons = [...new Set(group.flatMap(f => f.reasons))];
    const titles = new Set(group.map(f => (f.fixes.find(x => x.preferred) ?? f.fixes[0])?.title));
    const [title] = titles, last = first!.message.split(/(?<=\.)\s+/).at(-1)!;
    return {
      ruleId: first!.ruleId, severity: first!.severity, message: first!.message,
      risk: reasons.length > 0 ? reasons.join('; ') : `${rule && rule.severity === first!.severity ? 'its own severity' : 'as it is used here'}; confidence ${first!.confidence}`,
      impact: rule?.docs.why ?? '',
      // A message ends with what to do, unless it ends with what there is.
      recommendation: title !== undefined ? `${title}${titles.size > 1 ? '; alike in the other places' : ''}` : /^(?:`|It |This |That |These |The |An? |There )/.test(last) ? `Mend what ${first!.ruleId} found` : last.replace(/\.$/, ''),
      places: group.map(f => place(f.path, f.range.start)),
    };
  }).sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || b.places.length - a.places.length);
}

function strengths(card: Scorecard, place: (path: string, offset: number | undefined) => Place): Strength[] {
  const rank = (v: ControlVerdict): number => SEVERITIES.indexOf(v.control.severity) * 10 + v.control.level;
  const met = card.controls.filter(v => v.verdict === 'met');
  const practices = met.filter(v => v.control.kind === 'practice').sort((a, b) => rank(b) - rank(a));
  const rules = met.filter(v => v.control.kind === 'rule' && (v.control.severity === 'high' || v.control.severity === 'critical') && (v.instances ?? 0) >= MIN_PLACES).sort((a, b) => rank(b) - rank(a));
  return [...practices, ...rules].slice(0, MAX_STRENGTHS).map(v => ({
    id: v.control.id, title: v.control.kind === 'practice' ? v.control.title : `Nothing found by ${v.control.id}`, component: v.control.category,
    text: v.control.kind === 'practice' ? [...new Set(v.evidence.map(e => e.text))].slice(0, 3).join('; ') : v.lookedFor.join('; '),
    places: v.control.kind === 'practice' ? v.evidence.slice(0, 10).map(e => place(e.path, e.start)) : [],
  }));
}

/** Holes first, then what brings the most for its effort. Each thing once. */
function plan(card: Scorecard, severe: readonly AuditFinding[]): Phase[] {
  const done = new Set<string>();
  const homes = new Map(card.controls.flatMap(v => [v.control.id, ...v.control.sameAs].map(id => [id, v.control.id] as const)));
  const gains = new Map(card.actions.map(a => [a.controlId, a.gain]));
  const week: PlanStep[] = severe.map(f => {
    const control = homes.get(f.ruleId) ?? f.ruleId;
    done.add(control);
    return { id: f.ruleId, title: f.recommendation, why: `${f.severity}, ${f.places.length} ${f.places.length === 1 ? 'place' : 'places'}`, gain: gains.get(control) ?? 0, kind: 'fix' };
  });
  const rest = card.actions.filter(a => !done.has(a.controlId)).map((a): PlanStep & { effort: number } => {
    const v = card.controls.find(c => c.control.id === a.controlId)!;
    return { id: a.controlId, title: a.title, why: `${v.control.category}, level ${v.control.level} (${levelName(v.control.level)}), now ${v.verdict}`, gain: a.gain, kind: a.kind, effort: a.effort };
  });
  // Of a gate with several thresholds the next one.
  const gates = new Set<string>(), next = rest.filter(({ id }) => {
    const gate = gateOf(id), first = !gates.has(gate);
    gates.add(gate);
    return first;
  });
  const unseen = new Set(card.controls.filter(c => c.verdict === 'unknown').map(c => c.control.id));
  const best = next.filter(a => a.effort > 1 && (a.kind !== 'manual' || unseen.has(a.id)) && a.gain > 0).slice(0, BEST), soon = [...best, ...next.filter(a => a.effort === 1).slice(0, EASY)];
  const more = next.filter(a => !soon.includes(a) && a.kind !== 'manual'), byHand = next.filter(a => a.kind === 'manual' && !soon.includes(a));
  const bare = (steps: readonly (PlanStep & { effort?: number })[]): PlanStep[] => steps.map(({ id, title, why, gain, kind }) => ({ id, title, why, gain, kind }));
  return [
    { name: 'This week', steps: bare([...week, ...soon]) },
    { name: 'Within two weeks', steps: bare(more.slice(0, MAX_STEPS)) },
    { name: 'Within a month', steps: bare([...more.slice(MAX_STEPS, 2 * MAX_STEPS), ...byHand.slice(0, MAX_STEPS)]) },
  ];
}

/** What no edit of a file does. */
function manual(card: Scorecard): string[] {
  return card.controls.filter(v => v.verdict === 'unknown').map(v => `${v.control.title} (\`${v.control.id}\`): ${v.lookedFor.join('; ')}`);
}
