import { expand, runnerOs, shellOf as effectiveShellOf } from '../effective';
import type { Step } from '../model';
import { getValue, scalarText, type Entry } from '../nodes';

export interface ShellChoice {
  /** As written (`bash`, `pwsh`, `bash -l {0}`), or the runner's default; `bash` where nothing tells. */
  readonly shell: string;
  /** False where the runner chooses: then bash runs with `-e` alone and not with `-eo pipefail`. */
  readonly explicit: boolean;
  /** False where an expression decides, or where the runner's system is not known: don't edit the script then. */
  readonly certain: boolean;
}

/**
 * The shell of a `run:` step, as `parseScript` takes it. `workflowDefault` is `defaults.run.shell` of the file, which lies outside of a
 * job's block.
 */
export function shellOf(step: Step, workflowDefault?: string): ShellChoice {
  const effective = effectiveShellOf(step, step.job, workflowDefault ?? null);
  const { explicit } = effective;
  if (effective.shell === 'unknown') return { shell: 'bash', explicit, certain: false };
  if (effective.shell !== 'other') return { shell: effective.shell, explicit, certain: true };
  const written = scalarText(step.shell?.value) ?? defaultShell(step.job?.defaults) ?? workflowDefault ?? '';
  return { shell: expand(written, step.job)?.[0] ?? 'other', explicit, certain: true };
}

/** The runner's system as far as its labels tell: undefined where they don't. */
export function systemOf(step: Step): 'windows' | 'unix' | undefined {
  const os = step.job ? runnerOs(step.job) : 'unknown';
  return os === 'unknown' ? undefined : os === 'windows' ? 'windows' : 'unix';
}

/** `run.shell` of a `defaults:` entry. */
export function defaultShell(defaults: Entry | undefined): string | undefined {
  return scalarText(getValue(getValue(defaults?.value, 'run'), 'shell'));
}
