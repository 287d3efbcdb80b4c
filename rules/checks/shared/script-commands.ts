/** The commands of a step as plain words, for tables that are keyed by them. */
import { parseScript, shellOf, type Word } from '../../workflow/scripts';
import type { Step } from '../../workflow/model';

export interface PlainCommand {
  /** Undefined where only the shell knows it (`$CMD x`). */
  readonly name?: string;
  /** Quotes removed; words that only the shell knows stay as written (`$IMAGE`, `ghcr.io/${{ github.repository }}`). */
  readonly args: readonly string[];
}

export interface PlainScript {
  readonly commands: readonly PlainCommand[];
  /** False for a language that isn't read, and for text with errors: there may be more commands. */
  readonly complete: boolean;
}

/** The commands of a step's script, those of substitutions and functions included. `workflowShell`: `defaults.run.shell` of the file. */
export function plainScript(step: Step, workflowShell: string | null): PlainScript {
  if (!step.run) return { commands: [], complete: true };
  const text = step.run.scalar.value;
  const ast = parseScript(text, shellOf(step, workflowShell ?? undefined).shell);
  const commands = ast.commands.filter(c => c.words.length > 0).map(c => ({ name: c.name, args: c.words.slice(1).map(w => plain(w, text)) }));
  return { commands, complete: ast.dialect !== 'opaque' && ast.errors.length === 0 };
}

function plain(word: Word, text: string): string {
  return word.literal ?? text.slice(word.start, word.end).replace(/^["'](.*)["']$/s, '$1');
}
