/** Practices that are a rule seen from the whole repository: its verdicts are counted, its fixes are what is added. */
import { analyze } from '../../engine/analyze';
import type { Finding } from '../../engine/finding';
import { applyFixes } from '../../engine/fix';
import { DEFAULT_CONFIG, type AnyRule, type Config, type RuleContext, type Visitors } from '../../engine/rule';
import { createRepository, type Repository } from '../../repository';
import type { FileChange } from '../practice';

/** What is on by default doesn't matter here: the practice asks for it. */
const CONFIG: Config = { ...DEFAULT_CONFIG, profile: 'strict' };

export interface RuleCount {
  /** Things looked at that could have been wrong. */
  readonly instances: number;
  /** Those that are wrong, suppressed ones left out. */
  readonly findings: readonly Finding[];
}

const counts = new WeakMap<Repository, Map<AnyRule, RuleCount>>();
const alone = new Map<AnyRule, readonly AnyRule[]>();

function only(rule: AnyRule): readonly AnyRule[] {
  let list = alone.get(rule);
  if (!list) alone.set(rule, list = [rule]);
  return list;
}

/** What one rule of job or workflow scope says about all documents, files in order. */
export function countRule(repo: Repository, rule: AnyRule): RuleCount {
  let known = counts.get(repo);
  if (!known) counts.set(repo, known = new Map());
  let count = known.get(rule);
  if (!count) {
    let instances = 0;
    const findings: Finding[] = [];
    for (const document of repo.documents) {
      const analysis = analyze(document, { config: CONFIG, repository: repo, rules: only(rule) });
      instances += analysis.tallies.get(rule.id)?.instances ?? 0;
      findings.push(...analysis.findings.filter(f => !f.suppressed));
    }
    known.set(rule, count = { instances: Math.max(instances, findings.length), findings });
  }
  return count;
}

export interface FixedFiles {
  readonly changes: readonly FileChange[];
  /** Titles of the fixes, each once. */
  readonly titles: readonly string[];
}

/** Every document with the preferred fixes of these rules, unsafe ones included: a person looks at them before they are written. */
export function fixEverywhere(repo: Repository, rules: readonly AnyRule[], wanted: (path: string) => boolean = () => true): FixedFiles {
  const changes: FileChange[] = [], titles = new Set<string>();
  for (const document of repo.documents) {
    if (document.problems.length > 0 || !wanted(document.path)) continue;
    const fixed = applyFixes(document.path, document.text, { safety: 'unsafe', env: { config: CONFIG, repository: repo, rules } });
    if (fixed.text === document.text) continue;
    changes.push({ path: document.path, created: false, newText: fixed.text });
    for (const a of fixed.applied) titles.add(a.title);
  }
  return { changes, titles: [...titles] };
}

/** A rule that says only what `wanted` lets through, told by the data of its messages. */
export function narrowed(rule: AnyRule, wanted: (data: Readonly<Record<string, string | number>>) => boolean): AnyRule {
  return { ...rule, create(context: RuleContext): Visitors {
    const told: RuleContext = {
      options: context.options,
      query: (q, ...a) => context.query(q, ...a),
      instance() { context.instance(); },
      report(r) { if (wanted(r.data ?? {})) context.report(r); },
    };
    return rule.create(told as Parameters<AnyRule['create']>[0]);
  } };
}

/** The repository as it would be with these changes. */
export function withChanges(repo: Repository, changes: readonly FileChange[]): Repository {
  const texts = new Map(changes.map(c => [c.path, c.newText]));
  return createRepository([...new Set([...repo.files, ...texts.keys()])], path => texts.get(path) ?? repo.read(path), repo);
}
