import type { HardenPlan, RemainingControl } from '../../../rules/harden';
import { shownPoints } from '../../../rules/scorecard';
import { colours, plural, printable } from '../print';
import { scoreSummary } from './score';
import { table } from './table';

/** For a terminal: what is done, what it is worth, and what is left to the person. */
export function textHarden(name: string, plan: HardenPlan, options: { readonly dry: boolean; readonly colour: boolean }): string {
  const c = colours(options.colour);
  const { steps, before, after, remaining } = plan;
  const out: string[] = [];
  if (steps.length === 0) out.push(`${c.bold(printable(name))}: there is nothing to do.`);
  else {
    out.push(`${c.bold(printable(name))}: ${options.dry ? 'would make' : 'made'} ${plural(steps.length, 'step')} in ${plural(plan.changes.length, 'file')}.`, '');
    out.push(table(['Points', 'Effort', 'Level', 'Category', 'Step', 'Id'], steps.map(s => [
      signed(s.gain), EFFORT[s.effort - 1] ?? String(s.effort), String(s.level), s.category, printable(s.title), s.id,
    ])).trimEnd(), '');
    out.push(table(['', 'Before', 'After', 'Level'], [
      ...before.categories.flatMap((b, i) => {
        const a = after.categories[i]!;
        return a.applicable ? [[b.name, b.applicable ? String(shownPoints(b.score)) : '–', String(shownPoints(a.score)), b.level === a.level ? String(a.level) : `${b.level} → ${a.level}`]] : [];
      }),
      ['Overall', String(shownPoints(before.score)), String(shownPoints(after.score)), before.level === after.level ? String(after.level) : `${before.level} → ${after.level}`],
    ]).trimEnd());
    const todo = steps.flatMap(s => s.todo.map(t => `  ${s.id}: ${printable(t)}`));
    if (todo.length > 0) out.push('', c.bold('Left to do for what is added:'), ...todo);
  }
  if (remaining.length > 0) out.push('', c.bold('By hand:'), ...remaining.map(r => `  ${r.id} (${r.category}, level ${r.level}): ${printable(r.reason)}`));
  return out.join('\n') + '\n';
}

const EFFORT = ['quick', 'some', 'more'] as const;

function signed(points: number): string {
  const rounded = Math.round(points * 10) / 10;
  return rounded > 0 ? `+${rounded.toFixed(1)}` : rounded.toFixed(1);
}

/** For programs: version 1. `display` says how a file is called in reports. */
export function jsonHarden(plan: HardenPlan, written: boolean, display: (path: string) => string): object {
  const left = ({ id, kind, title, category, level, verdict, reason }: RemainingControl): object => ({ id, kind, title, category, level, verdict, reason });
  return {
    version: 1, written, before: scoreSummary(plan.before), after: scoreSummary(plan.after),
    steps: plan.steps.map(s => ({ ...s, gain: Math.round(s.gain * 100) / 100, files: s.files.map(display) })),
    changes: plan.changes.map(c => ({ file: display(c.path), created: c.created, newText: c.newText })),
    remaining: plan.remaining.map(left),
  };
}
