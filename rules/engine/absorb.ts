import { SEVERITIES } from './rule';
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
  for (const absorber of absorbers) {
    const names = new Set(absorber.report.absorbs);
    for (const target of placed) {
      if (!names.has(target.finding.ruleId) || target.report.job !== absorber.report.job || by.has(target)) continue;
      // Never in a circle.
      if (rootOf(absorber) !== target) by.set(target, absorber);
    }
  }
  for (const target of by.keys()) {
    const root = rootOf(target);
    target.finding = { ...target.finding, absorbedBy: root.finding.ruleId };
    root.finding = {
      ...root.finding,
      related: [...root.finding.related, { path: target.finding.path, range: target.finding.range, message: target.finding.message }],
    };
  }
}
