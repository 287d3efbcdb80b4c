/** Runs rules over a document or a repository. Pure and synchronous: nothing is kept but what an analysis holds. */
import type { SourceDocument } from '../workflow/document';
import type { Repository } from '../repository/repository';
import { absorb } from './absorb';
import type { Finding, RuleError, RuleTally } from './finding';
import { place, type Placed } from './place';
import type { AnyRule, Config, World } from './rule';
import { Answers, runUnit, type Asker, type RuleRun } from './run';
import { enabledRules, type EnabledRule } from './select';
import { Suppressions } from './suppressions';
import { jobUnits, workflowUnit, type Unit, type Visit } from './visits';

export interface EngineEnv {
  readonly config: Config;
  /** Absent where a single file is looked at without its checkout. */
  readonly repository?: Repository;
  /** The registry. The same array for every call: what is derived from it is kept by identity. */
  readonly rules: readonly AnyRule[];
  /** `YYYY-MM-DD`; the day by the clock where absent. */
  readonly today?: string;
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

interface KeptRun { readonly optionsKey: string; readonly run: RuleRun }
/** Results by what they were made from: a job, an action file, a document. */
type Kept = Map<object, Map<AnyRule, KeptRun>>;

const keptBy = new WeakMap<Analysis, Kept>();

/**
 * All findings of one file by rules of job and workflow scope. `previous` is an earlier analysis of the same file: results of jobs
 * that are the same objects are taken from it where every question that a rule asked still has its answer. Never throws because of
 * a rule: one that throws says nothing about this file and is in `errors`.
 */
export function analyze(document: SourceDocument, env: EngineEnv, previous?: Analysis): Analysis {
  const enabled = enabledRules(env.rules, env.config);
  const world: World = { document, repository: env.repository, config: env.config };
  const answers = new Answers(world);
  const before = previous && keptBy.get(previous);
  const kept: Kept = new Map();
  const runs = new Map<EnabledRule, RuleRun[]>();
  const runScope = (rules: readonly EnabledRule[], units: readonly Unit[]): void => {
    for (const unit of units) runOrReuse(rules, unit, answers, before, kept, runs);
  };
  runScope(enabled.filter(e => e.rule.scope === 'job'), jobUnits(document));
  runScope(enabled.filter(e => e.rule.scope === 'workflow'), workflowUnit(document));

  const errors: RuleError[] = [];
  const placed: Placed[] = [];
  const tallies = new Map<string, RuleTally>();
  for (const e of enabled) {
    if (e.rule.scope === 'repository') continue;
    const own = settle(e, runs.get(e) ?? [], () => world, errors);
    placed.push(...own);
    tallies.set(e.rule.id, { instances: sum(runs.get(e) ?? [], errors, e), violations: 0 });
  }
  absorb(placed);
  const ran = new Set(enabled.filter(e => e.rule.scope !== 'repository' && !errors.some(x => x.ruleId === e.rule.id)).map(e => e.rule.id));
  const findings = finish(placed, document, env, enabled, ran, 'all');
  count(findings, tallies);
  const analysis: Analysis = { document, findings, errors, tallies };
  keptBy.set(analysis, kept);
  return analysis;
}

/** Findings of rules of repository scope, over all documents of a checkout. */
export function analyzeRepository(repository: Repository, env: EngineEnv): RepositoryAnalysis {
  const enabled = enabledRules(env.rules, env.config).filter(e => e.rule.scope === 'repository');
  const errors: RuleError[] = [];
  const tallies = new Map<string, RuleTally>();
  const findings = new Map<string, readonly Finding[]>();
  if (enabled.length === 0) return { findings, errors, tallies };

  const worldOf = (document: SourceDocument): World => ({ document, repository, config: env.config });
  const documentOf = new Map<object, SourceDocument>();
  const visits: Visit[] = [{ kind: 'repository', subject: repository }];
  const visited = new Map<Visit, Answers>();
  for (const d of repository.documents) {
    for (const b of d.blocks) documentOf.set(b.block, d);
    const answers = new Answers(worldOf(d));
    for (const visit of workflowUnit(d).flatMap(u => u.visits)) {
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
  const runs = runUnit(enabled, { owner: repository, visits }, asker, visit => { current = visit && visited.get(visit); });

  const byDocument = new Map<SourceDocument, Placed[]>(repository.documents.map(d => [d, []]));
  enabled.forEach((e, i) => {
    const own = settle(e, [runs[i]!], report => {
      const document = documentOf.get(report.at.block);
      if (!document) throw new Error('the reported place is in no document of this repository');
      return worldOf(document);
    }, errors);
    for (const p of own) byDocument.get(documentOf.get(p.report.at.block)!)!.push(p);
    tallies.set(e.rule.id, { instances: sum([runs[i]!], errors, e), violations: 0 });
  });
  const ran = new Set(enabled.filter(e => !errors.some(x => x.ruleId === e.rule.id)).map(e => e.rule.id));
  for (const [document, placed] of byDocument) {
    absorb(placed);
    const own = finish(placed, document, env, enabledRules(env.rules, env.config), ran, 'unused');
    if (own.length === 0) continue;
    count(own, tallies);
    findings.set(document.path, own);
  }
  return { findings, errors, tallies };
}

function runOrReuse(
  rules: readonly EnabledRule[], unit: Unit, answers: Answers, before: Kept | undefined, kept: Kept, runs: Map<EnabledRule, RuleRun[]>,
): void {
  const old = before?.get(unit.owner);
  const now = kept.get(unit.owner) ?? new Map<AnyRule, KeptRun>();
  kept.set(unit.owner, now);
  const stale: EnabledRule[] = [];
  for (const e of rules) {
    const known = old?.get(e.rule);
    if (known && known.optionsKey === e.optionsKey && answers.same(known.run.asked)) now.set(e.rule, known);
    else stale.push(e);
  }
  if (stale.length > 0) {
    runUnit(stale, unit, answers).forEach((run, i) => now.set(stale[i]!.rule, { optionsKey: stale[i]!.optionsKey, run }));
  }
  for (const e of rules) {
    const run = now.get(e.rule)!.run;
    const list = runs.get(e);
    if (list) list.push(run); else runs.set(e, [run]);
  }
}

/** Placed reports of one rule, each once; none, and an error, where it threw anywhere in the file. */
function settle(
  e: EnabledRule, runs: readonly RuleRun[], worldOf: (report: RuleRun['reports'][number]) => World, errors: RuleError[],
): Placed[] {
  const failed = runs.find(r => r.error !== undefined);
  if (failed) {
    errors.push({ ruleId: e.rule.id, message: failed.error! });
    return [];
  }
  const byKey = new Map<string, Placed>();
  try {
    for (const run of runs) {
      for (const report of run.reports) {
        const placed = place(e, report, worldOf(report));
        if (placed && !byKey.has(placed.finding.key)) byKey.set(placed.finding.key, placed);
      }
    }
  } catch (error) {
    errors.push({ ruleId: e.rule.id, message: error instanceof Error ? error.message : String(error) });
    return [];
  }
  return [...byKey.values()];
}

function sum(runs: readonly RuleRun[], errors: readonly RuleError[], e: EnabledRule): number {
  return errors.some(x => x.ruleId === e.rule.id) ? 0 : runs.reduce((n, r) => n + r.instances, 0);
}

function finish(
  placed: readonly Placed[], document: SourceDocument, env: EngineEnv, enabled: readonly EnabledRule[],
  ran: ReadonlySet<string>, about: 'all' | 'unused',
): Finding[] {
  const suppressions = new Suppressions({
    document, config: env.config, rules: env.rules, ran,
    knownIds: new Set([...env.rules.map(r => r.id), ...(env.knownIds ?? [])]),
    today: env.today ?? new Date().toISOString().slice(0, 10),
  });
  const findings = placed.map(p => {
    const suppressed = suppressions.mark(p.finding);
    return suppressed ? { ...p.finding, suppressed } : p.finding;
  });
  return [...findings, ...suppressions.findings(enabled, about)].sort(compareFindings);
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
    if (tally && !f.suppressed) tally.violations++;
  }
}
