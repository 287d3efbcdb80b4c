/** Runs rules over one unit and writes down what they asked, so that the result can serve again. */
import type { Job, Step, UsesRef } from '../workflow/model';
import type { Query, Report, RuleContext, Visitors, World } from './rule';
import type { EnabledRule } from './select';
import type { Unit, Visit, VisitKind } from './visits';

export type RawReport = Report<string>;

interface Asked {
  readonly query: AnyQuery;
  readonly args: QueryArgs;
  readonly answer: Answer;
}

/** What one rule said about one unit, with block-relative places only. */
export interface RuleRun {
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
  return args.length === 0 ? '' : args.length === 1 && typeof args[0] === 'string' ? `"${args[0]}` : JSON.stringify(args);
}

const NOTHING: readonly never[] = [];
/** What most rules say about most jobs. */
export const SILENT: RuleRun = { reports: NOTHING, instances: 0, asked: NOTHING };

/** One rule at work on one unit. */
class RuleAtWork implements RuleContext {
  // Most rules have nothing to say about most jobs: nothing is made before it is needed.
  reports: RawReport[] | undefined;
  asked: Asked[] | undefined;
  instances = 0;
  error: string | undefined;
  visitors: Visitors = {};
  step: Step | undefined;
  job: Job | undefined;

  constructor(readonly enabled: EnabledRule, private readonly answers: Asker) {
    this.attempt(() => { this.visitors = enabled.rule.create(this as never); });
  }

  get options(): unknown { return this.enabled.options; }

  query<A extends QueryArgs, R>(query: Query<A, R>, ...args: A): R {
    const q = query as unknown as AnyQuery;
    const answer = this.answers.ask(q, args);
    // One question of one analysis has one answer object.
    if (!this.asked?.some(a => a.answer === answer)) (this.asked ??= []).push({ query: q, args, answer });
    return answer.value as R;
  }

  instance(): void { this.instances++; }

  report(report: RawReport): void {
    const step = report.step ?? this.step;
    (this.reports ??= []).push({ ...report, step, job: report.job ?? step?.job ?? this.job });
  }

  attempt(fn: () => void): void {
    if (this.error !== undefined) return;
    try {
      fn();
    } catch (e) {
      this.error = messageOf(e);
    }
  }

  visit(visit: Visit): void {
    if (this.error !== undefined) return;
    this.step = visit.step;
    this.job = visit.job;
    try {
      if (visit.kind === 'uses') this.visitors.uses!(visit.subject as UsesRef, visit);
      else (this.visitors as Record<VisitKind, (subject: unknown) => void>)[visit.kind](visit.subject);
    } catch (e) {
      this.error = messageOf(e);
    }
    this.step = this.job = undefined;
  }

  result(): RuleRun {
    const { reports = NOTHING, asked = NOTHING, instances, error } = this;
    const silent = reports === NOTHING && asked === NOTHING && instances === 0 && error === undefined;
    return silent ? SILENT : { reports, asked, instances, error };
  }
}

function messageOf(e: unknown): string {
  return e instanceof Error ? e.message : String(e);
}

type Kinds = ReadonlySet<keyof Visitors>;
/** What a rule looks at. It is the same each time a rule is made with the same options. */
const kindsOf = new WeakMap<EnabledRule, Kinds>();

/** Nothing in a unit without such visits can make a rule speak; `end` can. */
function maySpeak(kinds: Kinds, present: ReadonlySet<VisitKind>): boolean {
  if (kinds.has('end')) return true;
  for (const kind of kinds) if (present.has(kind as VisitKind)) return true;
  return false;
}

/** Shows the unit to all rules in one traversal. Results are in the order of the rules. A rule that throws stops alone. */
export function runUnit(rules: readonly EnabledRule[], unit: Unit, answers: Asker, before?: (visit: Visit | undefined) => void): RuleRun[] {
  const byKind = new Map<VisitKind, RuleAtWork[]>();
  const ends: RuleAtWork[] = [];
  const work = rules.map(rule => {
    const known = kindsOf.get(rule);
    if (known && !maySpeak(known, unit.kinds)) return undefined;
    const made = new RuleAtWork(rule, answers);
    const kinds = Object.keys(made.visitors) as (keyof Visitors)[];
    if (!known && made.error === undefined) kindsOf.set(rule, new Set(kinds));
    for (const kind of kinds) {
      if (kind === 'end') ends.push(made);
      else if (unit.kinds.has(kind)) {
        const list = byKind.get(kind);
        if (list) list.push(made); else byKind.set(kind, [made]);
      }
    }
    return made;
  });
  if (byKind.size > 0) {
    for (const visit of unit.visits) {
      before?.(visit);
      const list = byKind.get(visit.kind);
      if (list) for (const w of list) w.visit(visit);
    }
  }
  before?.(undefined);
  for (const w of ends) w.attempt(() => w.visitors.end!());
  return work.map(w => w?.result() ?? SILENT);
}
