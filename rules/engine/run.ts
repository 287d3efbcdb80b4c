/** Runs rules over one unit and writes down what they asked, so that the result can serve again. */
import type { Query, Report, RuleContext, Visitors, World } from './rule';
import type { EnabledRule } from './select';
import { kindsAsBits, VISIT_KINDS, type Unit, type Visit, type VisitKind } from './visits';

export type RawReport = Report<string>;

interface Asked {
  readonly query: AnyQuery;
  readonly args: QueryArgs;
  readonly answer: Answer;
}

/** What one rule said about one unit, with block-relative places only. */
export interface RuleRun {
  /** The rule's place in the list that was run. */
  readonly index: number;
  readonly reports: readonly RawReport[];
  readonly instances: number;
  readonly asked: readonly Asked[];
  /** Message of what it threw; the reports of such a run don't count. */
  readonly error?: string;
}

type QueryArgs = readonly (string | number | boolean)[];
type AnyQuery = Query<QueryArgs, unknown>;

/** An answer, with its text for comparison made when it is first compared: most answers never are. */
class Answer {
  #json?: string;
  constructor(readonly value: unknown) {}

  equals(other: Answer): boolean {
    return this === other || this.value === other.value || (this.#text === other.#text);
  }

  /** Two answers may say the same in another order: they count as different then, and the rule runs once more. */
  get #text(): string { return this.#json ??= JSON.stringify(this.value) ?? 'undefined'; }
}

/** Who answers a rule's questions. */
export interface Asker {
  ask(query: AnyQuery, args: QueryArgs): Answer;
}

/** Answers of one analysis: each question is asked once, whoever asks it. */
export class Answers implements Asker {
  readonly #answers = new Map<AnyQuery, Map<string, Answer>>();

  constructor(private readonly world: World) {}

  ask(query: AnyQuery, args: QueryArgs): Answer {
    let known = this.#answers.get(query);
    if (!known) this.#answers.set(query, known = new Map());
    const key = keyOf(args);
    let answer = known.get(key);
    if (!answer) known.set(key, answer = new Answer(query.ask(this.world, ...args)));
    return answer;
  }

  /** True where every recorded question still has its answer. */
  same(asked: readonly Asked[]): boolean {
    for (const a of asked) {
      try {
        if (!this.ask(a.query, a.args).equals(a.answer)) return false;
      } catch {
        // The rule has to see the failure itself.
        return false;
      }
    }
    return true;
  }
}

function keyOf(args: QueryArgs): string {
  if (args.length === 0) return '';
  const [a, b] = args;
  if (args.length === 1 && typeof a === 'string') return `"${a}`;
  if (args.length === 2 && typeof a === 'string' && typeof b === 'string') return `${a.length}"${a}"${b}`;
  return JSON.stringify(args);
}

const NOTHING: readonly never[] = [];

/** The visit that is going on. */
interface Cursor { visit: Visit | undefined }

type Listener = (subject: unknown, where: unknown) => void;
const DORMANT: Visitors = {};

/** One rule at work: on one unit where it keeps something between visits, else on one unit after the other. */
class RuleAtWork implements RuleContext {
  // Most rules have nothing to say about most jobs: nothing is made before it is needed.
  #reports: RawReport[] | undefined = undefined;
  #asked: Asked[] | undefined = undefined;
  #instances = 0;
  #error: string | undefined = undefined;
  #spoke = false;
  visitors: Visitors = DORMANT;
  readonly options: unknown;

  constructor(readonly enabled: EnabledRule, readonly index: number, private readonly stage: Stage) {
    this.options = enabled.options;
    try {
      this.visitors = enabled.rule.create(this as never);
    } catch (e) {
      this.fail(e);
    }
  }

  query<A extends QueryArgs, R>(query: Query<A, R>, ...args: A): R {
    const q = query as unknown as AnyQuery;
    const answer = this.stage.asker.ask(q, args);
    if (this.#asked === undefined) {
      this.#asked = [{ query: q, args, answer }];
      this.#speak();
    } else if (!this.#asked.some(a => a.answer === answer)) {
      // One question of one analysis has one answer object.
      this.#asked.push({ query: q, args, answer });
    }
    return answer.value as R;
  }

  instance(): void {
    this.#instances++;
    this.#speak();
  }

  report(report: RawReport): void {
    const { visit } = this.stage;
    const step = report.step ?? visit?.step;
    // Field by field: what all reports go through is fast where they are all of one shape.
    const { at, messageId, data, adjust, confidence, related, fixes, absorbs, tag, official, places } = report;
    (this.#reports ??= []).push({
      at, messageId, data, adjust, confidence, related, fixes, absorbs, tag, official, places, step, job: report.job ?? step?.job ?? visit?.job,
    });
    this.#speak();
  }

  /** What it threw first is kept. */
  fail(e: unknown): void {
    this.#error ??= messageOf(e);
    this.#speak();
  }

  end(): void {
    if (this.#error !== undefined || !this.visitors.end) return;
    try {
      this.visitors.end();
    } catch (e) {
      this.fail(e);
    }
  }

  /** What it said since the last time. */
  take(): RuleRun {
    const run: RuleRun = { index: this.index, reports: this.#reports ?? NOTHING, asked: this.#asked ?? NOTHING, instances: this.#instances, error: this.#error };
    this.#reports = this.#asked = this.#error = undefined;
    this.#instances = 0;
    this.#spoke = false;
    return run;
  }

  #speak(): void {
    if (this.#spoke) return;
    this.#spoke = true;
    this.stage.spoke.push(this);
  }
}

function messageOf(e: unknown): string {
  return e instanceof Error ? e.message : String(e);
}

/** What rules at work share. */
interface Stage extends Cursor {
  asker: Asker;
  /** Those that have something to say about the unit. */
  spoke: RuleAtWork[];
}

/** What a rule looks at, as bits; `END` where it has an `end`. It is the same each time a rule is made with the same options. */
const kindsOf = new WeakMap<EnabledRule, number>();
const END = 1 << VISIT_KINDS.length;

function kindsIn(visitors: Visitors): number {
  const kinds = Object.keys(visitors) as (keyof Visitors)[];
  return kindsAsBits(kinds.filter(k => k !== 'end')) | (kinds.includes('end') ? END : 0);
}

/** Who listens to visits of one kind. */
interface Audience { readonly work: readonly RuleAtWork[]; readonly listeners: readonly Listener[] }

function audienceOf(kind: VisitKind, all: readonly RuleAtWork[]): Audience {
  const work: RuleAtWork[] = [];
  const listeners: Listener[] = [];
  for (const w of all) {
    const listener = (w.visitors as Partial<Record<VisitKind, Listener>>)[kind];
    if (!listener) continue;
    work.push(w);
    listeners.push(listener);
  }
  return { work, listeners };
}

/** The rules of one list, those that keep nothing made once. */
class Cast {
  readonly stage: Stage = { visit: undefined, asker: NOBODY, spoke: [] };
  readonly #shared: RuleAtWork[] = [];
  readonly #ends: RuleAtWork[] = [];
  /** Indexes of the others. */
  readonly #keeping: number[] = [];
  /** By the place of the kind in `VISIT_KINDS`. */
  readonly #audiences: readonly Audience[];
  /** Of these, by the kinds of visits that there are. */
  readonly #fresh = new Map<number, readonly number[]>();
  #playing = false;

  constructor(readonly rules: readonly EnabledRule[]) {
    rules.forEach((e, index) => {
      const work = e.rule.keepsState ? undefined : new RuleAtWork(e, index, this.stage);
      // One that cannot be made says so about each unit.
      if (!work || this.stage.spoke.length > 0) this.#keeping.push(index);
      else this.#shared.push(work);
      if (work?.visitors.end) this.#ends.push(work);
      this.stage.spoke = [];
    });
    this.#audiences = VISIT_KINDS.map(kind => audienceOf(kind, this.#shared));
  }

  play(unit: Unit, asker: Asker, only: ReadonlySet<number> | undefined, before: ((visit: Visit | undefined) => void) | undefined): RuleRun[] {
    // A question whose answer is made by rules, a unit with few rules to run, and one whose visits have to be followed are played apart.
    if (this.#playing || only || before) return playFresh(this.rules, only ?? new Set(this.rules.keys()), unit, asker, before);
    this.#playing = true;
    this.stage.asker = asker;
    try {
      // Rule by rule, not visit by visit: all rules together are more code than a processor keeps at hand.
      for (let kind = 0; kind < this.#audiences.length; kind++) {
        if ((unit.kinds & (1 << kind)) !== 0) this.#show(unit, kind);
      }
      const fresh = this.#freshFor(unit.kinds).map(i => makeFresh(this.rules[i]!, i, this.stage));
      for (const w of fresh) showAll(unit, w, this.stage);
      return finish(this.stage, [...this.#ends, ...fresh]);
    } finally {
      this.#playing = false;
      this.stage.asker = NOBODY;
      this.stage.visit = undefined;
    }
  }

  #show({ parts }: Unit, kind: number): void {
    const { stage } = this, { listeners, work } = this.#audiences[kind]!;
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i]!;
      for (const { byKind } of parts) {
        const visits = byKind[kind];
        if (visits !== undefined) showEach(visits, listener, work[i]!, stage);
      }
    }
  }

  /** Rules that such a unit can make speak; all until each of them was seen. `end` is for every unit. */
  #freshFor(kinds: number): readonly number[] {
    let known = this.#fresh.get(kinds);
    if (known) return known;
    const { rules } = this;
    const keeping = this.#keeping;
    known = keeping.filter(i => ((kindsOf.get(rules[i]!) ?? END) & (kinds | END)) !== 0);
    if (keeping.every(i => kindsOf.has(rules[i]!))) this.#fresh.set(kinds, known);
    return known;
  }
}

const NOBODY: Asker = { ask() { throw new Error('a rule asks while it is shown something'); } };
const casts = new WeakMap<readonly EnabledRule[], Cast>();

function makeFresh(enabled: EnabledRule, index: number, stage: Stage): RuleAtWork {
  const made = new RuleAtWork(enabled, index, stage);
  if (!kindsOf.has(enabled) && made.visitors !== DORMANT) kindsOf.set(enabled, kindsIn(made.visitors));
  return made;
}

function playFresh(
  rules: readonly EnabledRule[], which: ReadonlySet<number>, unit: Unit, asker: Asker, before: ((visit: Visit | undefined) => void) | undefined,
): RuleRun[] {
  const stage: Stage = { visit: undefined, asker, spoke: [] };
  const fresh = [...which].sort((a, b) => a - b).map(i => makeFresh(rules[i]!, i, stage));
  if (!before) {
    for (const w of fresh) showAll(unit, w, stage);
    return finish(stage, fresh);
  }
  const live = new Set(fresh);
  for (const visit of unit.parts.flatMap(p => p.visits)) {
    before(visit);
    for (const w of live) if (!showOne(visit, listenersOf(w, 1 << visit.kind)[visit.kind], w, stage)) live.delete(w);
  }
  before(undefined);
  return finish(stage, fresh);
}

function finish(stage: Stage, fresh: readonly RuleAtWork[]): RuleRun[] {
  stage.visit = undefined;
  for (const w of fresh) w.end();
  if (stage.spoke.length === 0) return [];
  const { spoke } = stage;
  stage.spoke = [];
  return spoke.map(w => w.take()).sort((a, b) => a.index - b.index);
}

function showEach(visits: readonly Visit[], listener: Listener, work: RuleAtWork, stage: Stage): void {
  try {
    for (const visit of visits) {
      stage.visit = visit;
      listener(visit.subject, visit);
    }
  } catch (e) {
    work.fail(e);
  }
}

/** All visits in document order, to a rule that keeps something from one to the next. It stops where it throws. */
function showAll({ parts, kinds }: Unit, work: RuleAtWork, stage: Stage): void {
  const heard = (kindsOf.get(work.enabled) ?? END - 1) & kinds;
  const listeners = listenersOf(work, heard);
  const only = (heard & (heard - 1)) === 0 ? 31 - Math.clz32(heard) : undefined;
  for (const { visits, byKind } of parts) {
    for (const visit of only === undefined ? visits : byKind[only] ?? NOTHING) if (!showOne(visit, listeners[visit.kind], work, stage)) return;
  }
}

/** By kind. */
function listenersOf(work: RuleAtWork, kinds: number): readonly (Listener | undefined)[] {
  const listeners: (Listener | undefined)[] = [];
  for (let i = 0; i < VISIT_KINDS.length; i++) {
    listeners.push((kinds & (1 << i)) === 0 ? undefined : (work.visitors as Partial<Record<VisitKind, Listener>>)[VISIT_KINDS[i]!]);
  }
  return listeners;
}

/** False where it threw. */
function showOne(visit: Visit, listener: Listener | undefined, work: RuleAtWork, stage: Stage): boolean {
  if (!listener) return true;
  stage.visit = visit;
  try {
    listener(visit.subject, visit);
    return true;
  } catch (e) {
    work.fail(e);
    return false;
  }
}

/**
 * Shows the unit to the rules in one traversal. What the rules that had something to say said, in their order. A rule that
 * throws stops alone. `only`: indexes of the rules to run, instead of all.
 */
export function runUnit(
  rules: readonly EnabledRule[], unit: Unit, answers: Asker, only?: ReadonlySet<number>, before?: (visit: Visit | undefined) => void,
): RuleRun[] {
  let cast = casts.get(rules);
  if (!cast) casts.set(rules, cast = new Cast(rules));
  return cast.play(unit, answers, only, before);
}
