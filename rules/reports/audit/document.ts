/** The audit as blocks, for Markdown and HTML alike. */
import { SEVERITIES } from '../../engine/rule';
import { levelName } from '../../scorecard';
import { grid, heading, items, paragraph, rich, toHtml, toMarkdown, type Block, type Rich } from '../blocks';
import { count, list } from '../markdown';
import type { Standing } from '../compliance';
import type { Place } from '../places';
import type { Audit, PlanStep } from './index';
import type { Comparison } from './baseline';

export function auditMarkdown(a: Audit): string { return toMarkdown(blocks(a)); }
export function auditHtml(a: Audit): string { return toHtml(`CI Hardening: audit of ${a.name}`, blocks(a)); }

const STANDINGS: readonly Standing[] = ['evidence', 'gap', 'unknown', 'not applicable', 'not covered'];

function blocks(a: Audit): Block[] {
  return [
    heading(1, `Audit of the pipelines of ${a.name}`),
    paragraph(`${a.date}. Made by CI Hardening from the files of the repository alone: ${count(a.workflows, 'workflow')} and what ${a.workflows === 1 ? 'it runs' : 'they run'}. What only GitHub’s settings know is listed under manual actions.`),
    heading(2, 'Summary'),
    paragraph('Score ', { strong: a.headline }, `, ${a.levelText}. `, ...rich(a.heldBackBy ?? '')),
    paragraph(openLine(a)),
    ...(a.comparison ? comparison(a.comparison) : []),
    heading(2, 'Scoring matrix'),
    grid(['Component', 'Score', 'Current level', 'Target level', 'Gap', 'Priority'], a.matrix.map(r => [
      [r.component], [String(r.score)], [`${r.current} (${levelName(r.current)})`], [`${r.target} (${levelName(r.target)})`], [r.gap === 0 ? 'none' : count(r.gap, 'level')], [r.priority === 'none' ? 'none' : { strong: r.priority }],
    ])),
    heading(2, 'Critical and high findings'),
    ...(a.severe.length === 0 ? [paragraph('None is open.')] : a.severe.flatMap((f, i): Block[] => [
      heading(3, `${i + 1}. ${f.ruleId} (${f.severity})`),
      paragraph(...rich(f.message)),
      grid(['', ''], [
        [['Where'], places(f.places, 8)],
        [['Risk'], [`${f.severity}: `, ...rich(f.risk)]],
        [['Impact'], rich(f.impact)],
        [['Recommendation'], rich(f.recommendation)],
      ]),
    ])),
    heading(2, 'Strengths'),
    ...(a.strengths.length === 0 ? [paragraph('No control is met yet.')]
      : [items(a.strengths.map(s => [{ strong: s.title }, ' (', { code: s.id }, '): ', ...rich(s.text), ...(s.places.length > 0 ? [' ', ...places(s.places, 3)] : [])]))]),
    heading(2, 'Plan'),
    ...a.plan.flatMap((p): Block[] => [heading(3, p.name), p.steps.length > 0 ? items(p.steps.map(step), true) : paragraph('Nothing.')]),
    heading(2, 'Standards'),
    paragraph('How many requirements have evidence here. Evidence is no certificate: a requirement asks for more than a pipeline can show. Each requirement: ', { code: 'ci-hardening report --section compliance' }, '.'),
    grid(['Standard', ...STANDINGS], a.standards.map(s => [[s.name], ...STANDINGS.map((k): Rich => [String(s.requirements.filter(r => r.standing === k).length)])])),
    heading(2, 'Manual actions'),
    ...(a.manual.length === 0 ? [paragraph('None that is known here.')] : [paragraph('What no edit of a file does, or what can’t be seen from here:'), items(a.manual.map(rich))]),
  ];
}

function openLine(a: Audit): string {
  const parts = [...SEVERITIES].reverse().filter(s => a.open[s] > 0).map(s => `${a.open[s]} ${s}`);
  const accepted = a.accepted > 0 ? ` ${count(a.accepted, 'finding')} ${a.accepted === 1 ? 'was' : 'were'} answered by a suppression.` : '';
  return parts.length === 0 ? `No finding is open.${accepted}` : `Open findings: ${list(parts)}. Every rule counts here, whatever the profile shows in the editor.${accepted}`;
}

function places(all: readonly Place[], most: number): Rich {
  const shown = [...new Set(all.map(p => (p.line === undefined ? p.path : `${p.path}:${p.line}`)))];
  const first = shown.slice(0, most).flatMap((p, i): Rich => [...(i > 0 ? [', '] : []), { code: p }]);
  return shown.length <= most ? first : [...first, ` and ${shown.length - most} more`];
}

function step(s: PlanStep): Rich {
  const gain = Math.round(s.gain * 10) / 10;
  return [...rich(s.title), ' (', { code: s.id }, '): ', ...rich(s.why), gain > 0 ? `, +${gain} ${gain === 1 ? 'point' : 'points'}` : '', s.kind === 'manual' ? ', by hand' : ''].filter(p => p !== '');
}

function comparison(c: Comparison): Block[] {
  const signed = (n: number): string => (n > 0 ? `+${n}` : String(n));
  const ids = (of: readonly string[]): Rich => of.flatMap((id, i): Rich => [...(i > 0 ? [', '] : []), { code: id }]);
  return [
    heading(2, c.since ? `Since ${c.since}` : 'Since the earlier report'),
    grid(['Component', 'Before', 'Now', 'Change', 'Level'], c.rows.map(r => [[r.component], [String(r.before)], [String(r.after)], [signed(r.after - r.before)],
      [r.levelBefore === r.levelAfter ? String(r.levelAfter) : `${r.levelBefore} → ${r.levelAfter}`]])),
    ...(c.gained.length > 0 ? [paragraph('Met now: ', ...ids(c.gained), '.')] : []),
    ...(c.lost.length > 0 ? [paragraph('Not met any more: ', ...ids(c.lost), '.')] : []),
    ...(c.solved === undefined ? [] : [paragraph(`${count(c.solved, 'finding')} solved, ${c.added ?? 0} new.`)]),
  ];
}
