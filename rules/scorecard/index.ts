/** The scorecard of a repository: verdicts of all controls, and what the arithmetic of `score.ts` makes of them. */
import type { Finding, RuleTally } from '../engine/finding';
import type { AnyRule, Config } from '../engine/rule';
import type { Repository } from '../repository/repository';
import { RULES } from '../checks';
import { PRACTICES } from '../practices';
import type { Evidence, PracticeDefinition, Verdict } from '../practices/practice';
import { deployJobs } from '../practices/shared/ci';
import { controlsOf, type Control } from './controls';
import { levelName, nextBestActions, score, shownPoints, type Result, type Score, type ScoredControl } from './score';

export * from './score';
export * from './controls';

/** What the scorecard reads of an analysis, of a file or of the whole repository. */
export interface Tallied {
  readonly findings: readonly Finding[];
  readonly tallies: ReadonlyMap<string, Readonly<RuleTally>>;
}

export type VerdictKind = 'met' | 'partial' | 'missing' | 'not-applicable' | 'unknown';

export interface ControlVerdict {
  readonly control: Control;
  readonly verdict: VerdictKind;
  /** 0–1; null where unknown or not applicable. */
  readonly result: number | null;
  /** Of a practice: what was seen. Of a rule: what is wrong. */
  readonly evidence: readonly Evidence[];
  readonly lookedFor: readonly string[];
  /** What a person has to do, imperative, where the scaffold can't do what is left. */
  readonly byHand?: string;
  /** Of a rule: the places that it was asked about. */
  readonly instances?: number;
}

export interface NextAction {
  readonly controlId: string;
  /** Imperative. */
  readonly title: string;
  /** Points on the overall score, exact. */
  readonly gain: number;
  readonly effort: number;
  readonly kind: 'add' | 'fix' | 'manual';
  /** Of `add`: it changes what stands, and adds no job and no file. */
  readonly edits?: true;
}

export interface TargetGap { readonly name: string; readonly current: number; readonly target: number; readonly by?: string }

export interface Scorecard extends Score {
  readonly levelName: string;
  /** `62 (62–71, 15 of 110 controls need a GitHub token)`; `62` where nothing is unknown. */
  readonly headline: string;
  /** What holds the level back, a sentence; absent at level 5. */
  readonly heldBackBy?: string;
  /** Each control of the registry, not applicable ones included, in the table's order. */
  readonly controls: readonly ControlVerdict[];
  /** Best first. */
  readonly actions: readonly NextAction[];
  /** Targets of the configuration that aren't reached. */
  readonly gaps: readonly TargetGap[];
  /** Practices that threw. */
  readonly errors: readonly { readonly id: string; readonly message: string }[];
}

export interface ScorecardOptions {
  readonly targets?: Config['targets'];
  /** What GitHub's settings and runs say, by control; a control that isn't there stays unknown. */
  readonly settings?: Readonly<Record<string, Verdict>>;
  /** The registries, for tests. */
  readonly rules?: readonly AnyRule[];
  readonly practices?: readonly PracticeDefinition[];
}

/** Above this the list of one rule's findings is cut: it is evidence, not a report. */
const MAX_EVIDENCE = 50;

/**
 * Computes the scorecard. `analyses` are those of all documents of the repository, and of the repository itself. A rule that isn't in
 * any tally (switched off) is not applicable. Never throws because of a practice.
 */
export function computeScorecard(repo: Repository, analyses: readonly Tallied[], options: ScorecardOptions = {}): Scorecard {
  const rules = options.rules ?? RULES, practices = options.practices ?? PRACTICES;
  const errors: { id: string; message: string }[] = [];
  const tallied = tally(analyses);
  const controls = controlsOf(rules, practices).map(control => {
    if (control.rule) return ruleVerdict(control, tallied);
    const known = options.settings?.[control.id];
    if (!control.practice) return settingsVerdict(control, repo, known);
    try {
      const verdict = practiceVerdict(control, repo);
      return verdict.verdict === 'unknown' && known ? verdictOf(control, known) : verdict;
    } catch (e) {
      errors.push({ id: control.id, message: e instanceof Error ? e.message : String(e) });
      return verdictOf(control, { result: 'unknown', evidence: [], lookedFor: ['the check itself failed'] });
    }
  });
  const scored = controls.map(scoredControl);
  const byId = new Map(controls.map(c => [c.control.id, c]));
  const result = score(scored);
  const fixOf = (c: Control): AnyRule['fix'] => strongestFix(c, rules);
  const actions = nextBestActions(scored, s => effort(byId.get(s.id)!, fixOf))
    .map(a => ({ ...a, ...describe(byId.get(a.controlId)!, fixOf) }));
  return {
    ...result,
    levelName: levelName(result.level),
    headline: headline(result, controls),
    heldBackBy: heldBackBy(result, byId, actions),
    controls, actions, errors,
    gaps: gaps(result, options.targets ?? {}),
  };
}

interface RuleResult { instances: number; violations: number; readonly findings: Finding[] }

function tally(analyses: readonly Tallied[]): Map<string, RuleResult> {
  const all = new Map<string, RuleResult>();
  const of = (id: string): RuleResult => {
    let r = all.get(id);
    if (!r) all.set(id, r = { instances: 0, violations: 0, findings: [] });
    return r;
  };
  for (const a of analyses) {
    for (const [id, t] of a.tallies) {
      const r = of(id);
      r.instances += t.instances;
      r.violations += t.violations;
    }
    for (const f of a.findings) if (!f.suppressed && f.absorbedBy === undefined) of(f.ruleId).findings.push(f);
  }
  return all;
}

function ruleVerdict(control: Control, tallied: ReadonlyMap<string, RuleResult>): ControlVerdict {
  const t = tallied.get(control.id);
  if (!t || Math.max(t.instances, t.violations) === 0) return notApplicable(control);
  const instances = Math.max(t.instances, t.violations), compliant = instances - t.violations;
  const evidence = t.findings.slice(0, MAX_EVIDENCE).map(f => ({ path: f.path, start: f.range.start, end: f.range.end, text: f.message }));
  const text = instances > 1 ? `${compliant} of ${instances} places comply` : compliant === 1 ? 'the one place complies' : 'the one place does not comply';
  return { ...verdictOf(control, { result: compliant / instances, evidence, lookedFor: [text] }), instances };
}

function settingsVerdict(control: Control, repo: Repository, known: Verdict | undefined): ControlVerdict {
  const settings = control.settings!;
  if (settings.applies === 'deploys' && deployJobs(repo).length === 0) return notApplicable(control);
  return verdictOf(control, known ?? { result: 'unknown', evidence: [], lookedFor: [settings.lookedFor] });
}

function practiceVerdict(control: Control, repo: Repository): ControlVerdict {
  const practice = control.practice!;
  return practice.applies(repo) ? verdictOf(control, practice.evidence(repo)) : notApplicable(control);
}

function verdictOf(control: Control, v: Verdict): ControlVerdict {
  if (v.result === 'unknown') return { control, verdict: 'unknown', result: null, evidence: v.evidence, lookedFor: v.lookedFor };
  const result = Math.min(Math.max(v.result, 0), 1);
  return { control, verdict: result >= 1 ? 'met' : result > 0 ? 'partial' : 'missing', result, evidence: v.evidence,
    lookedFor: v.lookedFor, ...(v.byHand === undefined ? {} : { byHand: v.byHand }) };
}

function notApplicable(control: Control): ControlVerdict {
  return { control, verdict: 'not-applicable', result: null, evidence: [], lookedFor: [] };
}

function scoredControl(v: ControlVerdict): ScoredControl {
  const { id, category, level, severity } = v.control;
  const result: Result = v.verdict === 'unknown' ? 'unknown' : v.verdict === 'not-applicable' ? 'not-applicable' : v.result!;
  return { id, category, level, severity, result };
}

/** For a practice without a scaffold: its own rule may offer the fix. */
function strongestFix(control: Control, rules: readonly AnyRule[]): AnyRule['fix'] {
  const fixes = [control.id, ...control.sameAs].map(id => rules.find(r => r.id === id)?.fix);
  return fixes.includes('safe') ? 'safe' : fixes.includes('unsafe') ? 'unsafe' : 'none';
}

function effort({ control, byHand }: ControlVerdict, fixOf: (c: Control) => AnyRule['fix']): number {
  if (byHand !== undefined || (control.settings && !control.practice)) return 3;
  if (control.practice?.scaffold) return 2;
  return fixOf(control) === 'safe' ? 1 : 3;
}

function describe({ control, verdict, byHand }: ControlVerdict, fixOf: (c: Control) => AnyRule['fix']): Pick<NextAction, 'title' | 'kind' | 'edits'> {
  // What is left of it is up to GitHub: there is nothing to add to the files.
  const atGitHub = verdict === 'unknown';
  if (atGitHub && !control.settings) return { title: `Find out about ${lowerFirst(control.title.replace(/\.$/, ''))}`, kind: 'manual' };
  if (byHand !== undefined) return { title: byHand, kind: 'manual' };
  if (control.practice?.scaffold && !atGitHub) {
    const { title, kind } = control.practice.scaffold;
    // Part of it is there: adding it is not what is left to do.
    return { title: verdict === 'partial' && title.startsWith('Add ') ? `Complete ${lowerFirst(control.title.replace(/\.$/, ''))}` : title, kind: 'add', ...(kind === 'edit' ? { edits: true } : {}) };
  }
  const kind = !control.settings && fixOf(control) !== 'none' ? 'fix' : 'manual';
  const what = control.title.replace(/\.$/, '');
  return { title: control.settings ? `Set up ${lowerFirst(what)} on GitHub`
    : control.practice ? `Complete ${lowerFirst(what)}` : `Fix ${control.id}`, kind };
}

/** `level 2 Guarded`, and the level that is possible where something is unknown. */
export function levelText(s: Pick<Score, 'level' | 'levels'>): string {
  const most = s.levels[1];
  return `level ${s.level} ${levelName(s.level)}${most > s.level ? `, ${most} ${levelName(most)} at best` : ''}`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

function headline(s: Score, controls: readonly ControlVerdict[]): string {
  const applicable = controls.filter(c => c.verdict !== 'not-applicable'), unknown = applicable.filter(c => c.verdict === 'unknown');
  const points = shownPoints(s.score);
  if (unknown.length === 0) return String(points);
  const why = unknown.every(c => c.control.settings) ? 'need a GitHub token' : 'are not known';
  return `${points} (${points}–${shownPoints(s.interval[1])}, ${unknown.length} of ${applicable.length} controls ${why})`;
}

function heldBackBy(s: Score, byId: ReadonlyMap<string, ControlVerdict>, actions: readonly NextAction[]): string | undefined {
  if (s.level >= 5) return undefined;
  const applicable = s.categories.filter(c => c.applicable);
  const lowest = Math.min(...applicable.map(c => c.level), 5);
  if (applicable.length === 0) return undefined;
  const byScore = Math.min(5, 1 + Math.floor((s.score + 1e-9) / 20));
  const next = 20 * s.level, missing = Math.ceil(next - s.score - 1e-9);
  if (1 + lowest <= byScore) {
    const lagging = applicable.filter(c => c.level === lowest);
    const open = lagging.flatMap(c => c.blockers).map(id => byId.get(id)!);
    const names = open.slice(0, 3).map(v => v.verdict === 'unknown' && v.control.settings ? `${v.control.id} (needs a GitHub token)`
      : v.control.id);
    const holds = lagging.length === 1 ? `${lagging[0]!.name} is at level ${lowest} and holds`
      : `${list(lagging.map(c => c.name))} are at level ${lowest} and hold`;
    return `${holds} the overall level at ${s.level}: open there ${open.length === 1 ? 'is' : 'are'} ${list(names)}${open.length > 3 ? ' and more' : ''}.`;
  }
  const best = actions.find(a => a.gain > 0);
  const step = best ? `; the best next step is “${best.title}”` : '';
  return `${missing} more ${missing === 1 ? 'point reaches' : 'points reach'} level ${s.level + 1} (${levelName(s.level + 1)})${step}.`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

function gaps(s: Score, targets: Config['targets']): TargetGap[] {
  const out: TargetGap[] = [];
  for (const [name, target] of Object.entries(targets)) {
    const current = name.toLowerCase() === 'overall' ? s.level : s.categories.find(c => c.name.toLowerCase() === name.toLowerCase())?.level;
    if (current !== undefined && current < target.level) out.push({ name, current, target: target.level, by: target.by });
  }
  return out;
}
