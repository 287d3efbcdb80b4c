import { BlockMemo } from '../../workflow/block-memo';
import { effectiveShell } from '../../workflow/effective';
import type { Step } from '../../workflow/model';
import { parseScript, type Command, type ScriptAst } from '../../workflow/scripts';
import { commandKinds, type Argv } from './command-kind';
import type { JobKind } from './kinds';

const argvs = new BlockMemo<Step, readonly Argv[]>();

/** The script of a step, read as its own or its job's shell has it. Where the shell can't be told it is read as bash. */
export function scriptOf(step: Step): ScriptAst | undefined {
  if (!step.run) return undefined;
  const { shell } = effectiveShell(step, step.job, undefined);
  return parseScript(step.run.scalar.value, shell === 'unknown' || shell === 'other' ? 'bash' : shell);
}

/** Literal words of a command; undefined for a word that is known only at run time. */
export function argvOf(command: Command): Argv {
  return command.words.map(w => w.literal);
}

/** The commands of a step's script, in order, those that only assign left out. */
export function argvsOf(step: Step): readonly Argv[] {
  return step.run ? argvs.get(step.node.block, step, readArgvs) : NONE;
}

const NONE: readonly Argv[] = [];

function readArgvs(step: Step): readonly Argv[] {
  return scriptOf(step)?.commands.filter(c => c.words.length > 0).map(argvOf) ?? NONE;
}

/** What a command is for; empty where that is unknown. */
export function kindsOfCommand(command: Command): readonly JobKind[] { return commandKinds(argvOf(command)); }
