import { defineCommand } from 'citty';
import { PRACTICES } from '../../../rules';
import { nearest } from '../../../rules/engine/suggest';
import { writerOf } from '../../workspace/score';
import { unifiedDiff } from '../../workspace/diff';
import { finish } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { writeText } from '../files';
import { printable, write } from '../print';
import { openTargets } from '../targets';

export default defineCommand({
  meta: { name: 'add', description: 'Add what a repository lacks' },
  args: {
    practice: { type: 'positional', required: true, description: 'Id of the practice: see `ci-hardening practices`' },
    path: { type: 'positional', required: false, description: 'The repository (default: the current folder)' },
    'dry-run': { type: 'boolean', description: 'Print a diff and change nothing' },
    'file-list': { type: 'string', description: 'Names of files that exist but are not checked out, one a line' },
    offline: { type: 'boolean', description: 'Never use the network (adding never does)' },
  },
  async run({ args }) {
    const practice = PRACTICES.find(p => p.id === args.practice);
    if (!practice) {
      const near = nearest(args.practice, PRACTICES.map(p => p.id));
      throw new CannotRun(`there is no practice called ${JSON.stringify(args.practice)}${near ? `; did you mean ${near}?` : ''}`);
    }
    if (args._.length > 2) throw new CannotRun('add takes one practice and one path');
    const { targets } = await openTargets([args.path ?? '.'], { fileList: args['file-list'] });
    const [target] = targets;
    if (targets.length !== 1 || !target?.state.repository) throw new CannotRun(`there are ${targets.length} repositories below the path: name one of them`);
    // What was to be printed beside a diff must not end up in it.
    const say = (text: string): Promise<void> => write(`${printable(text)}\n`, args['dry-run'] ? process.stderr : process.stdout);
    finish(EXIT.ok);
    if (!practice.scaffold) return say(`${practice.title} can't be added by an edit: it needs decisions that only you can make. See: ci-hardening explain ${practice.id}`);
    const plan = practice.scaffold.plan(target.state.repository, { write: writerOf(target.state)! });
    if ('refused' in plan) return say(plan.refused);
    let changed = 0;
    for (const change of plan.changes) {
      const before = target.state.read(change.path);
      if (before === change.newText) continue;
      if (args['dry-run']) await write(unifiedDiff(target.display(change.path), before, change.newText));
      else {
        const problem = writeText(target.state, change.path, change.newText);
        if (problem !== undefined) throw new CannotRun(`${target.display(change.path)}: ${problem}`);
        await say(`${before === undefined ? 'Created' : 'Changed'} ${target.display(change.path)}`);
      }
      changed++;
    }
    if (changed === 0) return say(`${practice.title} is already there.`);
    await say(plan.explanation);
    for (const todo of plan.todo) await say(`To do: ${todo}`);
  },
});
