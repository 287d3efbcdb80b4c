import type { ScorecardCategory, ScorecardControl, ScorecardEvidence, ScorecardReport } from '../../server/protocol';
import { narrows, passes, type TreeOptions } from './filter';
import { byNeed } from './labels';

/** One row of the tree. Ids are stable across reports, so that what was unfolded stays unfolded. */
export type ScorecardNode =
  | { readonly kind: 'repository'; readonly id: string; readonly report: ScorecardReport }
  | { readonly kind: 'summary'; readonly id: string; readonly report: ScorecardReport }
  | { readonly kind: 'category'; readonly id: string; readonly report: ScorecardReport; readonly category: ScorecardCategory }
  | { readonly kind: 'control'; readonly id: string; readonly report: ScorecardReport; readonly control: ScorecardControl }
  | { readonly kind: 'evidence'; readonly id: string; readonly control: ScorecardControl; readonly evidence: ScorecardEvidence }
  | { readonly kind: 'looked-for'; readonly id: string; readonly text: string };

/** Rows under the root: the repositories, or what is in the only one. */
export function rootNodes(reports: readonly ScorecardReport[], options: TreeOptions): ScorecardNode[] {
  const shown = reports.filter(report => report.workflows > 0);
  const [only] = shown;
  if (shown.length === 1 && only) return repositoryNodes(only, options);
  return shown.map(report => ({ kind: 'repository', id: report.root, report }));
}

export function childNodes(node: ScorecardNode, options: TreeOptions): ScorecardNode[] {
  switch (node.kind) {
    case 'repository': return repositoryNodes(node.report, options);
    case 'category': return controlNodes(node.report, node.category.name, options);
    case 'control': return placeNodes(node.id, node.control);
    default: return [];
  }
}

function repositoryNodes(report: ScorecardReport, options: TreeOptions): ScorecardNode[] {
  return [
    { kind: 'summary', id: `${report.root}#summary`, report },
    ...report.categories
      .filter(category => !narrows(options) || controlsOf(report, category.name, options).length > 0)
      .map((category): ScorecardNode => ({ kind: 'category', id: `${report.root}#${category.name}`, report, category })),
  ];
}

function controlNodes(report: ScorecardReport, category: string, options: TreeOptions): ScorecardNode[] {
  return controlsOf(report, category, options).sort(byNeed)
    .map(control => ({ kind: 'control', id: `${report.root}#${category}/${control.id}`, report, control }));
}

function controlsOf(report: ScorecardReport, category: string, options: TreeOptions): ScorecardControl[] {
  return report.controls.filter(control => control.category === category && passes(options, control));
}

function placeNodes(parent: string, control: ScorecardControl): ScorecardNode[] {
  // By what they say: a row that comes in between doesn't take the selection of the one behind it, nor does a line that moves.
  const taken = new Map<string, number>();
  const unique = (id: string): string => {
    const times = (taken.get(id) ?? 0) + 1;
    taken.set(id, times);
    return times === 1 ? id : `${id}#${times}`;
  };
  return [
    ...control.evidence.map((evidence): ScorecardNode => ({ kind: 'evidence', id: unique(`${parent}/evidence/${evidence.uri ?? ''}/${evidence.text}`), control, evidence })),
    ...control.lookedFor.map((text): ScorecardNode => ({ kind: 'looked-for', id: unique(`${parent}/looked-for/${text}`), text })),
  ];
}
