import type { Job, Step } from '../model';
import { asMapping, getValue, scalarText, type Entry } from '../nodes';

export interface ShellChoice {
  /** As written (`bash`, `pwsh`, `bash -l {0}`), or the runner's default. */
  readonly shell: string;
  /** False where the runner chooses: then bash runs with `-e` alone and not with `-eo pipefail`. */
  readonly explicit: boolean;
  /** False where an expression decides, or where the runner's system is not known: don't edit the script then. */
  readonly certain: boolean;
}

/**
 * The shell of a `run:` step. `workflowDefault` is `defaults.run.shell` of the file, which lies outside of a job's block. Steps of
 * composite actions must name their shell.
 */
export function shellOf(step: Step, workflowDefault?: string): ShellChoice {
  const written = scalarText(step.shell?.value) ?? defaultShell(step.job?.defaults) ?? workflowDefault;
  if (written) return { shell: written, explicit: true, certain: !written.includes('${{') };
  const system = step.job ? systemOf(step.job) : undefined;
  return { shell: system === 'windows' ? 'pwsh' : 'bash', explicit: false, certain: system !== undefined };
}

/** `run.shell` of a `defaults:` entry. */
export function defaultShell(defaults: Entry | undefined): string | undefined {
  return scalarText(getValue(getValue(defaults?.value, 'run'), 'shell'));
}

/**
 * The runner's system as far as labels tell: `windows`, `unix`, or undefined where an expression chooses among both or nothing is known.
 * An expression counts as unix where the whole job never mentions Windows.
 */
export function systemOf(job: Job): 'windows' | 'unix' | undefined {
  if (job.container) return 'unix';
  const node = getValue(job.node, 'runs-on');
  const text = node ? node.block.text.slice(node.start, node.end) : '';
  if (/windows|\bwin\b/i.test(text)) return text.includes('${{') ? undefined : 'windows';
  if (!text.includes('${{')) return text === '' ? undefined : 'unix';
  const matrix = asMapping(job.strategy?.value);
  const source = matrix ? matrix.block.text.slice(matrix.start, matrix.end) : '';
  if (/windows|\bwin\b|fromjson/i.test(source)) return undefined;
  return source !== '' && /matrix\./.test(text) ? 'unix' : undefined;
}
