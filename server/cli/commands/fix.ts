import { defineCommand } from 'citty';
import type { FixSafety } from '../../../rules';
import { unifiedDiff } from '../../workspace/diff';
import { fixText, PIN_RULES, unknownRule, type FixTextOptions } from '../../workspace/fix-text';
import { finish, paths } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { writeText } from '../files';
import { fixByNetwork, type NetworkFixes } from '../network-fixes';
import { plural, printable, write } from '../print';
import { openTargets } from '../targets';

export default defineCommand({
  meta: { name: 'fix', description: 'Apply fixes: safe ones, or all with --unsafe' },
  args: {
    path: { type: 'positional', required: false, description: 'Folders or files (default: the current folder)' },
    rule: { type: 'string', description: 'Only fixes of this rule, or of several with commas between them' },
    pin: { type: 'boolean', description: `Only pin actions and reusable workflows: --rule ${PIN_RULES.join(',')}` },
    unsafe: { type: 'boolean', description: 'Also fixes that can change what a run does' },
    'dry-run': { type: 'boolean', description: 'Print a diff and change nothing' },
    offline: { type: 'boolean', description: 'Leave out fixes that ask the network' },
    profile: { type: 'string', description: 'recommended | strict; counts before configuration files' },
  },
  async run({ args }) {
    const rules = selection(args.rule, args.pin === true);
    const unknown = unknownRule(rules ?? []);
    if (unknown !== undefined) throw new CannotRun(`there is no rule called ${JSON.stringify(unknown)}`);
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
        const options: FixTextOptions = { safety, rules, env: { config: file.config.config, repository: file.repository } };
        const result = await fixFile(path, before, options, args.offline === true);
        notes.push(...result.failures.map(f => `${target.display(path)}: ${f}`));
        if (result.text === before) continue;
        if (args['dry-run']) await write(unifiedDiff(target.display(path), before, result.text));
        else {
          const problem = writeText(state, path, result.text);
          if (problem !== undefined) {
            notes.push(`${target.display(path)}: ${problem}`);
            continue;
          }
        }
        fixed += result.applied;
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

function selection(rule: string | undefined, pin: boolean): readonly string[] | undefined {
  if (rule !== undefined && pin) throw new CannotRun('--pin names the rules itself: leave --rule out');
  return pin ? PIN_RULES : rule?.split(',').map(id => id.trim()).filter(id => id !== '');
}

/** What is known is fixed first; what the network says may make more fixable. */
async function fixFile(path: string, text: string, options: FixTextOptions, offline: boolean): Promise<NetworkFixes> {
  const known = fixText(path, text, options);
  if (offline) return { text: known.text, applied: known.applied.length, failures: [] };
  const asked = await fixByNetwork(path, known.text, options);
  if (asked.applied === 0) return { ...asked, applied: known.applied.length };
  const again = fixText(path, asked.text, options);
  return { text: again.text, applied: known.applied.length + asked.applied + again.applied.length, failures: asked.failures };
}
