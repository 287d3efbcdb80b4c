/** The threat model as Markdown. */
import type { Repository } from '../../repository';
import type { Finding } from '../../engine/finding';
import type { Scorecard } from '../../scorecard';
import { SEVERITIES } from '../../engine/rule';
import { ownWorkflows } from '../../practices/shared/pipelines';
import { count, list, message, table, text } from '../markdown';
import { shownPlace, shownPlaces, type Fact } from '../places';
import { threatModel, type ThreatEntry, type ThreatFinding } from './index';

const MAX_FINDINGS = 12;

/** Markdown: a table of the threats by STRIDE, then each with what exposes it, what stands against it, what is open and what remains. */
export function threatDocument(repo: Repository, card: Scorecard, findings: readonly Finding[]): string {
  const threats = threatModel(repo, card, findings);
  const out = [
    '# Threat model of the pipeline', '',
    `What could be done to the ${count(ownWorkflows(repo).length, 'workflow')} of this repository (GitHub Actions), what stands against it, and what is open. `
    + 'Made from the files and from findings by `ci-hardening threat-model`; make it again when workflows change.', '',
    'Threats are named as in STRIDE: Spoofing, Tampering, Repudiation, Information disclosure, Denial of service, Elevation of privilege.', '',
    '## Summary', '',
    ...table(['', 'Threat', 'STRIDE', 'Exposed', 'Controls found', 'Open findings', 'Residual risk'], threats.map((t, i) => [
      String(i + 1), t.title, t.stride.join(', '), t.exposed.length > 0 ? 'yes' : 'not seen', String(t.found.length), bySeverity(t.open), `**${t.risk}**`,
    ])),
    ...threats.flatMap((t, i) => ['', ...section(t, i + 1)]),
    '', '## How to read this', '',
    '- *Exposed by* says what of the files an attacker could begin with. Where nothing is named, nothing was seen.',
    '- *Residual risk* is high while a finding of severity high or critical is open, and medium while one of severity medium is, or while a control that this threat turns on is not there or can’t be seen. Otherwise it is low.',
    '- That a rule found nothing is no proof that there is nothing. What only GitHub’s settings, registries, clouds and people know is listed as not known.',
  ];
  return `${out.join('\n')}\n`;
}

function section(t: ThreatEntry, n: number): string[] {
  return [
    `## ${n}. ${t.title}`, '', `*${t.stride.join(', ')}.* ${t.attack}`, '',
    ...items('Exposed by', t.exposed.map(shown), 'Nothing of the kind was seen in the files.'),
    ...items('Controls found', t.found.map(shown), t.exposed.length > 0 ? 'None.' : undefined),
    ...items('Not there', t.lacking.map(message)),
    ...items(`Open findings (${bySeverity(t.open)})`, findingLines(t.open), t.open.length === 0 ? 'None.' : undefined, t.open.length === 0 ? 'Open findings' : undefined),
    ...items('Accepted by a suppression', t.accepted.slice(0, MAX_FINDINGS).map(f => `${line(f)} Reason: ${text(f.reason) || 'none given'}.`)),
    ...items('Not known from here', t.unknown.map(message)),
    `**Residual risk: ${t.risk}**: ${t.because}.`,
  ];
}

function shown(f: Fact): string { return `${message(f.text)}${f.places.length > 0 ? `: ${shownPlaces(f.places)}` : ''}`; }

function findingLines(open: readonly ThreatFinding[]): string[] {
  // The first places of each rule; a hundred of one kind would hide the others.
  const groups = new Map<string, ThreatFinding[]>();
  for (const f of open) groups.set(`${f.severity} ${f.ruleId}`, [...groups.get(`${f.severity} ${f.ruleId}`) ?? [], f]);
  const lines = [...groups.values()].map(([first, ...more]) => `${line(first!)}${more.length > 0 ? ` And ${more.length} more: ${shownPlaces(more.map(f => f.place))}.` : ''}`);
  return lines.length <= MAX_FINDINGS ? lines : [...lines.slice(0, MAX_FINDINGS), `and findings of ${lines.length - MAX_FINDINGS} more kinds`];
}

function line(f: ThreatFinding): string { return `${f.severity} \`${f.ruleId}\` ${shownPlace(f.place)}: ${message(f.message)}`; }

function bySeverity(open: readonly ThreatFinding[]): string {
  const parts = [...SEVERITIES].reverse().map(s => [s, open.filter(f => f.severity === s).length] as const).filter(([, n]) => n > 0).map(([s, n]) => `${n} ${s}`);
  return parts.length > 0 ? list(parts) : 'none';
}

function items(title: string, lines: readonly string[], empty?: string, emptyTitle = title): string[] {
  if (lines.length > 0) return [`**${title}**`, '', ...lines.map(l => `- ${l}`), ''];
  return empty === undefined ? [] : [`**${emptyTitle}**: ${empty}`, ''];
}
