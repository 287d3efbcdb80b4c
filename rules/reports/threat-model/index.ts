/**
 * The threats to this repository's pipeline, as data. It is put together from what was seen: exposure and guards from the files,
 * controls from the scorecard, findings from the rules. Nothing is said of what can't be seen, except that it can't.
 */
import { RULES } from '../../checks';
import type { Finding } from '../../engine/finding';
import { SEVERITIES, type Severity } from '../../engine/rule';
import type { Repository } from '../../repository';
import type { ControlVerdict, Scorecard } from '../../scorecard';
import { isOpen } from '../assess';
import { placeAt, type Fact, type Place } from '../places';
import { tellsOf, THREATS, type Stride } from './threats';

export type { Stride } from './threats';

/** `none seen`: nothing in the files is exposed to it. */
export type Risk = 'none seen' | 'low' | 'medium' | 'high';

export interface ThreatFinding { readonly ruleId: string; readonly severity: Severity; readonly message: string; readonly place: Place }

export interface ThreatEntry {
  readonly id: string;
  readonly title: string;
  readonly stride: readonly Stride[];
  readonly attack: string;
  readonly exposed: readonly Fact[];
  /** What stands against it, with places; what was checked without a finding has none. */
  readonly found: readonly Fact[];
  /** What would stand against it, applies here and isn't there, or only in part. */
  readonly lacking: readonly string[];
  /** What only GitHub's settings or people know. */
  readonly unknown: readonly string[];
  /** Worst first. */
  readonly open: readonly ThreatFinding[];
  /** Findings that somebody answered by a suppression, with the reason. */
  readonly accepted: readonly (ThreatFinding & { readonly reason: string })[];
  readonly risk: Risk;
  /** Why the risk is what it is, one sentence. */
  readonly because: string;
}

const CATEGORY = new Map(RULES.map(r => [r.id, r.category]));

export function threatModel(repo: Repository, card: Scorecard, findings: readonly Finding[]): ThreatEntry[] {
  const verdicts = new Map(card.controls.map(v => [v.control.id, v]));
  return THREATS.map(threat => {
    const mine = findings.filter(f => tellsOf(threat, f.ruleId, CATEGORY.get(f.ruleId)));
    const told = (f: Finding): ThreatFinding => ({ ruleId: f.ruleId, severity: f.severity, message: f.message, place: placeAt(repo, f.path, f.range.start) });
    const open = mine.filter(isOpen).map(told).sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
    const accepted = mine.filter(f => f.suppressed && f.absorbedBy === undefined).map(f => ({ ...told(f), reason: f.suppressed!.reason }));
    const exposed = threat.exposed(repo);
    const applicable = threat.controls.map(id => verdicts.get(id)).filter((v): v is ControlVerdict => v !== undefined && v.verdict !== 'not-applicable');
    const key = new Set(threat.key);
    const lackingKeys = applicable.filter(v => key.has(v.control.id) && (v.verdict === 'missing' || v.verdict === 'partial'));
    const unknownKeys = applicable.filter(v => key.has(v.control.id) && v.verdict === 'unknown');
    const [risk, because] = rate(exposed, open, lackingKeys, unknownKeys, threat.unseen.length > 0);
    return {
      id: threat.id, title: threat.title, stride: threat.stride, attack: threat.attack, exposed,
      found: [...threat.guards(repo), ...applicable.flatMap(v => foundBy(repo, v))],
      // Against what nothing is exposed to, nothing is missing.
      lacking: exposed.length > 0 || open.length > 0 ? applicable.flatMap(lacking) : [],
      unknown: [...applicable.filter(v => v.verdict === 'unknown').map(v => `${v.control.title} (\`${v.control.id}\`): ${v.lookedFor.join('; ') || 'could not be told'}`), ...threat.unseen],
      open, accepted, risk, because,
    };
  });
}

function rate(exposed: readonly Fact[], open: readonly ThreatFinding[], lackingKeys: readonly ControlVerdict[], unknownKeys: readonly ControlVerdict[], unseen: boolean): [Risk, string] {
  const worst = open[0]?.severity;
  const names = (of: readonly ControlVerdict[]): string => of.map(v => `\`${v.control.id}\``).join(', ');
  if (worst === 'critical' || worst === 'high') return ['high', `a finding of severity ${worst} is open`];
  if (worst === 'medium') return ['medium', 'a finding of severity medium is open'];
  if (exposed.length === 0 && open.length === 0) return ['none seen', 'nothing in the files is exposed to it'];
  if (lackingKeys.length > 0) return ['medium', `${names(lackingKeys)} ${lackingKeys.length === 1 ? 'is' : 'are'} not there, or only in part`];
  if (unknownKeys.length > 0) return ['medium', `nothing is open, but ${names(unknownKeys)} can’t be seen in the files`];
  const seen = open.length > 0 ? `only findings of severity ${worst!} or less are open` : 'nothing is open';
  return ['low', unseen ? `${seen}, as far as files show` : seen];
}

/** Of a practice: what was seen, and where. Of a rule: that it looked, and at how much. */
function foundBy(repo: Repository, v: ControlVerdict): Fact[] {
  if (v.control.kind === 'practice') {
    const part = v.verdict === 'partial' ? ', in part' : '';
    return v.verdict === 'met' || (v.verdict === 'partial' && v.evidence.length > 0)
      ? [{ text: `${v.control.title}${part} (\`${v.control.id}\`): ${[...new Set(v.evidence.map(e => e.text))].slice(0, 3).join('; ')}`, places: v.evidence.map(e => placeAt(repo, e.path, e.start)) }] : [];
  }
  return v.verdict === 'met' ? [{ text: `\`${v.control.id}\` looked and found nothing (${v.lookedFor.join('; ')})`, places: [] }] : [];
}

function lacking(v: ControlVerdict): string[] {
  // What a rule misses stands among the findings.
  if (v.control.kind === 'rule' || (v.verdict !== 'missing' && v.verdict !== 'partial')) return [];
  return [`${v.control.title}${v.verdict === 'partial' ? ', the rest' : ''} (\`${v.control.id}\`): ${v.lookedFor.slice(0, 2).map(short).join('; ')}`];
}

function short(text: string): string { return text.length <= 180 ? text : `${text.slice(0, text.lastIndexOf(' ', 180))} …`; }
