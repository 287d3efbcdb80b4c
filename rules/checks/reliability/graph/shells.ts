/** Shells that runners don't know by name. */
import type { RuleContext } from '../../../engine/rule';
import { runnerOs } from '../../../workflow/effective';
import type { Job, Step } from '../../../workflow/model';
import { asScalar, getValue, type Entry } from '../../../workflow/nodes';
import { instead, meant, writeScalar } from './words';

export const SHELL_MESSAGES = {
  'shell-unknown': 'Runners know no shell `{shell}`, so the step fails before it starts. Write {instead}, or a command line with `{hole}` where the script\'s file goes.',
  'shell-template': '`{shell}` doesn\'t say where the script\'s file goes, so the step fails before it starts. Put `{hole}` there: `{shell} {hole}`.',
  'shell-absent': '`{shell}` is there on Windows only, and this job runs on {os}. Write `pwsh` or `bash`.',
} as const;

type Context = RuleContext<keyof typeof SHELL_MESSAGES>;

const SHELLS = ['bash', 'sh', 'pwsh', 'powershell', 'cmd', 'python'];

export function checkShell(context: Context, entry: Entry | undefined, owner: { readonly step?: Step; readonly job?: Job }): void {
  const scalar = asScalar(entry?.value);
  const shell = scalar?.value.trim() ?? '';
  if (!scalar || shell === '' || shell.includes('${{')) return;
  context.instance();
  const { step, job } = owner;
  const [program = '', ...rest] = shell.split(/\s+/);
  if (rest.length > 0) {
    if (!shell.includes('{0}')) context.report({ at: scalar, messageId: 'shell-template', data: { shell, hole: '{0}' }, fixes: [writeScalar(scalar, `${shell} {0}`, 'unsafe')], step, job });
    return;
  }
  if (shell.includes('{0}')) return;
  if (!SHELLS.includes(program.toLowerCase())) {
    const better = meant(program, SHELLS) ?? RELATED[program.toLowerCase()];
    context.report({
      at: scalar, messageId: 'shell-unknown', data: { shell, instead: instead(better, SHELLS), hole: '{0}' }, step, job,
      fixes: better === undefined ? [] : [writeScalar(scalar, better, 'unsafe')],
    });
    return;
  }
  const os = job && (program === 'cmd' || program === 'powershell') ? runnerOs(job) : undefined;
  if (os === 'linux' || os === 'macos') context.report({ at: scalar, messageId: 'shell-absent', data: { shell: program, os: os === 'linux' ? 'Linux' : 'macOS' }, step, job });
}

/** What people write for a shell that has another name here. */
const RELATED: Readonly<Record<string, string>> = { '/bin/bash': 'bash', '/usr/bin/bash': 'bash', '/bin/sh': 'sh', 'python3': 'python', 'pwsh.exe': 'pwsh', 'cmd.exe': 'cmd' };

/** The shell of `defaults: run:`. */
export function defaultShell(defaults: Entry | undefined): Entry | undefined {
  const run = getValue(defaults?.value, 'run');
  return run?.kind === 'mapping' ? run.entries.find(e => e.key.value === 'shell') : undefined;
}
