/** The map of standards as Markdown. */
import type { Finding } from '../../engine/finding';
import type { Repository } from '../../repository';
import type { Scorecard } from '../../scorecard';
import { code, list, message, table } from '../markdown';
import { shownPlaces } from '../places';
import { complianceMap, type MappedControl, type MappedRequirement, type MappedStandard, type Standing } from './index';

const STANDINGS: readonly Standing[] = ['evidence', 'gap', 'unknown', 'not applicable', 'not covered'];
const SAYS: Readonly<Record<Standing, string>> = {
  evidence: 'evidence', gap: '**gap**', unknown: 'not known: GitHub’s settings', 'not applicable': 'nothing here that it could be about', 'not covered': 'not covered by this tool',
};

/** Markdown: how many requirements of each standard have evidence, then each requirement with what was seen or is missing. */
export function complianceDocument(repo: Repository, card: Scorecard, findings: readonly Finding[]): string {
  return `${['# Standards and controls', '', ...complianceSection(complianceMap(repo, card, findings), 2)].join('\n')}\n`;
}

/** The same below a heading of somebody else; `level` is that of the standards' headings. */
export function complianceSection(standards: readonly MappedStandard[], level: number): string[] {
  const head = '#'.repeat(level);
  return [
    'What the pipelines and files of this repository show for requirements of standards, by the controls of CI Hardening (GitHub Actions workflows and what they run). '
    + 'Made by `ci-hardening report --section compliance`.', '',
    'Evidence is no certificate: it says that every control that applies was seen, and where. A requirement asks for more than a pipeline can show.', '',
    ...table(['Standard', ...STANDINGS], standards.map(s => [s.name, ...STANDINGS.map(k => String(s.requirements.filter(r => r.standing === k).length))])),
    ...standards.flatMap(s => [
      '', `${head} ${s.name}`, '', `<${s.link}>${s.scope ? `. ${s.scope}` : ''}`, '',
      ...table(['Requirement', 'In our words', 'Standing', 'What was seen, or is missing'], s.requirements.map(r => [code(r.id), r.name, SAYS[r.standing], seen(r)])),
    ]),
  ];
}

function seen(r: MappedRequirement): string {
  const gaps = r.controls.filter(c => c.standing === 'gap'), rest = r.controls.filter(c => c.standing !== 'gap');
  const lines = [...gaps.map(c => `Gap: ${told(c)}`), ...rest.filter(c => c.standing === 'unknown').map(c => `Not known: ${told(c)}`)];
  const evidence = rest.filter(c => c.standing === 'evidence');
  if (evidence.length > 0) lines.push(gaps.length > 0 ? `There: ${list(evidence.map(c => code(c.id)))}` : evidence.map(told).join('<br>'));
  return lines.join('<br>');
}

function told(c: MappedControl): string {
  return `${code(c.id)}: ${message(c.text)}${c.places.length > 0 ? ` (${shownPlaces(c.places, 2)})` : ''}`;
}
