import { defineCommand } from 'citty';
import { applyFixes, RULES, type FixSafety } from '../../../rules';
import { unifiedDiff } from '../../workspace/diff';
import { finish, paths } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { writeText } from '../files';
import { fixByNetwork } from '../network-fixes';
import { plural, printable, write } from '../print';
import { openTargets } from '../targets';

export default defineCommand({
  meta: { name: 'fix', description: 'Apply fixes: safe ones, or all with --unsafe' },
  args: {
    path: { type: 'positional', required: false, description: 'Folders or files (default: the current folder)' },
    rule: { type: 'string', description: 'Only fixes of this rule' },
    unsafe: { type: 'boolean', description: 'Also fixes that can change what a run does' },
    'dry-run': { type: 'boolean', description: 'Print a diff and change nothing' },
    offline: { type: 'boolean', description: 'Leave out fixes that ask the network' },
    profile: { type: 'string', description: 'recommended | strict; counts before configuration files' },
  },
  async run({ args }) {
    if (args.rule !== undefined && !RULES.some(r => r.id === args.rule)) throw new CannotRun(`there is no rule called ${JSON.stringify(args.rule)}`);
    if (args.profile !== undefined && args.profile !== 'recommended' && args.profile !== 'strict') throw new CannotRun('--profile has to be recommended or strict');
    const safety: FixSafety = args.unsafe ? 'unsafe' : 'safe';
    const { targets, errors } = await openTargets(paths(args), { profile: args.profile as 'recommended' | 'strict' | undefined });
    const notes = errors.map(e => `${e.file || '.'}: ${e.message}`);
    let fixed = 0, files = 0;
    for (const target of targets) {
      const { state } = target;
      notes.push(...state.unreadable.map(e => `${target.display(e.file)}: ${e.message}`));
      for (const path of target.paths) {
        const file = state.analysis(path);
        if (!file) continue;
        const before = file.document.text;
        const env = { config: file.config.config, repository: file.repository };
        let result = applyFixes(path, before, { safety, rule: args.rule, env });
        let count = result.applied.length;
        if (!args.offline) {
          const more = await fixByNetwork(path, result.text, { safety, rule: args.rule, env });
          notes.push(...more.failures.map(f => `${target.display(path)}: ${f}`));
          if (more.applied > 0) {
            count += more.applied;
            const again = applyFixes(path, more.text, { safety, rule: args.rule, env });
            count += again.applied.length;
            result = { ...again, refused: [...result.refused, ...again.refused] };
          }
        }
        if (result.text === before) continue;
        if (args['dry-run']) await write(unifiedDiff(target.display(path), before, result.text));
        else {
          const problem = writeText(state, path, result.text);
          if (problem !== undefined) {
            notes.push(`${target.display(path)}: ${problem}`);
            continue;
          }
        }
        fixed += count;
        files++;
      }
    }
    for (const note of notes) await write(`${printable(note)}\n`, process.stderr);
    const verb = args['dry-run'] ? 'Would fix' : 'Fixed';
    // The diff alone goes to standard output, so that it can be piped on.
    await write(fixed === 0 ? 'Nothing to fix.\n' : `${verb} ${plural(fixed, 'problem')} in ${plural(files, 'file')}.\n`, args['dry-run'] ? process.stderr : process.stdout);
    finish(EXIT.ok);
  },
});
