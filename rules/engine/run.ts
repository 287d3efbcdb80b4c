/** Runs rules over one unit and writes down what they asked, so that the result can serve again. */
import type { Job, Step } from '../workflow/model';
import type { Query, Report, RuleContext, Visitors, World } from './rule';
import type { EnabledRule } from './select';
import type { Unit, Visit, VisitKind } from './visits';

export type RawReport = Report<string>;

interface Asked {
  readonly query: AnyQuery;
  readonly args: QueryArgs;
  /** Canonical JSON of the answer. */
  readonly answer: string;
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

/** Who answers a rule's questions. */
export interface Asker {
  ask(query: AnyQuery, args: QueryArgs): { readonly value: unknown; readonly json: string };
}

/** Answers of one analysis: each question is asked once, whoever asks it. */
export class Answers implements Asker {
  readonly #answers = new Map<AnyQuery, Map<string, { readonly value: unknown; readonly json: string }>>();

  constructor(private readonly world: World) {}

  ask(query: AnyQuery, args: QueryArgs): { readonly value: unknown; readonly json: string } {
    let known = this.#answers.get(query);
    if (!known) this.#answers.set(query, known = new Map());
    const key = JSON.stringify(args);
    let answer = known.get(key);
    if (!answer) {
      const value = query.ask(this.world, ...args);
      known.set(key, answer = { value, json: canonical(value) });
    }
    return answer;
  }

  /** True where every recorded question still has its answer. */
  same(asked: readonly Asked[]): boolean {
    for (const a of asked) {
      try {
        if (this.ask(a.query, a.args).json !== a.answer) return false;
      } catch {
        // The rule has to see the failure itself.
        return false;
      }
    }
    return true;
  }
}

/** JSON with sorted keys: two answers that say the same are the same text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) => {
    if (!v || typeof v !== 'object' || Array.isArray(v)) return v;
    return Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }) ?? 'undefined';
}

const NOTHING: readonly never[] = [];
const SILENT: RuleRun = { reports: NOTHING, instances: 0, asked: NOTHING };

/** One rule at work on one unit. */
class RuleAtWork implements RuleContext {
  // Most rules have nothing to say about most jobs: nothing is made before it is needed.
  reports: RawReport[] | undefined;
  asked: Asked[] | undefined;
  #seen: Map<AnyQuery, Set<string>> | undefined;
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
    this.#seen ??= new Map();
    let seen = this.#seen.get(q);
    if (!seen) this.#seen.set(q, seen = new Set());
    const key = JSON.stringify(args);
    if (!seen.has(key)) {
      seen.add(key);
      (this.asked ??= []).push({ query: q, args, answer: answer.json });
    }
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
      this.error = e instanceof Error ? e.message : String(e);
    }
  }

  visit(visit: Visit): void {
    const visitors = this.visitors as Record<VisitKind, ((...args: unknown[]) => void) | undefined>;
    this.step = visit.step;
    this.job = visit.job;
    this.attempt(() => {
      if (visit.kind === 'uses') visitors.uses!(visit.subject, { step: visit.step, job: visit.job });
      else visitors[visit.kind]!(visit.subject);
    });
    this.step = this.job = undefined;
  }

  result(): RuleRun {
    const { reports = NOTHING, asked = NOTHING, instances, error } = this;
    const silent = reports === NOTHING && asked === NOTHING && instances === 0 && error === undefined;
    return silent ? SILENT : { reports, asked, instances, error };
  }
}

/** Shows the unit to all rules in one traversal. Results are in the order of the rules. A rule that throws stops alone. */
export function runUnit(rules: readonly EnabledRule[], unit: Unit, answers: Asker, before?: (visit: Visit | undefined) => void): RuleRun[] {
  const work = rules.map(rule => new RuleAtWork(rule, answers));
  const byKind = new Map<VisitKind, RuleAtWork[]>();
  for (const w of work) {
    for (const kind of Object.keys(w.visitors) as (keyof Visitors)[]) {
      if (kind === 'end' || !w.visitors[kind]) continue;
      const list = byKind.get(kind);
      if (list) list.push(w); else byKind.set(kind, [w]);
    }
  }
  for (const visit of unit.visits) {
    before?.(visit);
    const list = byKind.get(visit.kind);
    if (list) for (const w of list) w.visit(visit);
  }
  before?.(undefined);
  for (const w of work) if (w.visitors.end) w.attempt(() => w.visitors.end!());
  return work.map(w => w.result());
}
