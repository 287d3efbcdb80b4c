import { defineCommand } from 'citty';
import { basename } from 'node:path';
import { lineStartsOf } from '../../../rules';
import { badgeScore } from '../../../rules/reports';
import { shownPoints, type Scorecard } from '../../../rules/scorecard';
import { scorecardOf } from '../../workspace/score';
import { finish, oneOf, paths } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { rangeOf } from '../findings';
import { htmlScore, markdownScore, textScore } from '../formats/score';
import { printable, wantsColour, write } from '../print';
import { openTargets, type Target } from '../targets';

const FORMATS = ['text', 'json', 'markdown', 'html', 'badge'] as const;

export interface NamedCard { readonly name: string; readonly card: Scorecard; readonly target: Target }

export default defineCommand({
  meta: { name: 'score', description: 'Say how mature the pipelines of a repository are, and what to do next' },
  args: {
    path: { type: 'positional', required: false, description: 'The repository (default: the current folder)' },
    format: { type: 'string', description: FORMATS.join(' | '), default: 'text' },
    profile: { type: 'string', description: 'recommended | strict; counts before configuration files' },
    'file-list': { type: 'string', description: 'Names of files that exist but are not checked out, one a line' },
    offline: { type: 'boolean', description: 'Never use the network (scoring never does)' },
  },
  async run({ args }) {
    const format = oneOf('--format', args.format, FORMATS);
    const profile = args.profile === undefined ? undefined : oneOf('--profile', args.profile, ['recommended', 'strict'] as const);
    const given = paths(args);
    const { targets, errors } = await openTargets(given, { profile, fileList: args['file-list'] });
    for (const e of errors) await write(`${printable(e.file || '.')}: ${printable(e.message)}\n`, process.stderr);
    const cards: NamedCard[] = [];
    for (const target of targets) {
      const card = scorecardOf(target.state);
      if (!card) throw new CannotRun('a score is about a repository: name its folder');
      cards.push({ name: basename(target.state.root), card, target });
    }
    const [first] = cards;
    if (format === 'json') {
      // One repository is what programs ask about; several keep their names.
      const json = cards.length === 1 && first ? scoreJson(first) : { version: 1, repositories: cards.map(c => ({ name: c.name, ...scoreJson(c) })) };
      await write(JSON.stringify(json, undefined, 2) + '\n');
    } else if (format === 'badge' || format === 'html') {
      if (cards.length !== 1 || !first) throw new CannotRun(`there are ${cards.length} repositories below the path: name one of them`);
      await write(format === 'badge' ? badgeScore(first.card) : htmlScore(first.name, first.card));
    } else {
      await write(cards.map(c => (format === 'markdown' ? markdownScore(c.name, c.card) : textScore(c.name, c.card, wantsColour(process.stdout)))).join('\n'));
    }
    finish(EXIT.ok);
  },
});

export function scoreJson({ card, target }: NamedCard): object {
  const interval = ([low, high]: readonly [number, number]): [number, number] => [shownPoints(low), shownPoints(high)];
  return {
    version: 1, score: shownPoints(card.score), level: card.level, levelName: card.levelName, interval: interval(card.interval), headline: card.headline,
    ...(card.heldBackBy ? { heldBackBy: card.heldBackBy } : {}),
    categories: Object.fromEntries(card.categories.map(c => [c.name, { score: shownPoints(c.score), level: c.level, interval: interval(c.interval), applicable: c.applicable }])),
    controls: card.controls.map(v => ({
      id: v.control.id, kind: v.control.kind, title: v.control.title, category: v.control.category, level: v.control.level, severity: v.control.severity,
      verdict: v.verdict, result: v.result, lookedFor: v.lookedFor,
      evidence: v.evidence.map(e => ({ file: target.display(e.path), ...place(target, e.path, e.start, e.end), text: e.text })),
    })),
    actions: card.actions.map(a => ({ controlId: a.controlId, title: a.title, gain: Math.round(a.gain * 100) / 100, effort: a.effort, kind: a.kind })),
    ...(card.gaps.length > 0 ? { gaps: card.gaps } : {}),
    ...(card.errors.length > 0 ? { errors: card.errors } : {}),
  };
}

function place({ state }: Target, path: string, start?: number, end?: number): object {
  const text = start === undefined ? undefined : state.read(path);
  return start === undefined || text === undefined ? {} : { range: rangeOf({ text, lineStarts: lineStartsOf(text) }, start, end ?? start) };
}
