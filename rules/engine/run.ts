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

/** The visit that is going on, for all rules of a unit. */
interface Cursor { visit: Visit | undefined }

type Listener = (subject: unknown, where: unknown) => void;
const DEAF: Listener = () => {};

/** One rule at work on one unit. */
class RuleAtWork implements RuleContext {
  // Most rules have nothing to say about most jobs: nothing is made before it is needed.
  reports: RawReport[] | undefined = undefined;
  asked: Asked[] | undefined = undefined;
  instances = 0;
  error: string | undefined = undefined;
  visitors: Visitors = DORMANT;
  readonly options: unknown;

  constructor(readonly enabled: EnabledRule, readonly index: number, private readonly answers: Asker, private readonly cursor: Cursor) {
    this.options = enabled.options;
    try {
      this.visitors = enabled.rule.create(this as never);
    } catch (e) {
      this.error = messageOf(e);
    }
  }

  query<A extends QueryArgs, R>(query: Query<A, R>, ...args: A): R {
    const q = query as unknown as AnyQuery;
    const answer = this.answers.ask(q, args);
    // One question of one analysis has one answer object.
    if (this.asked === undefined) this.asked = [{ query: q, args, answer }];
    else if (!this.asked.some(a => a.answer === answer)) this.asked.push({ query: q, args, answer });
    return answer.value as R;
  }

  instance(): void { this.instances++; }

  report(report: RawReport): void {
    const { visit } = this.cursor;
    const step = report.step ?? visit?.step;
    (this.reports ??= []).push({ ...report, step, job: report.job ?? step?.job ?? visit?.job });
  }

  end(): void {
    if (this.error !== undefined) return;
    try {
      this.visitors.end!();
    } catch (e) {
      this.error = messageOf(e);
    }
  }

  result(): RuleRun | undefined {
    const { index, reports = NOTHING, asked = NOTHING, instances, error } = this;
    const silent = reports === NOTHING && asked === NOTHING && instances === 0 && error === undefined;
    return silent ? undefined : { index, reports, asked, instances, error };
  }
}

const DORMANT: Visitors = {};

function messageOf(e: unknown): string {
  return e instanceof Error ? e.message : String(e);
}

/** What a rule looks at, as bits; `END` where it has an `end`. It is the same each time a rule is made with the same options. */
const kindsOf = new WeakMap<EnabledRule, number>();
const END = 1 << VISIT_KINDS.length;

function kindsIn(visitors: Visitors): number {
  const kinds = Object.keys(visitors) as (keyof Visitors)[];
  return kindsAsBits(kinds.filter(k => k !== 'end')) | (kinds.includes('end') ? END : 0);
}

/** Which rules can speak about units with visits of certain kinds. */
const relevant = new WeakMap<readonly EnabledRule[], Map<number, readonly number[]>>();

/** Indexes of rules that such a unit can make speak; all until each of them was seen. `end` is for every unit. */
function rulesFor(rules: readonly EnabledRule[], kinds: number): readonly number[] {
  let byKinds = relevant.get(rules);
  let known = byKinds?.get(kinds);
  if (known) return known;
  known = [...rules.keys()].filter(i => ((kindsOf.get(rules[i]!) ?? END) & (kinds | END)) !== 0);
  if (rules.every(r => kindsOf.has(r))) {
    if (!byKinds) relevant.set(rules, byKinds = new Map());
    byKinds.set(kinds, known);
  }
  return known;
}

/** Who listens to visits of one kind. */
interface Audience { readonly work: readonly RuleAtWork[]; readonly listeners: Listener[] }

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

function show(visit: Visit, { work, listeners }: Audience): void {
  const { subject } = visit;
  for (let i = 0; i < listeners.length; i++) {
    try {
      for (; i < listeners.length; i++) listeners[i]!(subject, visit);
    } catch (e) {
      // It stops alone, for all visits of this unit.
      const failed = work[i]!;
      failed.error ??= messageOf(e);
      listeners[i] = DEAF;
    }
  }
}

/**
 * Shows the unit to the rules in one traversal. What the rules that had something to say said, in their order. A rule that
 * throws stops alone. `only`: indexes of the rules to run, instead of all.
 */
export function runUnit(
  rules: readonly EnabledRule[], unit: Unit, answers: Asker, only?: ReadonlySet<number>, before?: (visit: Visit | undefined) => void,
): RuleRun[] {
  const cursor: Cursor = { visit: undefined };
  const work: RuleAtWork[] = [];
  for (const index of rulesFor(rules, unit.kinds)) {
    if (only && !only.has(index)) continue;
    const enabled = rules[index]!;
    const made = new RuleAtWork(enabled, index, answers, cursor);
    if (made.error === undefined && !kindsOf.has(enabled)) kindsOf.set(enabled, kindsIn(made.visitors));
    work.push(made);
  }
  const audiences: Partial<Record<VisitKind, Audience>> = {};
  for (const visits of unit.visits) {
    for (const visit of visits) {
      before?.(visit);
      cursor.visit = visit;
      show(visit, audiences[visit.kind] ??= audienceOf(visit.kind, work));
    }
  }
  before?.(undefined);
  cursor.visit = undefined;
  const runs: RuleRun[] = [];
  for (const w of work) {
    if (w.visitors.end) w.end();
    const run = w.result();
    if (run) runs.push(run);
  }
  return runs;
}
