/** Runs rules over a document or a repository. Pure and synchronous: nothing is kept but what an analysis holds. */
import type { SourceDocument } from '../workflow/document';
import type { Repository } from '../repository/repository';
import { absorb } from './absorb';
import type { Finding, RuleError, RuleTally } from './finding';
import type { OnlineFacts } from './online';
import { place, type Placed } from './place';
import type { AnyRule, Config, RuleScope, World } from './rule';
import { Answers, runUnit, type Asker, type RuleRun } from './run';
import { enabledRules, type EnabledRule } from './select';
import { Suppressions } from './suppressions';
import { jobUnits, unitOf, VISIT_KINDS, workflowUnit, type Unit, type Visit } from './visits';

export interface EngineEnv {
  readonly config: Config;
  /** Absent where a single file is looked at without its checkout. */
  readonly repository?: Repository;
  /** The registry. The same array for every call: what is derived from it is kept by identity. */
  readonly rules: readonly AnyRule[];
  /** `YYYY-MM-DD`; the day by the clock where absent. */
  readonly today?: string;
  /** What was asked on the network; absent where nothing was. */
  readonly online?: OnlineFacts;
  /** Further ids that suppression comments may name: practices. */
  readonly knownIds?: Iterable<string>;
}

export interface Analysis {
  readonly document: SourceDocument;
  /** Sorted by start, end, rule. Suppressed and absorbed ones are included, marked as such. */
  readonly findings: readonly Finding[];
  readonly errors: readonly RuleError[];
  /** By rule id, for each enabled rule of job or workflow scope. Suppressed findings are no violations. */
  readonly tallies: ReadonlyMap<string, RuleTally>;
}

export interface RepositoryAnalysis {
  /** By path of the document they stand in, sorted as in `Analysis`. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  readonly errors: readonly RuleError[];
  /** By rule id, for each enabled rule of repository scope. */
  readonly tallies: ReadonlyMap<string, RuleTally>;
}

/** What was said about one unit; a rule that is not among the runs said nothing and asked nothing. */
interface KeptRuns { readonly rules: readonly EnabledRule[]; readonly runs: readonly RuleRun[] }
/** Results by what they were made from: a job, an action file, a document. */
type Kept = Map<object, readonly KeptRuns[]>;

/** With what the next analysis of the file can take over. */
class FileAnalysis implements Analysis {
  #tallies?: ReadonlyMap<string, RuleTally>;

  constructor(
    readonly document: SourceDocument, readonly findings: readonly Finding[], readonly errors: readonly RuleError[],
    private readonly countTallies: () => ReadonlyMap<string, RuleTally>, readonly kept: Kept,
  ) {}

  /** Asked for once, by the scorecard; most rules have nothing to count in most files. */
  get tallies(): ReadonlyMap<string, RuleTally> { return this.#tallies ??= this.countTallies(); }
}

/**
 * All findings of one file by rules of job and workflow scope. `previous` is an earlier analysis of the same file: results of jobs
 * that are the same objects are taken from it where every question that a rule asked still has its answer. Never throws because of
 * a rule: one that throws says nothing about this file and is in `errors`.
 */
export function analyze(document: SourceDocument, env: EngineEnv, previous?: Analysis): Analysis {
  const enabled = enabledRules(env.rules, env.config);
  const world: World = { document, repository: env.repository, config: env.config, today: dayOf(env), online: env.online };
  const answers = new Answers(world);
  const before = previous instanceof FileAnalysis ? previous.kept : undefined;
  const kept: Kept = new Map();
  const errors: RuleError[] = [];
  const placed: Placed[] = [];
  const spoken: (readonly [string, RuleTally])[] = [];
  for (const [scope, units] of [['job', jobUnits(document)], ['workflow', workflowUnit(document)]] as const) {
    const rules = ofScope(enabled, scope);
    const runs = new Array<RuleRun[] | undefined>(rules.length);
    for (const unit of units) {
      for (const run of runOrReuse(rules, unit, answers, before, kept)) {
        const own = runs[run.index];
        if (own) own.push(run); else runs[run.index] = [run];
      }
    }
    runs.forEach((own, i) => spoken.push([rules[i]!.rule.id, settle(rules[i]!, own!, () => world, errors, placed)]));
  }
  errors.sort((a, b) => compareText(a.ruleId, b.ruleId));
  absorb(placed);
  const ran = (): Set<string> => new Set(enabled.filter(e => e.rule.scope !== 'repository' && !e.rule.online && !errors.some(x => x.ruleId === e.rule.id)).map(e => e.rule.id));
  const findings = finish(placed, document, env, enabled, ran, 'all');
  return new FileAnalysis(document, findings, errors, () => talliesOf(enabled, spoken, findings), kept);
}

function talliesOf(enabled: readonly EnabledRule[], spoken: readonly (readonly [string, RuleTally])[], findings: readonly Finding[]): Map<string, RuleTally> {
  const tallies = new Map<string, RuleTally>();
  for (const e of enabled) if (e.rule.scope !== 'repository') tallies.set(e.rule.id, { instances: 0, violations: 0 });
  for (const [id, tally] of spoken) tallies.set(id, { ...tally });
  count(findings, tallies);
  return tallies;
}

/** Findings of rules of repository scope, over all documents of a checkout. */
export function analyzeRepository(repository: Repository, env: EngineEnv): RepositoryAnalysis {
  const enabled = enabledRules(env.rules, env.config).filter(e => e.rule.scope === 'repository');
  const errors: RuleError[] = [];
  const tallies = new Map<string, RuleTally>();
  const findings = new Map<string, readonly Finding[]>();
  if (enabled.length === 0) return { findings, errors, tallies };

  const today = dayOf(env);
  const worldOf = (document: SourceDocument): World => ({ document, repository, config: env.config, today, online: env.online });
  const documentOf = new Map<object, SourceDocument>();
  const visits: Visit[] = [{ kind: VISIT_KINDS.indexOf('repository'), subject: repository, step: undefined, job: undefined, action: undefined }];
  const visited = new Map<Visit, Answers>();
  for (const d of repository.documents) {
    for (const b of d.blocks) documentOf.set(b.block, d);
    const answers = new Answers(worldOf(d));
    for (const visit of workflowUnit(d).flatMap(u => u.parts).flatMap(p => p.visits)) {
      visits.push(visit);
      visited.set(visit, answers);
    }
  }
  let current: Answers | undefined;
  const asker: Asker = {
    ask(query, args) {
      if (!current) throw new Error('a question is about a document: a repository rule asks it while it visits one');
      return current.ask(query, args);
    },
  };
  const runs = runUnit(enabled, unitOf(repository, visits), asker, undefined, visit => { current = visit && visited.get(visit); });

  const byDocument = new Map<SourceDocument, Placed[]>(repository.documents.map(d => [d, []]));
  enabled.forEach((e, i) => {
    const own: Placed[] = [];
    tallies.set(e.rule.id, settle(e, runs.filter(r => r.index === i), report => {
      const document = documentOf.get(report.at.block);
      if (!document) throw new Error('the reported place is in no document of this repository');
      return worldOf(document);
    }, errors, own));
    for (const p of own) byDocument.get(documentOf.get(p.report.at.block)!)!.push(p);
  });
  const ran = (): Set<string> => new Set(enabled.filter(e => !errors.some(x => x.ruleId === e.rule.id)).map(e => e.rule.id));
  for (const [document, placed] of byDocument) {
    absorb(placed);
    const own = finish(placed, document, env, enabledRules(env.rules, env.config), ran, 'unused');
    if (own.length === 0) continue;
    count(own, tallies);
    findings.set(document.path, own);
  }
  return { findings, errors, tallies };
}

const scopes = new WeakMap<readonly EnabledRule[], Map<RuleScope, readonly EnabledRule[]>>();

/** The same array for the same arguments. */
function ofScope(enabled: readonly EnabledRule[], scope: RuleScope): readonly EnabledRule[] {
  let byScope = scopes.get(enabled);
  if (!byScope) scopes.set(enabled, byScope = new Map());
  let rules = byScope.get(scope);
  if (!rules) byScope.set(scope, rules = enabled.filter(e => e.rule.scope === scope));
  return rules;
}

function runOrReuse(rules: readonly EnabledRule[], unit: Unit, answers: Answers, before: Kept | undefined, kept: Kept): readonly RuleRun[] {
  const old = before?.get(unit.owner);
  const runs = old ? reuse(rules, unit, answers, old) : runUnit(rules, unit, answers);
  const now: KeptRuns = { rules, runs };
  const others = kept.get(unit.owner);
  kept.set(unit.owner, others ? [...others, now] : [now]);
  return runs;
}

/** What still holds of earlier results; the rest is run again. */
function reuse(rules: readonly EnabledRule[], unit: Unit, answers: Answers, old: readonly KeptRuns[]): readonly RuleRun[] {
  const same = old.find(o => o.rules === rules);
  const stale = new Set<number>();
  const good: RuleRun[] = [];
  for (const run of same ? same.runs : translated(rules, old, stale)) {
    if (answers.same(run.asked)) good.push(run); else stale.add(run.index);
  }
  return stale.size === 0 ? good : [...good, ...runUnit(rules, unit, answers, stale)].sort((a, b) => a.index - b.index);
}

/** What rules said under another configuration, where their options are as they were: severity is no part of a result. Adds the others to `missing`. */
function translated(rules: readonly EnabledRule[], old: readonly KeptRuns[], missing: Set<number>): readonly RuleRun[] {
  const runs: RuleRun[] = [];
  rules.forEach((e, index) => {
    for (const o of old) {
      const i = o.rules.findIndex(r => r.rule === e.rule && r.optionsKey === e.optionsKey);
      if (i < 0) continue;
      const run = o.runs.find(r => r.index === i);
      if (run) runs.push({ ...run, index });
      return;
    }
    missing.add(index);
  });
  return runs;
}

/** Adds the placed reports of one rule, each once; none, and an error, where it threw anywhere in the file. Returns its tally. */
function settle(
  e: EnabledRule, runs: readonly RuleRun[], worldOf: (report: RuleRun['reports'][number]) => World, errors: RuleError[], placed: Placed[],
): RuleTally {
  const tally: RuleTally = { instances: 0, violations: 0 };
  const own: Placed[] = [];
  try {
    for (const run of runs) {
      if (run.error !== undefined) throw new Error(run.error);
      for (const report of run.reports) {
        const p = place(e, report, worldOf(report));
        if (p) own.push(p);
      }
    }
  } catch (error) {
    errors.push({ ruleId: e.rule.id, message: error instanceof Error ? error.message : String(error) });
    return tally;
  }
  if (own.length > 0) for (const p of unique(own)) placed.push(p);
  for (const run of runs) tally.instances += run.instances;
  return tally;
}

/** The first of each key. Keys are long, and most findings of a rule begin at places of their own. */
function unique(placed: readonly Placed[]): Iterable<Placed> {
  if (placed.length === 1 || new Set(placed.map(p => p.finding.range.start)).size === placed.length) return placed;
  const byKey = new Map<string, Placed>();
  for (const p of placed) if (!byKey.has(p.finding.key)) byKey.set(p.finding.key, p);
  return byKey.values();
}

function finish(
  placed: readonly Placed[], document: SourceDocument, env: EngineEnv, enabled: readonly EnabledRule[],
  ran: () => ReadonlySet<string>, about: 'all' | 'unused',
): Finding[] {
  const suppressions = new Suppressions({
    document, config: env.config, rules: env.rules, ran,
    knownIds: () => new Set([...env.rules.map(r => r.id), ...(env.knownIds ?? [])]),
    today: () => dayOf(env),
  });
  const findings = placed.map(p => {
    const suppressed = suppressions.mark(p.finding);
    return suppressed ? { ...p.finding, suppressed } : p.finding;
  });
  return [...findings, ...suppressions.findings(enabled, about)].sort(compareFindings);
}

const DAY = 24 * 60 * 60 * 1000;
let clock = { day: -1, text: '' };

function dayOf(env: EngineEnv): string {
  if (env.today !== undefined) return env.today;
  const day = Math.floor(Date.now() / DAY);
  if (clock.day !== day) clock = { day, text: new Date(day * DAY).toISOString().slice(0, 10) };
  return clock.text;
}

/** By start, end, rule; then by message, so that the order never depends on the order of work. */
export function compareFindings(a: Finding, b: Finding): number {
  return a.range.start - b.range.start || a.range.end - b.range.end
    || compareText(a.ruleId, b.ruleId) || compareText(a.message, b.message);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function count(findings: readonly Finding[], tallies: Map<string, RuleTally>): void {
  for (const f of findings) {
    const tally = tallies.get(f.ruleId);
    if (tally && !f.suppressed) tally.violations += f.places ?? 1;
  }
}
