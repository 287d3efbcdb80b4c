import { defineCommand } from 'citty';
import { basename } from 'node:path';
import { PRACTICES } from '../../../rules';
import { nearest } from '../../../rules/engine/suggest';
import type { HardenChoice } from '../../../rules/harden';
import { SCORE_CATEGORIES, type Level, type ScoreCategory } from '../../../rules/practices/practice';
import { unifiedDiff } from '../../workspace/diff';
import { harden } from '../../workspace/harden';
import { finish, oneOf, paths } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { refusal, writeText } from '../files';
import { jsonHarden, textHarden } from '../formats/harden';
import { printable, wantsColour, write } from '../print';
import { openTargets } from '../targets';

const FORMATS = ['text', 'json', 'diff'] as const;

export default defineCommand({
  meta: { name: 'harden', description: 'Add everything that a repository lacks up to a level, in one go' },
  args: {
    path: { type: 'positional', required: false, description: 'The repository (default: the current folder)' },
    target: { type: 'string', description: 'The level to reach: 2 | 3 | 4 | 5' },
    category: { type: 'string', description: 'Only these categories, with commas between them' },
    practice: { type: 'string', description: 'Only these practices in place of a level, with commas between them' },
    unsafe: { type: 'boolean', description: 'Also fixes that can change what a run does' },
    'dry-run': { type: 'boolean', description: 'Print what would change and change nothing' },
    format: { type: 'string', description: FORMATS.join(' | '), default: 'text' },
    'file-list': { type: 'string', description: 'Names of files that exist but are not checked out, one a line' },
    offline: { type: 'boolean', description: 'Never use the network (hardening never does)' },
  },
  async run({ args }) {
    const format = oneOf('--format', args.format, FORMATS), dry = args['dry-run'] === true;
    const choice = choiceOf(args.target, args.practice, args.category, args.unsafe === true);
    const { targets, errors } = await openTargets(paths(args), { fileList: args['file-list'] });
    for (const e of errors) await write(`${printable(e.file || '.')}: ${printable(e.message)}\n`, process.stderr);
    const [target] = targets;
    if (targets.length !== 1 || !target) throw new CannotRun(`there are ${targets.length} repositories below the path: name one of them`);
    const { state } = target;
    const plan = await harden(state, choice);
    if (!plan) throw new CannotRun('hardening is about a whole repository: name its folder');
    // All or nothing, as far as that can be known beforehand.
    for (const c of plan.changes) {
      const problem = refusal(state, c.path);
      if (problem !== undefined) throw new CannotRun(`${printable(target.display(c.path))}: ${problem} Nothing was changed.`);
    }
    const diff = plan.changes.map(c => unifiedDiff(target.display(c.path), c.created ? undefined : state.read(c.path), c.newText)).join('');
    if (!dry) {
      for (const c of plan.changes) {
        const problem = writeText(state, c.path, c.newText);
        if (problem !== undefined) throw new CannotRun(`${printable(target.display(c.path))}: ${problem}`);
      }
    }
    const text = textHarden(basename(state.root), plan, { dry, colour: wantsColour(format === 'text' && !dry ? process.stdout : process.stderr) });
    if (format === 'json') await write(`${JSON.stringify(jsonHarden(plan, !dry, path => target.display(path)), undefined, 2)}\n`);
    else if (format === 'diff' || dry) {
      // The diff alone goes to standard output, so that it can be piped on.
      await write(diff);
      await write(text, process.stderr);
    } else await write(text);
    finish(EXIT.ok);
  },
});

function choiceOf(target: string | undefined, practice: string | undefined, category: string | undefined, unsafe: boolean): HardenChoice {
  if ((target === undefined) === (practice === undefined)) throw new CannotRun('say how far to go with --target, or what to add with --practice');
  if (practice !== undefined) {
    if (category !== undefined) throw new CannotRun('--category goes with --target');
    const practices = list(practice);
    for (const id of practices) {
      if (PRACTICES.some(p => p.id === id)) continue;
      const near = nearest(id, PRACTICES.map(p => p.id));
      throw new CannotRun(`there is no practice called ${JSON.stringify(id)}${near ? `; did you mean ${near}?` : ''}`);
    }
    if (practices.length === 0) throw new CannotRun('--practice needs the id of a practice');
    return { practices, unsafe };
  }
  const level = Number(oneOf('--target', target!, ['2', '3', '4', '5'])) as Level;
  return { target: level, unsafe, ...(category === undefined ? {} : { categories: list(category).map(categoryOf) }) };
}

function categoryOf(name: string): ScoreCategory {
  const found = SCORE_CATEGORIES.find(c => c.toLowerCase() === name.toLowerCase());
  if (!found) throw new CannotRun(`--category has to be one of ${SCORE_CATEGORIES.join(', ')}, not ${JSON.stringify(name)}`);
  return found;
}

function list(text: string): string[] {
  return text.split(',').map(part => part.trim()).filter(part => part !== '');
}
