/** What the repository shows for requirements of standards: evidence, a gap, or that nothing here looks at it. */
import { RULES } from '../../checks';
import type { Finding } from '../../engine/finding';
import type { Repository } from '../../repository';
import type { ControlVerdict, Scorecard } from '../../scorecard';
import { SAME_AS_PRACTICE } from '../../scorecard';
import { isOpen } from '../assess';
import { placeAt, type Place } from '../places';
import { STANDARDS, type Requirement } from './requirements';

/**
 * `evidence`: every control that applies is there. `gap`: one isn't, or only in part. `unknown`: only GitHub's settings say.
 * `not applicable`: there is nothing here that it could be about. `not covered`: no control of this tool says anything about it.
 */
export type Standing = 'evidence' | 'gap' | 'unknown' | 'not applicable' | 'not covered';

export interface MappedControl {
  readonly id: string;
  readonly standing: Exclude<Standing, 'not covered' | 'not applicable'>;
  readonly text: string;
  readonly places: readonly Place[];
}

export interface MappedRequirement { readonly id: string; readonly name: string; readonly standing: Standing; readonly controls: readonly MappedControl[] }
export interface MappedStandard { readonly name: string; readonly link: string; readonly scope?: string; readonly requirements: readonly MappedRequirement[] }

const MAX_PLACES = 20;
const RULE_IDS = new Set(RULES.map(r => r.id));

export function complianceMap(repo: Repository, card: Scorecard, findings: readonly Finding[]): MappedStandard[] {
  const verdicts = new Map(card.controls.map(v => [v.control.id, v]));
  const open = new Map<string, Finding[]>();
  for (const f of findings) if (isOpen(f)) open.set(f.ruleId, [...open.get(f.ruleId) ?? [], f]);
  const known = new Map<string, MappedControl | undefined>();
  const control = (id: string): MappedControl | undefined => {
    if (!known.has(id)) known.set(id, mapped(repo, id, verdicts, open));
    return known.get(id);
  };
  return STANDARDS.map(({ name, link, scope, requirements }) => ({
    name, link, scope,
    requirements: requirements.map(r => {
      // What a later version brings is no control yet.
      const ids = controlsFor(r).filter(id => verdicts.has(id) || RULE_IDS.has(id));
      const controls = ids.map(control).filter(c => c !== undefined);
      return { id: r.id, name: r.name, controls, standing: ids.length === 0 ? 'not covered' : standing(controls) };
    }),
  }));
}

/** Ids of practices and rules that speak about a requirement; a rule that is the same as a practice stands under the practice. */
export function controlsFor(r: Requirement): string[] {
  const byRules = RULES.filter(rule => rule.docs.standards?.some((s: string) => requirementId(s) === r.id)).map(rule => rule.id);
  return [...new Set([...r.controls, ...byRules].map(id => SAME_AS_PRACTICE[id] ?? id))];
}

/** `SEC-4` and `CIS 2.3.6` as the table calls them. */
export function requirementId(standard: string): string {
  return standard.replace(/^SEC-/, 'CICD-SEC-').replace(/^CIS /, '').replace(/^SLSA /, '').replace(/^Dep L/, 'Dependency L');
}

function standing(controls: readonly MappedControl[]): Standing {
  if (controls.some(c => c.standing === 'gap')) return 'gap';
  if (controls.some(c => c.standing === 'unknown')) return 'unknown';
  return controls.length > 0 ? 'evidence' : 'not applicable';
}

function mapped(repo: Repository, id: string, verdicts: ReadonlyMap<string, ControlVerdict>, open: ReadonlyMap<string, readonly Finding[]>): MappedControl | undefined {
  const verdict = verdicts.get(id), found = open.get(id) ?? [];
  const places = (of: readonly { readonly path: string; readonly start?: number }[]): Place[] => of.slice(0, MAX_PLACES).map(e => placeAt(repo, e.path, e.start));
  const wrong = places(found.map(f => ({ path: f.path, start: f.range.start })));
  // A rule that isn't scored has only its findings to go by: that there are none says nothing.
  if (!verdict) return found.length > 0 ? { id, standing: 'gap', text: `${found.length} open`, places: wrong } : undefined;
  if (verdict.verdict === 'not-applicable') return undefined;
  if (verdict.verdict === 'unknown') return { id, standing: 'unknown', text: verdict.lookedFor.join('; '), places: [] };
  if (verdict.verdict === 'met') {
    const seen = [...new Set(verdict.evidence.map(e => e.text))].slice(0, 2).join('; ');
    return { id, standing: 'evidence', text: verdict.control.kind === 'rule' ? verdict.lookedFor.join('; ') : seen, places: places(verdict.evidence) };
  }
  if (verdict.control.kind === 'rule') return { id, standing: 'gap', text: verdict.lookedFor.join('; '), places: wrong.length > 0 ? wrong : places(verdict.evidence) };
  return { id, standing: 'gap', text: `${verdict.verdict === 'partial' ? 'in part; looked for ' : 'looked for '}${short(verdict.lookedFor[0] ?? verdict.control.title)}`, places: [] };
}

function short(text: string): string { return text.length <= 160 ? text : `${text.slice(0, text.lastIndexOf(' ', 160))} …`; }
