import type { Job } from '../workflow/model';
import { SEVERITIES } from './rule';
import type { Finding } from './finding';
import type { Placed } from './place';

/**
 * A stronger finding stands for the weaker ones of the same job that it names: these are marked, and become its related
 * information. Chains end at the finding that nobody absorbs.
 */
export function absorb(placed: readonly Placed[]): void {
  const absorbers = placed.filter(p => p.report.absorbs?.length);
  if (absorbers.length === 0) return;
  const rank = (p: Placed): number => SEVERITIES.indexOf(p.finding.severity);
  absorbers.sort((a, b) => rank(b) - rank(a) || a.finding.range.start - b.finding.range.start);

  const by = new Map<Placed, Placed>();
  const rootOf = (p: Placed): Placed => {
    let root = p;
    for (let next = by.get(root); next; next = by.get(root)) root = next;
    return root;
  };
  const open = byJobAndRule(placed);
  for (const absorber of absorbers) {
    const rules = open.get(absorber.report.job);
    for (const id of new Set(absorber.report.absorbs)) {
      const targets = rules?.get(id);
      if (!targets) continue;
      // Never in a circle.
      const root = rootOf(absorber);
      rules!.set(id, targets.filter(t => t === root));
      for (const target of targets) if (target !== root) by.set(target, absorber);
    }
  }
  const related = new Map<Placed, Finding['related'][number][]>();
  for (const target of by.keys()) {
    const root = rootOf(target);
    target.finding = { ...target.finding, absorbedBy: root.finding.ruleId };
    const list = related.get(root) ?? [];
    related.set(root, list);
    list.push({ path: target.finding.path, range: target.finding.range, message: target.finding.message });
  }
  for (const [root, list] of related) root.finding = { ...root.finding, related: [...root.finding.related, ...list] };
}

/** Findings without a job belong to the file itself. */
function byJobAndRule(placed: readonly Placed[]): Map<Job | undefined, Map<string, Placed[]>> {
  const jobs = new Map<Job | undefined, Map<string, Placed[]>>();
  for (const p of placed) {
    let rules = jobs.get(p.report.job);
    if (!rules) jobs.set(p.report.job, rules = new Map());
    const list = rules.get(p.finding.ruleId);
    if (list) list.push(p); else rules.set(p.finding.ruleId, [p]);
  }
  return jobs;
}
