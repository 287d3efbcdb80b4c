import { lineStartsOf, RULES, type Config } from '../../../rules';
import { shownPoints, type ControlVerdict, type Scorecard } from '../../../rules/scorecard';
import { docsUrl } from '../../docs';
import type { ScorecardControl, ScorecardEvidence, ScorecardReport, ScorecardTarget } from '../../protocol';
import type { RepositoryState } from '../../workspace/repository-state';
import { nameOf, uriOf } from '../../workspace/uris';
import { pipelineOf } from './pipeline';
import { toRange, type Encoding, type LinedText } from '../positions';

/** The scorecard as the client shows it: places as URIs and ranges, numbers as they are printed. */
export function scorecardReport(state: RepositoryState, card: Scorecard, encoding: Encoding, uri: (path: string) => string): ScorecardReport {
  const texts = new Map<string, LinedText | undefined>();
  const place = (path: string, start?: number, end?: number): Pick<ScorecardEvidence, 'uri' | 'range'> => {
    if (start === undefined) return { uri: uri(path) };
    if (!texts.has(path)) texts.set(path, textOf(state, path));
    const text = texts.get(path);
    return text ? { uri: uri(path), range: toRange(text, { start, end: end ?? start }, encoding) } : { uri: uri(path) };
  };
  return {
    version: 1,
    root: uriOf(state.root),
    name: nameOf(state.root),
    score: shownPoints(card.score),
    level: card.level,
    levelName: card.levelName,
    interval: [shownPoints(card.interval[0]), shownPoints(card.interval[1])],
    ...(card.heldBackBy ? { heldBackBy: card.heldBackBy } : {}),
    headline: card.headline,
    categories: card.categories.map(c => ({
      name: c.name, score: shownPoints(c.score), level: c.level, interval: [shownPoints(c.interval[0]), shownPoints(c.interval[1])], applicable: c.applicable,
    })),
    controls: card.controls.map(c => control(c, place)),
    actions: card.actions.map(a => ({ controlId: a.controlId, title: a.title, gain: Math.round(a.gain * 100) / 100, effort: a.effort, kind: a.kind, ...(a.edits ? { edits: true } : {}) })),
    workflows: state.repository?.documents.filter(d => d.kind === 'workflow').length ?? 0,
    ...(state.repository ? { pipeline: pipelineOf(state.repository, place) } : {}),
    ...targetsOf(card, state.configFor('').config.targets),
  };
}

/** Reached ones, too: who has set a target wants to see that it is. */
function targetsOf(card: Scorecard, targets: Config['targets']): Pick<ScorecardReport, 'targets'> {
  const named = Object.entries(targets).flatMap(([name, { level: target, by }]): ScorecardTarget[] => {
    const category = card.categories.find(c => c.name === name);
    const level = name === 'overall' ? card.level : category?.applicable ? category.level : undefined;
    return level === undefined ? [] : [{ name, level, target, ...(by ? { by } : {}) }];
  });
  const rank = ({ name }: ScorecardTarget): number => card.categories.findIndex(c => c.name === name);
  return named.length === 0 ? {} : { targets: named.sort((a, b) => rank(a) - rank(b)) };
}

function control(v: ControlVerdict, place: (path: string, start?: number, end?: number) => Pick<ScorecardEvidence, 'uri' | 'range'>): ScorecardControl {
  const { control: c } = v;
  const addTitle = c.practice?.scaffold?.title;
  const fixRules = v.verdict === 'met' ? [] : [c.id, ...c.sameAs].filter(id => RULES.some(r => r.id === id && r.fix !== 'none'));
  return {
    id: c.id, kind: c.kind, title: c.title, category: c.category, level: c.level, severity: c.severity, verdict: v.verdict, result: v.result,
    evidence: v.evidence.map(e => ({ ...place(e.path, e.start, e.end), text: e.text })),
    lookedFor: [...v.lookedFor],
    ...(addTitle ? { addTitle } : {}),
    ...(fixRules.length > 0 ? { fixable: true, fixRules } : {}),
    ...(c.settings && !c.practice ? {} : { docs: docsUrl(c.id) }),
  };
}

function textOf(state: RepositoryState, path: string): LinedText | undefined {
  const document = state.document(path);
  if (document) return document;
  const text = state.read(path);
  return text === undefined ? undefined : { text, lineStarts: lineStartsOf(text) };
}
